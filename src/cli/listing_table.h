#pragma once

#include <string_view>

#include "gnomon/report/listing.h"
#include "terminal_table.h"

namespace gnomon::cli {

// A list for a terminal: the columns that are for people, words of risk and severity in colour.
TerminalTable terminal_table_of(const report::Listing& listing);

// Of "minimal", "low", "medium", "high", "critical"; plain for other words.
Style style_of_word(std::string_view word);

}  // namespace gnomon::cli
