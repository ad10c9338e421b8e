#include <array>
#include <bitset>

#include "dissection.h"

// Tunnels that UDP carries, known by their ports (IANA, but for those named otherwise).
namespace gnomon::packet {
namespace {

using DecodeTunnel = Outcome (*)(Dissection&, View);

// RFC 7348, 5, and alike OTV on Cisco's 8472, which Linux used for VXLAN before the RFC.
Outcome decode_vxlan(Dissection& d, View rest) {
  if (!rest.has(8)) return Outcome::kCutHeader;
  return enter_tunnel(d, Tunnel::kVxlan, &DecodeCounters::vxlan,
                      [&] { return decode_ethernet(d, rest.after(8)); });
}

// draft-ietf-nvo3-vxlan-gpe, 3: a protocol number, without which it is VXLAN.
Outcome decode_vxlan_gpe(Dissection& d, View rest) {
  if (!rest.has(8)) return Outcome::kCutHeader;
  const std::uint8_t protocol = rest.u8(3);
  const View inside = rest.after(8);
  return enter_tunnel(d, Tunnel::kVxlan, &DecodeCounters::vxlan, [&] {
    return protocol == 0 ? decode_ethernet(d, inside) : decode_next_protocol(d, protocol, inside);
  });
}

// RFC 8926, 3.4.
Outcome decode_geneve(Dissection& d, View rest) {
  if (!rest.has(8)) return Outcome::kCutHeader;
  if (rest.u8(0) >> 6 != 0) return Outcome::kBadHeader;
  const std::uint32_t header_bytes = 8 + (std::uint32_t{rest.u8(0)} & 0x3f) * 4;
  if (!rest.has(header_bytes)) return Outcome::kCutHeader;
  const std::uint16_t type = rest.u16(2);
  return enter_tunnel(d, Tunnel::kGeneve, &DecodeCounters::geneve,
                      [&] { return decode_ethertype(d, type, rest.after(header_bytes)); });
}

// 3GPP TS 29.281, 5.1: version 1; message 255 carries a user's packet.
Outcome decode_gtp(Dissection& d, View rest) {
  constexpr std::uint8_t kUserPacket = 255;
  constexpr int kExtensionsMax = 16;
  if (!rest.has(8)) return Outcome::kCutHeader;
  const std::uint8_t flags = rest.u8(0);
  if (flags >> 5 != 1 || (flags & 0x10) == 0) return Outcome::kBadHeader;
  if (rest.u8(1) != kUserPacket) return Outcome::kNonIp;
  std::uint32_t header_bytes = 8;
  if ((flags & 0x07) != 0) {  // sequence number, N-PDU number, next extension header
    if (!rest.has(12)) return Outcome::kCutHeader;
    header_bytes = 12;
    std::uint8_t next = (flags & 0x04) != 0 ? rest.u8(11) : 0;
    for (int extensions = 0; next != 0; ++extensions) {
      if (!rest.has(header_bytes + 1)) return Outcome::kCutHeader;
      const std::uint32_t length = std::uint32_t{rest.u8(header_bytes)} * 4;
      if (length == 0 || extensions == kExtensionsMax) return Outcome::kBadHeader;
      header_bytes += length;
      if (!rest.has(header_bytes)) return Outcome::kCutHeader;
      next = rest.u8(header_bytes - 1);
    }
  }
  const View inside = rest.after(header_bytes);
  return enter_tunnel(d, Tunnel::kGtp, &DecodeCounters::gtp, [&] {
    if (!inside.has(1)) return Outcome::kCutHeader;
    const unsigned version = inside.u8(0) >> 4;
    return version == 4 || version == 6 ? decode_ip(d, inside) : decode_ppp(d, inside);
  });
}

// RFC 4380, 5.1.1: authentication and origin indications may stand before the IPv6 packet.
Outcome decode_teredo(Dissection& d, View rest) {
  if (rest.has(4) && rest.u16(0) == 0x0001) {
    const std::uint32_t header_bytes = 4 + std::uint32_t{rest.u8(2)} + rest.u8(3) + 9;
    if (!rest.has(header_bytes)) return Outcome::kCutHeader;
    rest = rest.after(header_bytes);
  }
  if (rest.has(8) && rest.u16(0) == 0x0000) rest = rest.after(8);
  if (!rest.has(40) || rest.u8(0) >> 4 != 6) return Outcome::kBadHeader;
  return enter_tunnel(d, Tunnel::kTeredo, &DecodeCounters::teredo,
                      [&] { return decode_ip6(d, rest); });
}

// RFC 2661, 3.1: version 2 data messages carry PPP.
Outcome decode_l2tp(Dissection& d, View rest) {
  if (!rest.has(6)) return Outcome::kCutHeader;
  const std::uint16_t flags = rest.u16(0);
  if ((flags & 0x8000) != 0) return Outcome::kNonIp;  // control
  if ((flags & 0x000f) != 2) return Outcome::kBadHeader;
  std::uint32_t header_bytes = 2;
  if ((flags & 0x4000) != 0) header_bytes += 2;  // length
  header_bytes += 4;                             // tunnel and session
  if ((flags & 0x0800) != 0) header_bytes += 4;  // sequence numbers
  if ((flags & 0x0200) != 0) {                   // offset
    if (!rest.has(header_bytes + 2)) return Outcome::kCutHeader;
    header_bytes += 2 + std::uint32_t{rest.u16(header_bytes)};
  }
  if (!rest.has(header_bytes)) return Outcome::kCutHeader;
  return enter_tunnel(d, Tunnel::kL2tp, &DecodeCounters::l2tp,
                      [&] { return decode_ppp(d, rest.after(header_bytes)); });
}

Outcome decode_mpls_in_udp(Dissection& d, View rest) { return decode_mpls(d, rest); }

// RFC 5415, 4.3: data messages between wireless access points and their controller.
Outcome decode_capwap(Dissection& d, View rest) {
  if (!rest.has(8)) return Outcome::kCutHeader;
  if (rest.u8(0) != 0) return Outcome::kEncrypted;  // version 0, and 1 for DTLS
  const std::uint32_t header = rest.u32(0);
  const std::uint32_t header_bytes = (header >> 19 & 0x1f) * 4;
  const bool native = (header & 0x100) != 0;
  const bool fragment = (header & 0x80) != 0;
  const bool keep_alive = (header & 0x08) != 0;
  if (header_bytes < 8 || !rest.has(header_bytes)) return Outcome::kBadHeader;
  if (keep_alive) return Outcome::kNonIp;
  if (fragment) return Outcome::kUnknownEthertype;
  const View inside = rest.after(header_bytes);
  return enter_tunnel(d, Tunnel::kOther, &DecodeCounters::other_tunnel, [&] {
    if (!native) return decode_ethernet(d, inside);
    // Cisco's access points swap the bytes of the frame control field.
    const Outcome outcome = decode_80211(d, inside, false, true);
    return leaves_packet(outcome) ? outcome : decode_80211(d, inside, false, false);
  });
}

// draft-massar-v6ops-ayiya-02, 3: after a time stamp an identity and a signature of stated lengths.
Outcome decode_ayiya(Dissection& d, View rest) {
  constexpr std::uint8_t kForward = 1;
  constexpr std::uint8_t kIp4 = 4;
  constexpr std::uint8_t kIp6 = 41;
  if (!rest.has(8)) return Outcome::kCutHeader;
  const std::uint32_t identity_bytes = 1U << (rest.u8(0) >> 4);
  const std::uint32_t signature_bytes = std::uint32_t{rest.u8(1)} >> 4 << 2;
  const std::uint8_t next = rest.u8(3);
  if ((rest.u8(2) & 0xf) != kForward) return Outcome::kNonIp;
  if (next != kIp4 && next != kIp6) return Outcome::kUnknownEthertype;
  const std::uint32_t header_bytes = 8 + identity_bytes + signature_bytes;
  if (!rest.has(header_bytes)) return Outcome::kCutHeader;
  const View inside = rest.after(header_bytes);
  return enter_tunnel(d, Tunnel::kOther, &DecodeCounters::other_tunnel,
                      [&] { return next == kIp4 ? decode_ip4(d, inside) : decode_ip6(d, inside); });
}

// RFC 9300, 5.1.
Outcome decode_lisp(Dissection& d, View rest) {
  if (!rest.has(8)) return Outcome::kCutHeader;
  return enter_tunnel(d, Tunnel::kOther, &DecodeCounters::other_tunnel,
                      [&] { return decode_ip(d, rest.after(8)); });
}

// TaZmen Sniffer Protocol: version, type, protocol, tags up to the end tag, the frame.
Outcome decode_tzsp(Dissection& d, View rest) {
  constexpr int kTagsMax = 64;
  if (!rest.has(5)) return Outcome::kCutHeader;
  if (rest.u8(0) != 1) return Outcome::kBadHeader;
  const std::uint16_t protocol = rest.u16(2);
  rest = rest.after(4);
  for (int tags = 0;; ++tags) {
    if (tags == kTagsMax || !rest.has(1)) return Outcome::kBadHeader;
    const std::uint8_t tag = rest.u8(0);
    if (tag == 1) break;  // end
    if (tag == 0) {       // padding has no length
      rest = rest.after(1);
      continue;
    }
    if (!rest.has(2)) return Outcome::kCutHeader;
    const std::uint32_t length = 2 + std::uint32_t{rest.u8(1)};
    if (!rest.has(length)) return Outcome::kCutHeader;
    rest = rest.after(length);
  }
  const View inside = rest.after(1);
  return enter_tunnel(d, Tunnel::kOther, &DecodeCounters::other_tunnel, [&] {
    switch (protocol) {
      case 1:
        return decode_ethernet(d, inside);
      case 18:
        return decode_80211(d, inside, false, false);
      default:
        return Outcome::kUnknownEthertype;
    }
  });
}

// Whether a header proves the tunnel by itself: other programs use these ports too, and a frame
// that carries no IP has little in it that could be wrong.
using ProveTunnel = bool (*)(const View&);

// RFC 7348, 5: the flag I, all else zero but a group policy's flag and fields
// (draft-smith-vxlan-group-policy).
bool proves_vxlan(const View& rest) {
  constexpr std::uint8_t kIdentified = 0x08;
  constexpr std::uint8_t kGroupPolicy = 0x80;
  if (!rest.has(8) || rest.u8(7) != 0) return false;
  const std::uint8_t flags = rest.u8(0);
  return flags == kIdentified ? (rest.u32(0) & 0xffffff) == 0
                              : flags == (kIdentified | kGroupPolicy);
}

// RFC 8926, 3.4: no options, no flags, nothing in what is reserved.
bool proves_geneve(const View& rest) {
  return rest.has(8) && rest.u16(0) == 0 && rest.u16(2) == 0x6558 && rest.u8(7) == 0;
}

struct UdpTunnel {
  std::uint16_t port;
  DecodeTunnel decode;
  ProveTunnel prove = nullptr;
};

constexpr UdpTunnel kUdpTunnels[] = {
    {4789, decode_vxlan, proves_vxlan},
    {8472, decode_vxlan, proves_vxlan},
    {4790, decode_vxlan_gpe},
    {6081, decode_geneve, proves_geneve},
    {2152, decode_gtp},
    {3544, decode_teredo},
    {1701, decode_l2tp},
    {5247, decode_capwap},
    {6635, decode_mpls_in_udp},
    {4341, decode_lisp},
    {37008, decode_tzsp},
    {5072, decode_ayiya},
    {4754, decode_gre},  // RFC 8086
};

// A port's low ten bits say "no" to all but one in ninety of the packets that are no tunnel.
constexpr std::size_t kPortClasses = 1024;
const std::bitset<kPortClasses> kMaybe = [] {
  std::bitset<kPortClasses> maybe;
  for (const UdpTunnel& tunnel : kUdpTunnels) maybe.set(tunnel.port % kPortClasses);
  return maybe;
}();

const UdpTunnel* find_tunnel(std::uint16_t port) {
  if (!kMaybe[port % kPortClasses]) return nullptr;
  for (const UdpTunnel& tunnel : kUdpTunnels)
    if (tunnel.port == port) return &tunnel;
  return nullptr;
}

}  // namespace

bool may_be_udp_tunnel(std::uint16_t source_port, std::uint16_t destination_port) {
  return kMaybe[source_port % kPortClasses] || kMaybe[destination_port % kPortClasses];
}

Outcome decode_udp_tunnel(Dissection& d, std::uint16_t source_port, std::uint16_t destination_port,
                          View payload) {
  bool hidden = false;
  for (const std::uint16_t port : {destination_port, source_port}) {
    const UdpTunnel* tunnel = find_tunnel(port);
    if (tunnel == nullptr) continue;
    const Outcome outcome = tunnel->decode(d, payload);
    if (leaves_packet(outcome)) return outcome;
    if (carries_no_flow(outcome) && tunnel->prove != nullptr && tunnel->prove(payload))
      return outcome;
    hidden |= hides_something(outcome);
  }
  d.counters.tunnel_not_decoded += hidden;
  return Outcome::kUnknownEthertype;
}

}  // namespace gnomon::packet
