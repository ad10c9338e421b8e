#pragma once

#include <string>
#include <string_view>

namespace gnomon::content {

// Text of an encoding nobody names, as UTF-8: with a byte order mark UTF-8 or UTF-16; UTF-16
// without one where every other byte is zero; valid UTF-8 as it is; anything else is Latin-1.
std::string to_utf8(std::string_view bytes);

bool is_utf8(std::string_view bytes);

}  // namespace gnomon::content
