#include <algorithm>

#include "table_columns.h"

// Cells of tables that are written as statements: INSERT INTO t (a, b) VALUES (1, 2), (3, 4).
namespace gnomon::content {

// Cells of the tuples in the line, which begin at `start` in the text. `inside`: the line's
// beginning is not known, so only what follows the end of a tuple counts.
void TableColumns::cut_tuples(std::string_view text, std::size_t start, bool inside) {
  bool in_tuple = false;
  bool quoted = false;
  CutCell cell;
  const auto place = [&](std::size_t at) { return static_cast<std::uint32_t>(start + at); };
  std::size_t at = 0;
  if (inside) at = std::min(text.find("),("), text.size());
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      if (c == '\\') ++at;
      if (c == '\'') quoted = false;
    } else if (!in_tuple) {
      if (c != '(') continue;
      in_tuple = true;
      cell = {place(at + 1), 0, 0};
    } else if (c == '\'') {
      quoted = true;
    } else if (c == ',' || c == ')') {
      cell.end = place(at);
      cells_.push_back(cell);
      cell = {place(at + 1), 0, cell.column + 1};
      in_tuple = c == ',';
    }
  }
  if (in_tuple) {
    cell.end = place(text.size());
    cells_.push_back(cell);
  }
}

}  // namespace gnomon::content
