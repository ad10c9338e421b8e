#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/message/http1_stream.h"

// Within Http1Connection: bytes as lines.
namespace gnomon::message {

inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes peek(ByteReader in) { return in.take(in.remaining()); }

// Position of the first line feed, or `bytes.size()`.
inline std::size_t find_line_feed(Bytes bytes) {
  const void* found = bytes.empty() ? nullptr : std::memchr(bytes.data(), '\n', bytes.size());
  if (found == nullptr) return bytes.size();
  return static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - bytes.data());
}

inline bool is_blank(Bytes line) {
  return std::all_of(line.begin(), line.end(), [](std::uint8_t byte) { return byte == '\r'; });
}

// Grows by doubling like any vector, but never beyond what a head may be.
inline void append(std::vector<std::uint8_t>& buffer, Bytes bytes) {
  const std::size_t wanted = buffer.size() + bytes.size();
  const std::size_t most = wanted <= kHttp1HeadBytesMax
                               ? kHttp1HeadBytesMax
                               : kHttp1HeadBytesMax + kHttp1LateFieldBytesMax;
  if (wanted > buffer.capacity())
    buffer.reserve(std::max(wanted, std::min(2 * buffer.capacity(), most)));
  buffer.insert(buffer.end(), bytes.begin(), bytes.end());
}

}  // namespace gnomon::message
