#include <catch2/catch.hpp>
#include <string>

#include "gnomon/packet/decoder.h"
#include "test_packets.h"

using namespace gnomon;
using namespace gnomon::packet;
using namespace gnomon::packet::testing;

namespace {

constexpr std::uint16_t kEthernet = 1;

std::string payload_of(const Packet& packet) {
  return {packet.payload, packet.payload + packet.payload_bytes};
}

Raw dot1q(unsigned tag, unsigned type, const Raw& rest) { return u16(tag) + u16(type) + rest; }
Raw snap(unsigned type, const Raw& rest) { return hex("aaaa03 000000") + u16(type) + rest; }
Raw eth_hello() { return ethernet(0x0800, hello()); }
Raw label(unsigned value, bool bottom) { return u32(value << 12 | (bottom ? 0x100U : 0U) | 64); }
Raw gre(unsigned flags, unsigned type, const Raw& options, const Raw& rest) {
  return u16(flags) + u16(type) + options + rest;
}
Raw over_udp(unsigned port, const Raw& payload) {
  return ethernet(0x0800, ip4(kUdp, udp(50000, port, payload)));
}
Raw wireless(unsigned control, const Raw& rest) {
  return u16(control) + zeros(22) + snap(0x0800, rest);
}

struct Carried {
  std::string name;
  std::uint16_t link_type;
  Raw frame;
  Tunnel tunnel;
  int depth;
};

// Every way of carrying hello() that is known.
std::vector<Carried> all_carried() {
  const Raw inner = hello();
  const Raw inner6 = ip6(kTcp, tcp(40000, 443, text("hello")));
  const Raw vxlan = hex("08000000 00007b00");
  return {
      {"Ethernet", 1, eth_hello(), Tunnel::kNone, 0},
      {"Ethernet and padding", 1, eth_hello() + zeros(11), Tunnel::kNone, 0},
      {"IPv6", 1, ethernet(0x86dd, inner6), Tunnel::kNone, 0},
      {"IPv6 under IPv4's ethertype", 1, ethernet(0x0800, inner6), Tunnel::kNone, 0},
      {"IPv6 extension headers", 1,
       ethernet(0x86dd, ip6(0, hex("2b00 0104 00000000") + hex("3c00 0000 00000000") +
                                   hex("3300 0000 00000000") + hex("0604 0000") + zeros(20) +
                                   tcp(40000, 443, text("hello")))),
       Tunnel::kNone, 0},
      {"IPv6 atomic fragment", 1,
       ethernet(0x86dd, ip6_fragment(kTcp, 0, false, 9, tcp(40000, 443, text("hello")))),
       Tunnel::kNone, 0},
      {"IPv4 authentication header", 1,
       ethernet(0x0800, ip4(51, hex("0604 0000") + zeros(20) + tcp(40000, 443, text("hello")))),
       Tunnel::kNone, 0},
      {"IPv4 length 0", 1,
       ethernet(0x0800, ip4(kTcp, tcp(40000, 443, text("hello")),
                            {{10, 0, 0, 1}, {10, 0, 0, 2}, 7, 0, 64, 0})),
       Tunnel::kNone, 0},
      {"VLAN", 1, ethernet(0x8100, dot1q(5, 0x0800, inner)), Tunnel::kNone, 0},
      {"QinQ, three deep", 1,
       ethernet(0x88a8, dot1q(5, 0x9100, dot1q(6, 0x8100, dot1q(7, 0x0800, inner)))), Tunnel::kNone,
       0},
      {"MAC-in-MAC", 1, ethernet(0x88e7, hex("00000001") + eth_hello()), Tunnel::kNone, 0},
      {"VN-Tag", 1, ethernet(0x8926, hex("00000000 0800") + inner), Tunnel::kNone, 0},
      {"MACsec, integrity alone", 1,
       ethernet(0x88e5, hex("2000 00000001") + zeros(8) + u16(0x0800) + inner + zeros(16)),
       Tunnel::kNone, 0},
      {"TRILL", 1, ethernet(0x22f3, hex("0000 0001 0002") + eth_hello()), Tunnel::kNone, 0},
      {"FabricPath", 1, ethernet(0x8903, hex("0000") + eth_hello()), Tunnel::kNone, 0},
      {"LLC with SNAP", 1, ethernet(static_cast<unsigned>(inner.size()) + 8, snap(0x0800, inner)),
       Tunnel::kNone, 0},
      {"LLC without SNAP", 1,
       ethernet(static_cast<unsigned>(inner.size()) + 3, hex("060603") + inner), Tunnel::kNone, 0},
      {"LLC behind the type of long frames", 1, ethernet(0x8870, snap(0x0800, inner)),
       Tunnel::kNone, 0},
      {"HSR", 1, ethernet(0x892f, hex("0034 0001 0800") + inner), Tunnel::kNone, 0},
      {"B.A.T.M.A.N., unicast", 1, ethernet(0x4305, hex("400f 3200 020000000002") + eth_hello()),
       Tunnel::kNone, 0},
      {"B.A.T.M.A.N., unicast of both ends", 1,
       ethernet(0x4305, hex("420f 3200 020000000002 020000000001 0100") + eth_hello()),
       Tunnel::kNone, 0},
      {"B.A.T.M.A.N., broadcast", 1,
       ethernet(0x4305, hex("010f 3200 00000001 020000000002") + eth_hello()), Tunnel::kNone, 0},
      {"NSH", 1, ethernet(0x894f, hex("0002 0103 00000000") + eth_hello()), Tunnel::kNone, 0},
      {"MPLS, two labels", 1, ethernet(0x8847, label(16, false) + label(17, true) + inner),
       Tunnel::kMpls, 1},
      {"MPLS pseudo-wire", 1, ethernet(0x8847, label(16, true) + eth_hello()), Tunnel::kMpls, 1},
      {"MPLS pseudo-wire to an address that begins with 4", 1,
       ethernet(0x8847, label(16, true) + hex("45000102 0304 020000000001 0800") + inner),
       Tunnel::kMpls, 1},
      {"MPLS pseudo-wire to an address that begins with 6", 1,
       ethernet(0x8847, label(16, true) + hex("6805ca01 0203 060000000001 0800") + inner),
       Tunnel::kMpls, 1},
      {"MPLS pseudo-wire with a tag to an address that begins with 6", 1,
       ethernet(0x8847, label(16, true) + hex("60f26201 0203 060000000001 8100 0005 0800") + inner),
       Tunnel::kMpls, 1},
      {"MPLS pseudo-wire to an address that begins with 1", 1,
       ethernet(0x8847, label(16, true) + hex("147dda00 0005 060000000001 0800") + inner),
       Tunnel::kMpls, 1},
      {"MPLS pseudo-wire to an address that begins as a channel does", 1,
       ethernet(0x8847, label(16, true) + hex("10000021 0005 060000000001 8100 0005 0800") + inner),
       Tunnel::kMpls, 1},
      {"MPLS and IPv6", 1, ethernet(0x8847, label(16, true) + inner6), Tunnel::kMpls, 1},
      {"MPLS pseudo-wire with control word", 1,
       ethernet(0x8847, label(16, true) + zeros(4) + eth_hello()), Tunnel::kMpls, 1},
      {"PPPoE", 1,
       ethernet(0x8864, hex("1100 0001") + u16(static_cast<unsigned>(inner.size()) + 2) +
                            hex("0021") + inner),
       Tunnel::kPppoe, 1},
      {"GRE", 1, ethernet(0x0800, ip4(47, gre(0, 0x0800, {}, inner))), Tunnel::kGre, 1},
      {"GRE with every field", 1, ethernet(0x0800, ip4(47, gre(0xb000, 0x0800, zeros(12), inner))),
       Tunnel::kGre, 1},
      {"GRE with source routes", 1,
       ethernet(0x0800,
                ip4(47, gre(0x4000, 0x0800, zeros(4) + hex("08000004 0a000001 00000000"), inner))),
       Tunnel::kGre, 1},
      {"GRE bridging", 1, ethernet(0x0800, ip4(47, gre(0x2000, 0x6558, zeros(4), eth_hello()))),
       Tunnel::kGre, 1},
      {"GRE of Aruba: 802.11 data with QoS", 1,
       ethernet(0x0800, ip4(47, gre(0, 0x8210, hex("8801") + zeros(24),
                                    hex("aaaa03 000000 0800") + inner))),
       Tunnel::kGre, 1},
      {"GRE of PPTP", 1,
       ethernet(0x0800, ip4(47, gre(0x3081, 0x880b, zeros(12), hex("ff03 0021") + inner))),
       Tunnel::kGre, 1},
      {"GRE WCCP with redirect header", 1,
       ethernet(0x0800, ip4(47, gre(0, 0x883e, hex("00000000"), inner))), Tunnel::kGre, 1},
      {"GRE MPLS", 1, ethernet(0x0800, ip4(47, gre(0, 0x8847, {}, label(3, true) + inner))),
       Tunnel::kMpls, 2},
      {"ERSPAN I", 1, ethernet(0x0800, ip4(47, gre(0, 0x88be, {}, eth_hello()))), Tunnel::kErspan,
       1},
      {"ERSPAN II", 1,
       ethernet(0x0800,
                ip4(47, gre(0x1000, 0x88be, zeros(4), hex("10000000 00000000") + eth_hello()))),
       Tunnel::kErspan, 1},
      {"ERSPAN III", 1,
       ethernet(0x0800,
                ip4(47, gre(0x1000, 0x22eb, zeros(4), hex("20000000") + zeros(8) + eth_hello()))),
       Tunnel::kErspan, 1},
      {"ERSPAN III with sub-header", 1,
       ethernet(0x0800, ip4(47, gre(0x1000, 0x22eb, zeros(4),
                                    hex("20000000 00000000 00000001") + zeros(8) + eth_hello()))),
       Tunnel::kErspan, 1},
      {"IP in IP", 1, ethernet(0x0800, ip4(4, inner)), Tunnel::kIpInIp, 1},
      {"6in4", 1, ethernet(0x0800, ip4(41, inner6)), Tunnel::k6in4, 1},
      {"4 in 6", 1, ethernet(0x86dd, ip6(4, inner)), Tunnel::kIpInIp, 1},
      {"6 in 6", 1, ethernet(0x86dd, ip6(41, inner6)), Tunnel::kIpInIp, 1},
      {"EtherIP", 1, ethernet(0x0800, ip4(97, hex("3000") + eth_hello())), Tunnel::kOther, 1},
      {"Ethernet in IPv6", 1, ethernet(0x86dd, ip6(143, eth_hello())), Tunnel::kOther, 1},
      {"VXLAN", 1, over_udp(4789, vxlan + eth_hello()), Tunnel::kVxlan, 1},
      {"VXLAN in VXLAN", 1, over_udp(4789, vxlan + over_udp(8472, vxlan + eth_hello())),
       Tunnel::kVxlan, 2},
      {"VXLAN-GPE", 1, over_udp(4790, hex("0c000001 00007b00") + inner), Tunnel::kVxlan, 1},
      {"GENEVE with options", 1, over_udp(6081, hex("0100 6558 00007b00 00000000") + eth_hello()),
       Tunnel::kGeneve, 1},
      {"GTP-U", 1, over_udp(2152, hex("30ff 0000 00000001") + inner), Tunnel::kGtp, 1},
      {"GTP-U with extension headers", 1,
       over_udp(2152, hex("34ff 0000 00000001 00000085 01000000") + inner), Tunnel::kGtp, 1},
      {"Teredo", 1, over_udp(3544, inner6), Tunnel::kTeredo, 1},
      {"Teredo with authentication and origin", 1,
       over_udp(3544, hex("0001 0000") + zeros(9) + hex("0000 1234 0a000001") + inner6),
       Tunnel::kTeredo, 1},
      {"L2TP", 1, over_udp(1701, hex("4002 0000 0001 0002 ff03 0021") + inner), Tunnel::kL2tp, 1},
      {"L2TP with offset", 1,
       over_udp(1701, hex("0a02 0001 0002 0000 0000 0003 ffffff 0021") + inner), Tunnel::kL2tp, 1},
      {"MPLS in UDP", 1, over_udp(6635, label(16, true) + inner), Tunnel::kMpls, 1},
      {"GRE in UDP", 1, over_udp(4754, gre(0x2000, 0x0800, zeros(4), inner)), Tunnel::kGre, 1},
      {"AYIYA", 1, over_udp(5072, hex("4152 1129 00000000") + zeros(16 + 20) + inner6),
       Tunnel::kOther, 1},
      {"AYIYA, no signature, IPv4", 1, over_udp(5072, hex("0001 0104 00000000 01") + inner),
       Tunnel::kOther, 1},
      {"LISP", 1, over_udp(4341, zeros(8) + inner), Tunnel::kOther, 1},
      {"CAPWAP", 1,
       over_udp(5247, hex("00100300 00000000") + hex("0801") + zeros(22) + snap(0x0800, inner)),
       Tunnel::kOther, 1},
      {"CAPWAP, control field swapped", 1,
       over_udp(5247, hex("00100300 00000000") + hex("0108") + zeros(22) + snap(0x0800, inner)),
       Tunnel::kOther, 1},
      {"TZSP", 1, over_udp(37008, hex("0100 0001 0a0100 01") + eth_hello()), Tunnel::kOther, 1},
      {"NULL, little-endian", 0, hex("02000000") + inner, Tunnel::kNone, 0},
      {"NULL, big-endian", 0, hex("00000002") + inner, Tunnel::kNone, 0},
      {"NULL, Darwin's IPv6", 0, hex("1e000000") + inner6, Tunnel::kNone, 0},
      {"NULL with an ethertype", 0, hex("0f000800") + inner, Tunnel::kNone, 0},
      {"NULL with an ethertype of IPv6", 0, hex("0f0086dd") + inner6, Tunnel::kNone, 0},
      {"NULL with an ethertype behind zeros", 0, hex("00000800") + inner, Tunnel::kNone, 0},
      {"LOOP", 108, hex("00000018") + inner6, Tunnel::kNone, 0},
      {"token ring", 6, hex("1040 000000000002 000000000001") + snap(0x0800, inner), Tunnel::kNone,
       0},
      {"token ring with source routes", 6,
       hex("1040 000000000002 800000000001 0600 0011 0022") + snap(0x0800, inner), Tunnel::kNone,
       0},
      {"FDDI", 10, hex("50 000000000002 000000000001") + snap(0x0800, inner), Tunnel::kNone, 0},
      {"ARCNET of RFC 1051", 7, hex("0102 f0") + inner, Tunnel::kNone, 0},
      {"ARCNET of RFC 1201", 7, hex("0102 d4 00 0001") + inner, Tunnel::kNone, 0},
      {"ARCNET, flag twice", 7, hex("0102 d4 ff ffff d4 00 0001") + inner, Tunnel::kNone, 0},
      {"ARCNET, IPv6", 7, hex("0102 c4 00 0001") + inner6, Tunnel::kNone, 0},
      {"ARCNET of Linux, RFC 1051", 129, hex("0102 ed08 f0") + inner, Tunnel::kNone, 0},
      {"ARCNET of Linux, RFC 1201", 129, hex("0102 ea08 d4 00 0165") + inner, Tunnel::kNone, 0},
      {"SLIP", 8, inner, Tunnel::kNone, 0},
      {"PPP", 9, hex("ff03 0021") + inner, Tunnel::kNone, 0},
      {"PPP that is HDLC", 9, hex("0f00 0800") + inner, Tunnel::kNone, 0},
      {"PPP, compressed header", 9, hex("21") + inner, Tunnel::kNone, 0},
      {"raw", 101, inner, Tunnel::kNone, 0},
      {"raw IPv6", 101, inner6, Tunnel::kNone, 0},
      {"raw of OpenBSD", 14, inner, Tunnel::kNone, 0},
      {"RFC 1483", 100, snap(0x0800, inner), Tunnel::kNone, 0},
      {"serial PPP", 50, hex("ff03 0021") + inner, Tunnel::kNone, 0},
      {"serial HDLC", 50, hex("0f00 0800") + inner, Tunnel::kNone, 0},
      {"HDLC", 104, hex("0f00 0800") + inner, Tunnel::kNone, 0},
      {"frame relay", 107, hex("1841 03cc") + inner, Tunnel::kNone, 0},
      {"frame relay, SNAP", 107, hex("1841 0300 80 000000 0800") + inner, Tunnel::kNone, 0},
      {"frame relay, Cisco", 107, hex("1841 0800") + inner, Tunnel::kNone, 0},
      {"cooked", 113, hex("0000 0001 0006") + zeros(8) + u16(0x0800) + inner, Tunnel::kNone, 0},
      {"cooked with VLAN", 113,
       hex("0000 0001 0006") + zeros(8) + u16(0x8100) + dot1q(5, 0x0800, inner), Tunnel::kNone, 0},
      {"cooked v2", 276, u16(0x0800) + zeros(18) + inner, Tunnel::kNone, 0},
      {"802.11", 105, wireless(0x0801, inner), Tunnel::kNone, 0},
      {"802.11 QoS", 105, hex("8801") + zeros(24) + snap(0x0800, inner), Tunnel::kNone, 0},
      {"802.11 between access points", 105, hex("0803") + zeros(28) + snap(0x0800, inner),
       Tunnel::kNone, 0},
      {"radiotap", 127, hex("0000 0900 02000000 10") + wireless(0x0801, inner), Tunnel::kNone, 0},
      {"radiotap, timestamp, padded header", 127,
       hex("0000 1900 03000000") + zeros(8) + hex("20") + zeros(8) + hex("8801") + zeros(24) +
           zeros(2) + snap(0x0800, inner),
       Tunnel::kNone, 0},
      {"Prism", 119, zeros(144) + wireless(0x0801, inner), Tunnel::kNone, 0},
      {"AVS", 163, hex("80211001 00000040") + zeros(56) + wireless(0x0801, inner), Tunnel::kNone,
       0},
      {"PPI", 192, hex("0000 0800 01000000") + eth_hello(), Tunnel::kNone, 0},
      {"PKTAP", 258, little32(16) + little32(1) + little32(1) + zeros(4) + eth_hello(),
       Tunnel::kNone, 0},
      {"NFLOG", 239,
       hex("02 00 0000 0500 0100 00000000") + little16(4 + static_cast<unsigned>(inner.size())) +
           little16(9) + inner,
       Tunnel::kNone, 0},
      {"IP over InfiniBand", 242, zeros(40) + hex("0800 0000") + inner, Tunnel::kNone, 0},
      {"IPNET", 226, hex("0102") + zeros(22) + inner, Tunnel::kNone, 0},
      {"Juniper Ethernet", 178, hex("4d4743 80 0004 01020304") + eth_hello(), Tunnel::kNone, 0},
      {"Juniper PPPoE", 167, hex("4d4743 00") + eth_hello(), Tunnel::kNone, 0},
      {"Juniper HDLC", 181, hex("4d4743 01 0f00 0800") + inner, Tunnel::kNone, 0},
      {"IP over FireWire", 138, zeros(16) + u16(0x0800) + inner, Tunnel::kNone, 0},
      {"Symantec, version 2", 99, zeros(6) + u16(0x0800) + zeros(36) + inner, Tunnel::kNone, 0},
      {"Symantec, version 3", 99, zeros(20) + u16(0x86dd) + zeros(34) + inner6, Tunnel::kNone, 0},
      {"EPON", 259, hex("5555d555 55000000") + eth_hello(), Tunnel::kNone, 0},
      {"ERF", 197, zeros(8) + hex("0204 0050 0000 0040 0000") + eth_hello(), Tunnel::kNone, 0},
      {"ERF with extensions", 197,
       zeros(8) + hex("8204 0050 0000 0040") + hex("83") + zeros(7) + hex("04") + zeros(7) +
           zeros(2) + eth_hello(),
       Tunnel::kNone, 0},
      {"ERF of HDLC", 197, zeros(8) + hex("0104 0050 0000 0040 0f00 0800") + inner, Tunnel::kNone,
       0},
      {"ERF of IPv6", 197, zeros(8) + hex("1704 0050 0000 0040") + inner6, Tunnel::kNone, 0},
      {"PPP with direction", 204, hex("00 ff03 0021") + inner, Tunnel::kNone, 0},
      {"SunATM", 123, hex("02000000") + snap(0x0800, inner), Tunnel::kNone, 0},
      {"mPacket", 274, zeros(8) + eth_hello(), Tunnel::kNone, 0},
  };
}

}  // namespace

TEST_CASE("the inner flow of every encapsulation is named as the bare one is") {
  for (const Carried& row : all_carried()) {
    INFO(row.name);
    DecodedBlock out = decode(row.link_type, row.frame);
    REQUIRE(out.packets().size() == 1);
    const Packet& packet = out.packets()[0];
    CHECK(packet.source_port == 40000);
    CHECK(packet.destination_port == 443);
    CHECK(packet.protocol == kTcp);
    CHECK(packet.tcp_sequence == 1000);
    CHECK(packet.tcp_acknowledgement == 2000);
    CHECK(packet.tcp_flags == (kAck | kPsh));
    CHECK(payload_of(packet) == "hello");
    CHECK(packet.payload_wire_bytes == 5);
    CHECK(packet.source().to_string() == (packet.ip_version == 4 ? "10.0.0.1" : "2001:db8::1"));
    CHECK(packet.wire_bytes == row.frame.size());
    CHECK(packet.tunnel == row.tunnel);
    CHECK(packet.tunnel_depth == row.depth);
    CHECK_FALSE(packet.truncated);
    CHECK(packet.hash ==
          decode(101, packet.ip_version == 4 ? hello() : ip6(kTcp, tcp(40000, 443, text("hello"))))
              .packets()[0]
              .hash);
    CHECK(ends(out.counters) == 1);
  }
}

TEST_CASE("a frame cut anywhere is counted once and never read beyond") {
  for (const Carried& row : all_carried()) {
    INFO(row.name);
    for (std::size_t cut = 0; cut < row.frame.size(); ++cut) {
      const Raw part(row.frame.begin(), row.frame.begin() + static_cast<std::ptrdiff_t>(cut));
      for (const std::size_t wire : {cut, row.frame.size()}) {
        DecodedBlock out = decode(row.link_type, part, static_cast<std::uint32_t>(wire));
        CHECK(ends(out.counters) == 1);
        for (const Packet& packet : out.packets()) {
          CHECK(packet.payload_bytes <= packet.payload_wire_bytes);
          CHECK(packet.payload + packet.payload_bytes <= part.data() + part.size());
        }
      }
    }
  }
}

TEST_CASE("a tunnel whose inside cannot be decoded is reported as what carries it") {
  struct Row {
    std::string name;
    Raw frame;
    unsigned protocol;
    unsigned port;
  };
  const Raw garbage = hex("ff0102030405060708090a0b0c0d0e0f1011121314151617");
  const std::vector<Row> rows = {
      {"VXLAN's port", over_udp(4789, garbage), kUdp, 4789},
      {"VXLAN without an identifier, with ARP",
       over_udp(4789, zeros(8) + ethernet(0x0806, zeros(28))), kUdp, 4789},
      {"VXLAN with a reserved byte, with ARP",
       over_udp(4789, hex("08000000 00007b01") + ethernet(0x0806, zeros(28))), kUdp, 4789},
      {"VXLAN's port, with what may be anything",
       over_udp(4789, hex("08000000 00007b00") + ethernet(46, hex("f0f003") + zeros(43))), kUdp,
       4789},
      {"GENEVE of IPv4's type, with a header of ARP",
       over_udp(6081, hex("0000 0806 00007b00") + zeros(28)), kUdp, 6081},
      {"GRE in UDP, with ARP", over_udp(4754, gre(0, 0x0806, {}, zeros(28))), kUdp, 4754},
      {"VXLAN, empty", over_udp(4789, {}), kUdp, 4789},
      {"GENEVE of another version", over_udp(6081, hex("4000 6558 00000000") + eth_hello()), kUdp,
       6081},
      {"GENEVE, options beyond the end", over_udp(6081, hex("3f00 0800 00000000") + hello()), kUdp,
       6081},
      {"GTP echo", over_udp(2152, hex("3001 0000 00000001") + hello()), kUdp, 2152},
      {"GTP version 2", over_udp(2152, hex("50ff 0000 00000001") + hello()), kUdp, 2152},
      {"GTP, extension of length 0",
       over_udp(2152, hex("34ff 0000 00000001 00000085 00000000") + hello()), kUdp, 2152},
      {"Teredo, not IPv6", over_udp(3544, hello()), kUdp, 3544},
      {"L2TP control", over_udp(1701, hex("c802 0014 0001 0000 0000 0000") + zeros(8)), kUdp, 1701},
      {"L2TP version 3", over_udp(1701, hex("0003 0000 00000001") + hello()), kUdp, 1701},
      {"L2TP, offset beyond the end", over_udp(1701, hex("0202 0001 0002 ffff 0021") + hello()),
       kUdp, 1701},
      {"CAPWAP over DTLS", over_udp(5247, hex("01000000") + garbage), kUdp, 5247},
      {"CAPWAP fragment", over_udp(5247, hex("00100380 00000000") + wireless(0x0801, hello())),
       kUdp, 5247},
      {"TZSP, tags without end", over_udp(37008, hex("0100 0001 0000000000")), kUdp, 37008},
      {"GRE in UDP, version 2", over_udp(4754, gre(0x0002, 0x0800, {}, hello())), kUdp, 4754},
      {"AYIYA that answers an echo",
       over_udp(5072, hex("4152 1229 00000000") + zeros(36) + hello()), kUdp, 5072},
      {"AYIYA, next header of TCP", over_udp(5072, hex("4152 1106 00000000") + zeros(36) + hello()),
       kUdp, 5072},
      {"AYIYA, identity beyond the end", over_udp(5072, hex("f152 1129 00000000") + garbage), kUdp,
       5072},
      {"MPLS in UDP without bottom", over_udp(6635, label(1, false)), kUdp, 6635},
      {"GRE version 2", ethernet(0x0800, ip4(47, gre(0x0002, 0x0800, {}, hello()))), 47, 0},
      {"GRE, unknown protocol", ethernet(0x0800, ip4(47, gre(0, 0x1234, {}, hello()))), 47, 0},
      {"GRE, endless routes",
       ethernet(0x0800, ip4(47, gre(0x4000, 0x0800, zeros(4), hex("00000001 00") + hello()))), 47,
       0},
      {"ERSPAN of another version",
       ethernet(0x0800,
                ip4(47, gre(0x1000, 0x88be, zeros(4), hex("70000000 00000000") + eth_hello()))),
       47, 0},
      {"IP in IP with garbage", ethernet(0x0800, ip4(4, garbage)), 4, 0},
      {"IP in IP, inner TCP cut", ethernet(0x0800, ip4(4, ip4(kTcp, zeros(8)))), 4, 0},
      {"6in4 with garbage", ethernet(0x0800, ip4(41, garbage)), 41, 0},
      {"EtherIP of another version", ethernet(0x0800, ip4(97, hex("2000") + eth_hello())), 97, 0},
      {"ESP", ethernet(0x0800, ip4(50, garbage)), 50, 0},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    DecodedBlock out = decode(kEthernet, row.frame);
    REQUIRE(out.packets().size() == 1);
    const Packet& packet = out.packets()[0];
    CHECK(packet.protocol == row.protocol);
    CHECK(packet.destination_port == row.port);
    CHECK(packet.tunnel == Tunnel::kNone);
    CHECK(packet.tunnel_depth == 0);
    CHECK(packet.outer == nullptr);
    // ESP is counted apart; ARP and control messages hide no flow.
    const bool hides_nothing = row.protocol == 50 || row.name.find("ARP") != std::string::npos ||
                               row.name == "VXLAN's port, with what may be anything" ||
                               row.name == "GTP echo" || row.name == "L2TP control" ||
                               row.name == "AYIYA that answers an echo";
    CHECK(out.counters.tunnel_not_decoded == (hides_nothing ? 0 : 1));
  }
}
