#include "gnomon/message/client_hello.h"

#include <catch2/catch.hpp>

#include "hello_samples.h"

namespace gnomon::message {
namespace {

using namespace samples;

std::string text_of(std::string_view view) { return std::string{view}; }

TEST_CASE("a ClientHello says which service is asked for, and how", "[message][tls]") {
  const Octets body = hello_body(browser_hello("chatgpt.com"));
  const auto hello = parse_client_hello(body);
  REQUIRE(hello);
  CHECK(hello->server_name == "chatgpt.com");
  CHECK(hello->alpn_count == 2);
  CHECK(hello->alpn[0] == "h2");
  CHECK(hello->alpn[1] == "http/1.1");
  CHECK(hello->legacy_version == 0x0303);
  CHECK(hello->best_version() == 0x0304);
  CHECK(hello->cipher_suites.size() == 32);
  CHECK(hello->extension_count == 7);
  CHECK(hello->random.size() == 32);
  CHECK(hello->random[31] == 31);
  CHECK(hello->session_id.size() == 32);
  CHECK(hello->signature_algorithms.size() == 16);
  CHECK(hello->has_ech);
  CHECK(hello->has_key_share);
  CHECK_FALSE(hello->has_early_data);
  CHECK_FALSE(hello->has_quic_transport_parameters);
  CHECK_FALSE(hello->malformed);
  CHECK_FALSE(hello->partial);
}

TEST_CASE("a server name is whatever bytes were sent", "[message][tls]") {
  struct Case {
    std::string what, name;
  };
  const auto c = GENERATE(values<Case>({
      {"ordinary", "api.anthropic.com"},
      {"upper case is kept", "API.OpenAI.com"},
      {"longer than DNS allows", std::string(300, 'a') + ".example"},
      {"as long as fits", std::string(16000, 'x')},
      {"with a port", "server4:443"},
      {"with a NUL and more", std::string("a\0b\x80\xff", 5)},
      {"one byte", "a"},
      {"none", ""},
  }));
  CAPTURE(c.what);
  const Octets body = hello_body({.extensions = {alpn({"h2"}), server_name(c.name)}});
  const auto hello = parse_client_hello(body);
  REQUIRE(hello);
  CHECK(text_of(hello->server_name) == c.name);
  CHECK(hello->has_server_name);
  CHECK_FALSE(hello->malformed);
}

TEST_CASE("odd but honest extensions", "[message][tls]") {
  struct Case {
    std::string what;
    Octets extension;
    std::string name;
    std::size_t alpn_count;
  };
  const auto c = GENERATE(values<Case>({
      {"an empty server name extension", extension(0, {}), "", 0},
      {"another name type first", extension(0, {0, 9, 7, 0, 1, 'z', 0, 0, 2, 'o', 'k'}), "ok", 0},
      {"only another name type", extension(0, {0, 4, 7, 0, 1, 'z'}), "", 0},
      {"two names: the first counts", extension(0, {0, 8, 0, 0, 1, 'a', 0, 0, 1, 'b'}), "a", 0},
      {"an empty protocol list", extension(16, {0, 0}), "", 0},
      {"an empty protocol", extension(16, {0, 1, 0}), "", 1},
      {"an empty list of versions", extension(43, {0}), "", 0},
  }));
  CAPTURE(c.what);
  const Octets body = hello_body({.extensions = {c.extension}});
  const auto hello = parse_client_hello(body);
  REQUIRE(hello);
  CHECK_FALSE(hello->malformed);
  CHECK(hello->server_name == c.name);
  CHECK(hello->alpn_count == c.alpn_count);
}

TEST_CASE("an extension that lies about its inside loses its value, its neighbours do not",
          "[message][tls]") {
  struct Case {
    std::string what;
    Octets extension;
    std::string name;
  };
  const auto c = GENERATE(values<Case>({
      {"server name list too long, name whole", extension(0, {0, 0xff, 0, 0, 1, 'a'}), "a"},
      {"server name too long", extension(0, {0, 4, 0, 0, 0xff, 'a'}), ""},
      {"server name list cut in its header", extension(0, {0, 2, 0, 0}), ""},
      {"half a list length", extension(0, {0}), ""},
      {"protocol list too long", extension(16, {0, 0xff, 2, 'h', '2'}), ""},
      {"protocol too long", extension(16, {0, 3, 0xff, 'h', '2'}), ""},
      {"versions too long", extension(43, {4, 3, 4}), ""},
      {"signature algorithms too long", extension(13, {0, 8, 4, 3}), ""},
  }));
  CAPTURE(c.what);
  const Octets body = hello_body({.extensions = {c.extension, extension(42, {})}});
  const auto hello = parse_client_hello(body);
  REQUIRE(hello);
  CHECK(hello->malformed);
  CHECK(hello->server_name == c.name);
  CHECK(hello->has_early_data);
}

TEST_CASE("what is no ClientHello is refused", "[message][tls]") {
  const auto broken = [](auto change) {
    Octets body = hello_body({.extensions = {server_name("a.io")}});
    change(body);
    return body;
  };
  const std::size_t session = 34;
  const std::size_t suites = session + 1 + 32;
  const std::size_t extensions = suites + 2 + 4 + 2;
  struct Case {
    std::string what;
    Octets body;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"nothing", {}},
      {"a session id of 33 bytes", broken([=](Octets& b) { b[session] = 33; })},
      {"a session id of 33 bytes, all there", hello_body({.session_id_bytes = 33})},
      {"a session id beyond the end", broken([=](Octets& b) { b[session] = 255; })},
      {"an odd list of cipher suites", broken([=](Octets& b) { b[suites + 1] = 5; })},
      {"cipher suites beyond the end", broken([=](Octets& b) { b[suites] = 0xff; })},
      {"extensions beyond the end", broken([=](Octets& b) { b[extensions] = 0xff; })},
      {"an extension beyond the others", broken([=](Octets& b) { b[extensions + 4] = 0xff; })},
      {"half an extension header", broken([=](Octets& b) { b[extensions + 1] = 3; })},
  }));
  CAPTURE(c.what);
  CHECK_FALSE(parse_client_hello(c.body));
}

TEST_CASE("names beyond the first are kept apart", "[message][tls]") {
  struct Case {
    std::string what;
    std::vector<Octets> extensions;
    std::string first;
    std::vector<std::string> further;
  };
  const auto listed = [](std::initializer_list<std::pair<int, std::string>> names) {
    Octets list;
    for (const auto& [type, name] : names) {
      list.push_back(static_cast<std::uint8_t>(type));
      list.push_back(0);
      list.push_back(static_cast<std::uint8_t>(name.size()));
      list.insert(list.end(), name.begin(), name.end());
    }
    Octets body = {0, static_cast<std::uint8_t>(list.size())};
    append(body, list);
    return extension(0, body);
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"one", {listed({{0, "a.io"}})}, "a.io", {}},
      {"two in a list", {listed({{0, "a.io"}, {0, "b.io"}})}, "a.io", {"b.io"}},
      {"two extensions", {server_name("a.io"), server_name("b.io")}, "a.io", {"b.io"}},
      {"another type first", {listed({{1, "x"}, {0, "a.io"}})}, "a.io", {"x"}},
      {"empty ones", {listed({{0, ""}, {0, "a.io"}, {0, ""}})}, "a.io", {}},
      {"too many",
       {listed({{0, "a"}, {0, "b"}, {0, "c"}, {0, "d"}, {0, "e"}})},
       "a",
       {"b", "c", "d"}},
  }));
  CAPTURE(c.what);
  const Octets body = hello_body({.extensions = c.extensions});
  const auto hello = parse_client_hello(body);
  REQUIRE(hello);
  CHECK(hello->server_name == c.first);
  REQUIRE(hello->further_name_count == c.further.size());
  for (std::size_t i = 0; i < c.further.size(); ++i) CHECK(hello->further_names[i] == c.further[i]);
}

TEST_CASE("bytes after the extensions are noted", "[message][tls]") {
  Octets body = hello_body({.extensions = {server_name("a.io")}});
  body.push_back(0);
  const auto hello = parse_client_hello(body);
  REQUIRE(hello);
  CHECK(hello->malformed);
  CHECK(hello->server_name == "a.io");
}

TEST_CASE("more extensions than TLS has numbers for are refused", "[message][tls]") {
  std::vector<Octets> many(kHelloExtensionsMax, extension(0x2a2a, {}));
  CHECK(parse_client_hello(hello_body({.extensions = many})));
  many.push_back(extension(0x2a2a, {}));
  CHECK_FALSE(parse_client_hello(hello_body({.extensions = many})));
}

TEST_CASE("protocols beyond those kept are counted", "[message][tls]") {
  const std::vector<std::string> names(kAlpnProtocolsMax + 3, "h3-29");
  const Octets body = hello_body({.extensions = {alpn(names)}});
  const auto hello = parse_client_hello(body);
  REQUIRE(hello);
  CHECK(hello->alpn_count == kAlpnProtocolsMax + 3);
  CHECK(hello->alpn_kept() == kAlpnProtocolsMax);
  CHECK(hello->alpn_list.size() == 6 * names.size());
}

TEST_CASE("the best version is the highest that means something", "[message][tls]") {
  struct Case {
    std::vector<std::uint16_t> versions;
    std::uint16_t legacy, best;
  };
  const auto c = GENERATE(values<Case>({
      {{0x0304, 0x0303}, 0x0303, 0x0304},
      {{0x0302, 0x0303, 0x0301}, 0x0303, 0x0303},
      {{0xfafa, 0x0304}, 0x0303, 0x0304},
      {{0xfafa}, 0x0302, 0x0302},
      {{0x7f1c, 0x0303}, 0x0303, 0x7f1c},
  }));
  const Octets body =
      hello_body({.extensions = {supported_versions(c.versions)}, .version = c.legacy});
  const auto hello = parse_client_hello(body);
  REQUIRE(hello);
  CHECK(hello->best_version() == c.best);
}

TEST_CASE("a ClientHello cut anywhere is refused, never half believed", "[message][tls]") {
  const Octets whole = hello_body(browser_hello("api.example.com", 32));
  std::size_t before_extensions = 2 + 32 + 1 + 32 + 2 + 32 + 2;
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    CAPTURE(cut);
    const Octets bytes{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut)};
    const auto hello = parse_client_hello(bytes);
    CHECK(hello.has_value() == (cut == before_extensions));  // extensions may be absent
  }
}

TEST_CASE("a cut ClientHello still says what lies before the cut", "[message][tls]") {
  const Octets name = server_name("api.example.com");
  const Octets whole = hello_body({.extensions = {alpn({"h2"}), name, extension(51, Octets(40))}});
  const std::size_t extensions = 2 + 32 + 1 + 32 + 2 + 4 + 2;
  const std::size_t name_ends = extensions + 2 + alpn({"h2"}).size() + name.size();
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    CAPTURE(cut);
    const Octets bytes{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut)};
    const auto hello = parse_partial_client_hello(bytes);
    REQUIRE(hello.has_value() == (cut >= extensions - 2));
    if (!hello) continue;
    CHECK(hello->partial);
    CHECK(hello->server_name == (cut >= name_ends ? "api.example.com" : ""));
    CHECK(hello->cipher_suites.size() == 4);
  }
}

TEST_CASE("no byte can be changed so that a view leaves the buffer", "[message][tls]") {
  const Octets whole = hello_body(browser_hello("api.example.com", 32));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const std::uint8_t value : Octets{0x00, 0x01, 0x7f, 0x80, 0xff}) {
      Octets bytes = whole;
      bytes[at] = value;
      for (const auto& hello : {parse_client_hello(bytes), parse_partial_client_hello(bytes)}) {
        if (!hello || hello->server_name.empty()) continue;
        const auto* first = reinterpret_cast<const std::uint8_t*>(hello->server_name.data());
        CHECK(first >= bytes.data());
        CHECK(first + hello->server_name.size() <= bytes.data() + bytes.size());
      }
    }
  }
}

TEST_CASE("versions have names", "[message][tls]") {
  CHECK(tls_version_name(0x0304) == "TLS 1.3");
  CHECK(tls_version_name(0x0300) == "SSL 3.0");
  CHECK(tls_version_name(0x7f1c) == "TLS 1.3 draft");
  CHECK(tls_version_name(0x1234).empty());
}

}  // namespace
}  // namespace gnomon::message
