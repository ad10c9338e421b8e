#include "gnomon/flow/flow_table.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <deque>
#include <string>
#include <vector>

#include "gnomon/bytes/hash.h"

using namespace gnomon;
using namespace std::chrono_literals;
using flow::Ending;
using flow::Flow;
using flow::FlowTable;
using packet::Packet;

namespace {

constexpr std::uint8_t kSynAck = packet::kSyn | packet::kAck;

struct Ended {
  Ending ending;
  Flow flow;
};

struct Handler final : flow::FlowEndHandler {
  std::vector<Ended> ended;
  void flow_ended(flow::FlowIndex, const Flow& flow, Ending ending) override {
    ended.push_back({ending, flow});
  }
};

// Packets of hosts 10.0.0.N, made as the decoder makes them.
class Wire {
 public:
  Packet tcp(int from, std::uint16_t from_port, int to, std::uint16_t to_port, std::uint8_t flags,
             std::uint32_t sequence = 0, std::uint32_t payload = 0) {
    Packet packet = make(packet::kTcp, from, from_port, to, to_port, payload);
    packet.tcp_flags = flags;
    packet.tcp_sequence = sequence;
    return packet;
  }
  Packet udp(int from, std::uint16_t from_port, int to, std::uint16_t to_port) {
    return make(packet::kUdp, from, from_port, to, to_port, 10);
  }
  Time now = time_of(1'700'000'000, 0);

 private:
  Packet make(std::uint8_t protocol, int from, std::uint16_t from_port, int to,
              std::uint16_t to_port, std::uint32_t payload) {
    headers_.push_back({0x45, 0,        0, 0,
                        0,    0,        0, 0,
                        64,   protocol, 0, 0,
                        10,   0,        0, static_cast<std::uint8_t>(from),
                        10,   0,        0, static_cast<std::uint8_t>(to)});
    Packet packet;
    packet.network = headers_.back().data();
    packet.time = now;
    packet.number = headers_.size();
    packet.protocol = protocol;
    packet.ip_version = 4;
    packet.source_port = from_port;
    packet.destination_port = to_port;
    packet.payload_wire_bytes = packet.payload_bytes = payload;
    packet.wire_bytes = 54 + payload;
    packet.source_is_lower = from != to ? from < to : from_port <= to_port;
    const int low = std::min(from, to);
    packet.hash =
        static_cast<std::uint32_t>(mix(static_cast<std::uint64_t>(low + 1) * 77,
                                       static_cast<std::uint64_t>(from_port + to_port) + protocol));
    packet.slot_hash = packet.hash;
    packet.fingerprint = static_cast<std::uint32_t>(headers_.size());
    return packet;
  }
  std::deque<std::array<std::uint8_t, 20>> headers_;
};

struct Bench {
  Wire wire;
  Handler handler;
  FlowTable table;
  explicit Bench(std::uint32_t flows_max = 1000)
      : table([&] {
          flow::FlowLimits limits;
          limits.flows_max = flows_max;
          return limits;
        }()) {}
  FlowTable::Seen see(const Packet& packet) { return table.see(packet, handler); }
  const Flow& flow_of(const Packet& packet) { return table.flow(see(packet).index); }
};

}  // namespace

TEST_CASE("both directions are one flow, and the SYN's sender is the client") {
  Bench bench;
  const auto first = bench.see(bench.wire.tcp(9, 50000, 1, 443, packet::kSyn, 100));
  const auto second = bench.see(bench.wire.tcp(1, 443, 9, 50000, kSynAck, 300));
  CHECK(first.created);
  CHECK_FALSE(second.created);
  CHECK(first.index == second.index);
  CHECK(first.sender != second.sender);
  const Flow& flow = bench.table.flow(first.index);
  CHECK(flow.client == first.sender);
  CHECK(flow.client_evidence == flow::ClientEvidence::kSyn);
  CHECK(flow.packets[0] == 1);
  CHECK(flow.packets[1] == 1);
}

TEST_CASE("the client is found without its SYN") {
  SECTION("from the SYN-ACK's receiver, although the server has the higher port") {
    Bench bench;
    const auto seen = bench.see(bench.wire.tcp(1, 50000, 9, 40000, kSynAck));
    CHECK(bench.table.flow(seen.index).client != seen.sender);
  }
  SECTION("from the better-known port, although the server spoke first") {
    Bench bench;
    const auto seen = bench.see(bench.wire.tcp(1, 443, 9, 50000, packet::kAck, 1, 100));
    CHECK(bench.table.flow(seen.index).client != seen.sender);
    CHECK(bench.table.flow(seen.index).midstream);
  }
  SECTION("from who spoke first, when the ports say nothing") {
    Bench bench;
    const auto seen = bench.see(bench.wire.udp(9, 40000, 1, 50000));
    CHECK(bench.table.flow(seen.index).client == seen.sender);
  }
  SECTION("later and stronger evidence overrules") {
    Bench bench;
    const auto seen = bench.see(bench.wire.tcp(1, 443, 9, 50000, packet::kAck, 1, 100));
    Flow& flow = bench.table.flow(seen.index);
    FlowTable::decide_client(flow, seen.sender, flow::ClientEvidence::kHello);
    CHECK(flow.client == seen.sender);
    FlowTable::decide_client(flow, flow::other(seen.sender), flow::ClientEvidence::kPort);
    CHECK(flow.client == seen.sender);
  }
}

TEST_CASE("a SPAN duplicate is counted as such and not as a packet") {
  Bench bench;
  const Packet syn = bench.wire.tcp(1, 50000, 9, 443, packet::kSyn);
  CHECK_FALSE(bench.see(syn).duplicate);
  CHECK(bench.see(syn).duplicate);
  const auto index = bench.see(bench.wire.tcp(9, 443, 1, 50000, kSynAck)).index;
  CHECK(bench.see(syn).duplicate);  // also behind another packet
  CHECK(bench.table.flow(index).duplicates == 2);
  CHECK(bench.table.flow(index).packets[0] + bench.table.flow(index).packets[1] == 2);
  Packet late = syn;
  late.time += 1s;
  CHECK_FALSE(bench.see(late).duplicate);
  Packet unknown = syn;
  unknown.fingerprint = 0;
  CHECK_FALSE(bench.see(unknown).duplicate);
}

TEST_CASE("what has no number of its own is a copy only at once, and else was said again") {
  struct Case {
    const char* what;
    int version;
    std::uint8_t identification;
    bool tcp;
    std::chrono::microseconds after;
    bool duplicate;
  };
  const auto each = GENERATE(values<Case>({
      {"IPv6, a mirror's copy", 6, 0, false, 300us, true},
      {"IPv6, said again", 6, 0, false, 4ms, false},
      {"IPv4 without identification, a mirror's copy", 4, 0, false, 300us, true},
      {"IPv4 without identification, said again", 4, 0, false, 5ms, false},
      {"IPv4, a mirror's late copy", 4, 7, false, 19ms, true},
      {"IPv4, too late for a copy", 4, 7, false, 21ms, false},
      {"TCP, a mirror's late copy", 4, 0, true, 19ms, true},
  }));
  INFO(each.what);
  Bench bench;
  Packet packet = each.tcp ? bench.wire.tcp(1, 50000, 9, 443, packet::kAck, 100, 10)
                           : bench.wire.udp(1, 50000, 9, 8125);
  std::array<std::uint8_t, 40> header{};
  std::copy_n(packet.network, 20, header.begin());
  header[5] = each.identification;
  packet.network = header.data();
  packet.ip_version = static_cast<std::uint8_t>(each.version);
  bench.see(packet);
  packet.time += each.after;
  CHECK(bench.see(packet).duplicate == each.duplicate);
}

TEST_CASE("a new SYN on a used 5-tuple is a new flow, a repeated one is not") {
  Bench bench;
  bench.see(bench.wire.tcp(1, 50000, 9, 443, packet::kSyn, 100));
  CHECK_FALSE(bench.see(bench.wire.tcp(1, 50000, 9, 443, packet::kSyn, 100)).created);
  CHECK_FALSE(bench.see(bench.wire.tcp(1, 50000, 9, 443, packet::kSyn, 500)).created);  // refused
  bench.see(bench.wire.tcp(9, 443, 1, 50000, kSynAck, 7));
  bench.see(bench.wire.tcp(1, 50000, 9, 443, packet::kAck, 501, 10));
  CHECK(bench.see(bench.wire.tcp(1, 50000, 9, 443, packet::kSyn, 900)).created);
  REQUIRE(bench.handler.ended.size() == 1);
  CHECK(bench.handler.ended[0].ending == Ending::kFinished);
  CHECK(bench.table.counters().reused == 1);
}

TEST_CASE("a SYN that comes behind its answer begins nothing") {
  struct Case {
    const char* what;
    std::uint8_t first;  // flags of the server's first packet
    std::uint32_t acknowledged;
    bool late;  // the SYN comes behind an own packet of the client
    bool created;
  };
  const auto each = GENERATE(values<Case>({
      {"its SYN-ACK", kSynAck, 101, false, false},
      {"its first data, which acknowledged a request", packet::kAck, 701, false, false},
      {"its refusal", packet::kRst | packet::kAck, 101, false, false},
      {"over the end of the numbers", kSynAck, 101 + 0x8000, false, false},
      {"another connection's SYN-ACK", kSynAck, 5'000'000, false, true},
      {"what acknowledged less than the SYN", packet::kAck, 100, false, true},
      {"a new one on old ports", kSynAck, 101, true, true},
      {"an end that acknowledged nothing", packet::kRst, 0, false, true},
  }));
  INFO(each.what);
  Bench bench;
  Packet answer = bench.wire.tcp(1, 443, 9, 50000, each.first, 300);
  answer.tcp_acknowledgement = each.acknowledged;
  answer.time += 5ms;
  bench.see(answer);
  Packet more = bench.wire.tcp(1, 443, 9, 50000, packet::kAck, 301, 1000);
  more.tcp_acknowledgement = each.acknowledged + 400;
  more.time += 6ms;
  bench.see(more);
  if (each.late) bench.see(bench.wire.tcp(9, 50000, 1, 443, packet::kAck, 700));
  const auto seen = bench.see(bench.wire.tcp(9, 50000, 1, 443, packet::kSyn, 100));
  CHECK(seen.created == each.created);
  const Flow& flow = bench.table.flow(seen.index);
  CHECK(flow.client == seen.sender);
  CHECK(flow.start == bench.wire.now);
  CHECK(flow.packets[flow::index_of(flow::other(seen.sender))] == (each.created ? 0 : 2));
  // What the client sends is measured from its own SYN all the same.
  bench.see(bench.wire.tcp(9, 50000, 1, 443, packet::kFin | packet::kAck, 601));
  CHECK(flow.lost_bytes(seen.sender) == 500);
}

TEST_CASE(
    "where only the server is seen a SYN-ACK after the end of a connection begins a new one") {
  struct Case {
    const char* what;
    std::uint8_t last;  // flags of the server's last packet
    bool client_seen;
    std::uint32_t sequence;  // of the SYN-ACK after it; the first one's was 7
    bool created;
  };
  const auto each = GENERATE(values<Case>({
      {"after FIN", packet::kFin | packet::kAck, false, 5000, true},
      {"after RST", packet::kRst | packet::kAck, false, 5000, true},
      {"the same after RST", packet::kRst | packet::kAck, false, 7, false},
      {"nothing had ended", packet::kAck, false, 5000, false},
      {"the client is seen too", packet::kFin | packet::kAck, true, 5000, false},
  }));
  INFO(each.what);
  Bench bench;
  bench.see(bench.wire.tcp(9, 443, 1, 50000, kSynAck, 7));
  if (each.client_seen) bench.see(bench.wire.tcp(1, 50000, 9, 443, packet::kAck, 1));
  bench.see(bench.wire.tcp(9, 443, 1, 50000, packet::kAck, 8, 100));
  bench.see(bench.wire.tcp(9, 443, 1, 50000, each.last, 108));
  CHECK(bench.see(bench.wire.tcp(9, 443, 1, 50000, kSynAck, each.sequence)).created ==
        each.created);
  CHECK(bench.handler.ended.size() == (each.created ? 1 : 0));
}

TEST_CASE("a SYN-ACK that a mirror copies behind the end of its connection begins nothing") {
  Bench bench;
  const Packet answer = bench.wire.tcp(9, 443, 1, 50000, kSynAck, 7);
  bench.see(answer);
  bench.see(bench.wire.tcp(9, 443, 1, 50000, packet::kFin | packet::kAck, 8));
  CHECK(bench.see(answer).duplicate);
  CHECK(bench.handler.ended.empty());
}

TEST_CASE("flows end after the silence that their state allows, on the packets' clock") {
  Bench bench;
  const auto closed = [&](std::uint8_t last) {
    bench.see(bench.wire.tcp(1, 50001, 9, 443, packet::kSyn));
    bench.see(bench.wire.tcp(9, 443, 1, 50001, kSynAck));
    bench.see(bench.wire.tcp(1, 50001, 9, 443, packet::kAck | last));
    if (last == packet::kFin)
      bench.see(bench.wire.tcp(9, 443, 1, 50001, packet::kFin | packet::kAck));
  };
  struct Case {
    const char* name;
    int kind;
    std::chrono::seconds silence;
    Ending ending;
  };
  const auto each = GENERATE(values<Case>({{"only a SYN", 0, 60s, Ending::kTimeout},
                                           {"established", 1, 1800s, Ending::kTimeout},
                                           {"closed by FIN", 2, 10s, Ending::kFinished},
                                           {"closed by RST", 3, 10s, Ending::kFinished},
                                           {"UDP without an answer", 4, 60s, Ending::kTimeout}}));
  INFO(each.name);
  switch (each.kind) {
    case 0:
      bench.see(bench.wire.tcp(1, 50001, 9, 443, packet::kSyn));
      break;
    case 1:
      closed(0);
      break;
    case 2:
      closed(packet::kFin);
      break;
    case 3:
      closed(packet::kRst);
      break;
    default:
      bench.see(bench.wire.udp(1, 50001, 9, 5000));
      break;
  }
  bench.wire.now += each.silence;
  bench.see(bench.wire.udp(3, 1, 4, 2));
  CHECK(bench.handler.ended.empty());
  bench.wire.now += 2s;
  bench.see(bench.wire.udp(3, 1, 4, 2));
  REQUIRE(bench.handler.ended.size() == 1);
  CHECK(bench.handler.ended[0].ending == each.ending);
}

TEST_CASE("traffic keeps a flow alive however long it lasts, also over jumps of the clock") {
  Bench bench;
  const Packet one = bench.wire.udp(1, 50000, 9, 5000);
  const auto index = bench.see(one).index;
  for (int i = 0; i < 1000; ++i) {
    bench.wire.now += 50s;
    CHECK_FALSE(bench.see(bench.wire.udp(1, 50000, 9, 5000)).created);
  }
  CHECK(bench.table.flow(index).packets[0] == 1001);
  bench.wire.now += 24h * 365;
  CHECK(bench.see(bench.wire.udp(1, 50000, 9, 5000)).created);
}

TEST_CASE("time that runs backwards is counted and ends nothing") {
  Bench bench;
  bench.see(bench.wire.udp(1, 50000, 9, 5000));
  bench.wire.now -= 3600s;
  CHECK_FALSE(bench.see(bench.wire.udp(1, 50000, 9, 5000)).created);
  CHECK(bench.table.counters().backwards == 1);
  CHECK(bench.handler.ended.empty());
}

TEST_CASE("a full table ends the flow nearest its timeout, and counts") {
  Bench bench{3};
  const Packet a = bench.wire.udp(1, 1001, 9, 5000);
  bench.see(a);
  bench.wire.now += 1s;
  bench.see(bench.wire.udp(1, 1002, 9, 5000));
  bench.wire.now += 1s;
  bench.see(bench.wire.udp(1, 1003, 9, 5000));
  bench.wire.now += 1s;
  bench.see(bench.wire.udp(1, 1001, 9, 5000));  // the oldest speaks again
  bench.see(bench.wire.udp(1, 1004, 9, 5000));
  REQUIRE(bench.handler.ended.size() == 1);
  CHECK(bench.handler.ended[0].ending == Ending::kEvicted);
  CHECK(bench.handler.ended[0].flow.lower_port == 1002);
  CHECK(bench.table.size() == 3);
  CHECK(bench.table.counters().evicted == 1);
}

TEST_CASE("many flows come and go, and every one of them ends once") {
  Bench bench{200};
  std::size_t created = 0;
  for (int i = 0; i < 20000; ++i) {
    bench.wire.now += std::chrono::milliseconds{37 * (i % 90)};
    const auto seen = bench.see(
        bench.wire.udp(1 + i % 7, static_cast<std::uint16_t>(i % 911 + 1), 9 + i % 5, 5000));
    created += seen.created ? 1 : 0;
    CHECK(bench.table.size() <= 200);
  }
  const auto living = bench.table.living();
  CHECK(living.size() == bench.table.size());
  for (const auto index : living) bench.table.shut_down(index, bench.handler);
  CHECK(bench.handler.ended.size() == created);
  CHECK(bench.table.size() == 0);
}

TEST_CASE("bytes missing between SYN and FIN are counted, per side") {
  struct Case {
    const char* what;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> segments;  // sequence, payload
    bool syn = true;
    bool fin = true;
    std::uint32_t lost = 0;
    std::uint64_t sent = 0;
  };
  const auto at = GENERATE(values<Case>({
      {"all there", {{101, 1000}, {1101, 500}}, true, true, 0, 1500},
      {"the middle is gone", {{101, 1000}, {1601, 500}}, true, true, 500, 2000},
      {"the end before the FIN is gone", {{101, 1000}}, true, true, 1000, 2000},
      {"nothing but SYN and FIN", {}, true, true, 2000, 0},
      {"a segment came twice", {{101, 1000}, {101, 1000}, {1101, 500}}, true, true, 0, 1500},
      {"out of order", {{1101, 1000}, {101, 1000}}, true, true, 0, 2000},
      {"more than can be", {{101, 100}, {900'000'101, 100}}, true, true, 0, 200},
      {"no SYN", {{101, 100}, {101, 100}}, false, true, 0, 200},
      {"no FIN", {{101, 100}, {101, 100}}, true, false, 0, 200},
  }));
  INFO(at.what);
  Bench bench;
  std::uint32_t end = 101;
  for (const auto& [sequence, payload] : at.segments) end = std::max(end, sequence + payload);
  if (std::string{at.what}.find("end before") != std::string::npos || at.segments.empty())
    end = 2101;
  const auto opened = bench.see(bench.wire.tcp(9, 50000, 1, 443, at.syn ? packet::kSyn : packet::kAck, 100));
  for (const auto& [sequence, payload] : at.segments)
    bench.see(bench.wire.tcp(9, 50000, 1, 443, packet::kAck, sequence, payload));
  if (at.fin) bench.see(bench.wire.tcp(9, 50000, 1, 443, packet::kFin | packet::kAck, end));
  // Repeated, as when the last acknowledgement is lost.
  if (at.fin) bench.see(bench.wire.tcp(9, 50000, 1, 443, packet::kFin | packet::kAck, end));
  const Flow& flow = bench.table.flow(opened.index);
  CHECK(flow.lost_bytes(opened.sender) == at.lost);
  CHECK(flow.lost_bytes(flow::other(opened.sender)) == 0);
  CHECK(flow.sent_bytes(opened.sender) == at.sent);
  CHECK(flow.sent_bytes(flow::other(opened.sender)) == 0);
  CHECK((flow.lengths_known != 0) == (at.syn && at.fin));
}

TEST_CASE("sequence numbers wrap between SYN and FIN") {
  Bench bench;
  const auto opened = bench.see(bench.wire.tcp(9, 50000, 1, 443, packet::kSyn, 0xfffffff0));
  bench.see(bench.wire.tcp(9, 50000, 1, 443, packet::kAck, 0xfffffff1, 1000));
  bench.see(bench.wire.tcp(9, 50000, 1, 443, packet::kFin, 0xfffffff1 + 1400));
  CHECK(bench.table.flow(opened.index).lost_bytes(opened.sender) == 400);
}

TEST_CASE("a VLAN of its own for each direction is noticed, one for some packets is not") {
  Bench bench;
  Packet first = bench.wire.tcp(9, 50000, 1, 443, packet::kSyn);
  first.vlan = 10;
  const auto opened = bench.see(first);
  Packet stray = bench.wire.tcp(9, 50000, 1, 443, packet::kAck);
  stray.vlan = 11;
  bench.see(stray);
  CHECK_FALSE(bench.table.flow(opened.index).vlan_split);
  Packet same = bench.wire.tcp(1, 443, 9, 50000, kSynAck);
  same.vlan = 10;
  bench.see(same);
  CHECK_FALSE(bench.table.flow(opened.index).vlan_split);
  Packet answer = bench.wire.tcp(1, 443, 9, 50000, packet::kAck);
  answer.vlan = 20;
  bench.see(answer);
  CHECK(bench.table.flow(opened.index).vlan_split);
}

TEST_CASE("a tunnelled flow keeps the addresses of its first outer header") {
  Bench bench;
  const std::array<std::uint8_t, 20> outer{0x45, 0, 0, 0, 0,   0, 0, 0, 64, 47,
                                           0,    0, 192, 0, 2, 1, 192, 0, 2, 9};
  Packet inside = bench.wire.udp(1, 1000, 2, 53);
  inside.outer = outer.data();
  inside.tunnel = packet::Tunnel::kGre;
  const auto tunnelled = bench.see(inside).index;
  const auto plain = bench.see(bench.wire.udp(3, 1000, 4, 53)).index;
  CHECK(bench.table.outer(bench.table.flow(tunnelled)).source == IpAddress::v4(outer.data() + 12));
  CHECK(bench.table.outer(bench.table.flow(tunnelled)).destination ==
        IpAddress::v4(outer.data() + 16));
  CHECK(bench.table.outer(bench.table.flow(plain)).source == IpAddress{});
}

TEST_CASE("records keep their place when a table outgrows its first blocks") {
  Bench bench{40'000};
  std::vector<const Flow*> places;
  std::vector<flow::FlowIndex> indices;
  for (int i = 0; i < 30'000; ++i) {  // 192 bytes each: some six megabytes
    const Packet packet = bench.wire.udp(i % 200, static_cast<std::uint16_t>(1000 + i), 250, 53);
    indices.push_back(bench.see(packet).index);
    places.push_back(&bench.table.flow(indices.back()));
  }
  REQUIRE(bench.table.size() == 30'000);
  for (std::size_t i = 0; i < places.size(); ++i) {
    REQUIRE(&bench.table.flow(indices[i]) == places[i]);
    REQUIRE(places[i]->lower_port + places[i]->higher_port == 1053 + static_cast<int>(i));
  }
}

TEST_CASE("flows end in the order in which they began after the clock was put on, too") {
  Bench bench;
  for (int i = 1; i <= 100; ++i) bench.see(bench.wire.udp(i, 40000, 200, 5000));
  bench.table.shift_clock(1h);
  bench.table.expire(bench.wire.now + 2h, bench.handler);
  REQUIRE(bench.handler.ended.size() == 100);
  for (std::size_t i = 0; i < 100; ++i) CHECK(bench.handler.ended[i].flow.first_number == i + 1);
}
