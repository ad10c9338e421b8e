#pragma once

#include <cstdint>
#include <iterator>
#include <string_view>

namespace gnomon::packet {

// What became of the frames. Every frame adds one to exactly one of the first group; the second
// group counts what was met on the way, once for each header taken off.
struct DecodeCounters {
  // Ends.
  std::uint64_t packets = 0;    // reported as a packet of a flow
  std::uint64_t fragments = 0;  // IP fragments, left to IpReassembler
  std::uint64_t filtered = 0;   // refused by the capture filter
  std::uint64_t arp = 0;        // ARP and RARP
  std::uint64_t non_ip = 0;     // known, and carries no IP: LLDP, STP, PPP control, beacons
  std::uint64_t encrypted = 0;  // wireless frames and MACsec
  std::uint64_t unknown_link_type = 0;
  std::uint64_t unknown_ethertype = 0;
  std::uint64_t bad_header = 0;  // a header contradicts itself
  std::uint64_t cut_header = 0;  // too little was captured to tell the packet's flow
  // Met on the way.
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;       // on the wire
  std::uint64_t cut_frames = 0;  // captured less than was on the wire
  std::uint64_t ipv4 = 0;
  std::uint64_t ipv6 = 0;
  std::uint64_t tcp = 0;
  std::uint64_t udp = 0;
  std::uint64_t icmp = 0;  // and ICMPv6
  std::uint64_t sctp = 0;
  std::uint64_t other_protocol = 0;
  std::uint64_t vlan = 0;  // one tag
  std::uint64_t qinq = 0;  // two tags or more
  std::uint64_t mac_in_mac = 0;
  std::uint64_t mpls = 0;
  std::uint64_t pppoe = 0;
  std::uint64_t wireless = 0;  // 802.11
  std::uint64_t gre = 0;
  std::uint64_t erspan1 = 0;
  std::uint64_t erspan2 = 0;
  std::uint64_t erspan3 = 0;
  std::uint64_t vxlan = 0;
  std::uint64_t geneve = 0;
  std::uint64_t gtp = 0;
  std::uint64_t ip_in_ip = 0;  // 4 in 4, 4 in 6 and 6 in 6
  std::uint64_t six_in_four = 0;
  std::uint64_t teredo = 0;
  std::uint64_t l2tp = 0;
  std::uint64_t nsh = 0;
  std::uint64_t other_tunnel = 0;  // EtherIP, CAPWAP, LISP, MPLS in UDP
  std::uint64_t authentication_header = 0;
  std::uint64_t esp = 0;                 // opaque: reported as protocol 50 without ports
  std::uint64_t length_missing = 0;      // IP length 0: an offload-merged packet
  std::uint64_t depth_exceeded = 0;      // a tunnel left on, because there were too many
  // A tunnel's packet, not ARP or control, reported as its outer one; a wireless aggregate, as its
  // first frame.
  std::uint64_t tunnel_not_decoded = 0;
  std::uint64_t group_frames = 0;        // Ethernet to a broadcast or multicast address
  std::uint64_t tcp_over_1500 = 0;       // IP datagrams with TCP longer than Ethernet carries,
  std::uint64_t tcp_over_9216 = 0;       // longer than jumbo frames do
  std::uint64_t tcp_syns = 0;            // with a segment size (MSS),
  std::uint64_t tcp_syns_jumbo = 0;      // beyond Ethernet's,
  std::uint64_t tcp_syns_loopback = 0;   // beyond jumbo frames'

  DecodeCounters& operator+=(const DecodeCounters& other);
};

struct DecodeCounterName {
  std::string_view name;
  std::uint64_t DecodeCounters::*member;
};

// Printed as "decode.NAME".
inline constexpr DecodeCounterName kDecodeCounterNames[] = {
    {"packets", &DecodeCounters::packets},
    {"fragments", &DecodeCounters::fragments},
    {"filtered", &DecodeCounters::filtered},
    {"arp", &DecodeCounters::arp},
    {"non_ip", &DecodeCounters::non_ip},
    {"encrypted", &DecodeCounters::encrypted},
    {"unknown_link_type", &DecodeCounters::unknown_link_type},
    {"unknown_ethertype", &DecodeCounters::unknown_ethertype},
    {"bad_header", &DecodeCounters::bad_header},
    {"cut_header", &DecodeCounters::cut_header},
    {"frames", &DecodeCounters::frames},
    {"bytes", &DecodeCounters::bytes},
    {"cut_frames", &DecodeCounters::cut_frames},
    {"ipv4", &DecodeCounters::ipv4},
    {"ipv6", &DecodeCounters::ipv6},
    {"tcp", &DecodeCounters::tcp},
    {"udp", &DecodeCounters::udp},
    {"icmp", &DecodeCounters::icmp},
    {"sctp", &DecodeCounters::sctp},
    {"other_protocol", &DecodeCounters::other_protocol},
    {"vlan", &DecodeCounters::vlan},
    {"qinq", &DecodeCounters::qinq},
    {"mac_in_mac", &DecodeCounters::mac_in_mac},
    {"mpls", &DecodeCounters::mpls},
    {"pppoe", &DecodeCounters::pppoe},
    {"wireless", &DecodeCounters::wireless},
    {"gre", &DecodeCounters::gre},
    {"erspan1", &DecodeCounters::erspan1},
    {"erspan2", &DecodeCounters::erspan2},
    {"erspan3", &DecodeCounters::erspan3},
    {"vxlan", &DecodeCounters::vxlan},
    {"geneve", &DecodeCounters::geneve},
    {"gtp", &DecodeCounters::gtp},
    {"ip_in_ip", &DecodeCounters::ip_in_ip},
    {"six_in_four", &DecodeCounters::six_in_four},
    {"teredo", &DecodeCounters::teredo},
    {"l2tp", &DecodeCounters::l2tp},
    {"nsh", &DecodeCounters::nsh},
    {"other_tunnel", &DecodeCounters::other_tunnel},
    {"authentication_header", &DecodeCounters::authentication_header},
    {"esp", &DecodeCounters::esp},
    {"length_missing", &DecodeCounters::length_missing},
    {"depth_exceeded", &DecodeCounters::depth_exceeded},
    {"tunnel_not_decoded", &DecodeCounters::tunnel_not_decoded},
    {"group_frames", &DecodeCounters::group_frames},
    {"tcp_over_1500", &DecodeCounters::tcp_over_1500},
    {"tcp_over_9216", &DecodeCounters::tcp_over_9216},
    {"tcp_syns", &DecodeCounters::tcp_syns},
    {"tcp_syns_jumbo", &DecodeCounters::tcp_syns_jumbo},
    {"tcp_syns_loopback", &DecodeCounters::tcp_syns_loopback},
};
static_assert(sizeof(DecodeCounters) == std::size(kDecodeCounterNames) * sizeof(std::uint64_t),
              "every counter has a name");

inline DecodeCounters& DecodeCounters::operator+=(const DecodeCounters& other) {
  for (const DecodeCounterName& counter : kDecodeCounterNames)
    this->*counter.member += other.*counter.member;
  return *this;
}

}  // namespace gnomon::packet
