#include "parameters.h"

#include <catch2/catch.hpp>

namespace gnomon::report::console {
namespace {

TEST_CASE("escapes become their characters, and what is broken is refused") {
  CHECK(percent_decoded("a%20b", false) == "a b");
  CHECK(percent_decoded("a+b", true) == "a b");
  CHECK(percent_decoded("a+b", false) == "a+b");
  CHECK(percent_decoded("%c3%BC", false) == "\xc3\xbc");
  for (const std::string_view wrong : {"%", "%4", "%zz", "%4g", "a%", "%00", "%0a", "%1f", "%7F",
                                       "%ff", "%c3", "%c3%28", "%ed%a0%80", "\x01"})
    CHECK_FALSE(percent_decoded(wrong, false).has_value());
}

TEST_CASE("an address is taken apart") {
  const auto target = parse_target("/api/v1/apps/a%20b?q=x+y&sort=&page=2");
  REQUIRE(target);
  CHECK(target->segments == std::vector<std::string>{"api", "v1", "apps", "a b"});
  REQUIRE(target->query.size() == 3);
  CHECK(target->query[0] == std::pair<std::string, std::string>{"q", "x y"});
  CHECK(target->query[1].second.empty());
  CHECK(parse_target("/")->segments.empty());
  CHECK(parse_target("/apps/")->segments.size() == 1);
}

TEST_CASE("addresses that climb, hide or repeat are refused") {
  for (const std::string wrong :
       {"",          "apps",           "http://x/", "*",        "//etc",
        "/a//b",     "/../etc/passwd", "/a/../b",   "/./a",     "/%2e%2e/x",
        "/a/%2E%2e", "/a%00",          "/a%5cb",    "/a\\b",    "/%zz",
        "/a?q=%",    "/a?q=1&q=2",     "/a#b",      "/a?x=%ff", "/static/..%5cx", "/a%2fb"})
    CHECK_FALSE(parse_target(wrong));
  CHECK_FALSE(parse_target("/" + std::string(5'000, 'a')));
  std::string many = "/a?";
  for (int i = 0; i < 40; ++i) many += "p" + std::to_string(i) + "=1&";
  CHECK_FALSE(parse_target(many));
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "/a";
  CHECK_FALSE(parse_target(deep));
}

Target with(std::string_view query) { return *parse_target("/a?" + std::string{query}); }

TEST_CASE("parameters are of their kind, and none is left over") {
  constexpr std::string_view kWords[] = {"", "asc", "desc"};
  const Target good = with("q=a&order=desc&page=7");
  Parameters parameters{good};
  CHECK(parameters.text("q") == "a");
  CHECK(parameters.word("order", kWords) == "desc");
  CHECK(parameters.number("page", 1, 1, 10) == 7);
  CHECK(parameters.number("size", 50, 1, 500) == 50);
  CHECK_FALSE(parameters.error());

  for (const std::string_view wrong :
       {"order=up", "page=0", "page=11", "page=-1", "page=1.5", "page=x", "page=", "page=1e3",
        "page=99999999999999999999", "page=+1", "other=1"}) {
    const Target target = with(wrong);
    Parameters asked{target};
    (void)asked.text("q");
    (void)asked.word("order", kWords);
    (void)asked.number("page", 1, 1, 10);
    CAPTURE(wrong);
    CHECK(asked.error());
  }
}

TEST_CASE("a body is a flat object of known texts") {
  constexpr std::string_view kKeys[] = {"name", "reason"};
  const auto body = TextObject::parse(R"({"name":"\u00fc","reason":"a\nb"})", kKeys);
  REQUIRE(body);
  CHECK(body->text("name") == "\xc3\xbc");
  CHECK(body->text("reason") == "a\nb");
  CHECK(TextObject::parse("{}", kKeys)->text("name").empty());
  CHECK_FALSE(TextObject::parse("{}", kKeys)->has("name"));
  for (const std::string_view wrong :
       {"", "[]", "1", "null", "\"x\"", "{", R"({"name":1})", R"({"name":null})",
        R"({"name":["a"]})", R"({"name":{"a":"b"}})", R"({"other":"a"})",
        R"({"name":"a","name":"b"})", R"({"name":"\u0000"})", R"({"name":"\u001b[31m"})",
        R"({"name":"a"} x)", "{\"name\":\"\xff\"}"}) {
    CAPTURE(wrong);
    CHECK_FALSE(TextObject::parse(wrong, kKeys));
  }
  CHECK_FALSE(TextObject::parse(R"({"name":")" + std::string(200, 'a') + "\"}", kKeys, 100));
}

}  // namespace
}  // namespace gnomon::report::console
