#pragma once

#include <string>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"

// Hexadecimal digits in lower case.
namespace gnomon {

constexpr char hex_digit(unsigned nibble) { return "0123456789abcdef"[nibble & 0xfU]; }

inline void append_hex(std::uint8_t byte, std::string& out) {
  out += hex_digit(byte >> 4U);
  out += hex_digit(byte);
}

inline std::string hex_of(Bytes bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) append_hex(byte, text);
  return text;
}

}  // namespace gnomon
