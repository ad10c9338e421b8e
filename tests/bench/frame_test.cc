#include "frame.h"

#include <catch2/catch.hpp>
#include <string>

namespace gnomon::bench {
namespace {

std::vector<std::uint8_t> zeros(std::size_t count) { return std::vector<std::uint8_t>(count, 0); }

// Ethernet, `tags` VLAN tags, IPv4 or IPv6, TCP or UDP with 33 bytes, checksums right.
std::vector<std::uint8_t> make_frame(bool ipv6, std::uint8_t protocol, std::size_t tags) {
  auto frame = zeros(12);
  const auto append = [&](std::initializer_list<int> bytes) {
    for (const int byte : bytes) frame.push_back(static_cast<std::uint8_t>(byte));
  };
  for (std::size_t i = 0; i < tags; ++i) append({0x81, 0x00, 0x00, 0x07});
  if (ipv6) {
    append({0x86, 0xdd, 0x60, 0, 0, 0, 0, 0, protocol, 64});
    for (int end = 1; end <= 2; ++end)
      append({0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, end});
  } else {
    append({0x08, 0x00, 0x45, 0, 0, 0, 0x12, 0x34, 0x40, 0, 64, protocol, 0, 0});
    append({192, 168, 1, 10, 203, 0, 113, 5});
  }
  append({0xc0, 0x01, 0x01, 0xbb});  // 49153 to 443
  if (protocol == kTcp) {
    append({0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0});
  } else {
    append({0, 0, 0, 0});
  }
  for (int i = 0; i < 33; ++i) append({i * 7 & 0xff});
  seal(frame, lay_out(frame));
  return frame;
}

struct Case {
  bool ipv6;
  std::uint8_t protocol;
  std::size_t tags;
};

const auto kCases = {Case{false, kTcp, 0}, Case{false, kUdp, 0}, Case{true, kTcp, 0},
                     Case{true, kUdp, 0},  Case{false, kTcp, 3}, Case{true, kUdp, 2}};

TEST_CASE("a frame is laid out whatever carries it") {
  const auto [ipv6, protocol, tags] = GENERATE(values<Case>(kCases));
  const auto frame = make_frame(ipv6, protocol, tags);
  const Layout layout = lay_out(frame);
  CHECK(layout.network == (ipv6 ? Layout::Network::kIpv6 : Layout::Network::kIpv4));
  CHECK(layout.protocol == protocol);
  CHECK(layout.source_port == 49153);
  CHECK(layout.destination_port == 443);
  CHECK(payload_of(frame, layout).size() == 33);
  CHECK_FALSE(layout.fragment);
}

TEST_CASE("Ethernet padding is not payload") {
  auto frame = make_frame(false, kUdp, 0);
  frame.insert(frame.end(), 9, 0xee);
  CHECK(payload_of(frame, lay_out(frame)).size() == 33);
}

TEST_CASE("a cut frame is never read past its end") {
  const auto [ipv6, protocol, tags] = GENERATE(values<Case>(kCases));
  const auto frame = make_frame(ipv6, protocol, tags);
  const std::size_t header_end = lay_out(frame).transport_at;
  for (std::size_t cut = 0; cut < frame.size(); ++cut) {
    std::vector<std::uint8_t> part{frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(cut)};
    const Layout layout = lay_out(part);
    CHECK(layout.is_ip() == (cut >= header_end));
    CHECK(layout.end <= cut);
    CHECK(payload_of(part, layout).size() <= 33);
    if (layout.is_ip()) replace32(part, layout, layout.source_at(), 0x0a000001, true);
  }
}

TEST_CASE("rewriting keeps right checksums right and wrong ones wrong") {
  const auto [ipv6, protocol, tags] = GENERATE(values<Case>(kCases));
  auto frame = make_frame(ipv6, protocol, tags);
  const Layout layout = lay_out(frame);
  REQUIRE(checksums_hold(frame, layout));
  for (std::uint32_t i = 0; i < 5000; ++i) {
    replace32(frame, layout, layout.destination_at(), i * 2654435761u, true);
    replace16(frame, layout, layout.transport_at, static_cast<std::uint16_t>(i * 40503u), false);
    REQUIRE(checksums_hold(frame, layout));
  }
  frame.back() ^= 1;
  CHECK_FALSE(checksums_hold(frame, layout));
  replace32(frame, layout, layout.source_at(), 0x0a0b0c0d, true);
  CHECK_FALSE(checksums_hold(frame, layout));
}

TEST_CASE("UDP without a checksum stays without") {
  auto frame = make_frame(false, kUdp, 0);
  const Layout layout = lay_out(frame);
  put16(frame, layout.transport_at + 6, 0);
  replace32(frame, layout, layout.source_at(), 0x0a0b0c0d, true);
  CHECK(get16(frame, layout.transport_at + 6) == 0);
  CHECK(checksums_hold(frame, layout));
}

TEST_CASE("only the first fragment has ports and a checksum") {
  auto frame = make_frame(false, kUdp, 0);
  const std::size_t flags_at = lay_out(frame).network_at + 6;
  put16(frame, flags_at, 0x2000);
  CHECK(lay_out(frame).fragment);
  CHECK(lay_out(frame).source_port == 49153);
  put16(frame, flags_at, 0x0003);
  CHECK(lay_out(frame).fragment);
  CHECK(lay_out(frame).source_port == 0);
  CHECK(transport_checksum_at(frame, lay_out(frame)) == 0);
}

TEST_CASE("what is not IP over Ethernet is left alone") {
  auto frame = make_frame(false, kTcp, 0);
  put16(frame, 12, 0x0806);
  CHECK_FALSE(lay_out(frame).is_ip());
  frame = make_frame(false, kTcp, 0);
  frame[14] = 0x44;  // a header of 16 bytes
  CHECK_FALSE(lay_out(frame).is_ip());
  frame = make_frame(true, kTcp, 0);
  frame[14] = 0x40;
  CHECK_FALSE(lay_out(frame).is_ip());
}

}  // namespace
}  // namespace gnomon::bench
