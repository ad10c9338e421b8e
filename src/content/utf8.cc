#include "gnomon/content/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace gnomon::content {
namespace {

void append_code_point(std::string& out, std::uint32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0U | (point >> 6U));
    out += static_cast<char>(0x80U | (point & 63U));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0U | (point >> 12U));
    out += static_cast<char>(0x80U | ((point >> 6U) & 63U));
    out += static_cast<char>(0x80U | (point & 63U));
  } else {
    out += static_cast<char>(0xf0U | (point >> 18U));
    out += static_cast<char>(0x80U | ((point >> 12U) & 63U));
    out += static_cast<char>(0x80U | ((point >> 6U) & 63U));
    out += static_cast<char>(0x80U | (point & 63U));
  }
}

std::string from_utf16(std::string_view bytes, bool little) {
  std::string out;
  const auto unit = [&](std::size_t at) {
    const auto a = static_cast<unsigned char>(bytes[at]);
    const auto b = static_cast<unsigned char>(bytes[at + 1]);
    return static_cast<std::uint32_t>(little ? a | (b << 8) : (a << 8) | b);
  };
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
    std::uint32_t point = unit(at);
    if (point >= 0xd800 && point < 0xdc00 && at + 3 < bytes.size()) {
      const std::uint32_t low = unit(at + 2);
      if (low >= 0xdc00 && low < 0xe000) {
        point = 0x10000 + ((point - 0xd800) << 10U) + (low - 0xdc00);
        at += 2;
      }
    }
    append_code_point(out, point >= 0xd800 && point < 0xe000 ? 0xfffd : point);
  }
  return out;
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  const char* const raw = bytes.data();
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (std::uint64_t eight = 0; at + sizeof eight <= bytes.size()) {
      std::memcpy(&eight, raw + at, sizeof eight);
      if ((eight & 0x8080808080808080U) == 0) {
        at += sizeof eight;
        continue;
      }
    }
    const auto first = static_cast<unsigned char>(raw[at]);
    if (first < 0x80) {
      ++at;
      continue;
    }
    const std::size_t more = first >= 0xf0 && first < 0xf5   ? 3
                             : first >= 0xe0 && first < 0xf0 ? 2
                             : first >= 0xc2 && first < 0xe0 ? 1
                                                             : 0;
    if (more == 0 || at + more >= bytes.size()) return false;
    for (std::size_t i = 1; i <= more; ++i)
      if ((static_cast<unsigned char>(raw[at + i]) & 0xc0U) != 0x80U) return false;
    at += more + 1;
  }
  return true;
}

std::string to_utf8(std::string_view bytes) {
  if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
  if (bytes.starts_with("\xff\xfe")) return from_utf16(bytes.substr(2), true);
  if (bytes.starts_with("\xfe\xff")) return from_utf16(bytes.substr(2), false);
  const std::string_view head = bytes.substr(0, std::min<std::size_t>(bytes.size(), 512));
  std::size_t even = 0;
  std::size_t odd = 0;
  for (std::size_t i = 0; i < head.size(); ++i)
    if (head[i] == '\0') ++(i % 2 == 0 ? even : odd);
  if (head.size() >= 8 && odd * 10 > head.size() * 4 && even == 0) return from_utf16(bytes, true);
  if (head.size() >= 8 && even * 10 > head.size() * 4 && odd == 0) return from_utf16(bytes, false);
  if (is_utf8(bytes)) return std::string{bytes};
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 8);
  for (const char c : bytes) append_code_point(out, static_cast<unsigned char>(c));
  return out;
}

}  // namespace gnomon::content
