#include "gnomon/report/display_text.h"

#include <fmt/format.h>
#include <locale.h>
#include <wchar.h>

#include <iterator>

namespace gnomon::report {
namespace {

struct Character {
  char32_t code = 0;
  std::size_t length = 0;  // bytes; 0 when the text does not begin with well-formed UTF-8
};

// RFC 3629: shortest form only, no surrogates, nothing above U+10FFFF.
Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  std::size_t length = 0;
  char32_t least = 0;
  char32_t code = 0;
  if ((lead & 0xe0) == 0xc0) {
    length = 2, least = 0x80, code = lead & 0x1fu;
  } else if ((lead & 0xf0) == 0xe0) {
    length = 3, least = 0x800, code = lead & 0x0fu;
  } else if ((lead & 0xf8) == 0xf0) {
    length = 4, least = 0x10000, code = lead & 0x07u;
  }
  if (length == 0 || text.size() < length) return {};
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3fu);
  }
  if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {code, length};
}

// Columns of a character: 0 for combining marks, 2 for wide ones, -1 for what cannot be printed.
// The C library knows, given a locale that speaks Unicode; the process's own may be "C".
int columns_of(char32_t code) {
  if (code >= 0x20 && code < 0x7f) return 1;
  static const locale_t unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (unicode == nullptr) return -1;
  const locale_t before = uselocale(unicode);
  const int columns = wcwidth(static_cast<wchar_t>(code));
  uselocale(before);
  return columns;
}

// Invisible characters that change how others are shown: direction marks, overrides, joiners.
bool disguises(char32_t code) {
  return (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2060 && code <= 0x206f) || code == 0x061c || code == 0xfeff || code == 0x00ad ||
         (code >= 0xe0000 && code <= 0xe007f);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character character = first_character(text);
    const std::size_t length = character.length == 0 ? 1 : character.length;
    if (character.length == 0 || character.code < 0x20 || character.code == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(text[0]));
    } else if (columns_of(character.code) < 0 || disguises(character.code)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(character.code));
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    const int columns = character.length == 0 ? 1 : columns_of(character.code);
    if (columns > 0) width += static_cast<std::size_t>(columns);
    text.remove_prefix(character.length == 0 ? 1 : character.length);
  }
  return width;
}

std::string_view fitting(std::string_view text, std::size_t columns) {
  std::size_t end = 0;
  std::size_t used = 0;
  while (end < text.size()) {
    const Character character = first_character(text.substr(end));
    const int own = character.length == 0 ? 1 : columns_of(character.code);
    used += own > 0 ? static_cast<std::size_t>(own) : 0;
    if (used > columns) break;
    end += character.length == 0 ? 1 : character.length;
  }
  return text.substr(0, end);
}

std::string shortened(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string{text};
  if (columns == 0) return {};
  return std::string{fitting(text, columns - 1)} + "…";
}

}  // namespace gnomon::report
