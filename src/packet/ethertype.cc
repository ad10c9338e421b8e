#include <algorithm>

#include "dissection.h"

// What follows an ethertype: tags, label stacks, sessions, and IP in the end.
namespace gnomon::packet {
namespace {

constexpr int kVlanTagsMax = 8;
constexpr int kLabelsMax = 16;
// Link headers within link headers of one frame (MAC-in-MAC, NSH, tags, LLC).
constexpr int kLinksMax = 16;

// IEEE 802.1Q, and what Cisco and others used before 802.1ad.
bool is_vlan(std::uint16_t type) {
  return type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == 0x9200 || type == 0x9300;
}

void note_vlan(Packet& packet, std::uint16_t tag) {
  const auto id = static_cast<std::uint16_t>(tag & 0x0fff);
  if (id == 0) return;  // a priority, no VLAN
  if (packet.vlan == 0)
    packet.vlan = id;
  else if (packet.inner_vlan == 0)
    packet.inner_vlan = id;
}

Outcome decode_vlan(Dissection& d, View rest) {
  int tags = 0;
  for (;;) {
    if (!rest.has(4)) return Outcome::kCutHeader;
    note_vlan(d.packet, rest.u16(0));
    const std::uint16_t type = rest.u16(2);
    rest = rest.after(4);
    ++tags;
    if (is_vlan(type)) {
      if (tags == kVlanTagsMax) return Outcome::kBadHeader;
      continue;
    }
    ++(tags == 1 ? d.counters.vlan : d.counters.qinq);
    return decode_ethertype(d, type, rest);
  }
}

// Steps over a header of fixed size to the Ethernet frame behind it.
Outcome decode_framed(Dissection& d, View rest, std::uint32_t header_bytes) {
  if (!rest.has(header_bytes)) return Outcome::kCutHeader;
  return decode_ethernet(d, rest.after(header_bytes));
}

// Steps over a header that ends with an ethertype.
Outcome decode_tagged(Dissection& d, View rest, std::uint32_t header_bytes) {
  if (!rest.has(header_bytes + 2)) return Outcome::kCutHeader;
  return decode_ethertype(d, rest.u16(header_bytes), rest.after(header_bytes + 2));
}

// IEEE 802.1ah: an I-TAG of 4 bytes, then the customer's whole frame.
Outcome decode_mac_in_mac(Dissection& d, View rest) {
  ++d.counters.mac_in_mac;
  return decode_framed(d, rest, 4);
}

// RFC 6325, 3: options in words, then the frame.
Outcome decode_trill(Dissection& d, View rest) {
  if (!rest.has(6)) return Outcome::kCutHeader;
  return decode_framed(d, rest, 6 + (std::uint32_t{rest.u16(0)} >> 6 & 0x1f) * 4);
}

// IEEE 802.1AE, 9.3: a tag of 6 bytes, or 14 with the channel's name; without encryption the frame
// goes on behind it. The check value at its end is cut off by IP's length.
Outcome decode_macsec(Dissection& d, View rest) {
  constexpr std::uint8_t kChannelNamed = 0x20;
  constexpr std::uint8_t kEncrypted = 0x08;
  if (!rest.has(6)) return Outcome::kCutHeader;
  const std::uint8_t control = rest.u8(0);
  if ((control & kEncrypted) != 0) return Outcome::kEncrypted;
  return decode_tagged(d, rest, (control & kChannelNamed) != 0 ? 14 : 6);
}

// B.A.T.M.A.N. advanced, version 15 (Linux, batadv_packet.h): unicast, the same with both ends'
// addresses, broadcast; each then holds the frame. Others find routes.
Outcome decode_batman(Dissection& d, View rest) {
  enum BatmanType : std::uint8_t { kBroadcast = 0x01, kUnicast = 0x40, kUnicast4 = 0x42 };
  if (!rest.has(2)) return Outcome::kCutHeader;
  if (rest.u8(1) != 15) return Outcome::kUnknownEthertype;
  switch (rest.u8(0)) {
    case kBroadcast:
      return decode_framed(d, rest, 14);
    case kUnicast:
      return decode_framed(d, rest, 10);
    case kUnicast4:
      return decode_framed(d, rest, 18);
    default:
      return Outcome::kNonIp;
  }
}

// Types that are known and carry no IP.
bool is_control(std::uint16_t type) {
  static constexpr std::uint16_t kControl[] = {
      0x0842,  // Wake on LAN
      0x2000,  // CDP
      0x6002,  // DEC maintenance
      0x6004,  // DEC LAT
      0x8042,  // STP of some vendors
      0x809b,  // AppleTalk
      0x80f3,  // AppleTalk ARP
      0x8137,  // IPX
      0x8809,  // LACP, OAM
      0x8863,  // PPPoE discovery
      0x886d,  // Intel ANS
      0x888e,  // 802.1X
      0x8892,  // PROFINET
      0x88a2,  // ATA over Ethernet
      0x88a4,  // EtherCAT
      0x88b8,  // GOOSE
      0x88ba,  // sampled values
      0x88cc,  // LLDP
      0x88e1,  // HomePlug
      0x88f5,  // MVRP
      0x88f7,  // PTP
      0x8902,  // CFM
      0x8906,  // FCoE
      0x8914,  // FCoE initialisation
      0x9000,  // loopback
  };
  static_assert(std::is_sorted(std::begin(kControl), std::end(kControl)));
  return std::binary_search(std::begin(kControl), std::end(kControl), type);
}

}  // namespace

Outcome decode_ethertype(Dissection& d, std::uint16_t type, View rest) {
  if (type == kEthertypeIp4) return decode_ip4(d, rest);
  if (type == kEthertypeIp6) return decode_ip6(d, rest);
  if (++d.links > kLinksMax) return Outcome::kBadHeader;
  if (is_vlan(type)) return decode_vlan(d, rest);
  if (type <= 1500) return decode_llc(d, rest.first(type));
  switch (type) {
    case 0x0806:
    case 0x8035:
      return Outcome::kArp;
    case 0x8847:
    case 0x8848:
      return decode_mpls(d, rest);
    case 0x8864:
      return decode_pppoe(d, rest);
    case 0x880b:
      return decode_ppp(d, rest);
    case 0x88e7:
      return decode_mac_in_mac(d, rest);
    case 0x88e5:
      return decode_macsec(d, rest);
    case 0x894f:
      return decode_nsh(d, rest);
    case 0x22f3:
      return decode_trill(d, rest);
    case 0x6558:
      return decode_ethernet(d, rest);  // transparent Ethernet bridging
    case 0x4305:
      return decode_batman(d, rest);
    case 0x8870:
      return decode_llc(d, rest);  // longer than a length may say
    case 0x892f:
      return decode_tagged(d, rest, 4);  // HSR, and PRP's number before it (IEC 62439-3)
    case 0x8903:
      return decode_framed(d, rest, 2);  // Cisco FabricPath
    case 0x8926:
      return decode_tagged(d, rest, 4);  // Cisco VN-Tag
    case 0x893f:
      return decode_tagged(d, rest, 6);  // IEEE 802.1BR E-TAG
    case 0x8909:
      return decode_tagged(d, rest, 6);  // Cisco metadata with a security group
    default:
      return is_control(type) ? Outcome::kControl : Outcome::kUnknownEthertype;
  }
}

// IEEE 802.2, and SNAP (RFC 1042).
Outcome decode_llc(Dissection& d, View rest) {
  if (!rest.has(3)) return Outcome::kCutHeader;
  const std::uint16_t service = rest.u16(0);
  if (service == 0x0606) return decode_ip(d, rest.after(3));  // IP without SNAP
  if (service == 0x4242 || service == 0xfefe) return Outcome::kControl;  // STP; IS-IS
  if (service != 0xaaaa) return Outcome::kNonIp;                         // NetBIOS, IPX ...
  if (!rest.has(8)) return Outcome::kCutHeader;
  const std::uint32_t organisation = rest.u32(2) & 0xffffff;
  const std::uint16_t type = rest.u16(6);
  const View inside = rest.after(8);
  switch (organisation) {
    case 0x000000:
    case 0x0000f8:  // Cisco: bridged through a ring
      return decode_ethertype(d, type, inside);
    case 0x0080c2:  // RFC 2684, 5.2: bridged Ethernet, with its FCS or without
      if (type == 0x0001 || type == 0x0007) {
        // Over ATM two bytes of padding come first.
        if (inside.has(2) && inside.u16(0) == 0) return decode_framed(d, inside, 2);
        return decode_ethernet(d, inside);
      }
      return Outcome::kNonIp;
    case 0x00000c:  // Cisco: CDP, spanning trees of VLANs ...
      return Outcome::kControl;
    default:
      return Outcome::kNonIp;
  }
}

// RFC 1661, 2, over HDLC's address and control (RFC 1662), which may be left out.
Outcome decode_ppp(Dissection& d, View rest) {
  if (!rest.has(2)) return Outcome::kCutHeader;
  if (rest.u16(0) == 0xff03) rest = rest.after(2);
  if (!rest.has(2)) return Outcome::kCutHeader;
  std::uint16_t protocol = rest.u8(0);
  if ((protocol & 1) != 0) {  // compressed to one byte
    rest = rest.after(1);
  } else {
    protocol = rest.u16(0);
    rest = rest.after(2);
  }
  switch (protocol) {
    case 0x0021:
      return decode_ip4(d, rest);
    case 0x0057:
      return decode_ip6(d, rest);
    case 0x0281:
    case 0x0283:
      return decode_mpls(d, rest);
    case 0x0031: {  // bridging (RFC 3518): flags, MAC type 1 is Ethernet
      if (!rest.has(2)) return Outcome::kCutHeader;
      return rest.u8(1) == 1 ? decode_ethernet(d, rest.after(2)) : Outcome::kNonIp;
    }
    default:
      return Outcome::kNonIp;  // LCP, authentication, compressed or encrypted packets
  }
}

// RFC 2516, 4.
Outcome decode_pppoe(Dissection& d, View rest) {
  if (!rest.has(6)) return Outcome::kCutHeader;
  if (rest.u8(0) != 0x11) return Outcome::kBadHeader;
  if (rest.u8(1) != 0) return Outcome::kNonIp;  // not session data
  const View inside = rest.after(6).first(rest.u16(4));
  return enter_tunnel(d, Tunnel::kPppoe, &DecodeCounters::pppoe,
                      [&] { return decode_ppp(d, inside); });
}

// What begins like IP behind a label may be a pseudo-wire without a control word, of a station
// whose address begins so (RFC 8469). IP that does not fit is believed when no frame is there.
Outcome decode_ip_or_frame(Dissection& d, View rest) {
  if (!rest.has(20) || ip_header_fits(rest)) {
    const Outcome outcome = decode_ip(d, rest);
    if (leaves_packet(outcome) || outcome == Outcome::kCutHeader) return outcome;
    return decode_ethernet(d, rest);
  }
  const Packet before = d.packet;
  const Outcome framed = decode_ethernet(d, rest);
  if (leaves_packet(framed) || carries_no_flow(framed)) return framed;
  d.packet = before;
  const bool is_v4 = rest.u8(0) >> 4 == 4;
  if ((is_v4 ? 0U : 40U) + rest.u16(is_v4 ? 2 : 4) > rest.wire()) return framed;
  const Outcome outcome = decode_ip(d, rest);
  return leaves_packet(outcome) || outcome == Outcome::kCutHeader ? outcome : framed;
}

// RFC 4385, 5: of the header of an associated channel, OAM, the version and the second byte are 0.
// A pseudo-wire without a control word may be to a station whose address begins so.
Outcome decode_channel_or_frame(Dissection& d, View rest) {
  const bool channel = rest.u16(0) == 0x1000;
  const Outcome framed = decode_ethernet(d, rest);
  return leaves_packet(framed) || !channel ? framed : Outcome::kNonIp;
}

// RFC 3032. What follows the last label is told by its first nibble (RFC 4928): IP's version, 0
// for a pseudo-wire's control word and 1 for its channel (RFC 4385), else a pseudo-wire without a
// control word.
Outcome decode_mpls(Dissection& d, View rest) {
  for (int labels = 0;; ++labels) {
    if (labels == kLabelsMax) return Outcome::kBadHeader;
    if (!rest.has(4)) return Outcome::kCutHeader;
    const bool bottom = (rest.u8(2) & 1) != 0;
    rest = rest.after(4);
    if (bottom) break;
  }
  return enter_tunnel(d, Tunnel::kMpls, &DecodeCounters::mpls, [&] {
    if (!rest.has(4)) return Outcome::kCutHeader;
    const unsigned nibble = rest.u8(0) >> 4;
    if (nibble == 4 || nibble == 6) return decode_ip_or_frame(d, rest);
    if (nibble == 1) return decode_channel_or_frame(d, rest);
    if (nibble != 0) return decode_ethernet(d, rest);
    const Outcome behind_word = decode_ethernet(d, rest.after(4));
    if (leaves_packet(behind_word)) return behind_word;
    const Outcome framed = decode_ethernet(d, rest);
    return leaves_packet(framed) || !carries_no_flow(behind_word) ? framed : behind_word;
  });
}

// RFC 8300, 2.
Outcome decode_nsh(Dissection& d, View rest) {
  if (!rest.has(8)) return Outcome::kCutHeader;
  const std::uint32_t header_bytes = (std::uint32_t{rest.u8(1)} & 0x3f) * 4;
  if (header_bytes < 8) return Outcome::kBadHeader;
  if (!rest.has(header_bytes)) return Outcome::kCutHeader;
  const std::uint8_t protocol = rest.u8(3);
  const View inside = rest.after(header_bytes);
  if (++d.links > kLinksMax) return Outcome::kBadHeader;
  ++d.counters.nsh;
  return decode_next_protocol(d, protocol, inside);
}

Outcome decode_next_protocol(Dissection& d, std::uint8_t protocol, View inside) {
  switch (protocol) {
    case 1:
      return decode_ip4(d, inside);
    case 2:
      return decode_ip6(d, inside);
    case 3:
      return decode_ethernet(d, inside);
    case 4:
      return decode_nsh(d, inside);
    case 5:
      return decode_mpls(d, inside);
    default:
      return Outcome::kUnknownEthertype;
  }
}

}  // namespace gnomon::packet
