#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gnomon/message/http2_frame.h"

// Frames and header blocks put together for tests.
namespace gnomon::message::http2_samples {

inline std::string number(std::uint64_t value, unsigned bytes) {
  std::string text;
  for (unsigned i = bytes; i-- > 0;) text += static_cast<char>(value >> (8 * i));
  return text;
}

inline std::string frame(Http2FrameType type, unsigned flags, std::uint32_t stream,
                         std::string_view payload) {
  return number(payload.size(), 3) + static_cast<char>(type) + static_cast<char>(flags) +
         number(stream, 4) + std::string{payload};
}

// A field under a new name, in plain letters; `adding` puts it into the table.
inline std::string literal(std::string_view name, std::string_view value, bool adding = false) {
  return std::string(1, adding ? '\x40' : '\0') + static_cast<char>(name.size()) +
         std::string{name} + static_cast<char>(value.size()) + std::string{value};
}

// Static table (RFC 7541, Appendix A): :method GET, :method POST, :path /, :scheme http, :status
// 200; :authority by name.
inline const std::string kGet = "\x82";
inline const std::string kPost = "\x83";
inline const std::string kRoot = "\x84";
inline const std::string kHttp = "\x86";
inline const std::string kOk = "\x88";
inline std::string authority(std::string_view value) {
  return std::string{"\x41"} + static_cast<char>(value.size()) + std::string{value};
}

inline const std::string kGetRoot = kGet + kRoot + kHttp + authority("h");
inline const std::string kPostRoot = kPost + kRoot + kHttp + authority("h");

}  // namespace gnomon::message::http2_samples
