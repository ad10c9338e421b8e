#pragma once

#include <cstddef>
#include <string_view>

// What lines tell of a text, whatever their words are.
namespace gnomon::content {

// Whether most lines are those of source code, settings or logs, not of prose. A text of few lines
// is none of those. Lines of one bare tag, which prompts set their parts apart by, are not counted; keys in quotes
// tell nothing, as any JSON has them.
bool is_machine_text(std::string_view text);

// Whether the line that begins there is a comment of source code which lines of code stand before:
// a marking in it says that what follows is no part of an interface, not that the file is
// confidential.
bool is_note_in_code(std::string_view text, std::size_t line_start);

}  // namespace gnomon::content
