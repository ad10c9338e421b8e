#pragma once

#include <string_view>

#include "gnomon/content/file_type.h"

namespace gnomon::content {

inline std::string_view as_chars(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

enum class Charset : std::uint8_t {
  kUtf8,
  kUtf16Le,
  kUtf16Be,
  kUtf32Le,
  kUtf32Be,
  kLatin1,       // as Windows-1252, which is what is meant
  kWindows1250,  // from here on as code_pages.inc
  kWindows1251,
  kWindows1253,
  kWindows1254,
  kWindows1255,
  kWindows1256,
  kWindows1257,
  kWindows1258,
  kWindows874,
  kIso8859_2,
  kIso8859_5,
  kIso8859_7,
  kIso8859_13,
  kKoi8R,
  kKoi8U,
  kIbm850,
  kIbm866,
  kMacintosh,
  kGbk,  // from here on two bytes a character
  kBig5,
  kShiftJis,
  kEucJp,
  kEucKr,
};
inline constexpr unsigned kCharsets = static_cast<unsigned>(Charset::kEucKr) + 1;

// By byte order mark, else by where zeros stand. kUtf8 also where bytes are not valid UTF-8.
Charset charset_of(Bytes head);

// The charset that HTML (<meta charset=...>) or XML (encoding="...") names at its beginning; empty
// where none.
std::string_view charset_name_in(std::string_view head);

bool looks_like_text(Bytes head);

// Whether it is text in the charset that its sender names, or the head itself: known, and without a
// byte that is no character in it.
bool is_text_in_named_charset(Bytes head, std::string_view name);

// Which kind of text. `declared` is lower case.
FileType text_type_of(Bytes head, std::string_view extension, std::string_view declared);

}  // namespace gnomon::content
