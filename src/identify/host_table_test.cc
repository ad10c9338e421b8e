#include "host_table.h"

#include <catch2/catch.hpp>
#include <string>

using gnomon::identify::fits;
using gnomon::identify::HostTable;

namespace {

enum : std::uint32_t {
  kDomain,        // example.com
  kInner,         // chat.example.com, another's domain within
  kExact,         // api.example.com
  kBelow,         // *.files.example.com
  kMiddle,        // run.*.cloud.example
  kFront,         // *-run.cloud.example
  kLonger,        // eu-*-run.cloud.example
  kCloudBelow,    // *.tenant.cloud.example
  kApiBelow,      // *.api.example.com
  kInternational  // xn--mnchen-3ya.example
};

HostTable table() {
  HostTable hosts;
  CHECK(hosts.add("example.com", true, kDomain) == HostTable::kNone);
  CHECK(hosts.add("chat.example.com", true, kInner) == HostTable::kNone);
  CHECK(hosts.add("api.example.com", false, kExact) == HostTable::kNone);
  CHECK(hosts.add("*.files.example.com", false, kBelow) == HostTable::kNone);
  CHECK(hosts.add("run.*.cloud.example", false, kMiddle) == HostTable::kNone);
  CHECK(hosts.add("*-run.cloud.example", false, kFront) == HostTable::kNone);
  CHECK(hosts.add("eu-*-run.cloud.example", false, kLonger) == HostTable::kNone);
  CHECK(hosts.add("*.tenant.cloud.example", false, kCloudBelow) == HostTable::kNone);
  CHECK(hosts.add("*.api.example.com", false, kApiBelow) == HostTable::kNone);
  CHECK(hosts.add("xn--mnchen-3ya.example", true, kInternational) == HostTable::kNone);
  hosts.finish();
  return hosts;
}

struct Case {
  std::string host;
  std::uint32_t expected;
};

}  // namespace

TEST_CASE("the longest pattern wins, by whole labels", "[host]") {
  const HostTable hosts = table();
  const auto each = GENERATE(values<Case>({
      {"example.com", kDomain},
      {"www.example.com", kDomain},
      {"a.b.c.example.com", kDomain},
      {"EXAMPLE.Com", kDomain},
      {"example.com.", kDomain},
      {"_dmarc.example.com", kDomain},
      {"chat.example.com", kInner},
      {"eu.chat.example.com", kInner},
      {"api.example.com", kExact},
      {"Api.Example.COM.", kExact},
      {"v1.api.example.com", kApiBelow},
      {"a.v1.api.example.com", kApiBelow},
      {"x.files.example.com", kBelow},
      {"y.x.files.example.com", kBelow},
      {"files.example.com", kDomain},  // *. is for names below
      {"run.eu-1.cloud.example", kMiddle},
      {"us-run.cloud.example", kFront},
      {"eu-1-run.cloud.example", kLonger},  // the longer of two globs
      {"a.tenant.cloud.example", kCloudBelow},
      {"run.tenant.cloud.example", kCloudBelow},  // a longer literal suffix than run.*
      {"www.xn--mnchen-3ya.example", kInternational},
  }));
  CAPTURE(each.host);
  CHECK(hosts.find(each.host) == each.expected);
}

TEST_CASE("what only looks like a known host matches nothing", "[host]") {
  const HostTable hosts = table();
  const std::string label63(63, 'a');
  const std::string label64(64, 'a');
  std::string long_name = "example.com";
  while (long_name.size() < 252) long_name.insert(0, "a.");
  const auto each = GENERATE_COPY(values<std::string>({
      "",
      ".",
      "..",
      "com",
      "example",
      "example.org",
      "example.co",
      "xample.com",
      "notexample.com",
      "example.com.evil.net",
      "api.example.com.evil.net",
      "example-com",
      "examplecom",
      "my-example.com",
      ".example.com",
      "a..example.com",
      "example..com",
      "example.com..",
      "www.example.com:443",
      "https://example.com",
      "example.com/",
      "user@example.com",
      "www .example.com",
      "*.example.com",
      "www\texample.com",
      std::string{"www\0.example.com", 16},
      std::string{"example.com\0", 12},
      "exämple.com",
      "\xff\xfe.example.com",
      "münchen.example",
      "192.0.2.1",
      "1.example.com.192.0.2.1",
      "::1",
      "[2001:db8::1]",
      "2001:db8::1",
      "run.cloud.example",  // a * is one label or more characters, never nothing
      "run..cloud.example",
      "run.a.b.cloud.example",  // and one label only
      "-run.cloud.example",
      "x.us-run.cloud.example",
      "cloud.example",
      "tenant.cloud.example",
      "us-run.cloud.example.com.net",
      label64 + ".example.com",
      "a." + long_name + ".example.com",
      std::string(254, 'a'),
      std::string(100'000, '.'),
  }));
  CAPTURE(each);
  CHECK(hosts.find(each) == HostTable::kNone);
  CHECK(hosts.find(label63 + ".example.com") == kDomain);
  CHECK(hosts.find(long_name) == kDomain);
}

TEST_CASE("a cut name never matches more than its own labels say", "[host]") {
  const HostTable hosts = table();
  const std::string whole = "v1.api.example.com";
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    CAPTURE(cut);
    CHECK(hosts.find(whole.substr(0, cut)) == HostTable::kNone);
  }
  // From the front: whatever ends in .example.com and has no empty label is below it.
  for (std::size_t cut = 1; cut < whole.size(); ++cut) {
    const std::string rest = whole.substr(cut);
    CAPTURE(rest);
    const bool known = rest.ends_with("example.com") && !rest.starts_with('.');
    CHECK((hosts.find(rest) != HostTable::kNone) == known);
  }
}

TEST_CASE("a pattern is claimed once in each of its forms", "[host]") {
  HostTable hosts;
  CHECK(hosts.add("example.com", true, 1) == HostTable::kNone);
  CHECK(hosts.add("example.com", false, 2) == HostTable::kNone);
  CHECK(hosts.add("*.example.com", false, 3) == HostTable::kNone);
  CHECK(hosts.add("a*.example.com", false, 4) == HostTable::kNone);
  CHECK(hosts.add("example.com", true, 9) == 1);
  CHECK(hosts.add("example.com", false, 9) == 2);
  CHECK(hosts.add("*.example.com", false, 9) == 3);
  CHECK(hosts.add("a*.example.com", false, 9) == 4);
  hosts.finish();
  CHECK(hosts.size() == 4);
  CHECK(hosts.find("example.com") == 2);
  CHECK(hosts.find("b.example.com") == 3);
  CHECK(hosts.find("ab.example.com") == 4);
}

TEST_CASE("an empty table knows no host", "[host]") {
  HostTable hosts;
  hosts.finish();
  CHECK(hosts.find("example.com") == HostTable::kNone);
}

TEST_CASE("patterns that cannot be meant are refused", "[host]") {
  struct Pattern {
    std::string text;
    bool tree;
    bool fine;
  };
  const auto each = GENERATE(values<Pattern>({
      {"example.com", true, true},
      {"example.com", false, true},
      {"*.example.com", false, true},
      {"a.*.example.com", false, true},
      {"a*b.example.com", false, true},
      {"xn--mnchen-3ya.de", true, true},
      {"", true, false},
      {"com", true, false},
      {"*.com", false, false},
      {"*", false, false},
      {"*.*.example.com", false, false},
      {"a**.example.com", false, false},
      {"*.a.*.example.com", false, false},
      {"a.example.*", false, false},
      {"a.*.com", false, false},
      {"*.example.com", true, false},
      {"Example.com", true, false},
      {"münchen.de", true, false},
      {"https://example.com", true, false},
      {"example.com/chat", true, false},
      {"example.com:443", true, false},
      {"example.com.", true, false},
      {".example.com", true, false},
      {"a..example.com", true, false},
      {"192.0.2.1", true, false},
      {std::string(64, 'a') + ".com", true, false},
      {std::string(250, 'a') + ".com", true, false},
  }));
  CAPTURE(each.text, each.tree);
  CHECK(HostTable::complaint(each.text, each.tree).empty() == each.fine);
}

TEST_CASE("a star stands for one or more characters between separators", "[host]") {
  struct Glob {
    std::string pattern;
    std::string text;
    bool fine;
  };
  const auto each = GENERATE(values<Glob>({
      {"a", "a", true},
      {"t13d*_8daaf6152771_*", "t13d1516h2_8daaf6152771_02713d6af862", true},
      {"*_x_*", "a_x_b", true},
      {"a*b_x", "acb_x", true},
      {"a*a_x", "aa_x", false},
      {"a*a_x", "a_x", false},
      {"*_x", "_x", false},
      {"*_x", "a_x_b", false},
      {"*_x_*", "a_x", false},
      {"a", "b", false},
      {"a", "", false},
      {"", "a", false},
      {"*", "a_b", false},
  }));
  CAPTURE(each.pattern, each.text);
  CHECK(fits(each.pattern, each.text, '_') == each.fine);
}
