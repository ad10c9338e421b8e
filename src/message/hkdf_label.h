#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"

namespace gnomon::message {

// What HKDF-Expand-Label (RFC 8446 §7.1) without a context hashes for its first block:
//   struct { uint16 length; opaque label<7..255> = "tls13 " + Label; opaque context<0..255>; }
// and HKDF-Expand's counter, 1. For at most 255 bytes, and labels of at most 12 characters.
class HkdfLabel {
 public:
  HkdfLabel(std::string_view label, std::size_t out_bytes) {
    assert(label.size() <= kLabelMax && out_bytes <= 255);
    bytes_[1] = static_cast<std::uint8_t>(out_bytes);  // bytes_[0], the length's high byte, is zero
    bytes_[2] = static_cast<std::uint8_t>(kPrefix.size() + label.size());
    std::memcpy(bytes_.data() + 3, kPrefix.data(), kPrefix.size());
    std::memcpy(bytes_.data() + 3 + kPrefix.size(), label.data(), label.size());
    size_ = 3 + kPrefix.size() + label.size() + 1;  // an empty context
    bytes_[size_++] = 1;
  }
  [[nodiscard]] Bytes bytes() const { return Bytes{bytes_}.first(size_); }

 private:
  static constexpr std::string_view kPrefix = "tls13 ";
  static constexpr std::size_t kLabelMax = 12;

  std::array<std::uint8_t, 3 + kPrefix.size() + kLabelMax + 2> bytes_{};
  std::size_t size_ = 0;
};

}  // namespace gnomon::message
