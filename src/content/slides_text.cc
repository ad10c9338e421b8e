#include <algorithm>

#include "office_text.h"

namespace gnomon::content {

std::string slides_text(Bytes bytes) {
  std::string out;
  // Containers are stepped into, so the walk is flat.
  std::uint64_t at = 0;
  while (at + 8 <= bytes.size() && out.size() < kOfficeTextMax) {
    const bool container = (little_endian(bytes, at, 2) & 0x0f) == 0x0f;
    const std::uint32_t type = little_endian(bytes, at + 2, 2);
    const std::uint32_t size = little_endian(bytes, at + 4, 4);
    at += 8;
    if (container) continue;
    const Bytes data = part_of(bytes, at, size);
    std::string text;
    if (type == 0x0fa0 || type == 0x0fba) append_utf16(data, text);
    if (type == 0x0fa8) append_latin(data, text);
    if (!text.empty()) {
      std::replace(text.begin(), text.end(), '\r', '\n');
      std::replace(text.begin(), text.end(), '\x0b', '\n');
      out += text;
      out += '\n';
    }
    at += size;
  }
  return out;
}

}  // namespace gnomon::content
