#include "listing_table.h"

#include <string>
#include <utility>
#include <vector>

namespace gnomon::cli {
namespace {

bool is_number(const report::Cell& cell) {
  return std::holds_alternative<std::uint64_t>(cell) ||
         std::holds_alternative<report::ByteCount>(cell) ||
         std::holds_alternative<report::Share>(cell);
}

bool is_level(std::string_view key) { return key == "severity" || key == "risk_level"; }

}  // namespace

Style style_of_word(std::string_view word) {
  constexpr std::pair<std::string_view, Style> kWords[] = {{"minimal", Style::kMinimal},
                                                           {"low", Style::kLow},
                                                           {"medium", Style::kMedium},
                                                           {"high", Style::kHigh},
                                                           {"critical", Style::kCritical}};
  for (const auto& [each, style] : kWords)
    if (each == word) return style;
  return Style::kPlain;
}

TerminalTable terminal_table_of(const report::Listing& listing) {
  std::vector<Column> columns;
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < listing.columns.size(); ++i) {
    const report::ListColumn& column = listing.columns[i];
    if (column.title.empty()) continue;
    shown.push_back(i);
    const bool right = !listing.rows.empty() && is_number(listing.rows.front()[i]);
    columns.push_back({std::string{column.title}, right, column.width_min, column.rank});
  }
  TerminalTable table{std::move(columns)};
  for (const std::vector<report::Cell>& row : listing.rows) {
    std::vector<std::string> cells;
    for (const std::size_t i : shown) cells.push_back(report::cell_text(row[i]));
    table.add_row(std::move(cells));
    for (std::size_t at = 0; at < shown.size(); ++at)
      if (is_level(listing.columns[shown[at]].key))
        table.style_last(at, style_of_word(report::cell_text(row[shown[at]])));
  }
  return table;
}

}  // namespace gnomon::cli
