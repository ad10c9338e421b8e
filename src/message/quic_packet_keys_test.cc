#define OPENSSL_SUPPRESS_DEPRECATED

#include "quic_packet_keys.h"

#include <catch2/catch.hpp>
#include <string_view>

#include "ordered_bytes.h"

namespace {

using namespace gnomon::message;
using gnomon::Bytes;

std::vector<std::uint8_t> from_hex(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  const auto value = [](char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; };
  for (std::size_t i = 0; i < text.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(value(text[i]) << 4 | value(text[i + 1])));
  return bytes;
}

const TlsCrypto& crypto() {
  static const TlsCrypto made = [] {
    auto result = TlsCrypto::create();
    REQUIRE(result);
    return std::move(*result);
  }();
  return made;
}

// RFC 9001 §A.5 and RFC 9369 §A.5: a 1-RTT packet of a connection with this secret.
constexpr std::string_view kSecret =
    "9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b";
constexpr std::uint64_t kNumber = 654360564;

}  // namespace

TEST_CASE("the short packets of RFC 9001 and RFC 9369 open") {
  struct Case {
    bool version2;
    const char* packet;
    const char* next_secret;
  };
  const auto each = GENERATE(
      values<Case>({{false, "4cfe4189655e5cd55c41f69080575d7999c25a5bfb",
                     "1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9"},
                    {true, "5558b1c60ae7b6b932bc27d786f4bc2bb20f2162ba",
                     "c69374c49e3d2a9466fa689e49d476db5d0dfbc87d32ceeaa6343fd0ae4c7d88"}}));
  const Secret secret{from_hex(kSecret)};
  QuicPacketKeys keys;
  REQUIRE(keys.start(crypto().state(), *tls_suite(0x1303), secret, each.version2));
  const auto packet = from_hex(each.packet);
  const auto header = keys.unprotect(packet, 1);
  REQUIRE(header);
  CHECK(header->number_bytes == 3);
  std::array<std::uint8_t, 64> out{};
  const auto opened = keys.open(*header, packet, kNumber - 1, out.data());
  REQUIRE(opened);
  CHECK(opened->number == kNumber);
  REQUIRE(opened->payload.size() == 1);
  CHECK(opened->payload[0] == 0x01);  // PING
  // Expected elsewhere, the number is another and nothing opens.
  CHECK_FALSE(keys.open(*header, packet, 5, out.data()));

  const Secret next =
      next_traffic_secret(secret, HashKind::kSha256, each.version2 ? "quicv2 ku" : "quic ku");
  const auto expected = from_hex(each.next_secret);
  CHECK(std::equal(expected.begin(), expected.end(), next.bytes().begin(), next.bytes().end()));

  for (std::size_t cut = 0; cut < packet.size(); ++cut) {
    const auto short_header = keys.unprotect(Bytes{packet}.first(cut), 1);
    CHECK_FALSE(short_header);
    std::vector<std::uint8_t> damaged = packet;
    damaged[cut] ^= 1;
    const auto other = keys.unprotect(damaged, 1);
    REQUIRE(other);
    CHECK_FALSE(keys.open(*other, damaged, kNumber - 1, out.data()));
  }
}

TEST_CASE("a secret of the wrong size makes no keys") {
  QuicPacketKeys keys;
  CHECK_FALSE(keys.start(crypto().state(), *tls_suite(0x1302), Secret{from_hex(kSecret)}, false));
  CHECK_FALSE(keys.started());
}

TEST_CASE("bytes in any order, in any pieces and more than once come out once and in order") {
  std::string whole;
  for (int i = 0; i < 97; ++i) whole += static_cast<char>('!' + i % 90);
  const Bytes all{reinterpret_cast<const std::uint8_t*>(whole.data()), whole.size()};
  std::uint32_t state = 1;
  const auto random = [&state](std::size_t below) {
    state = state * 1664525 + 1013904223;
    return static_cast<std::size_t>(state >> 8) % below;
  };
  for (int run = 0; run < 300; ++run) {
    OrderedBytes order;
    std::string got;
    const auto take = [&](Bytes bytes) {
      got.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    };
    for (int i = 0; i < 40; ++i) {
      const std::size_t at = random(all.size());
      order.add(at, all.subspan(at, random(all.size() - at + 1)), take);
      REQUIRE(whole.starts_with(got));
    }
    order.add(0, all, take);
    CHECK(got == whole);
    CHECK(order.waiting_bytes() == 0);
    CHECK(order.next() == whole.size());
  }
}

TEST_CASE("a hole that is given up is told before what lies behind it") {
  OrderedBytes order;
  std::string got;
  const std::string text = "behind";
  const Bytes bytes{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  order.add(10, bytes, [&](Bytes) { got += "early"; });
  order.add(30, bytes, [&](Bytes) { got += "early"; });
  CHECK(got.empty());
  const auto take = [&](std::uint64_t hole, Bytes fresh) {
    if (hole > 0) got += "<" + std::to_string(hole) + ">";
    got.append(reinterpret_cast<const char*>(fresh.data()), fresh.size());
  };
  CHECK(order.skip_hole(take) == 10);
  CHECK(got == "<10>behind");
  CHECK(order.skip_hole(take) == 14);
  CHECK(got == "<10>behind<14>behind");
  CHECK(order.skip_hole(take) == 0);
  CHECK(order.waiting_bytes() == 0);
}
