#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gnomon::cli {

// What standard output is written to.
struct Terminal {
  std::optional<std::size_t> columns;  // nothing: not a terminal, so nothing is cut
  bool colour = false;

  // A terminal's width is COLUMNS where set, else what the terminal says, else 80. Colour only on a
  // terminal that is not "dumb", and never with NO_COLOR set to anything (no-color.org).
  static Terminal of_standard_output();
};

enum class Style : std::uint8_t { kPlain, kBold, kDim, kMinimal, kLow, kMedium, kHigh, kCritical };

// `text` in that style, when colour is wanted.
std::string styled(std::string_view text, Style style, bool colour);

struct Column {
  std::string title;
  bool right = false;         // numbers stand right
  std::size_t width_min = 0;  // may be cut to this many columns; 0: never cut
  int rank = 0;               // columns of the highest rank are left out first; 0: never left out
};

// Rows under titles, as wide as the terminal allows: first what may be cut is cut, then columns are
// left out. Cells are made printable here, so text from the network may be given as it is.
class TerminalTable {
 public:
  explicit TerminalTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  void add_row(std::vector<std::string> cells);
  // Of the cell last added in that column.
  void style_last(std::size_t column, Style style);

  struct Rendered {
    std::string text;                   // lines, each with its end
    std::vector<std::string> left_out;  // titles of the columns that did not fit
  };
  [[nodiscard]] Rendered render(const Terminal& terminal) const;

 private:
  struct Cell {
    std::string text;
    Style style = Style::kPlain;
  };

  // The width of each column; 0 when it is left out.
  [[nodiscard]] std::vector<std::size_t> fit(const Terminal& terminal) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

// `text` broken at spaces into lines of at most `columns`; with nothing, one line. A word that is
// longer stands alone. On the first line `used` columns are taken already; the others begin with
// `indent` spaces.
std::string wrapped(std::string_view text, std::optional<std::size_t> columns, std::size_t indent,
                    std::size_t used = 0);

}  // namespace gnomon::cli
