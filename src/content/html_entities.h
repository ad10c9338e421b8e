#pragma once

#include <cstdint>
#include <string_view>

namespace gnomon::content {

// The character that "&NAME;" stands for: those of HTML 4 (section 24), of HTML 5 those of ASCII,
// and numbers ("#233", "#xe9"). Blanks of any width are ' '. 0 for a name that is none of these,
// 0x110000 for a number that is no character.
std::uint32_t html_entity(std::string_view name);

}  // namespace gnomon::content
