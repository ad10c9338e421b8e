#pragma once

#include <string_view>

namespace gnomon::content {

// How much the text is built like code, -1 to 1: the share of lines that end, indent or begin as
// prose does not, less that of sentences. Prose, tables, logs and JSON stay below 0.2; comments and
// rows of numbers do not count. 0 where fewer than two lines do.
double code_score(std::string_view text);

}  // namespace gnomon::content
