#include "dissection.h"
#include "gnomon/packet/decoder.h"

namespace gnomon::packet {
namespace {

constexpr std::size_t kHeaderMax = 72;   // of the tunnel and an Ethernet frame inside it
constexpr std::size_t kPaddingMax = 50;  // of a short Ethernet frame, and its check sequence
constexpr std::uint8_t kIp4NoOptions = 0x45;

bool length_fits(std::uint32_t length, const View& rest) {
  return length <= rest.wire() && rest.wire() - length <= kPaddingMax;
}

// RFC 791, 3.1: the sum over the header with its checksum is all ones.
bool ip4_header_fits(const View& rest) {
  if (!rest.has(20)) return false;
  const std::uint32_t header_bytes = (rest.u8(0) & 0x0fU) << 2;
  const std::uint32_t length = rest.u16(2);
  if (header_bytes < 20 || length < header_bytes || !rest.has(header_bytes)) return false;
  if (!length_fits(length, rest)) return false;
  std::uint32_t sum = 0;
  for (std::uint32_t i = 0; i < header_bytes; i += 2) sum += rest.u16(i);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return sum == 0xffff;
}

}  // namespace

bool ip_header_fits(const View& rest) {
  if (!rest.has(1)) return false;
  if (rest.u8(0) >> 4 == 4) return ip4_header_fits(rest);
  return rest.u8(0) >> 4 == 6 && rest.has(40) && length_fits(40U + rest.u16(4), rest);
}

bool holds_ip_packet(Bytes payload) {
  const auto size = static_cast<std::uint32_t>(payload.size());
  const View whole{payload.data(), size, size};
  for (std::uint32_t at = 0; at <= kHeaderMax && at + 20 <= size; at += 2) {
    const bool may_be_ip4 = payload[at] == kIp4NoOptions;
    // Without a checksum it takes the type of what follows to tell.
    const bool may_be_ip6 = at >= 2 && payload[at] >> 4 == 6 && whole.u16(at - 2) == kEthertypeIp6;
    if ((may_be_ip4 || may_be_ip6) && ip_header_fits(whole.after(at))) return true;
  }
  return false;
}

}  // namespace gnomon::packet
