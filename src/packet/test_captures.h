#pragma once

#include "test_packets.h"

// Capture files, built by hand.
namespace gnomon::packet::testing {

struct PcapStyle {
  bool big_endian = false;
  std::uint32_t magic = 0xa1b2c3d4;
  std::size_t record_header_bytes = 16;
  unsigned minor = 4;
  std::uint32_t network = 1;
  unsigned major = 2;

  [[nodiscard]] Raw u16(unsigned value) const {
    return big_endian ? testing::u16(value) : little16(value);
  }
  [[nodiscard]] Raw u32(std::uint32_t value) const {
    return big_endian ? testing::u32(value) : little32(value);
  }
};

inline Raw pcap_header(const PcapStyle& style) {
  return style.u32(style.magic) + style.u16(style.major) + style.u16(style.minor) + zeros(8) +
         style.u32(65535) + style.u32(style.network);
}

inline Raw pcap_record(const Raw& frame, std::uint32_t seconds, std::uint32_t fraction,
                       const PcapStyle& style) {
  const auto size = static_cast<std::uint32_t>(frame.size());
  // Longer headers hold an interface number and the like: numbers that no length would be.
  return style.u32(seconds) + style.u32(fraction) + style.u32(size) + style.u32(size) +
         Raw(style.record_header_bytes - 16, 0xee) + frame;
}

struct Pcapng {
  bool big_endian;

  [[nodiscard]] Raw u16(unsigned value) const {
    return big_endian ? testing::u16(value) : little16(value);
  }
  [[nodiscard]] Raw u32(std::uint32_t value) const {
    return big_endian ? testing::u32(value) : little32(value);
  }
  [[nodiscard]] static Raw padded(const Raw& bytes) {
    return bytes + zeros((4 - bytes.size() % 4) % 4);
  }
  [[nodiscard]] Raw block(std::uint32_t type, const Raw& body) const {
    const Raw whole = padded(body);
    const Raw length = u32(static_cast<std::uint32_t>(whole.size()) + 12);
    return u32(type) + length + whole + length;
  }
  [[nodiscard]] Raw section() const {
    return block(0x0a0d0d0a, u32(0x1a2b3c4d) + u16(1) + u16(0) + Raw(8, 0xff));
  }
  [[nodiscard]] Raw option(unsigned code, const Raw& value) const {
    return u16(code) + u16(static_cast<unsigned>(value.size())) + padded(value);
  }
  [[nodiscard]] Raw interface(unsigned link_type, std::uint32_t snap_length,
                              const Raw& options) const {
    return block(1, u16(link_type) + u16(0) + u32(snap_length) + options);
  }
  [[nodiscard]] Raw packet(std::uint32_t interface, std::uint64_t units, const Raw& frame) const {
    const auto size = static_cast<std::uint32_t>(frame.size());
    return block(6, u32(interface) + u32(static_cast<std::uint32_t>(units >> 32)) +
                        u32(static_cast<std::uint32_t>(units)) + u32(size) + u32(size) + frame);
  }
  [[nodiscard]] Raw obsolete_packet(unsigned interface, std::uint64_t units,
                                    const Raw& frame) const {
    const auto size = static_cast<std::uint32_t>(frame.size());
    return block(2, u16(interface) + u16(0) + u32(static_cast<std::uint32_t>(units >> 32)) +
                        u32(static_cast<std::uint32_t>(units)) + u32(size) + u32(size) + frame);
  }
  [[nodiscard]] Raw simple_packet(const Raw& frame, std::uint32_t wire_bytes) const {
    return block(3, u32(wire_bytes) + frame);
  }
};

inline Raw snoop_header() { return text("snoop") + zeros(3) + u32(2) + u32(4); }
inline Raw snoop_record(const Raw& frame) {
  const auto size = static_cast<std::uint32_t>(frame.size());
  return u32(size) + u32(size) + u32(size + 24) + u32(0) + u32(9) + u32(1) + frame;
}

}  // namespace gnomon::packet::testing
