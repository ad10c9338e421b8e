#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gnomon::content {

// Words in lower case as they may stand in a text that is compared without regard to the case of ASCII
// letters alone: as they are, all in capitals, and with a capital first. Others are added only for words with
// letters outside ASCII (Latin, Greek, Cyrillic) that have a capital of as many bytes; each word once.
void add_capitals(std::vector<std::string>& words);

// Of a code point between 0x80 and 0x7ff; itself where it is no small letter.
std::uint32_t capital_of(std::uint32_t point);

// The word with those letters in capitals; ASCII letters stay. `first_alone`: the first letter only.
std::string with_capitals(std::string_view utf8, bool first_alone);
// And in small ones.
std::string with_small_letters(std::string_view utf8);

}  // namespace gnomon::content
