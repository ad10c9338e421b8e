#pragma once

#include <cstdint>
#include <string>

namespace gnomon {

// The character in UTF-8. A space stands for zero, U+FFFD for what is no character.
void append_utf8(std::uint32_t code_point, std::string& out);

}  // namespace gnomon
