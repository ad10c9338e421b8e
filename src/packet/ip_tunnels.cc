#include "dissection.h"

// Tunnels that IP carries as a protocol of its own.
namespace gnomon::packet {
namespace {

enum TunnelProtocol : std::uint8_t {
  kIp4InIp = 4,
  kIp6InIp = 41,
  kGreProtocol = 47,
  kEspProtocol = 50,
  kAuthenticationProtocol = 51,
  kEtherIp = 97,
  kMplsInIp = 137,
  kEthernetInIp = 143,
};

// GRE's flags: RFC 2784, 2890; RFC 2637 for version 1, PPTP's.
enum GreFlag : std::uint16_t {
  kGreChecksum = 0x8000,
  kGreRouting = 0x4000,
  kGreKey = 0x2000,
  kGreSequence = 0x1000,
  kGreAcknowledgement = 0x0080,
  kGreVersion = 0x0007,
};

enum GreType : std::uint16_t {
  kGreWccp = 0x883e,
  kGreErspan = 0x88be,
  kGreErspan3 = 0x22eb,
  kGreEoip = 0x6400,  // MikroTik's Ethernet over IP
  // Aruba's access points: one type for each of their virtual access points, every 16.
  kGreArubaFirst = 0x8200,
  kGreArubaLast = 0x8370,
};

constexpr int kSourceRoutesMax = 16;

// The three types of ERSPAN: draft-foschiano-erspan-03.
Outcome decode_erspan(Dissection& d, std::uint16_t type, bool numbered, View rest) {
  if (type == kGreErspan && !numbered)  // type I has no header of its own
    return enter_tunnel(d, Tunnel::kErspan, &DecodeCounters::erspan1,
                        [&] { return decode_ethernet(d, rest); });
  if (!rest.has(8)) return Outcome::kCutHeader;
  const unsigned version = rest.u8(0) >> 4;
  if (version == 1)
    return enter_tunnel(d, Tunnel::kErspan, &DecodeCounters::erspan2,
                        [&] { return decode_ethernet(d, rest.after(8)); });
  if (version != 2) return Outcome::kBadHeader;
  if (!rest.has(12)) return Outcome::kCutHeader;
  const unsigned frame_type = rest.u16(10) >> 10 & 0x1f;
  const std::uint32_t header_bytes = (rest.u8(11) & 1) != 0 ? 20 : 12;  // platform sub-header
  if (!rest.has(header_bytes)) return Outcome::kCutHeader;
  const View frame = rest.after(header_bytes);
  return enter_tunnel(d, Tunnel::kErspan, &DecodeCounters::erspan3, [&] {
    return frame_type == 2 ? decode_ip(d, frame) : decode_ethernet(d, frame);
  });
}

Outcome decode_gre_payload(Dissection& d, std::uint16_t type, View rest) {
  if (type >= kGreArubaFirst && type <= kGreArubaLast && (type & 0xf) == 0)
    return decode_80211(d, rest, false, false);
  switch (type) {
    case kGreEoip:
      return decode_ethernet(d, rest);
    case kGreWccp:  // with a redirect header of 4 bytes, or without
      if (rest.has(5) && rest.u8(0) >> 4 != 4) return decode_ip4(d, rest.after(4));
      return decode_ip4(d, rest);
    default:
      return decode_ethertype(d, type, rest);
  }
}

// RFC 4302, 2: nothing is hidden, the header is stepped over.
Outcome decode_authenticated(Dissection& d, View rest) {
  if (!rest.has(2)) return Outcome::kCutHeader;
  const std::uint32_t header_bytes = (std::uint32_t{rest.u8(1)} + 2) * 4;
  if (!rest.has(header_bytes)) return Outcome::kCutHeader;
  ++d.counters.authentication_header;
  return decode_transport(d, rest.u8(0), rest.after(header_bytes));
}

// RFC 3378: version 3, 12 bits zero.
Outcome decode_etherip(Dissection& d, View rest) {
  if (!rest.has(2)) return Outcome::kCutHeader;
  if (rest.u8(0) >> 4 != 3) return Outcome::kBadHeader;
  return enter_tunnel(d, Tunnel::kOther, &DecodeCounters::other_tunnel,
                      [&] { return decode_ethernet(d, rest.after(2)); });
}

}  // namespace

Outcome decode_gre(Dissection& d, View rest) {
  if (!rest.has(4)) return Outcome::kCutHeader;
  const std::uint16_t flags = rest.u16(0);
  const std::uint16_t type = rest.u16(2);
  const unsigned version = flags & kGreVersion;
  if (version > 1) return Outcome::kBadHeader;
  std::uint32_t header_bytes = 4;
  if ((flags & (kGreChecksum | kGreRouting)) != 0) header_bytes += 4;
  if ((flags & kGreKey) != 0) header_bytes += 4;
  if ((flags & kGreSequence) != 0) header_bytes += 4;
  if (version == 1 && (flags & kGreAcknowledgement) != 0) header_bytes += 4;
  if (!rest.has(header_bytes)) return Outcome::kCutHeader;
  rest = rest.after(header_bytes);
  if ((flags & kGreRouting) != 0 && version == 0) {
    // Source route entries (RFC 1701), up to one of length 0.
    for (int routes = 0;; ++routes) {
      if (routes == kSourceRoutesMax || !rest.has(4)) return Outcome::kBadHeader;
      const std::uint32_t length = rest.u8(3);
      if (!rest.has(4 + length)) return Outcome::kCutHeader;
      rest = rest.after(4 + length);
      if (length == 0) break;
    }
  }
  if (type == kGreErspan || type == kGreErspan3)
    return decode_erspan(d, type, (flags & kGreSequence) != 0, rest);
  return enter_tunnel(d, Tunnel::kGre, &DecodeCounters::gre,
                      [&] { return decode_gre_payload(d, type, rest); });
}

Outcome decode_ip_tunnel(Dissection& d, std::uint8_t protocol, View rest) {
  Outcome outcome = Outcome::kNonIp;
  switch (protocol) {
    case kIp4InIp:
      outcome = enter_tunnel(d, Tunnel::kIpInIp, &DecodeCounters::ip_in_ip,
                             [&] { return decode_ip4(d, rest); });
      break;
    case kIp6InIp: {
      const bool in_four = d.packet.ip_version == 4;
      outcome = enter_tunnel(d, in_four ? Tunnel::k6in4 : Tunnel::kIpInIp,
                             in_four ? &DecodeCounters::six_in_four : &DecodeCounters::ip_in_ip,
                             [&] { return decode_ip6(d, rest); });
      break;
    }
    case kGreProtocol:
      outcome = decode_gre(d, rest);
      break;
    case kAuthenticationProtocol:
      outcome = decode_authenticated(d, rest);
      break;
    case kEtherIp:
      outcome = decode_etherip(d, rest);
      break;
    case kEthernetInIp:  // RFC 8986, 4.9: of segment routing
      outcome = enter_tunnel(d, Tunnel::kOther, &DecodeCounters::other_tunnel,
                             [&] { return decode_ethernet(d, rest); });
      break;
    case kMplsInIp:
      outcome = decode_mpls(d, rest);
      break;
    case kEspProtocol:
      ++d.counters.esp;
      return outcome;
    default:
      return outcome;
  }
  if (hides_something(outcome)) ++d.counters.tunnel_not_decoded;
  return outcome;
}

}  // namespace gnomon::packet
