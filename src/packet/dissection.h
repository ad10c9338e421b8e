#pragma once

#include <cstdint>

#include "gnomon/packet/decode_counters.h"
#include "gnomon/packet/packet.h"
#include "packet_view.h"

// Within the decoder: what its parts hand to one another.
namespace gnomon::packet {

// How the way down into a frame ended. The first two leave a packet behind.
enum class Outcome : std::uint8_t {
  kPacket,
  kFragment,
  kArp,
  kNonIp,
  kControl,  // a frame of a known protocol that is not IP
  kEncrypted,
  kUnknownLinkType,
  kUnknownEthertype,
  kBadHeader,
  kCutHeader,
};

inline bool leaves_packet(Outcome outcome) {
  return outcome == Outcome::kPacket || outcome == Outcome::kFragment;
}

// A whole frame that was made out and carries no flow, in tunnels as outside of them.
inline bool carries_no_flow(Outcome outcome) {
  return outcome == Outcome::kArp || outcome == Outcome::kControl;
}

// Something is in there that was not seen: ARP and control messages carry no flow.
inline bool hides_something(Outcome outcome) {
  return !leaves_packet(outcome) && !carries_no_flow(outcome) && outcome != Outcome::kNonIp;
}

// One frame on its way down. Every function that takes off a header gets the rest as a View and
// answers with how it ended; where that left no packet, the packet is as it was before a tunnel
// was entered.
struct Dissection {
  Packet& packet;
  DecodeCounters& counters;
  int tunnel_depth_max;
  int links = 0;  // link headers that hold another link header
};

enum Ethertype : std::uint16_t {
  kEthertypeIp4 = 0x0800,
  kEthertypeIp6 = 0x86dd,
};

bool knows_link(std::uint16_t link_type);
Outcome decode_link(Dissection& d, std::uint16_t link_type, View frame);
Outcome decode_ethernet(Dissection& d, View frame);
// `type` is an Ethertype (IEEE), `rest` what follows it.
Outcome decode_ethertype(Dissection& d, std::uint16_t type, View rest);
Outcome decode_llc(Dissection& d, View rest);
Outcome decode_ppp(Dissection& d, View rest);
Outcome decode_pppoe(Dissection& d, View rest);
Outcome decode_mpls(Dissection& d, View rest);
Outcome decode_gre(Dissection& d, View rest);
Outcome decode_nsh(Dissection& d, View rest);
// The next protocol as NSH and VXLAN-GPE number them (RFC 8300, 2.2).
Outcome decode_next_protocol(Dissection& d, std::uint8_t protocol, View inside);
Outcome decode_80211(Dissection& d, View rest, bool padded_header, bool swapped_control);
Outcome decode_radiotap(Dissection& d, View rest);

// Of captures' link types (link_types.cc, vendor_links.cc).
Outcome decode_cisco_hdlc(Dissection& d, View frame);
Outcome decode_ppp_serial(Dissection& d, View frame);
Outcome decode_juniper_ethernet(Dissection& d, View frame);
Outcome decode_juniper_cisco_hdlc(Dissection& d, View frame);
Outcome decode_firewire(Dissection& d, View frame);
Outcome decode_symantec(Dissection& d, View frame);
Outcome decode_epon(Dissection& d, View frame);
Outcome decode_erf(Dissection& d, View frame);

// An IP header whose own words prove it: IPv4's checksum and length, IPv6's length alone.
bool ip_header_fits(const View& rest);
Outcome decode_ip(Dissection& d, View rest);  // the version nibble tells
Outcome decode_ip4(Dissection& d, View rest);
Outcome decode_ip6(Dissection& d, View rest);
// What an IP header carries; packet.network is set. Always leaves a packet unless a TCP, UDP or
// extension header is cut or contradicts itself.
Outcome decode_transport(Dissection& d, std::uint8_t protocol, View rest);
// Reports the IP packet itself, whose payload is `rest`.
Outcome finish_packet(Dissection& d, std::uint8_t protocol, View rest);
Outcome finish_fragment(Dissection& d, std::uint8_t protocol, View rest);

// Tunnels. Each is tried before the packet that carries it is reported, and leaves it untouched
// when nothing comes of it. What carries_no_flow() is answered where it is certain that this is the
// tunnel: it was carried, and its carrier is no flow of anybody's.
Outcome decode_ip_tunnel(Dissection& d, std::uint8_t protocol, View rest);
bool may_be_udp_tunnel(std::uint16_t source_port, std::uint16_t destination_port);
Outcome decode_udp_tunnel(Dissection& d, std::uint16_t source_port, std::uint16_t destination_port,
                          View payload);

// Runs `inside`, which decodes what a tunnel carries, one level deeper.
template <class Inside>
Outcome enter_tunnel(Dissection& d, Tunnel tunnel, std::uint64_t DecodeCounters::*counter,
                     Inside&& inside) {
  if (d.packet.tunnel_depth >= d.tunnel_depth_max) {
    ++d.counters.depth_exceeded;
    return Outcome::kUnknownEthertype;
  }
  const Packet before = d.packet;
  if (d.packet.outer == nullptr) d.packet.outer = d.packet.network;
  d.packet.tunnel = tunnel;
  ++d.packet.tunnel_depth;
  const std::uint8_t depth = d.packet.tunnel_depth;
  const Outcome outcome = inside();
  if (!leaves_packet(outcome)) {
    d.packet = before;
    return outcome;
  }
  // An inner tunnel has written its own name over ours by now.
  if (d.packet.tunnel_depth == depth) d.packet.tunnel = tunnel;
  ++(d.counters.*counter);
  return outcome;
}

}  // namespace gnomon::packet
