#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gnomon::inventory {

// One row of a CSV text (RFC 4180, LF or CRLF, a byte order mark is skipped) and where it begins.
struct CsvRow {
  std::size_t line = 0;  // from 1
  std::vector<std::string> fields;
};
struct CsvTable {
  std::vector<CsvRow> rows;  // without empty lines
  std::string problem;       // what stopped the reading: a quote without its end, too many rows
  std::size_t problem_line = 0;
};
CsvTable read_csv(std::string_view text);

// A field for a spreadsheet: quoted where it must be, and never a formula: = + - @, tab, carriage
// return or apostrophe in front get an apostrophe, which plain_text() takes away.
void append_csv_field(std::string& out, std::string_view text);
std::string plain_text(std::string_view field);

}  // namespace gnomon::inventory
