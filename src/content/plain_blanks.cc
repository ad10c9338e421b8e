#include "plain_blanks.h"

#include <bit>
#include <cstdint>

#include "byte_lanes.h"
#include "gnomon/bytes/ascii.h"

namespace gnomon::content {
namespace {

constexpr char kEscape = '\x1b';

// In bytes; 0 where none stands.
std::size_t length_of_blank(std::string_view text) {
  if (text.starts_with("\xc2\xa0")) return 2;
  if (text.size() < 3) return 0;
  const std::string_view one = text.substr(0, 3);
  if (one.starts_with("\xe2\x80")) {
    const auto last = static_cast<unsigned char>(one[2]);
    return last <= 0x8b || last == 0xaf ? 3 : 0;
  }
  return one == "\xe2\x81\x9f" || one == "\xe3\x80\x80" ? 3 : 0;
}

// Of a control sequence (ECMA-48, 5.4), in bytes; 0 where none stands whole.
std::size_t length_of_control(std::string_view text) {
  constexpr std::size_t kControlMax = 40;
  if (!text.starts_with("\x1b[")) return 0;
  const auto in = [](char c, char first, char last) { return c >= first && c <= last; };
  std::size_t at = 2;
  while (at < text.size() && at < kControlMax && in(text[at], '\x30', '\x3f')) ++at;
  while (at < text.size() && at < kControlMax && in(text[at], '\x20', '\x2f')) ++at;
  return at < text.size() && in(text[at], '\x40', '\x7e') ? at + 1 : 0;
}

}  // namespace

std::string_view with_plain_blanks(std::string_view text, std::string& room) {
  bool written = false;
  for (std::size_t block = 0; block < text.size(); block += ByteBlock::kBytes) {
    const ByteBlock bytes{text, block};
    std::uint64_t leads =
        (bytes.is('\xc2') | bytes.between('\xe2', '\xe3') | bytes.is(kEscape)).bits();
    for (; leads != 0; leads &= leads - 1) {
      const std::size_t at = block + static_cast<std::size_t>(std::countr_zero(leads));
      const bool control = text[at] == kEscape;
      const std::size_t length =
          control ? length_of_control(text.substr(at)) : length_of_blank(text.substr(at));
      if (length == 0) continue;
      if (!control && at > 0 && is_digit(text[at - 1]) && at + length < text.size() &&
          is_alnum(text[at + length]))
        continue;
      if (!written) room.assign(text);
      written = true;
      room.replace(at, length, length, ' ');
    }
  }
  return written ? std::string_view{room} : text;
}

}  // namespace gnomon::content
