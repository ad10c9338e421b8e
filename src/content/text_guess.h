#pragma once

#include <string_view>

#include "gnomon/content/file_type.h"

namespace gnomon::content {

inline std::string_view as_chars(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

enum class Charset : std::uint8_t { kUtf8, kUtf16Le, kUtf16Be, kUtf32Le, kUtf32Be, kLatin1 };

// By byte order mark, else by where zeros stand. kUtf8 also where bytes are not valid UTF-8.
Charset charset_of(Bytes head);

bool looks_like_text(Bytes head);

// Which kind of text. `declared` is lower case.
FileType text_type_of(Bytes head, std::string_view extension, std::string_view declared);

}  // namespace gnomon::content
