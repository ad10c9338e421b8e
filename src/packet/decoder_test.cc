#include "gnomon/packet/decoder.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "gnomon/bytes/hash.h"
#include "test_packets.h"

using namespace gnomon;
using namespace gnomon::packet;
using namespace gnomon::packet::testing;

namespace {

constexpr std::uint16_t kEthernet = 1;

Raw dot1q(unsigned tag, unsigned type, const Raw& rest) { return u16(tag) + u16(type) + rest; }
Raw eth_hello() { return ethernet(0x0800, hello()); }
Raw label(unsigned value, bool bottom) { return u32(value << 12 | (bottom ? 0x100U : 0U) | 64); }
Raw over_udp(unsigned port, const Raw& payload) {
  return ethernet(0x0800, ip4(kUdp, udp(50000, port, payload)));
}

}  // namespace

TEST_CASE("what is no packet of a flow is counted by kind") {
  struct Row {
    std::string name;
    std::uint16_t link_type;
    Raw frame;
    std::uint64_t DecodeCounters::*counter;
  };
  const std::vector<Row> rows = {
      {"nothing", 1, {}, &DecodeCounters::cut_header},
      {"link type of nobody", 65000, eth_hello(), &DecodeCounters::unknown_link_type},
      {"link type of USB", 220, eth_hello(), &DecodeCounters::unknown_link_type},
      {"ethertype of nobody", 1, ethernet(0x1234, hello()), &DecodeCounters::unknown_ethertype},
      {"length that is neither", 1, ethernet(1501, hello()), &DecodeCounters::unknown_ethertype},
      {"ARP", 1, ethernet(0x0806, zeros(28)), &DecodeCounters::arp},
      {"RARP", 1, ethernet(0x8035, zeros(28)), &DecodeCounters::arp},
      {"LLDP", 1, ethernet(0x88cc, zeros(28)), &DecodeCounters::non_ip},
      {"spanning tree", 1, ethernet(38, hex("424203") + zeros(35)), &DecodeCounters::non_ip},
      {"PPPoE discovery", 1, ethernet(0x8863, zeros(28)), &DecodeCounters::non_ip},
      {"PPPoE of another version", 1, ethernet(0x8864, hex("2100 0001 0010 0021") + hello()),
       &DecodeCounters::bad_header},
      {"PPP control", 9, hex("ff03 c021 01010004"), &DecodeCounters::non_ip},
      {"beacon", 105, hex("8000") + zeros(40), &DecodeCounters::non_ip},
      {"empty wireless data", 105, hex("4801") + zeros(40), &DecodeCounters::non_ip},
      {"protected wireless data", 105, hex("0841") + zeros(60), &DecodeCounters::encrypted},
      {"encrypted MACsec", 1, ethernet(0x88e5, hex("2c00 00000001") + zeros(60)),
       &DecodeCounters::encrypted},
      {"wireless of another version", 105, hex("0901") + zeros(60), &DecodeCounters::bad_header},
      {"radiotap, lying length", 127, hex("0000 ffff 00000000") + zeros(60),
       &DecodeCounters::cut_header},
      {"radiotap, length too small", 127, hex("0000 0400 00000000") + zeros(60),
       &DecodeCounters::bad_header},
      {"radiotap, endless presence", 127, hex("0000 0c00 ffffffff ffffffff") + zeros(60),
       &DecodeCounters::bad_header},
      {"NFLOG, attribute of length 0", 239, zeros(40), &DecodeCounters::bad_header},
      {"ARCNET, not the first piece", 7, hex("0102 d4 02 0001") + hello(),
       &DecodeCounters::unknown_ethertype},
      {"ARCNET, not the first piece, flag twice", 7, hex("0102 d4 ff ffff d4 02 0001") + hello(),
       &DecodeCounters::unknown_ethertype},
      {"ARCNET with ARP", 7, hex("0102 d5 00 0001") + zeros(18), &DecodeCounters::arp},
      {"ARCNET of a protocol without IP", 129, hex("0102 ea08 dd 00 0001") + hello(),
       &DecodeCounters::non_ip},
      {"NULL, no family of IP", 0, hex("00000007") + hello(), &DecodeCounters::unknown_ethertype},
      {"PPI in PPI in PPI ...", 192,
       hex("0000 0800 c0000000 0000 0800 c0000000 0000 0800 c0000000 0000 0800 c0000000 0000 0800 "
           "c0000000 0000 0800 c0000000"),
       &DecodeCounters::bad_header},
      {"tags without end", 1,
       ethernet(0x8100, hex("00018100 00018100 00018100 00018100 00018100 00018100 00018100 "
                            "00018100 00018100 00018100")),
       &DecodeCounters::bad_header},
      {"routes of B.A.T.M.A.N.", 1, ethernet(0x4305, hex("000f 3200") + zeros(40)),
       &DecodeCounters::non_ip},
      {"B.A.T.M.A.N. of another version", 1,
       ethernet(0x4305, hex("400e 3200 020000000002") + eth_hello()),
       &DecodeCounters::unknown_ethertype},
      {"ERF of InfiniBand", 197, zeros(8) + hex("1504 0050 0000 0040") + zeros(40),
       &DecodeCounters::non_ip},
      {"ERF, extensions without end", 197, zeros(8) + hex("82") + Raw(300, 0xff),
       &DecodeCounters::bad_header},
      {"MPLS pseudo-wire with ARP to an address that begins with 4", 1,
       ethernet(0x8847, label(1, true) + hex("45000102 0304 020000000001 0806") + zeros(28)),
       &DecodeCounters::arp},
      {"MPLS pseudo-wire with ARP to an address that begins with 1", 1,
       ethernet(0x8847, label(1, true) + hex("147dda00 0005 020000000001 0806") + zeros(28)),
       &DecodeCounters::arp},
      {"MPLS pseudo-wire with a control word and ARP", 1,
       ethernet(0x8847, label(1, true) + zeros(4) + ethernet(0x0806, zeros(28))),
       &DecodeCounters::arp},
      {"VXLAN with ARP", 1, over_udp(4789, hex("08000000 00007b00") + ethernet(0x0806, zeros(28))),
       &DecodeCounters::arp},
      {"VXLAN of a group with a login", 1,
       over_udp(4789, hex("88080007 00007b00") + ethernet(0x888e, zeros(46))),
       &DecodeCounters::non_ip},
      {"VXLAN with a tagged ARP", 1,
       over_udp(4789, hex("08000000 00007b00") + ethernet(0x8100, dot1q(5, 0x0806, zeros(28)))),
       &DecodeCounters::arp},
      {"GENEVE with spanning tree", 1,
       over_udp(6081, hex("0000 6558 00007b00") + ethernet(38, hex("424203") + zeros(35))),
       &DecodeCounters::non_ip},
      {"GRE with ARP", 1,
       ethernet(0x0800, ip4(47, u16(0) + u16(0x6558) + ethernet(0x0806, zeros(28)))),
       &DecodeCounters::arp},
      {"GRE with VXLAN with CDP", 1,
       ethernet(0x0800, ip4(47, u16(0) + u16(0x0800) +
                                    ip4(kUdp, udp(50000, 4789,
                                                  hex("08000000 00007b00") +
                                                      ethernet(38, hex("aaaa03 00000c 2000") +
                                                                       zeros(30)))))),
       &DecodeCounters::non_ip},
      {"EtherIP with LLDP", 1, ethernet(0x0800, ip4(97, hex("3000") + ethernet(0x88cc, zeros(46)))),
       &DecodeCounters::non_ip},
      {"labels without bottom", 1, ethernet(0x8847, zeros(80)), &DecodeCounters::bad_header},
      {"MPLS OAM", 1, ethernet(0x8847, label(1, true) + hex("1000 0021") + zeros(20)),
       &DecodeCounters::non_ip},
      {"NSH, length too small", 1, ethernet(0x894f, hex("0001 0103 00000000") + eth_hello()),
       &DecodeCounters::bad_header},
      {"IPv4 of version 5", 1, ethernet(0x0800, hex("55") + zeros(40)),
       &DecodeCounters::bad_header},
      {"IPv4 header of 16 bytes", 1, ethernet(0x0800, hex("44") + zeros(40)),
       &DecodeCounters::bad_header},
      {"IPv4 header cut", 1, ethernet(0x0800, hex("4f00 0040") + zeros(20)),
       &DecodeCounters::cut_header},
      {"IPv4 length below its header", 1,
       ethernet(0x0800,
                ip4(kTcp, tcp(1, 2, zeros(20)), {{1, 1, 1, 1}, {2, 2, 2, 2}, 1, 0, 64, 19})),
       &DecodeCounters::bad_header},
      {"IPv6 of version 5", 1, ethernet(0x86dd, hex("50") + zeros(60)),
       &DecodeCounters::bad_header},
      {"IPv6 extension beyond the end", 1, ethernet(0x86dd, ip6(60, hex("06ff") + zeros(30))),
       &DecodeCounters::bad_header},
      {"TCP of 19 bytes", 1, ethernet(0x0800, ip4(kTcp, zeros(19))), &DecodeCounters::bad_header},
      {"UDP of 7 bytes", 1, ethernet(0x0800, ip4(kUdp, zeros(7))), &DecodeCounters::bad_header},
      {"IPv4 fragment", 1,
       ethernet(0x0800, ip4(kUdp, zeros(16), {{1, 1, 1, 1}, {2, 2, 2, 2}, 1, 0x2000})),
       &DecodeCounters::fragments},
      {"IPv6 fragment", 1, ethernet(0x86dd, ip6_fragment(kUdp, 8, false, 1, zeros(8))),
       &DecodeCounters::fragments},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    DecodedBlock out = decode(row.link_type, row.frame);
    CHECK(out.counters.*row.counter == 1);
    CHECK(ends(out.counters) == 1);
    CHECK(out.counters.packets == 0);
    CHECK(out.counters.bytes == row.frame.size());
    CHECK(out.fragments().size() == out.packets().size());
  }
}

TEST_CASE("the depth of tunnels is bounded and the last one is left on") {
  Raw packet = hello();
  for (int i = 0; i < 12; ++i) packet = ip4(4, packet);
  DecodedBlock out = decode(101, packet);
  REQUIRE(out.packets().size() == 1);
  CHECK(out.packets()[0].tunnel_depth == Decoder::kTunnelDepthMax);
  CHECK(out.packets()[0].protocol == 4);
  CHECK(out.packets()[0].outer == packet.data());
  CHECK(out.counters.depth_exceeded == 1);
  CHECK(decode(101, packet, 0, Decoder{nullptr, 12}).packets()[0].protocol == kTcp);
}

TEST_CASE("link headers within link headers are bounded") {
  const auto nested = [](int times) {
    Raw frame = eth_hello();
    for (int i = 0; i < times; ++i) frame = ethernet(0x88e7, zeros(4) + frame);
    return frame;
  };
  CHECK(decode(kEthernet, nested(10)).counters.packets == 1);
  CHECK(decode(kEthernet, nested(100)).counters.bad_header == 1);
}

TEST_CASE("VLAN ids are those of the two outermost tags, and priority tags are none") {
  const Raw frame = ethernet(
      0x88a8,
      dot1q(0xe005, 0x8100, dot1q(0x2000, 0x8100, dot1q(6, 0x8100, dot1q(7, 0x0800, hello())))));
  DecodedBlock out = decode(kEthernet, frame);
  CHECK(out.packets()[0].vlan == 5);
  CHECK(out.packets()[0].inner_vlan == 6);
  CHECK(out.counters.qinq == 1);
  CHECK(out.counters.vlan == 0);
}

TEST_CASE("payload lengths come from IP and not from the frame") {
  const Raw frame = eth_hello();
  DecodedBlock cut = decode(kEthernet, Raw(frame.begin(), frame.end() - 2),
                            static_cast<std::uint32_t>(frame.size()));
  CHECK(cut.packets()[0].truncated);
  CHECK(cut.packets()[0].payload_bytes == 3);
  CHECK(cut.packets()[0].payload_wire_bytes == 5);
  CHECK(cut.counters.cut_frames == 1);

  DecodedBlock padding_cut = decode(kEthernet, frame, static_cast<std::uint32_t>(frame.size()) + 4);
  CHECK_FALSE(padding_cut.packets()[0].truncated);

  const Raw short_length = ethernet(0x0800, ip4(kUdp, hex("1388 1389 0003 0000 ffff")));
  DecodedBlock bad = decode(kEthernet, short_length);
  CHECK(bad.packets()[0].destination_port == 5001);
  CHECK(bad.packets()[0].payload_bytes == 0);
}

TEST_CASE("a TCP header that lies about its end names the flow and has no payload") {
  for (const unsigned words : {0U, 4U, 9U, 15U}) {
    TcpFields fields;
    fields.header_words = words;
    const Raw packet = ip4(kTcp, tcp(40000, 443, text("hello"), fields));
    DecodedBlock out = decode(101, packet);
    REQUIRE(out.packets().size() == 1);
    CHECK(out.packets()[0].destination_port == 443);
    CHECK(out.packets()[0].payload_wire_bytes == 0);
    CHECK_FALSE(out.packets()[0].truncated);
  }
}

TEST_CASE("a jumbogram's length is that of its option, and offload-merged packets have none") {
  const Raw segment = tcp(40000, 443, text("hello"));
  Raw jumbo = ip6(0, hex("0600 c204") + u32(8 + static_cast<std::uint32_t>(segment.size())) +
                         segment + text("padding"));
  jumbo[4] = jumbo[5] = 0;
  CHECK(decode(101, jumbo).packets()[0].payload_wire_bytes == 5);
  CHECK(decode(101, jumbo).counters.length_missing == 0);

  Raw merged = ip6(kTcp, segment);
  merged[4] = merged[5] = 0;
  CHECK(decode(101, merged).packets()[0].payload_wire_bytes == 5);
  CHECK(decode(101, merged).counters.length_missing == 1);
}

TEST_CASE("TCP longer than a wire carries is counted by what SYNs announce") {
  const auto frame_of = [](std::size_t payload, const Raw& options = {}, unsigned flags = kAck) {
    TcpFields fields;
    fields.flags = flags;
    fields.header_words = 5 + static_cast<unsigned>(options.size() / 4);
    return ethernet(0x0800, ip4(kTcp, tcp(50000, 443, options + zeros(payload), fields)));
  };
  CHECK(decode(kEthernet, frame_of(1460)).counters.tcp_over_1500 == 0);
  CHECK(decode(kEthernet, frame_of(1461)).counters.tcp_over_1500 == 1);
  CHECK(decode(kEthernet, frame_of(1461)).counters.tcp_over_9216 == 0);
  CHECK(decode(kEthernet, frame_of(9177)).counters.tcp_over_9216 == 1);
  const Raw datagram = ethernet(0x0800, ip4(kUdp, udp(50000, 5000, zeros(3000))));
  CHECK(decode(kEthernet, datagram).counters.tcp_over_1500 == 0);

  struct Case {
    const char* what;
    Raw options;
    unsigned flags;
    std::uint64_t syns, jumbo, loopback;
  };
  const auto at = GENERATE(values<Case>({
      {"Ethernet", hex("020405b4"), kSyn, 1, 0, 0},
      {"behind others", hex("0101 0402 020405b4 00000000"), kSyn, 1, 0, 0},
      {"jumbo", hex("02042300"), kSyn, 1, 1, 0},
      {"loopback, of a server", hex("0204ffd7"), kSyn | kAck, 1, 1, 1},
      {"not of a SYN", hex("02042300"), kAck, 0, 0, 0},
      {"none", hex("04020000"), kSyn, 0, 0, 0},
      {"of a wrong length", hex("02022300"), kSyn, 0, 0, 0},
      {"an option of length 0 before it", hex("0800 0204 23000000"), kSyn, 0, 0, 0},
      {"after the end of options", hex("00010101 02042300"), kSyn, 0, 0, 0},
      {"cut by the header's end", hex("01010204"), kSyn, 0, 0, 0},
  }));
  INFO(at.what);
  const DecodedBlock block = decode(kEthernet, frame_of(0, at.options, at.flags));
  CHECK(block.counters.tcp_syns == at.syns);
  CHECK(block.counters.tcp_syns_jumbo == at.jumbo);
  CHECK(block.counters.tcp_syns_loopback == at.loopback);
}

TEST_CASE("frames to everybody are told by the first bit of their address") {
  Raw frame = eth_hello();
  CHECK(decode(kEthernet, frame).counters.group_frames == 0);
  frame[0] = 0x33;
  CHECK(decode(kEthernet, frame).counters.group_frames == 1);
  CHECK(decode(113, frame).counters.group_frames == 0);  // no address stands there
}

TEST_CASE("an IP packet behind an unknown header is recognised, and nothing else") {
  // A real header: its checksum is right.
  const Raw ip = hex("4500 0020 1234 4000 4011 abcd 0a000001 0a000002");
  const auto with_sum = [](Raw header) {
    header[10] = header[11] = 0;
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < 20; i += 2) sum += header[i] << 8 | header[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    header[10] = static_cast<std::uint8_t>(~sum >> 8);
    header[11] = static_cast<std::uint8_t>(~sum);
    return header;
  };
  const Raw packet = with_sum(ip) + zeros(12);
  const Raw packet6 = hex("86dd") + ip6(kUdp, zeros(20));
  struct Case {
    const char* what;
    Raw payload;
    bool holds;
  };
  const auto at = GENERATE_COPY(values<Case>({
      {"behind 8 bytes and Ethernet", zeros(20) + hex("0800") + packet, true},
      {"behind UDP at once", packet, true},
      {"behind 4 bytes", zeros(4) + packet, true},
      {"padded", zeros(22) + packet + zeros(14), true},
      {"IPv6 in Ethernet", zeros(20) + packet6, true},
      {"a wrong checksum", zeros(22) + ip + zeros(12), false},
      {"IPv6 at once, of which nothing tells", ip6(kUdp, zeros(20)), false},
      {"a wrong checksum at once", ip + zeros(12), false},
      {"cut", zeros(22) + Raw(packet.begin(), packet.end() - 1), false},
      {"much behind it", zeros(22) + packet + zeros(60), false},
      {"too far in", zeros(80) + packet, false},
      {"IPv6 without its ethertype", zeros(22) + ip6(kUdp, zeros(20)), false},
      {"IPv6 that is cut", zeros(20) + Raw(packet6.begin(), packet6.end() - 1), false},
      {"only a header's beginning", zeros(4) + Raw(packet.begin(), packet.begin() + 19), false},
      {"zeros", zeros(200), false},
      {"nothing", {}, false},
  }));
  INFO(at.what);
  CHECK(holds_ip_packet(at.payload) == at.holds);
  for (std::size_t cut = 0; cut < at.payload.size(); ++cut)
    (void)holds_ip_packet(Bytes{at.payload}.first(cut));
}

TEST_CASE("ICMP has the ports that Community ID gives it") {
  struct Row {
    unsigned protocol, type, code, source, destination;
  };
  for (const Row& row :
       {Row{kIcmp, 8, 0, 8, 0}, Row{kIcmp, 0, 0, 0, 8}, Row{kIcmp, 3, 1, 3, 1},
        Row{kIcmp6, 128, 0, 128, 129}, Row{kIcmp6, 136, 0, 136, 135}, Row{kIcmp6, 1, 4, 1, 4}}) {
    const Raw frame = ip4(row.protocol, u8(row.type) + u8(row.code) + zeros(6) + hello());
    DecodedBlock out = decode(101, frame);
    CHECK(out.packets()[0].source_port == row.source);
    CHECK(out.packets()[0].destination_port == row.destination);
    CHECK(out.packets()[0].protocol == row.protocol);  // and not of the packet it quotes
  }
}

TEST_CASE("the hash is alike both ways and the order tells them apart") {
  const Ip4Fields there{{10, 0, 0, 1}, {10, 0, 0, 2}};
  const Ip4Fields back{{10, 0, 0, 2}, {10, 0, 0, 1}};
  const Raw a = ip4(kTcp, tcp(40000, 443, {}), there);
  const Raw b = ip4(kTcp, tcp(443, 40000, {}), back);
  const Raw c = ip4(kTcp, tcp(443, 40000, {}), there);
  const Raw u = ip4(kUdp, udp(40000, 443, {}), there);
  const Packet pa = decode(101, a).packets()[0];
  const Packet pb = decode(101, b).packets()[0];
  CHECK(pa.hash == pb.hash);
  CHECK(pa.slot_hash == pb.slot_hash);
  CHECK(pa.source_is_lower);
  CHECK_FALSE(pb.source_is_lower);
  CHECK(pa.hash != decode(101, c).packets()[0].hash);
  CHECK(pa.hash != decode(101, u).packets()[0].hash);

  const Raw six = ip6(kUdp, udp(40000, 443, {}));
  Raw six_back = ip6(kUdp, udp(443, 40000, {}));
  for (std::size_t i = 0; i < 16; ++i) std::swap(six_back[8 + i], six_back[24 + i]);
  const Packet p6 = decode(101, six).packets()[0];
  const Packet p6_back = decode(101, six_back).packets()[0];
  CHECK(p6.hash == p6_back.hash);
  CHECK(p6.slot_hash == p6_back.slot_hash);
  CHECK(p6.source_is_lower != p6_back.source_is_lower);
  CHECK(p6.hash != decode(101, ip6(kUdp, udp(443, 40000, {}))).packets()[0].hash);
}

TEST_CASE("flows chosen for their common hash lie in different slots") {
  // Every address of this network has the same hash: its product is with zero. And those below it
  // whose port makes up for their address have one each: its product is with one.
  constexpr unsigned kFlows = 1000;
  std::set<std::uint32_t> hashes, slots;
  for (unsigned i = 0; i < kFlows; ++i) {
    Raw six = ip6(kUdp, udp(40000, 443, {}));
    const Raw source = hex("9e3779b97f4a7c15") + u32(i) + u32(77 * i);
    std::copy(source.begin(), source.end(), six.begin() + 8);
    const Packet packet = decode(101, six).packets()[0];
    hashes.insert(packet.hash);
    slots.insert(packet.slot_hash);
  }
  CHECK(hashes.size() == 1);  // which only says what part of the sensor has the flow
  CHECK(slots.size() > kFlows - 4);

  hashes.clear();
  slots.clear();
  for (unsigned i = 0; i < kFlows; ++i) {
    Raw six = ip6(kUdp, udp(40000 + i, 443, {}));
    const std::uint64_t low = (kHashSeed - (40000 + i) * kHashStep) ^ kHashStep;
    const Raw source = hex("9e3779b97f4a7c14") + u32(static_cast<std::uint32_t>(low >> 32)) +
                       u32(static_cast<std::uint32_t>(low));
    std::copy(source.begin(), source.end(), six.begin() + 8);
    const Packet packet = decode(101, six).packets()[0];
    hashes.insert(packet.hash);
    slots.insert(packet.slot_hash);
  }
  CHECK(hashes.size() == 1);
  CHECK(slots.size() > kFlows - 4);
}

TEST_CASE("the hash spreads neighbouring flows over all its bits") {
  constexpr unsigned kFlows = 1 << 14;
  std::vector<unsigned> high(16), low(4096), slots(4096);
  std::set<std::uint32_t> distinct, distinct_slots;
  for (unsigned i = 0; i < kFlows; ++i) {
    Ip4Fields fields;
    fields.source = {10, 0, static_cast<std::uint8_t>(i >> 8 & 15), static_cast<std::uint8_t>(i)};
    const Raw packet = ip4(kTcp, tcp(40000 + (i >> 12), 443, {}), fields);
    const DecodedBlock decoded = decode(101, packet);
    const std::uint32_t hash = decoded.packets()[0].hash;
    const std::uint32_t slot_hash = decoded.packets()[0].slot_hash;
    distinct.insert(hash);
    distinct_slots.insert(slot_hash);
    ++slots[slot_hash & 4095];
    ++high[hash >> 28];
    ++low[hash & 4095];
  }
  CHECK(distinct.size() > kFlows - 4);
  CHECK(distinct_slots.size() > kFlows - 8);
  for (const unsigned count : high) CHECK((count > 900 && count < 1150));  // 1024 expected
  unsigned empty = 0;
  for (const unsigned count : low) empty += count == 0;
  CHECK(empty < 120);  // 4096 / e^4 = 75 expected
  empty = 0;
  for (const unsigned count : slots) empty += count == 0;
  CHECK(empty < 1000);  // some of the keys that are drawn spread worse than others
}

TEST_CASE("the fingerprint is a frame's and its mirrored copy's, and nobody else's") {
  const Packet original = decode(kEthernet, ethernet(0x0800, hello())).packets()[0];
  struct Row {
    std::string name;
    Raw ip;
    bool same;
  };
  Ip4Fields hop;
  hop.ttl = 63;
  Ip4Fields resent;
  resent.identification = 8;
  TcpFields later;
  later.sequence = 1005;
  TcpFields timestamped;
  timestamped.checksum = 0x9999;
  TcpFields reset;
  reset.flags = kRst;
  const std::vector<Row> rows = {
      {"a hop later", ip4(kTcp, tcp(40000, 443, text("hello")), hop), true},
      {"sent again", ip4(kTcp, tcp(40000, 443, text("hello")), resent), false},
      {"next segment", ip4(kTcp, tcp(40000, 443, text("hello"), later)), false},
      {"other checksum", ip4(kTcp, tcp(40000, 443, text("hello"), timestamped)), false},
      {"other flags", ip4(kTcp, tcp(40000, 443, text("hello"), reset)), false},
      {"longer", ip4(kTcp, tcp(40000, 443, text("hello!"))), false},
      {"other flow", ip4(kTcp, tcp(40001, 443, text("hello"))), false},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const Raw tagged = ethernet(0x8100, dot1q(5, 0x0800, row.ip));
    const Raw tunnelled = over_udp(4789, hex("08000000 00007b00") + ethernet(0x0800, row.ip));
    for (const Raw& frame : {row.ip, tagged, tunnelled}) {
      DecodedBlock out = decode(frame[0] == 0x45 ? 101 : kEthernet, frame);
      CHECK((out.packets()[0].fingerprint == original.fingerprint) == row.same);
      CHECK(out.packets()[0].fingerprint != 0);
    }
  }
  // An answer that mirrors its question in everything but the direction.
  Ip4Fields back;
  std::swap(back.source, back.destination);
  const Raw question = ip4(kUdp, udp(5000, 5000, text("same")));
  const Raw answer = ip4(kUdp, udp(5000, 5000, text("same")), back);
  CHECK(decode(101, question).packets()[0].fingerprint !=
        decode(101, answer).packets()[0].fingerprint);
  const Raw first = ip4(kUdp, udp(5000, 443, hex("40") + zeros(20) + hex("01")));
  const Raw second = ip4(kUdp, udp(5000, 443, hex("40") + zeros(20) + hex("02")));
  CHECK(decode(101, first).packets()[0].fingerprint !=
        decode(101, second).packets()[0].fingerprint);
  // Without an identification of IP's the datagram itself has to tell, and media begin alike.
  for (const std::size_t differs : {50U, 111U}) {
    INFO(differs);
    Raw one = zeros(112);
    Raw other = one;
    other[differs] = 1;
    Ip4Fields unnumbered;
    unnumbered.identification = 0;
    const Raw pairs[] = {ip6(kUdp, udp(5000, 443, one)), ip6(kUdp, udp(5000, 443, other)),
                         ip4(kUdp, udp(5000, 443, one), unnumbered),
                         ip4(kUdp, udp(5000, 443, other), unnumbered)};
    const auto fingerprint = [](const Raw& packet) {
      return decode(101, packet).packets()[0].fingerprint;
    };
    CHECK(fingerprint(pairs[0]) != fingerprint(pairs[1]));
    CHECK(fingerprint(pairs[2]) != fingerprint(pairs[3]));
    CHECK(fingerprint(pairs[0]) == fingerprint(pairs[0]));
  }
}

TEST_CASE("what the snap length leaves of a datagram has one fingerprint, with tags and without") {
  const auto cut = [](const Raw& frame, std::size_t snap) {
    const Raw part(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(snap));
    return decode(kEthernet, part, static_cast<std::uint32_t>(frame.size()))
        .packets()[0]
        .fingerprint;
  };
  for (const unsigned identification : {0U, 7U}) {
    Ip4Fields fields;
    fields.identification = identification;
    Raw payload;
    for (unsigned i = 0; i < 1000; ++i) payload.push_back(static_cast<std::uint8_t>(i * i >> 3));
    Raw other = payload;
    other[12] ^= 1;
    const Raw packet = ip4(kUdp, udp(5000, 443, payload), fields);
    const Raw next = ip4(kUdp, udp(5000, 443, other), fields);
    for (const std::size_t snap : {64U, 68U, 96U, 128U, 256U}) {
      INFO(snap << " bytes, identification " << identification);
      const std::uint32_t plain = cut(ethernet(0x0800, packet), snap);
      CHECK(plain == cut(ethernet(0x8100, dot1q(5, 0x0800, packet)), snap));
      if (snap > 90)
        CHECK(plain == cut(ethernet(0x88a8, dot1q(6, 0x8100, dot1q(5, 0x0800, packet))), snap));
      CHECK(plain != cut(ethernet(0x0800, next), snap));
      CHECK(plain !=
            cut(ethernet(0x0800, ip4(kUdp, udp(5000, 443, payload + zeros(1)), fields)), snap));
    }
  }
}

TEST_CASE("a wireless aggregate of which only the first frame is read is counted") {
  const auto part = [](const Raw& ip) {
    const Raw llc = hex("aaaa03 000000 0800") + ip;
    return zeros(12) + u16(static_cast<unsigned>(llc.size())) + llc;
  };
  const Raw header = hex("8801") + zeros(22) + hex("8000");
  const Raw first = part(hello());
  const DecodedBlock one = decode(105, header + first);
  CHECK(one.packets().size() == 1);
  CHECK(one.counters.tunnel_not_decoded == 0);
  const Raw padding = zeros((4 - first.size() % 4) % 4);
  const DecodedBlock two = decode(105, header + first + padding + part(hello()));
  CHECK(two.packets().size() == 1);
  CHECK(two.counters.tunnel_not_decoded == 1);
}

TEST_CASE("a block is reused without remembering the one before") {
  Frames two;
  const Raw vlan = ethernet(0x8100, dot1q(5, 0x0800, hello()));
  two.kept.reserve(2);
  two.add(kEthernet, vlan);
  two.add(kEthernet, ethernet(0x0806, zeros(28)));
  two.block.first_number = 41;
  two.block.input = 3;
  Frames one;
  one.add(kEthernet, eth_hello());
  DecodedBlock out;
  const Decoder decoder;
  decoder.decode(two.block, out);
  CHECK(out.packets().size() == 1);
  CHECK(out.packets()[0].number == 41);
  CHECK(out.packets()[0].input == 3);
  CHECK(out.packets()[0].vlan == 5);
  decoder.decode(one.block, out);
  REQUIRE(out.packets().size() == 1);
  CHECK(out.packets()[0].vlan == 0);
  CHECK(out.packets()[0].number == 1);
  CHECK(out.counters.frames == 3);
  CHECK(ends(out.counters) == 3);
}
