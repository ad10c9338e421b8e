#include "gnomon/message/ja4.h"

#include <catch2/catch.hpp>

#include "hello_samples.h"

namespace gnomon::message {
namespace {

using namespace samples;

std::string ja4_text(const Octets& body, HelloTransport transport = HelloTransport::kTcp) {
  const auto hello = parse_client_hello(body);
  REQUIRE(hello);
  const auto ja4 = ja4_of(*hello, transport);
  return ja4 ? std::string{ja4->view()} : std::string{"-"};
}

// The worked example of the specification (FoxIO, technical_details/JA4.md): the lists it hashes.
HelloParts specified_hello() {
  HelloParts parts;
  parts.ciphers = {0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9,
                   0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
  parts.extensions = {
      extension(0x001b, {}),
      server_name("example.com"),
      extension(0x0033, {}),
      alpn({"h2", "http/1.1"}),
      extension(0x4469, {}),
      extension(0x0017, {}),
      extension(0x002d, {}),
      signature_algorithms({0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601}),
      extension(0x0005, {}),
      extension(0x0023, {}),
      extension(0x0012, {}),
      supported_versions({0x0304, 0x0303}),
      extension(0xff01, {}),
      extension(0x000b, {}),
      extension(0x000a, {}),
      extension(0x0015, {})};
  return parts;
}

TEST_CASE("the specification's own example", "[message][ja4]") {
  const HelloParts parts = specified_hello();
  CHECK(ja4_text(hello_body(parts)) == "t13d1516h2_8daaf6152771_e5627efa2ab1");
  CHECK(ja4_text(hello_body(parts), HelloTransport::kQuic) ==
        "q13d1516h2_8daaf6152771_e5627efa2ab1");
}

TEST_CASE("order and GREASE do not change a fingerprint", "[message][ja4]") {
  HelloParts parts = specified_hello();
  std::swap(parts.ciphers[0], parts.ciphers[9]);
  parts.ciphers.insert(parts.ciphers.begin(), 0x4a4a);
  std::swap(parts.extensions[0], parts.extensions[12]);
  parts.extensions.insert(parts.extensions.begin(), extension(0xaaaa, {}));
  parts.extensions.push_back(extension(0x1a1a, {0}));
  parts.extensions[12] = supported_versions({0xeaea, 0x0304, 0x0303});
  CHECK(ja4_text(hello_body(parts)) == "t13d1516h2_8daaf6152771_e5627efa2ab1");
}

TEST_CASE("the order of signature algorithms does", "[message][ja4]") {
  HelloParts parts = specified_hello();
  parts.extensions[7] =
      signature_algorithms({0x0804, 0x0403, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601});
  CHECK(ja4_text(hello_body(parts)).substr(0, 24) == "t13d1516h2_8daaf6152771_");
  CHECK(ja4_text(hello_body(parts)).substr(24) != "e5627efa2ab1");
}

TEST_CASE("the readable part of a JA4 tells protocol, version, name, counts and ALPN",
          "[message][ja4]") {
  struct Case {
    std::string what;
    HelloParts parts;
    std::string start;
  };
  const auto c = GENERATE(values<Case>({
      {"no name", {.extensions = {alpn({"h2"})}}, "t12i0201h2"},
      {"no protocol", {.extensions = {server_name("a.io")}}, "t12d020100"},
      {"an empty protocol list", {.extensions = {extension(16, {0, 0})}}, "t12i020100"},
      {"one character", {.extensions = {alpn({"h"})}}, "t12i0201hh"},
      {"punctuation inside", {.extensions = {alpn({"http/1.1"})}}, "t12i0201h1"},
      {"punctuation at the end: hex", {.extensions = {alpn({"h2-"})}}, "t12i02016d"},
      {"bytes beyond ASCII: hex", {.extensions = {alpn({"\xab\xcd"})}}, "t12i0201ad"},
      {"an empty name extension counts", {.extensions = {extension(0, {})}}, "t12d020100"},
      {"TLS 1.0", {.version = 0x0301}, "t10i020000"},
      {"TLS 1.1", {.version = 0x0302}, "t11i020000"},
      {"SSL 3.0", {.version = 0x0300}, "ts3i020000"},
      {"a draft", {.extensions = {supported_versions({0x7f13, 0x0303})}}, "t00i020100"},
      {"more than 99 ciphers", {.ciphers = std::vector<std::uint16_t>(120, 0x002f)}, "t12i990000"},
      {"no ciphers", {.ciphers = {0x0a0a}}, "t12i000000"},
  }));
  CAPTURE(c.what);
  CHECK(ja4_text(hello_body(c.parts)).substr(0, 10) == c.start);
}

TEST_CASE("empty lists have zeros for a hash", "[message][ja4]") {
  CHECK(ja4_text(hello_body({.ciphers = {}, .with_extensions = false})) ==
        "t12i000000_000000000000_000000000000");
  // Name and protocol are counted, and not hashed.
  CHECK(ja4_text(hello_body({.ciphers = {}, .extensions = {server_name("a.io"), alpn({"h2"})}})) ==
        "t12d0002h2_000000000000_000000000000");
}

TEST_CASE("long lists are hashed whole, too long ones not at all", "[message][ja4]") {
  std::vector<std::uint16_t> ciphers;
  for (std::uint16_t i = 0; i < kJa4ValuesMax; ++i) ciphers.push_back(i);
  const std::string long_one = ja4_text(hello_body({.ciphers = ciphers}));
  ciphers.back() = 0x7777;
  CHECK(ja4_text(hello_body({.ciphers = ciphers})) != long_one);
  ciphers.push_back(0x7778);
  CHECK(ja4_text(hello_body({.ciphers = ciphers})) == "-");
}

TEST_CASE("a partial hello has no fingerprint", "[message][ja4]") {
  Octets body = hello_body(specified_hello());
  body.pop_back();
  const auto hello = parse_partial_client_hello(body);
  REQUIRE(hello);
  CHECK_FALSE(ja4_of(*hello, HelloTransport::kTcp));
}

}  // namespace
}  // namespace gnomon::message
