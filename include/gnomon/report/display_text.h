#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Text for eyes, on a terminal or a page. What came from the network may hold any bytes: control
// characters, half a UTF-8 sequence, characters that turn the writing direction. None of them is
// shown raw.
namespace gnomon::report {

// `text` with every character that is not printable written as its escape: "\x1b", "\u202e";
// a backslash that stands there itself stays one. Well-formed UTF-8 stays as it is.
std::string printable(std::string_view text);

// How many columns of a terminal `text` takes. Wants what printable() returned: a byte that is not
// UTF-8 counts as one column, a control character as none.
std::size_t display_width(std::string_view text);

// The longest beginning of `text` that takes at most `columns`; never cuts a character, and takes
// combining marks along with what they belong to.
std::string_view fitting(std::string_view text, std::size_t columns);

// `text` cut to `columns` and ended by an ellipsis where something was cut.
std::string shortened(std::string_view text, std::size_t columns);

}  // namespace gnomon::report
