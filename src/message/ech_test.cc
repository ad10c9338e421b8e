#include "gnomon/message/ech.h"

#include <catch2/catch.hpp>

#include "hello_samples.h"

namespace gnomon::message {
namespace {

using namespace samples;

EchKind kind_of(std::string_view name, const Octets& ech) {
  const Octets body = hello_body({.extensions = {server_name(name), ech}});
  const auto hello = parse_client_hello(body);
  REQUIRE(hello);
  return classify_ech(*hello);
}

TEST_CASE("what browsers send without meaning is not taken for real", "[message][ech]") {
  // Sizes BoringSSL draws from, and those NSS computes over QUIC, over TCP and with a ticket.
  for (const std::size_t size : {144u, 176u, 208u, 240u, 207u, 239u, 368u, 495u}) {
    CAPTURE(size);
    CHECK(kind_of("chatgpt.com", ech_outer(7, size)) == EchKind::kGrease);
    CHECK(kind_of("chatgpt.com", ech_outer(7, size, 3)) == EchKind::kGrease);
  }
}

TEST_CASE("a public name in the open makes it real", "[message][ech]") {
  CHECK(kind_of("cloudflare-ech.com", ech_outer(7, 208)) == EchKind::kReal);
  CHECK(kind_of("Cloudflare-ECH.com", ech_outer(7, 208)) == EchKind::kReal);
}

TEST_CASE("no form that is known is not decided", "[message][ech]") {
  CHECK(kind_of("a.example", ech_outer(7, 300)) == EchKind::kUndecided);
  CHECK(kind_of("a.example", ech_outer(7, 112)) == EchKind::kUndecided);
  CHECK(kind_of("a.example", ech_outer(7, 1040)) == EchKind::kUndecided);
  CHECK(kind_of("a.example", ech_outer(7, 208, 2)) == EchKind::kUndecided);
  CHECK(kind_of("a.example", extension(TlsExtension::kEncryptedClientHello, {1})) ==
        EchKind::kUndecided);
  CHECK(kind_of("a.example", extension(TlsExtension::kEncryptedClientHello, {})) ==
        EchKind::kUndecided);
  CHECK(kind_of("a.example", alpn({"h2"})) == EchKind::kNone);
}

TEST_CASE("an outer extension cut anywhere is refused", "[message][ech]") {
  const Octets whole = [] {
    Octets out = ech_outer(7, 144);
    return Octets{out.begin() + 4, out.end()};
  }();
  const auto outer = read_ech_outer(whole);
  REQUIRE(outer);
  CHECK(outer->config_id == 7);
  CHECK(outer->kdf == 1);
  CHECK(outer->aead == 1);
  CHECK(outer->enc.size() == 32);
  CHECK(outer->payload.size() == 144);
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    CAPTURE(cut);
    CHECK_FALSE(read_ech_outer(Bytes{whole}.first(cut)));
  }
  Octets longer = whole;
  longer.push_back(0);
  CHECK_FALSE(read_ech_outer(longer));
}

Octets config(std::uint16_t version, std::uint8_t id, std::string_view name) {
  Octets body{id, 0, 0x20, 0, 32};
  body.resize(body.size() + 32, 1);
  append_u16(body, 4);
  append_u32(body, 0x00010001);
  body.push_back(64);
  body.push_back(static_cast<std::uint8_t>(name.size()));
  append_text(body, name);
  append_u16(body, 0);
  return extension(version, body);  // the same two numbers before it
}

TEST_CASE("configurations that DNS publishes name the public names", "[message][ech]") {
  Octets configs = config(0xfe0d, 3, "front.example");
  append(configs, config(0xfe0a, 4, "draft.example"));
  append(configs, config(0xfe0d, 5, "second.example"));
  Octets list;
  append_u16(list, configs.size());
  append(list, configs);
  CHECK(read_ech_public_name(list) == "front.example");
  // The first that is understood is whole before the rest; cut inside it, there is none.
  const std::size_t first_end = 2 + config(0xfe0d, 3, "front.example").size();
  for (std::size_t cut = 0; cut < first_end; ++cut) {
    CAPTURE(cut);
    CHECK(read_ech_public_name(Bytes{list}.first(cut)).empty());
  }
  list[9] = 0xff;  // the public key's length
  CHECK(read_ech_public_name(list) == "second.example");
}

}  // namespace
}  // namespace gnomon::message
