#pragma once

#include <string>
#include <string_view>

namespace gnomon::content {

// The text with the blanks that Unicode has besides (no-break, of typesetters, zero-width: U+00A0,
// U+2000 to U+200B, U+202F, U+205F, U+3000) as blanks of ASCII, as many as each had bytes, so that
// every place stays. Behind a digit and before another or a letter they stay what they are: there
// they join what is one number, and its readers know them. What a terminal takes as a colour or a
// move (ECMA-48: ESC [ ... m) is such a blank everywhere. Gives the text itself where there is
// nothing to do, else what it wrote into `room`.
std::string_view with_plain_blanks(std::string_view text, std::string& room);

}  // namespace gnomon::content
