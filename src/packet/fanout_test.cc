#include "fanout.h"

#include <linux/filter.h>
#include <linux/if_packet.h>

#include <catch2/catch.hpp>
#include <set>
#include <vector>

namespace gnomon::packet {
namespace {

using Data = std::vector<std::uint8_t>;

// What the kernel does with the program, as far as the program asks for it.
std::uint32_t run(const std::vector<sock_filter>& program, const Data& data, std::uint32_t protocol,
                  bool outgoing = false) {
  std::uint32_t a = 0;
  std::uint32_t x = 0;
  std::uint32_t memory[16] = {};
  for (std::size_t at = 0; at < program.size(); ++at) {
    const sock_filter& op = program[at];
    const auto load = [&](std::uint64_t from, std::size_t count, bool& out) {
      out = from + count > data.size();
      std::uint32_t value = 0;
      for (std::size_t i = 0; !out && i < count; ++i) value = value << 8 | data[from + i];
      return value;
    };
    bool out = false;
    switch (op.code) {
      case BPF_LD | BPF_IMM: a = op.k; break;
      case BPF_LDX | BPF_IMM: x = op.k; break;
      case BPF_LD | BPF_MEM: a = memory[op.k]; break;
      case BPF_LDX | BPF_MEM: x = memory[op.k]; break;
      case BPF_ST: memory[op.k] = a; break;
      case BPF_STX: memory[op.k] = x; break;
      case BPF_MISC | BPF_TAX: x = a; break;
      case BPF_LD | BPF_W | BPF_ABS:
        a = op.k == static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PROTOCOL) ? protocol
            : outgoing                                                       ? PACKET_OUTGOING
                                                                             : PACKET_HOST;
        break;
      case BPF_LD | BPF_B | BPF_IND: a = load(std::uint64_t{x} + op.k, 1, out); break;
      case BPF_LD | BPF_H | BPF_IND: a = load(std::uint64_t{x} + op.k, 2, out); break;
      case BPF_LD | BPF_W | BPF_IND: a = load(std::uint64_t{x} + op.k, 4, out); break;
      case BPF_ALU | BPF_AND | BPF_K: a &= op.k; break;
      case BPF_ALU | BPF_LSH | BPF_K: a <<= op.k; break;
      case BPF_ALU | BPF_RSH | BPF_K: a >>= op.k; break;
      case BPF_ALU | BPF_ADD | BPF_X: a += x; break;
      case BPF_ALU | BPF_ADD | BPF_K: a += op.k; break;
      case BPF_ALU | BPF_XOR | BPF_X: a ^= x; break;
      case BPF_ALU | BPF_MUL | BPF_K: a *= op.k; break;
      case BPF_JMP | BPF_JA: at += op.k; break;
      case BPF_JMP | BPF_JEQ | BPF_K: at += a == op.k ? op.jt : op.jf; break;
      case BPF_JMP | BPF_JGT | BPF_K: at += a > op.k ? op.jt : op.jf; break;
      case BPF_RET | BPF_A: return a;
      default: FAIL("an instruction that is not known here: " << op.code);
    }
    if (out) return 0;
  }
  FAIL("no return");
  return 0;
}

Data operator+(Data one, const Data& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}
Data u16(unsigned value) {
  return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

struct Ends {
  std::uint8_t client = 1, server = 2;
  unsigned client_port = 40000, server_port = 443;
  [[nodiscard]] Ends back() const { return {server, client, server_port, client_port}; }
};

Data ports(const Ends& ends) { return u16(ends.client_port) + u16(ends.server_port) + Data(16); }
Data ip4(const Ends& ends, std::uint8_t protocol, const Data& rest, unsigned fragment = 0) {
  return Data{0x45, 0} + u16(static_cast<unsigned>(20 + rest.size())) + u16(7) + u16(fragment) +
         Data{64, protocol, 0, 0, 10, 0, 0, ends.client, 192, 168, 3, ends.server} + rest;
}
Data ip6(const Ends& ends, std::uint8_t next, const Data& rest) {
  Data header = Data{0x60, 0, 0, 0} + u16(static_cast<unsigned>(rest.size())) + Data{next, 64};
  Data source(16, 0x20), destination(16, 0x30);
  source[15] = ends.client;
  destination[15] = ends.server;
  // The two prefixes belong to the two hosts, whichever sends.
  if (ends.client > ends.server) {
    source.assign(16, 0x30);
    destination.assign(16, 0x20);
    source[15] = ends.client;
    destination[15] = ends.server;
  }
  return header + source + destination + rest;
}
Data ethernet(unsigned type, const Data& rest) { return Data(12, 2) + u16(type) + rest; }
Data tcp4(const Ends& ends) { return ip4(ends, 6, ports(ends)); }
// Tunnels whose own ends and ports tell nothing of the flow inside.
Data in_udp(unsigned port, std::uint8_t spread, const Data& rest) {
  const Ends outer{90, spread, 50000U + spread, port};
  return ip4(outer, 17, u16(outer.client_port) + u16(port) + Data(4) + rest);
}
Data gre(std::uint8_t flags, unsigned type, std::uint8_t spread, const Data& rest) {
  std::size_t more = (flags & 0x80) != 0 ? 4 : 0;
  more += (flags & 0x20) != 0 ? 4 : 0;
  more += (flags & 0x10) != 0 ? 4 : 0;
  return ip4(Ends{90, spread, 0, 0}, 47, Data{flags, 0} + u16(type) + Data(more, spread) + rest);
}

struct Packet {
  unsigned protocol;
  Data data;
};
using Wrap = Packet (*)(const Ends&, std::uint8_t spread);

struct Row {
  const char* what;
  Wrap wrap;
};

const Row kRows[] = {
    {"TCP over IPv4", [](const Ends& e, std::uint8_t) { return Packet{0x0800, tcp4(e)}; }},
    {"UDP over IPv4",
     [](const Ends& e, std::uint8_t) { return Packet{0x0800, ip4(e, 17, ports(e))}; }},
    {"TCP over IPv6",
     [](const Ends& e, std::uint8_t) { return Packet{0x86dd, ip6(e, 6, ports(e))}; }},
    {"a second VLAN tag",
     [](const Ends& e, std::uint8_t s) { return Packet{0x8100, u16(s) + u16(0x0800) + tcp4(e)}; }},
    {"two more tags, one for each direction",
     [](const Ends& e, std::uint8_t s) {
       return Packet{0x88a8, u16(s) + u16(0x8100) + u16(s + 1U) + u16(0x0800) + tcp4(e)};
     }},
    {"MPLS, other labels on the way back",
     [](const Ends& e, std::uint8_t s) {
       return Packet{0x8847, Data{0, s, 0, 64} + Data{0, s, 1, 64} + tcp4(e)};
     }},
    {"VXLAN",
     [](const Ends& e, std::uint8_t s) {
       return Packet{0x0800, in_udp(4789, s, Data(8) + ethernet(0x0800, tcp4(e)))};
     }},
    {"VXLAN with a tag inside",
     [](const Ends& e, std::uint8_t s) {
       return Packet{0x0800, in_udp(4789, s, Data(8) + ethernet(0x8100, u16(s) + u16(0x0800) + tcp4(e)))};
     }},
    {"Geneve with options",
     [](const Ends& e, std::uint8_t s) {
       return Packet{0x0800, in_udp(6081, s, Data{2, 0, 0x65, 0x58, 0, 0, 1, 0} + Data(8, s) +
                                                 ethernet(0x0800, tcp4(e)))};
     }},
    {"GRE", [](const Ends& e, std::uint8_t s) { return Packet{0x0800, gre(0, 0x0800, s, tcp4(e))}; }},
    {"GRE with checksum, key and sequence number",
     [](const Ends& e, std::uint8_t s) { return Packet{0x0800, gre(0xb0, 0x0800, s, tcp4(e))}; }},
    {"Ethernet in GRE",
     [](const Ends& e, std::uint8_t s) {
       return Packet{0x0800, gre(0, 0x6558, s, ethernet(0x0800, tcp4(e)))};
     }},
    {"ERSPAN I",
     [](const Ends& e, std::uint8_t s) {
       return Packet{0x0800, gre(0, 0x88be, s, ethernet(0x0800, tcp4(e)))};
     }},
    {"ERSPAN II",
     [](const Ends& e, std::uint8_t s) {
       return Packet{0x0800, gre(0x10, 0x88be, s, Data(8, s) + ethernet(0x0800, tcp4(e)))};
     }},
    {"ERSPAN III",
     [](const Ends& e, std::uint8_t s) {
       return Packet{0x0800, gre(0x10, 0x22eb, s, Data(11, s) + Data{0} + ethernet(0x0800, tcp4(e)))};
     }},
    {"IPv6 in IPv4",
     [](const Ends& e, std::uint8_t s) {
       return Packet{0x0800, ip4(Ends{90, s, 0, 0}, 41, ip6(e, 6, ports(e)))};
     }},
    {"VXLAN in VXLAN",
     [](const Ends& e, std::uint8_t s) {
       const Data inner = in_udp(4789, s, Data(8) + ethernet(0x0800, tcp4(e)));
       return Packet{0x0800, in_udp(4789, s, Data(8) + ethernet(0x0800, inner))};
     }},
};

TEST_CASE("all packets between two addresses go to one socket, whatever is around them") {
  const auto program = fanout_program();
  REQUIRE(program.size() <= 4096);  // BPF_MAXINSNS
  for (const Row& row : kRows) {
    INFO(row.what);
    std::set<std::uint32_t> places;
    for (std::uint8_t client = 3; client < 67; ++client) {
      const Ends ends{client, 2, 40000U + client * 7U, 443};
      const Packet there = row.wrap(ends, 91);
      const Packet back = row.wrap(ends.back(), 92);
      const std::uint32_t place = run(program, there.data, there.protocol);
      CHECK(run(program, back.data, back.protocol) == place);
      // Another conversation of the two, that fragments of this one must not be ahead of.
      Ends other = ends;
      other.client_port += 3;
      const Packet more = row.wrap(other, 93);
      CHECK(run(program, more.data, more.protocol) == place);
      // What the machine itself sends has its Ethernet header before it.
      CHECK(run(program, Data(14) + there.data, there.protocol, true) == place);
      places.insert(place % 8);
    }
    CHECK(places.size() >= 6);  // of 8: they spread
  }
}

TEST_CASE("fragments go where whole packets go, what is cut short harms nobody") {
  const auto program = fanout_program();
  const Ends ends;
  const std::uint32_t first = run(program, ip4(ends, 17, ports(ends), 0x2000), 0x0800);
  CHECK(run(program, ip4(ends, 17, Data(24, 0xff), 185), 0x0800) == first);
  CHECK(run(program, ip4(ends, 17, ports(ends)), 0x0800) == first);
  // A tunnel that is not known here, whose port is another in each direction.
  CHECK(run(program, in_udp(2152, 7, tcp4(ends)), 0x0800) ==
        run(program, in_udp(2153, 7, tcp4(ends.back())), 0x0800));
  for (const Row& row : kRows) {
    const Packet whole = row.wrap(ends, 91);
    for (std::size_t size = 0; size < whole.data.size(); ++size)
      (void)run(program, Data(whole.data.begin(), whole.data.begin() + static_cast<long>(size)),
                whole.protocol);
  }
  for (const unsigned protocol : {0x0806U, 0x88ccU, 0U, 0xffffU})
    CHECK(run(program, Data(64, 0x45), protocol) == run(program, Data(64, 0x54), protocol));
}

}  // namespace
}  // namespace gnomon::packet
