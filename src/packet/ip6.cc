#include "dissection.h"

// IPv6 and its extension headers: RFC 8200.
namespace gnomon::packet {
namespace {

enum NextHeader : std::uint8_t {
  kHopByHop = 0,
  kRouting = 43,
  kFragmentHeader = 44,
  kAuthentication = 51,
  kDestinationOptions = 60,
  kMobility = 135,
  kHostIdentity = 139,
  kShim6 = 140,
};

constexpr std::uint32_t kFixedHeaderBytes = 40;
constexpr int kExtensionHeadersMax = 256;
constexpr std::uint8_t kJumboPayload = 0xc2;

// The length a jumbo payload option gives (RFC 2675), or 0. `options` is a hop-by-hop header.
std::uint32_t jumbo_length(View options) {
  if (!options.has(2)) return 0;
  const std::uint32_t header_bytes = (std::uint32_t{options.u8(1)} + 1) * 8;
  if (!options.has(header_bytes)) return 0;
  std::uint32_t at = 2;
  while (at + 2 <= header_bytes) {
    if (options.u8(at) == 0) {  // Pad1 has no length
      ++at;
      continue;
    }
    const std::uint32_t length = options.u8(at + 1);
    if (options.u8(at) == kJumboPayload && length == 4 && at + 6 <= header_bytes)
      return options.u32(at + 2);
    at += 2 + length;
  }
  return 0;
}

}  // namespace

Outcome decode_ip6(Dissection& d, View datagram) {
  if (!datagram.has(kFixedHeaderBytes)) return Outcome::kCutHeader;
  if (datagram.u8(0) >> 4 != 6) return Outcome::kBadHeader;
  ++d.counters.ipv6;
  d.packet.network = datagram.at();
  d.packet.ip_version = 6;
  std::uint8_t next = datagram.u8(6);
  View rest = datagram.after(kFixedHeaderBytes);
  std::uint32_t length = datagram.u16(4);
  if (length == 0 && next == kHopByHop) length = jumbo_length(rest);
  const bool complete = rest.captured() >= length;
  if (length != 0)
    rest = rest.first(length);
  else if (next != 59)  // 59: there is nothing more, and that is no mistake
    ++d.counters.length_missing;

  for (int headers = 0; headers < kExtensionHeadersMax; ++headers) {
    std::uint32_t header_bytes = 0;
    switch (next) {
      case kHopByHop:
      case kRouting:
      case kDestinationOptions:
      case kMobility:
      case kHostIdentity:
      case kShim6:
        if (!rest.has(2)) return Outcome::kCutHeader;
        header_bytes = (std::uint32_t{rest.u8(1)} + 1) * 8;
        break;
      case kAuthentication:  // RFC 4302, 2.2: words, less two
        if (!rest.has(2)) return Outcome::kCutHeader;
        header_bytes = (std::uint32_t{rest.u8(1)} + 2) * 4;
        ++d.counters.authentication_header;
        break;
      case kFragmentHeader: {
        if (!rest.has(8)) return Outcome::kCutHeader;
        const std::uint16_t fragment = rest.u16(2);
        const bool first = (fragment & 0xfff8) == 0;
        const bool more = (fragment & 1) != 0;
        const View data = rest.after(8);
        if (!first || (more && complete)) return finish_fragment(d, rest.u8(0), data);
        header_bytes = 8;  // whole in itself (RFC 6946), or never to be put together
        break;
      }
      default:
        return decode_transport(d, next, rest);
    }
    if (!rest.has(header_bytes))
      return rest.wire() < header_bytes ? Outcome::kBadHeader : Outcome::kCutHeader;
    next = rest.u8(0);
    rest = rest.after(header_bytes);
  }
  return Outcome::kBadHeader;
}

Outcome decode_ip(Dissection& d, View rest) {
  if (!rest.has(1)) return Outcome::kCutHeader;
  switch (rest.u8(0) >> 4) {
    case 4:
      return decode_ip4(d, rest);
    case 6:
      return decode_ip6(d, rest);
    default:
      return Outcome::kBadHeader;
  }
}

}  // namespace gnomon::packet
