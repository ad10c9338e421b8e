#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gnomon/bytes/ascii.h"

namespace gnomon::content {

// Hashes of all runs of kSize letters and digits of a text that comes in pieces, whatever its
// layout and its capitals. Files of registered documents hold them: they must not change.
template <std::size_t kSize>
class TextGrams {
 public:
  // Calls each(hash) for every run that ends in the piece.
  template <class Each>
  void roll(std::string_view piece, Each&& each) {
    for (const char c : piece) {
      const std::uint16_t value = value_of(c);
      if (value == 0) continue;
      std::uint16_t& place = ring_[read_ % kSize];
      hash_ = hash_ * kBase + value - place * kOldest;
      place = value;
      if (++read_ >= kSize) each(hash_);
    }
  }

 private:
  static constexpr std::uint64_t kBase = 0x100000001b3;
  // What a value weighs that leaves the run.
  static constexpr std::uint64_t kOldest = [] {
    std::uint64_t power = 1;
    for (std::size_t i = 0; i < kSize; ++i) power *= kBase;
    return power;
  }();

  // 0: is left out. Bytes of other scripts count as they are.
  static std::uint16_t value_of(char c) {
    const auto byte = static_cast<std::uint8_t>(to_lower(c));
    return is_alnum(c) || byte >= 0x80 ? static_cast<std::uint16_t>(byte + 1) : 0;
  }

  std::array<std::uint16_t, kSize> ring_{};
  std::uint64_t hash_ = 0;
  std::size_t read_ = 0;
};

}  // namespace gnomon::content
