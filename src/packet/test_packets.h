#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/packet/decoder.h"

// Packets and captures, built by hand for the tests of this layer.
namespace gnomon::packet::testing {

using Raw = std::vector<std::uint8_t>;

inline Raw operator+(Raw a, const Raw& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline Raw text(std::string_view characters) { return {characters.begin(), characters.end()}; }
inline Raw zeros(std::size_t count) { return Raw(count, 0); }

// "45 00 ff"; blanks do not matter.
inline Raw hex(std::string_view digits) {
  Raw bytes;
  std::string pair;
  for (const char digit : digits) {
    if (digit == ' ' || digit == '\n') continue;
    pair += digit;
    if (pair.size() < 2) continue;
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(pair, nullptr, 16)));
    pair.clear();
  }
  return bytes;
}

inline Raw u8(unsigned value) { return {static_cast<std::uint8_t>(value)}; }
inline Raw u16(unsigned value) { return u8(value >> 8) + u8(value); }
inline Raw u32(std::uint32_t value) { return u16(value >> 16) + u16(value); }
inline Raw little16(unsigned value) { return u8(value) + u8(value >> 8); }
inline Raw little32(std::uint32_t value) { return little16(value) + little16(value >> 16); }

struct TcpFields {
  std::uint32_t sequence = 1000;
  std::uint32_t acknowledgement = 2000;
  unsigned flags = kAck | kPsh;
  unsigned header_words = 5;
  unsigned checksum = 0x1234;
};

inline Raw tcp(unsigned source, unsigned destination, const Raw& payload, TcpFields fields = {}) {
  return u16(source) + u16(destination) + u32(fields.sequence) + u32(fields.acknowledgement) +
         u8(fields.header_words << 4) + u8(fields.flags) + u16(0xffff) + u16(fields.checksum) +
         u16(0) + payload;
}

inline Raw udp(unsigned source, unsigned destination, const Raw& payload) {
  return u16(source) + u16(destination) + u16(static_cast<unsigned>(payload.size()) + 8) +
         u16(0x4321) + payload;
}

struct Ip4Fields {
  Raw source = {10, 0, 0, 1};
  Raw destination = {10, 0, 0, 2};
  unsigned identification = 7;
  unsigned fragment = 0;  // flags and offset in units of 8
  unsigned ttl = 64;
  int length = -1;  // as the packet's, unless given
};

inline Raw ip4(unsigned protocol, const Raw& payload, const Ip4Fields& fields = {}) {
  const unsigned length = fields.length >= 0 ? static_cast<unsigned>(fields.length)
                                             : 20 + static_cast<unsigned>(payload.size());
  return u8(0x45) + u8(0) + u16(length) + u16(fields.identification) + u16(fields.fragment) +
         u8(fields.ttl) + u8(protocol) + u16(0) + fields.source + fields.destination + payload;
}

inline Raw ip6(unsigned next, const Raw& payload) {
  return hex("60 00 00 00") + u16(static_cast<unsigned>(payload.size())) + u8(next) + u8(64) +
         hex("20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000002") + payload;
}

// An IPv6 fragment: extension header 44 and its data.
inline Raw ip6_fragment(unsigned next, unsigned offset_bytes, bool more, std::uint32_t id,
                        const Raw& data) {
  return ip6(44, u8(next) + u8(0) + u16(offset_bytes | (more ? 1U : 0U)) + u32(id) + data);
}

inline Raw ethernet(unsigned type, const Raw& payload) {
  return hex("020000000002 020000000001") + u16(type) + payload;
}

// A plain TCP packet with the payload "hello".
inline Raw hello() { return ip4(kTcp, tcp(40000, 443, text("hello"))); }

// One block with these frames. Keeps their bytes.
struct Frames {
  FrameBlock block;
  std::vector<Raw> kept;

  void add(std::uint16_t link_type, Raw bytes, Time time = time_of(1000, 0),
           std::uint32_t wire_bytes = 0) {
    kept.push_back(std::move(bytes));
    Frame frame;
    frame.data = kept.back().data();
    frame.captured_bytes = static_cast<std::uint32_t>(kept.back().size());
    frame.wire_bytes = wire_bytes == 0 ? frame.captured_bytes : wire_bytes;
    frame.time = time;
    frame.link_type = link_type;
    block.frames.push_back(frame);
    block.first_number = 1;
  }
};

inline DecodedBlock decode(std::uint16_t link_type, const Raw& bytes, std::uint32_t wire_bytes = 0,
                           const Decoder& decoder = Decoder{}) {
  // The packets point into bytes that outlive the call: `bytes` itself.
  FrameBlock block;
  Frame frame;
  frame.data = bytes.data();
  frame.captured_bytes = static_cast<std::uint32_t>(bytes.size());
  frame.wire_bytes = wire_bytes == 0 ? frame.captured_bytes : wire_bytes;
  frame.link_type = link_type;
  block.frames.push_back(frame);
  block.first_number = 1;
  DecodedBlock decoded;
  decoder.decode(block, decoded);
  return decoded;
}

// The counters of which each frame adds to exactly one.
inline std::uint64_t ends(const DecodeCounters& c) {
  return c.packets + c.fragments + c.filtered + c.arp + c.non_ip + c.encrypted +
         c.unknown_link_type + c.unknown_ethertype + c.bad_header + c.cut_header;
}

}  // namespace gnomon::packet::testing
