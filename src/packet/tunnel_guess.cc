#include "gnomon/packet/decoder.h"

namespace gnomon::packet {
namespace {

constexpr std::size_t kHeaderMax = 72;   // of the tunnel and an Ethernet frame inside it
constexpr std::size_t kPaddingMax = 50;  // of a short Ethernet frame, and its check sequence
constexpr std::uint8_t kIp4NoOptions = 0x45;

std::uint32_t u16(Bytes at) { return std::uint32_t{at[0]} << 8 | at[1]; }

// RFC 791, 3.1: the sum over the header with its checksum is all ones.
bool ip4_header_fits(Bytes rest) {
  if (rest.size() < 20) return false;
  const std::uint32_t length = u16(rest.subspan(2));
  if (length < 20 || length > rest.size() || rest.size() - length > kPaddingMax) return false;
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < 20; i += 2) sum += u16(rest.subspan(i));
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return sum == 0xffff;
}

bool ip6_header_fits(Bytes before_and_rest) {
  if (before_and_rest.size() < 42 || u16(before_and_rest) != 0x86dd) return false;
  const Bytes rest = before_and_rest.subspan(2);
  const std::size_t length = 40 + u16(rest.subspan(4));
  return length <= rest.size() && rest.size() - length <= kPaddingMax;
}

}  // namespace

bool holds_ip_packet(Bytes payload) {
  for (std::size_t at = 0; at <= kHeaderMax && at + 20 <= payload.size(); at += 2) {
    if (payload[at] == kIp4NoOptions && ip4_header_fits(payload.subspan(at))) return true;
    // Without a checksum it takes the type of what follows to tell.
    if (at >= 2 && payload[at] >> 4 == 6 && ip6_header_fits(payload.subspan(at - 2))) return true;
  }
  return false;
}

}  // namespace gnomon::packet
