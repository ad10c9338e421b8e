#include "csv_rows.h"

#include "rows.h"

namespace gnomon::inventory {
namespace {

constexpr std::size_t kRowsMax = 200'000;
constexpr std::string_view kFormulaStarters = "=+-@\t\r'";

}  // namespace

CsvTable read_csv(std::string_view text) {
  CsvTable table;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::size_t line = 1;
  CsvRow row{1, {}};
  std::string field;
  bool was_quoted = false;
  const auto end_field = [&] {
    row.fields.push_back(std::move(field));
    field.clear();
    was_quoted = false;
  };
  const auto end_row = [&] {
    end_field();
    if (row.fields.size() > 1 || !row.fields.front().empty()) table.rows.push_back(std::move(row));
    row = CsvRow{line, {}};
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"' && field.empty() && !was_quoted) {
      was_quoted = true;
      const std::size_t opened = line;
      for (++at;; ++at) {
        if (at >= text.size()) {
          table.problem = "a quoted field has no end";
          table.problem_line = opened;
          return table;
        }
        if (text[at] == '"') {
          if (at + 1 >= text.size() || text[at + 1] != '"') break;
          ++at;
        }
        if (text[at] == '\n') ++line;
        field += text[at];
      }
    } else if (c == ',') {
      end_field();
    } else if (c == '\n') {
      ++line;
      end_row();
      if (table.rows.size() > kRowsMax) {
        table.problem = "more than " + std::to_string(kRowsMax) + " rows";
        table.problem_line = line;
        return table;
      }
    } else if (c == '\r' && at + 1 < text.size() && text[at + 1] == '\n') {
      continue;
    } else if (was_quoted || c == '"') {
      table.problem = "a quote stands in the middle of a field";
      table.problem_line = line;
      return table;
    } else {
      field += c;
    }
  }
  if (!field.empty() || was_quoted || !row.fields.empty()) end_row();
  return table;
}

void append_csv_field(std::string& out, std::string_view text) {
  std::string shown;
  if (!text.empty() && kFormulaStarters.find(text.front()) != std::string_view::npos) shown += '\'';
  shown += text;
  if (shown.find_first_of("\",\r\n") == std::string::npos) {
    out += shown;
    return;
  }
  out += '"';
  for (const char c : shown) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

std::string plain_text(std::string_view field) {
  if (field.size() >= 2 && field[0] == '\'' &&
      kFormulaStarters.find(field[1]) != std::string_view::npos)
    field.remove_prefix(1);
  return std::string{field};
}

}  // namespace gnomon::inventory
