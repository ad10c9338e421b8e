#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Frames and field sections of HTTP/3 put together for tests.
namespace gnomon::message::http3_samples {

// A variable-length integer (RFC 9000 §16) in its shortest form, below 2^30.
inline std::string number(std::uint64_t value) {
  if (value < 64) return std::string(1, static_cast<char>(value));
  if (value < 16384) return {static_cast<char>(0x40 | value >> 8), static_cast<char>(value & 0xff)};
  return {static_cast<char>(0x80 | value >> 24), static_cast<char>(value >> 16),
          static_cast<char>(value >> 8), static_cast<char>(value)};
}

inline std::string frame(std::uint64_t type, std::string_view payload) {
  return number(type) + number(payload.size()) + std::string{payload};
}
inline std::string data(std::string_view bytes) { return frame(0, bytes); }
inline std::string headers(std::string_view section) { return frame(1, section); }

// A field under a name of its own: 001 N H and three bits of length (RFC 9204 §4.5.6).
inline std::string literal(std::string_view name, std::string_view value) {
  std::string text;
  if (name.size() < 7) {
    text += static_cast<char>(0x20 | name.size());
  } else {
    text += '\x27';
    text += static_cast<char>(name.size() - 7);
  }
  return text + std::string{name} + static_cast<char>(value.size()) + std::string{value};
}

// Wants nothing of the dynamic table: Required Insert Count 0, Base 0.
inline const std::string kStatic{"\0\0", 2};
inline const std::string kGetRoot = "\xd1\xd7\xc1" + std::string{"\x50\x01h"};
inline const std::string kPostRoot = "\xd4\xd7\xc1" + std::string{"\x50\x01h"};
inline const std::string kOk = "\xd9";

// SETTINGS_QPACK_MAX_TABLE_CAPACITY 4096, on a control stream.
inline const std::string kControl = number(0) + frame(4, std::string{"\x01\x50\0", 3});
// Set Dynamic Table Capacity 4096; insert ":path: /d".
inline const std::string kEncoder = number(2) + "\x3f\xe1\x1f" + "\x45:path\x02/d";
// Required Insert Count 1 of 128 entries, Base 1, and the newest entry.
inline const std::string kDynamic = std::string{"\x02\0", 2} + "\x80";

}  // namespace gnomon::message::http3_samples
