#include "gnomon/packet/ip_reassembly.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "test_packets.h"

using namespace gnomon;
using namespace gnomon::packet;
using namespace gnomon::packet::testing;

namespace {

constexpr std::uint16_t kRawIp = 101;

// Bytes [begin, end) of a datagram's payload as one IPv4 fragment.
Raw piece4(const Raw& whole, std::size_t begin, std::size_t end, unsigned id = 7,
           unsigned protocol = kUdp) {
  Ip4Fields fields;
  fields.identification = id;
  fields.fragment = static_cast<unsigned>(begin / 8) | (end < whole.size() ? 0x2000U : 0U);
  return ip4(protocol,
             Raw(whole.begin() + static_cast<std::ptrdiff_t>(begin),
                 whole.begin() + static_cast<std::ptrdiff_t>(end)),
             fields);
}
Raw piece6(const Raw& whole, std::size_t begin, std::size_t end, std::uint32_t id = 7) {
  return ip6_fragment(kUdp, static_cast<unsigned>(begin), end < whole.size(), id,
                      Raw(whole.begin() + static_cast<std::ptrdiff_t>(begin),
                          whole.begin() + static_cast<std::ptrdiff_t>(end)));
}

Raw numbered(std::size_t count) {
  Raw bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  return bytes;
}

struct Run {
  DecodedBlock block;
  std::vector<Raw> kept;
  IpReassembler reassembler;
  Decoder decoder;

  explicit Run(ReassemblyLimits limits = {}) : reassembler(limits) {}

  // Decodes and reassembles the packets as one block; answers with those that are whole.
  std::vector<Packet> take(const std::vector<Raw>& packets, std::int64_t second = 100,
                           std::uint32_t wire_bytes = 0) {
    Frames frames;
    frames.kept.reserve(packets.size());
    for (const Raw& packet : packets) frames.add(kRawIp, packet, time_of(second, 0), wire_bytes);
    kept = std::move(frames.kept);
    decoder.decode(frames.block, block);
    reassembler.reassemble(decoder, block);
    std::vector<Packet> whole;
    for (const Packet& packet : block.packets())
      if (!packet.fragment) whole.push_back(packet);
    return whole;
  }
};

Raw payload_of(const Packet& packet) {
  return {packet.payload, packet.payload + packet.payload_bytes};
}

}  // namespace

TEST_CASE("fragments in any order make the datagram, at the one that completes it") {
  const Raw payload = numbered(60);
  const Raw whole = udp(1111, 2222, payload);
  for (const bool six : {false, true}) {
    const auto piece = [&](std::size_t begin, std::size_t end) {
      return six ? piece6(whole, begin, end) : piece4(whole, begin, end);
    };
    std::vector<Raw> pieces = {piece(0, 8), piece(8, 32), piece(32, 48), piece(48, whole.size())};
    std::sort(pieces.begin(), pieces.end());
    do {
      Run run;
      const std::vector<Packet> packets = run.take(pieces);
      REQUIRE(packets.size() == 1);
      const Packet& packet = packets[0];
      CHECK(packet.number == 4);
      CHECK(packet.reassembled);
      CHECK_FALSE(packet.truncated);
      CHECK(packet.destination_port == 2222);
      CHECK(payload_of(packet) == payload);
      CHECK(packet.payload_wire_bytes == payload.size());
      std::size_t frame_bytes = 0;
      for (const Raw& each : pieces) frame_bytes += each.size();
      CHECK(packet.wire_bytes == frame_bytes);
      CHECK(packet.source().to_string() == (six ? "2001:db8::1" : "10.0.0.1"));
      CHECK(run.reassembler.held_bytes() == 0);
      CHECK(run.reassembler.held_datagrams() == 0);
      CHECK(run.reassembler.counters().datagrams == 1);
      CHECK(run.block.counters.fragments == 4);
    } while (std::next_permutation(pieces.begin(), pieces.end()));
  }
}

TEST_CASE("a datagram has the bytes of every frame that brought a part of it, once") {
  const Raw whole = udp(1111, 2222, numbered(72));  // 80 bytes, of which an IPv4 header has 20
  Raw other = whole;
  for (std::size_t i = 8; i < other.size(); ++i) other[i] ^= 0xff;
  struct Row {
    std::string name;
    std::vector<Raw> pieces;
    std::uint32_t wire_bytes;
  };
  const Raw a = piece4(whole, 0, 24);
  const Raw b = piece4(whole, 24, 64);
  const Raw c = piece4(whole, 64, 80);
  for (const Row& row :
       {Row{"each once", {a, b, c}, 80 + 3 * 20}, Row{"the last first", {c, b, a}, 80 + 3 * 20},
        Row{"copies", {a, a, b, b, a, c}, 80 + 3 * 20},
        Row{"other bytes where all is held", {a, b, piece4(other, 8, 24), c}, 80 + 3 * 20},
        Row{"an overlap that brings something", {a, piece4(whole, 16, 40), b, c}, 104 + 4 * 20},
        Row{"data beyond the end", {a, c, piece4(other + zeros(8), 64, 80), b}, 80 + 3 * 20}}) {
    INFO(row.name);
    Run run;
    const std::vector<Packet> packets = run.take(row.pieces);
    REQUIRE(packets.size() == 1);
    CHECK(packets[0].wire_bytes == row.wire_bytes);
  }
  // Frames whose length is a lie.
  Run run;
  const std::uint32_t most = 0xffffffff;
  CHECK(run.take({a}, 100, most).empty());
  CHECK(run.take({b}, 100, most).empty());
  const std::vector<Packet> packets = run.take({c}, 100, most);
  REQUIRE(packets.size() == 1);
  CHECK(packets[0].wire_bytes == most);
}

TEST_CASE("a reassembled packet has the hash of the flow's whole packets") {
  const Raw whole = udp(1111, 2222, numbered(60));
  Run run;
  const Packet packet = run.take({piece4(whole, 0, 32), piece4(whole, 32, 68)}).at(0);
  const Raw bare = ip4(kUdp, whole);
  CHECK(packet.hash == decode(kRawIp, bare).packets()[0].hash);
}

TEST_CASE("the datagram is put together over several blocks") {
  const Raw whole = udp(1111, 2222, numbered(60));
  Run run;
  CHECK(run.take({piece4(whole, 32, 68)}).empty());
  CHECK(run.take({hello()}).size() == 1);
  const std::vector<Packet> packets = run.take({piece4(whole, 0, 32)});
  REQUIRE(packets.size() == 1);
  CHECK(payload_of(packets[0]) == numbered(60));
}

TEST_CASE("what does not belong together is not put together") {
  const Raw whole = udp(1111, 2222, numbered(60));
  Ip4Fields elsewhere;
  elsewhere.source = {10, 0, 0, 9};
  elsewhere.fragment = 4;
  const Raw tail(whole.begin() + 32, whole.end());
  const std::vector<Raw> strangers = {
      piece4(whole, 32, 68, 8),      // another identification
      piece4(whole, 32, 68, 7, 99),  // another protocol
      ip4(kUdp, tail, elsewhere),    // another sender
      piece6(whole, 32, 68),         // another version
  };
  Run run;
  CHECK(run.take({piece4(whole, 0, 32)}).empty());
  CHECK(run.take(strangers).empty());
  CHECK(run.take({piece4(whole, 32, 68)}).size() == 1);
}

TEST_CASE("copies of fragments are no overlap") {
  const Raw whole = udp(1111, 2222, numbered(60));
  for (const bool six : {false, true}) {
    const Raw a = six ? piece6(whole, 0, 32) : piece4(whole, 0, 32);
    const Raw b = six ? piece6(whole, 32, 68) : piece4(whole, 32, 68);
    Run run;
    CHECK(run.take({a, a, b, b}).size() == 1);
    CHECK(run.reassembler.counters().duplicates == 1);
    CHECK(run.reassembler.counters().overlaps == 0);
  }
}

TEST_CASE("of overlapping IPv4 fragments the first bytes stay; IPv6's are dropped whole") {
  const Raw payload = numbered(72);
  const Raw whole = udp(1111, 2222, payload);  // 80 bytes
  Raw evil = whole;
  for (std::size_t i = 8; i < evil.size(); ++i) evil[i] ^= 0xff;
  struct Row {
    std::string name;
    std::size_t begin, end;
  };
  for (const Row& row : {Row{"over the end of one", 16, 40}, Row{"over the start of one", 40, 56},
                         Row{"over all of one", 40, 72}, Row{"within one", 8, 16}}) {
    INFO(row.name);
    Run four;
    const std::vector<Packet> packets =
        four.take({piece4(whole, 0, 24), piece4(whole, 48, 64), piece4(evil, row.begin, row.end),
                   piece4(whole, 24, 48), piece4(whole, 64, 80)});
    REQUIRE(packets.size() == 1);
    const Raw got = payload_of(packets[0]);
    CHECK(Raw(got.begin(), got.begin() + 16) == Raw(payload.begin(), payload.begin() + 16));
    CHECK(Raw(got.begin() + 40, got.begin() + 56) ==
          Raw(payload.begin() + 40, payload.begin() + 56));
    CHECK(four.reassembler.counters().overlaps >= 1);

    Run six;
    CHECK(six.take({piece6(whole, 0, 24), piece6(whole, 48, 64), piece6(evil, row.begin, row.end),
                    piece6(whole, 24, 48), piece6(whole, 64, 80)})
              .empty());
    CHECK(six.reassembler.counters().overlaps == 1);
    CHECK(six.reassembler.held_bytes() == 0);
  }
}

TEST_CASE("fragments that cannot be are counted and change nothing") {
  const Raw whole = udp(1111, 2222, numbered(60));
  Ip4Fields odd;
  odd.fragment = 0x2000 | 1;
  Ip4Fields far;
  far.fragment = 0x1fff;
  Ip4Fields beyond;
  beyond.fragment = 20;
  Ip4Fields early_end;
  early_end.fragment = 1;
  struct Row {
    std::string name;
    Raw packet;
    std::uint64_t ReassemblyCounters::*counter;
  };
  const std::vector<Row> rows = {
      {"of 13 bytes, not the last", ip4(kUdp, zeros(13), odd), &ReassemblyCounters::invalid},
      {"empty", ip4(kUdp, {}, odd), &ReassemblyCounters::invalid},
      {"ending beyond 65,535", ip4(kUdp, zeros(32), far), &ReassemblyCounters::invalid},
      {"beyond the end", ip4(kUdp, zeros(8), beyond), &ReassemblyCounters::invalid},
      {"another end, before data held", ip4(kUdp, zeros(8), early_end),
       &ReassemblyCounters::invalid},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Run run;
    CHECK(run.take({piece4(whole, 48, 68), row.packet}).empty());
    CHECK(run.reassembler.counters().*row.counter == 1);
    const std::vector<Packet> packets = run.take({piece4(whole, 0, 48)});
    REQUIRE(packets.size() == 1);
    CHECK(payload_of(packets[0]) == numbered(60));
  }
  Run run;
  Raw cut = piece4(whole, 32, 68);
  const auto wire_bytes = static_cast<std::uint32_t>(cut.size());
  cut.pop_back();
  CHECK(run.take({cut}, 100, wire_bytes).empty());
  CHECK(run.reassembler.counters().cut == 1);
}

TEST_CASE("a fragment shorter than its IP header says is not put together") {
  const Raw whole = udp(1111, 2222, numbered(60));
  for (const bool six : {false, true}) {
    Raw tail = six ? piece6(whole, 32, 68) : piece4(whole, 32, 68);
    tail.pop_back();
    Run run;
    CHECK(run.take({six ? piece6(whole, 0, 32) : piece4(whole, 0, 32), tail}).empty());
    CHECK(run.reassembler.counters().cut == 1);
    Raw head = six ? piece6(whole, 0, 32) : piece4(whole, 0, 32);
    head.pop_back();
    const std::vector<Packet> packets = run.take({head});
    REQUIRE(packets.size() == 1);
    CHECK(packets[0].destination_port == 2222);
  }
}

TEST_CASE("a first fragment that the capture cut names its flow") {
  const Raw whole = udp(1111, 2222, numbered(60));
  Raw cut = piece4(whole, 0, 40);
  const auto wire_bytes = static_cast<std::uint32_t>(cut.size());
  cut = Raw(cut.begin(), cut.end() - 5);
  Run run;
  const std::vector<Packet> packets = run.take({cut}, 100, wire_bytes);
  REQUIRE(packets.size() == 1);
  CHECK(packets[0].destination_port == 2222);
  CHECK(packets[0].truncated);
}

TEST_CASE("tunnels inside fragments, and fragments inside tunnels inside fragments, come out") {
  const Raw inner = ip4(kTcp, tcp(40000, 443, text("hello, fragmented world")));
  const Raw inner_payload(inner.begin() + 20, inner.end());
  // The inner packet in two fragments; each in VXLAN; each of those in two fragments.
  std::vector<Raw> packets;
  unsigned id = 100;
  for (const auto& [begin, end] : {std::pair{0UL, 24UL}, std::pair{24UL, inner_payload.size()}}) {
    const Raw fragment = piece4(inner_payload, begin, end, 7, kTcp);
    const Raw vxlan = udp(5000, 4789, hex("08000000 00007b00") + ethernet(0x0800, fragment));
    ++id;
    packets.push_back(piece4(vxlan, 0, 40, id));
    packets.push_back(piece4(vxlan, 40, vxlan.size(), id));
  }
  Run run;
  const std::vector<Packet> whole = run.take(packets);
  REQUIRE(whole.size() == 1);
  CHECK(whole[0].number == 4);
  std::uint32_t frame_bytes = 0;
  for (const Raw& each : packets) frame_bytes += static_cast<std::uint32_t>(each.size());
  CHECK(whole[0].wire_bytes == frame_bytes);
  CHECK(whole[0].destination_port == 443);
  CHECK(payload_of(whole[0]) == text("hello, fragmented world"));
  CHECK(whole[0].tunnel == Tunnel::kVxlan);
  CHECK(whole[0].outer != nullptr);
}

TEST_CASE("limits hold, the oldest goes first, and everything is counted") {
  const Raw whole = udp(1111, 2222, numbered(60));
  ReassemblyLimits limits;
  limits.datagrams_max = 4;
  limits.bytes_max = 100;
  limits.fragments_per_datagram_max = 3;
  Run run{limits};
  for (unsigned id = 0; id < 20; ++id) {
    run.take({piece4(whole, 0, 32, id)});
    CHECK(run.reassembler.held_bytes() <= limits.bytes_max);
    CHECK(run.reassembler.held_datagrams() <= limits.datagrams_max);
  }
  CHECK(run.reassembler.counters().evicted == 17);
  CHECK(run.take({piece4(whole, 32, 68, 0)}).empty());       // evicted long ago
  CHECK(run.take({piece4(whole, 32, 68, 19)}).size() == 1);  // the newest

  Run many{limits};
  CHECK(many.take({piece4(whole, 0, 8), piece4(whole, 8, 16), piece4(whole, 16, 24),
                   piece4(whole, 24, 32), piece4(whole, 32, 68)})
            .empty());
  CHECK(many.reassembler.held_bytes() == 0);
}

TEST_CASE("a datagram that waits too long is given up, by the packets' clock") {
  const Raw whole = udp(1111, 2222, numbered(60));
  Run run;
  CHECK(run.take({piece4(whole, 0, 32)}, 100).empty());
  CHECK(run.take({piece4(whole, 32, 68)}, 131).empty());
  CHECK(run.reassembler.counters().timed_out == 1);
  CHECK(run.take({piece4(whole, 0, 32)}, 140).size() == 1);
  CHECK(run.take({piece4(whole, 0, 32, 9)}, -9'000'000'000).empty());  // a broken clock is no crash
}
