#include <algorithm>

#include "dissection.h"

// The link types of captures: tcpdump.org/linktypes.html. Numbers in some of their headers are in
// the byte order of the machine that captured.
namespace gnomon::packet {
namespace {

using DecodeLink = Outcome (*)(Dissection&, View);

constexpr int kNestedLinksMax = 4;

std::uint32_t little_u32(const View& view, std::uint32_t offset) {
  return __builtin_bswap32(view.u32(offset));
}
std::uint16_t little_u16(const View& view, std::uint32_t offset) {
  return __builtin_bswap16(view.u16(offset));
}

// A link type inside a link type.
Outcome decode_nested(Dissection& d, std::uint32_t link_type, View rest) {
  if (++d.links > kNestedLinksMax || link_type > 0xffff) return Outcome::kBadHeader;
  return decode_link(d, static_cast<std::uint16_t>(link_type), rest);
}

// Address families in BSD's numbers; IPv6's differs from system to system.
Outcome decode_family(Dissection& d, std::uint32_t family, View rest) {
  switch (family) {
    case 2:
      return decode_ip4(d, rest);
    case 10:  // Linux
    case 24:  // NetBSD, OpenBSD
    case 28:  // FreeBSD
    case 30:  // Darwin
      return decode_ip6(d, rest);
    default:
      return Outcome::kUnknownEthertype;
  }
}

Outcome decode_null(Dissection& d, View frame) {
  if (!frame.has(4)) return Outcome::kCutHeader;
  const std::uint32_t family = frame.u32(0);
  // Some write an ethertype there, behind two bytes of anything. Families are small numbers.
  if ((family & 0xffff) > 1500) return decode_ethertype(d, frame.u16(2), frame.after(4));
  return decode_family(d, family > 0xffff ? little_u32(frame, 0) : family, frame.after(4));
}

// Linux cooked captures carry an ethertype, or one of Linux's own numbers below 1536.
Outcome decode_cooked(Dissection& d, std::uint16_t hardware, std::uint16_t type, View rest) {
  constexpr std::uint16_t kRadiotapHardware = 803;
  constexpr std::uint16_t k80211Hardware = 801;
  if (hardware == kRadiotapHardware) return decode_radiotap(d, rest);
  if (hardware == k80211Hardware) return decode_80211(d, rest, false, false);
  if (type == 0x0004) return decode_llc(d, rest);
  if (type <= 1500) return Outcome::kNonIp;
  return decode_ethertype(d, type, rest);
}

Outcome decode_sll(Dissection& d, View frame) {
  if (!frame.has(16)) return Outcome::kCutHeader;
  return decode_cooked(d, frame.u16(2), frame.u16(14), frame.after(16));
}

Outcome decode_sll2(Dissection& d, View frame) {
  if (!frame.has(20)) return Outcome::kCutHeader;
  return decode_cooked(d, frame.u16(8), frame.u16(0), frame.after(20));
}

Outcome decode_80211_bare(Dissection& d, View frame) {
  return decode_80211(d, frame, false, false);
}

// Absolute Value Systems' header: magic number and length, big-endian.
Outcome decode_avs(Dissection& d, View frame) {
  if (!frame.has(8)) return Outcome::kCutHeader;
  const std::uint32_t header_bytes = frame.u32(4);
  if (header_bytes < 8) return Outcome::kBadHeader;
  if (!frame.has(header_bytes)) return Outcome::kCutHeader;
  return decode_80211(d, frame.after(header_bytes), false, false);
}

// 144 bytes, unless it is AVS's header under the same link type.
Outcome decode_prism(Dissection& d, View frame) {
  constexpr std::uint32_t kPrismBytes = 144;
  if (!frame.has(8)) return Outcome::kCutHeader;
  if ((frame.u32(0) & 0xfffff000) == 0x80211000) return decode_avs(d, frame);
  if (!frame.has(kPrismBytes)) return Outcome::kCutHeader;
  return decode_80211(d, frame.after(kPrismBytes), false, false);
}

// CACE's per-packet information: length and the link type that follows, little-endian.
Outcome decode_ppi(Dissection& d, View frame) {
  if (!frame.has(8)) return Outcome::kCutHeader;
  const std::uint32_t header_bytes = little_u16(frame, 2);
  if (header_bytes < 8) return Outcome::kBadHeader;
  if (!frame.has(header_bytes)) return Outcome::kCutHeader;
  return decode_nested(d, little_u32(frame, 4), frame.after(header_bytes));
}

Outcome decode_pktap(Dissection& d, View frame) {
  if (!frame.has(12)) return Outcome::kCutHeader;
  const std::uint32_t header_bytes = little_u32(frame, 0);
  if (header_bytes < 12) return Outcome::kBadHeader;
  if (!frame.has(header_bytes)) return Outcome::kCutHeader;
  return decode_nested(d, little_u32(frame, 8), frame.after(header_bytes));
}

// Linux netfilter's log: attributes, of which one holds the packet.
Outcome decode_nflog(Dissection& d, View frame) {
  constexpr std::uint16_t kPayload = 9;
  if (!frame.has(4)) return Outcome::kCutHeader;
  View rest = frame.after(4);
  while (rest.has(4)) {
    const std::uint32_t length = little_u16(rest, 0);
    const std::uint16_t type = little_u16(rest, 2);
    if (length < 4) return Outcome::kBadHeader;
    if ((type & 0x7fff) == kPayload) return decode_ip(d, rest.after(4).first(length - 4));
    const std::uint32_t padded = (length + 3) & ~3U;
    if (!rest.has(padded)) return Outcome::kNonIp;
    rest = rest.after(padded);
  }
  return Outcome::kNonIp;
}

// RFC 2427 after Q.922's two bytes of address: control and a network layer protocol id. Cisco's
// own encapsulation has an ethertype there.
Outcome decode_frame_relay(Dissection& d, View frame) {
  if (!frame.has(4)) return Outcome::kCutHeader;
  if (frame.u8(2) != 0x03) return decode_ethertype(d, frame.u16(2), frame.after(4));
  View rest = frame.after(3);
  if (rest.u8(0) == 0) rest = rest.after(1);  // padding
  if (!rest.has(1)) return Outcome::kCutHeader;
  switch (rest.u8(0)) {
    case 0xcc:
      return decode_ip4(d, rest.after(1));
    case 0x8e:
      return decode_ip6(d, rest.after(1));
    case 0x80: {  // SNAP
      if (!rest.has(6)) return Outcome::kCutHeader;
      const std::uint32_t organisation = rest.u32(0) & 0xffffff;
      if (organisation == 0) return decode_ethertype(d, rest.u16(4), rest.after(6));
      if (organisation == 0x0080c2) return decode_ethernet(d, rest.after(6));
      return Outcome::kNonIp;
    }
    default:
      return Outcome::kNonIp;
  }
}

Outcome decode_ppp_directed(Dissection& d, View frame) {
  if (!frame.has(1)) return Outcome::kCutHeader;
  return decode_ppp(d, frame.after(1));
}

// Frame control, two addresses, LLC.
Outcome decode_fddi(Dissection& d, View frame) {
  if (!frame.has(13)) return Outcome::kCutHeader;
  if ((frame.u8(0) & 0x30) != 0x10) return Outcome::kNonIp;  // not an LLC frame
  return decode_llc(d, frame.after(13));
}

// Access and frame control, two addresses, source routes when the source says so, LLC.
Outcome decode_token_ring(Dissection& d, View frame) {
  if (!frame.has(16)) return Outcome::kCutHeader;
  if ((frame.u8(1) & 0xc0) != 0x40) return Outcome::kNonIp;
  std::uint32_t header_bytes = 14;
  if ((frame.u8(8) & 0x80) != 0) header_bytes += frame.u8(14) & 0x1fU;
  if (!frame.has(header_bytes)) return Outcome::kCutHeader;
  return decode_llc(d, frame.after(header_bytes));
}

// Flags, VPI, VCI; 2 in the low nibble of the flags says LLC.
Outcome decode_sunatm(Dissection& d, View frame) {
  if (!frame.has(4)) return Outcome::kCutHeader;
  const View rest = frame.after(4);
  switch (frame.u8(0) & 0x0f) {
    case 1:
      return rest.has(2) ? decode_ethernet(d, rest.after(2)) : Outcome::kCutHeader;  // LANE
    case 2:
      return decode_llc(d, rest);
    default:
      return Outcome::kNonIp;
  }
}

// RFC 2684: LLC, or the bare network layer when it cannot be LLC.
Outcome decode_rfc1483(Dissection& d, View frame) {
  if (!frame.has(3)) return Outcome::kCutHeader;
  return frame.u8(0) == 0xaa || frame.u8(0) == 0x06 ? decode_llc(d, frame) : decode_ip(d, frame);
}

Outcome decode_ip_over_fibre_channel(Dissection& d, View frame) {
  if (!frame.has(16)) return Outcome::kCutHeader;
  return decode_llc(d, frame.after(16));
}

// IP over InfiniBand: both addresses' 20 bytes, ethertype, reserved (RFC 4391).
Outcome decode_ipoib(Dissection& d, View frame) {
  if (!frame.has(44)) return Outcome::kCutHeader;
  return decode_ethertype(d, frame.u16(40), frame.after(44));
}

// Solaris: version, family (26 is IPv6), and what its firewall wants to know.
Outcome decode_ipnet(Dissection& d, View frame) {
  if (!frame.has(24)) return Outcome::kCutHeader;
  return decode_ip(d, frame.after(24));
}

// OpenBSD's IPsec interface: family in the machine's order, SPI, flags.
Outcome decode_enc(Dissection& d, View frame) {
  if (!frame.has(12)) return Outcome::kCutHeader;
  const std::uint32_t family = frame.u32(0);
  return decode_family(d, family > 0xffff ? little_u32(frame, 0) : family, frame.after(12));
}

// BSD's packet filter log: its own length, padded to 4, and the family.
Outcome decode_pflog(Dissection& d, View frame) {
  if (!frame.has(4)) return Outcome::kCutHeader;
  const std::uint32_t header_bytes = (std::uint32_t{frame.u8(0)} + 3) & ~3U;
  if (header_bytes < 4) return Outcome::kBadHeader;
  if (!frame.has(header_bytes)) return Outcome::kCutHeader;
  return decode_family(d, frame.u8(1), frame.after(header_bytes));
}

// IEEE 802.3br: preamble and start delimiter before the frame.
Outcome decode_mpacket(Dissection& d, View frame) {
  if (!frame.has(8)) return Outcome::kCutHeader;
  return decode_ethernet(d, frame.after(8));
}

// ARCNET after its addresses: RFC 1051 by types of its own, else RFC 1201 with a flag that tells of
// pieces, and a number. A flag of 255 says that flag and number follow once more.
Outcome decode_arcnet_type(Dissection& d, View rest, bool of_linux) {
  enum ArcnetType : std::uint8_t { kOldIp = 240, kOldArp = 241, kIp = 212, kArp = 213, kIp6 = 196 };
  if (!rest.has(1)) return Outcome::kCutHeader;
  const std::uint8_t type = rest.u8(0);
  std::uint32_t header_bytes = 1;
  if (type != kOldIp && type != kOldArp) {
    if (!rest.has(4)) return Outcome::kCutHeader;
    header_bytes = 4;
    std::uint8_t flag = rest.u8(1);
    if (flag == 0xff && !of_linux) {
      if (!rest.has(8)) return Outcome::kCutHeader;
      flag = rest.u8(5);
      header_bytes = 8;
    }
    if (flag != 0 && (flag & 1) == 0) return Outcome::kUnknownEthertype;  // not the first piece
  }
  const View inside = rest.after(header_bytes);
  switch (type) {
    case kOldIp:
    case kIp:
      return decode_ip4(d, inside);
    case kIp6:
      return decode_ip6(d, inside);
    case kOldArp:
    case kArp:
      return Outcome::kArp;
    default:
      return Outcome::kNonIp;
  }
}

Outcome decode_arcnet(Dissection& d, View frame) {
  if (!frame.has(2)) return Outcome::kCutHeader;
  return decode_arcnet_type(d, frame.after(2), false);
}

// Linux leaves the offset there that the card wants, and no flag twice.
Outcome decode_arcnet_linux(Dissection& d, View frame) {
  if (!frame.has(4)) return Outcome::kCutHeader;
  return decode_arcnet_type(d, frame.after(4), true);
}

struct Link {
  std::uint16_t type;
  DecodeLink decode;
};

// Ascending.
constexpr Link kLinks[] = {
    {0, decode_null},
    {1, decode_ethernet},
    {6, decode_token_ring},
    {7, decode_arcnet},
    {8, decode_ip},  // SLIP
    {9, decode_ppp_serial},
    {10, decode_fddi},
    {11, decode_rfc1483},
    {12, decode_ip},
    {14, decode_ip},
    {50, decode_ppp_serial},
    {51, decode_pppoe},
    {99, decode_symantec},
    {100, decode_rfc1483},
    {101, decode_ip},
    {104, decode_cisco_hdlc},
    {105, decode_80211_bare},
    {107, decode_frame_relay},
    {108, decode_null},
    {109, decode_enc},
    {113, decode_sll},
    {117, decode_pflog},
    {119, decode_prism},
    {122, decode_ip_over_fibre_channel},
    {123, decode_sunatm},
    {127, decode_radiotap},
    {129, decode_arcnet_linux},
    {138, decode_firewire},
    {149, decode_pktap},  // what Apple used before 258
    {163, decode_avs},
    {167, decode_juniper_ethernet},
    {178, decode_juniper_ethernet},
    {181, decode_juniper_cisco_hdlc},
    {192, decode_ppi},
    {197, decode_erf},
    {204, decode_ppp_directed},
    {226, decode_ipnet},
    {228, decode_ip4},
    {229, decode_ip6},
    {239, decode_nflog},
    {242, decode_ipoib},
    {258, decode_pktap},
    {259, decode_epon},
    {274, decode_mpacket},
    {276, decode_sll2},
};

constexpr bool is_ascending(const Link& a, const Link& b) { return a.type < b.type; }
static_assert(std::is_sorted(std::begin(kLinks), std::end(kLinks), is_ascending));

const Link* find_link(std::uint16_t link_type) {
  const Link* link =
      std::lower_bound(std::begin(kLinks), std::end(kLinks), link_type,
                       [](const Link& known, std::uint16_t wanted) { return known.type < wanted; });
  return link != std::end(kLinks) && link->type == link_type ? link : nullptr;
}

}  // namespace

// Cisco HDLC: address, control, ethertype.
Outcome decode_cisco_hdlc(Dissection& d, View frame) {
  if (!frame.has(4)) return Outcome::kCutHeader;
  return decode_ethertype(d, frame.u16(2), frame.after(4));
}

// Routers' captures of PPP lines may hold Cisco's HDLC.
Outcome decode_ppp_serial(Dissection& d, View frame) {
  if (!frame.has(2)) return Outcome::kCutHeader;
  const std::uint8_t address = frame.u8(0);
  return address == 0x0f || address == 0x8f ? decode_cisco_hdlc(d, frame) : decode_ppp(d, frame);
}

bool knows_link(std::uint16_t link_type) { return link_type == 1 || find_link(link_type) != nullptr; }

Outcome decode_link(Dissection& d, std::uint16_t link_type, View frame) {
  if (link_type == 1) return decode_ethernet(d, frame);
  const Link* link = find_link(link_type);
  return link != nullptr ? link->decode(d, frame) : Outcome::kUnknownLinkType;
}

}  // namespace gnomon::packet
