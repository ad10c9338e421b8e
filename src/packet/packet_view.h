#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace gnomon::packet {

// A stretch of a frame: how much of it was captured, and how much there was on the wire.
//
// The decoder reads millions of headers a second, so it does without ByteReader: has() is asked
// once for a whole fixed header and the loads after it stay below that size. Nothing else in this
// layer compares lengths of packets.
class View {
 public:
  View() = default;
  // Never more captured than there was.
  View(const std::uint8_t* at, std::uint32_t captured, std::uint32_t wire)
      : at_(at), captured_(std::min(captured, wire)), wire_(wire) {}

  [[nodiscard]] bool has(std::uint32_t count) const { return captured_ >= count; }
  [[nodiscard]] const std::uint8_t* at() const { return at_; }
  [[nodiscard]] std::uint32_t captured() const { return captured_; }
  [[nodiscard]] std::uint32_t wire() const { return wire_; }

  // These four need has() to have said that the bytes are there.
  [[nodiscard]] std::uint8_t u8(std::uint32_t offset) const { return at_[offset]; }
  [[nodiscard]] std::uint16_t u16(std::uint32_t offset) const {
    std::uint16_t value;
    std::memcpy(&value, at_ + offset, sizeof value);
    return __builtin_bswap16(value);
  }
  [[nodiscard]] std::uint32_t u32(std::uint32_t offset) const {
    std::uint32_t value;
    std::memcpy(&value, at_ + offset, sizeof value);
    return __builtin_bswap32(value);
  }
  [[nodiscard]] View after(std::uint32_t count) const {
    return {at_ + count, captured_ - count, wire_ - count};
  }

  // No more than `count` bytes of it, as an inner length says.
  [[nodiscard]] View first(std::uint32_t count) const {
    return {at_, std::min(captured_, count), std::min(wire_, count)};
  }

 private:
  const std::uint8_t* at_ = nullptr;
  std::uint32_t captured_ = 0;
  std::uint32_t wire_ = 0;
};

}  // namespace gnomon::packet
