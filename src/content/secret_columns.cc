#include <algorithm>

#include "gnomon/bytes/hash.h"
#include "window_scan.h"

// Secrets in tables, which the head of their column names: people's passwords in a sheet, what a
// password manager exports, rows of a database.
namespace gnomon::content {
namespace {

constexpr std::size_t kCaptionMax = 64;

bool ends_caption(char c) {
  return c == ',' || c == ';' || c == '\t' || c == '|' || c == '\n' || c == '\r' || c == '(' ||
         c == ')';
}

// Whether nothing but a caption's words stand around it, between the marks of a table.
bool may_be_caption(std::string_view text, std::size_t start, std::size_t end) {
  const std::size_t least = end > kCaptionMax ? end - kCaptionMax : 0;
  while (start > least && !ends_caption(text[start - 1])) --start;
  if (start > 0 && !ends_caption(text[start - 1])) return false;
  const std::size_t most = std::min(text.size(), start + kCaptionMax);
  while (end < most && !ends_caption(text[end])) ++end;
  if (end < text.size() && !ends_caption(text[end])) return false;
  const auto ends_line = [](char c) { return c == '\n' || c == '\r'; };
  const bool alone =
      (start == 0 || ends_line(text[start - 1])) && (end == text.size() || ends_line(text[end]));
  return !alone &&
         text.substr(start, end - start).find_first_of("={}<>@") == std::string_view::npos;
}

// The cell without blanks and what it is written in: quotes, N'...' of SQL, `...` of Markdown.
// Empty where it is none of these but has to be,
// and where a quote is not closed.
void unwrap(std::string_view text, char separator, TableColumns::SecretCell& cell) {
  const auto blank = [&](std::size_t at) {
    return text[at] == ' ' || text[at] == '\t' || text[at] == '\r' || text[at] == '\n';
  };
  while (cell.start < cell.end && blank(cell.start)) ++cell.start;
  while (cell.end > cell.start && blank(cell.end - 1)) --cell.end;
  if (separator == '(' && cell.end - cell.start > 1 && is_letter(text[cell.start]) &&
      text[cell.start + 1] == '\'')
    ++cell.start;
  const char first = cell.start < cell.end ? text[cell.start] : '\0';
  const bool mark =
      first == '"' || (first == '\'' && separator == '(') || (first == '`' && separator == '|');
  if (mark && cell.end - cell.start > 1 && text[cell.end - 1] == first) {
    ++cell.start;
    --cell.end;
  } else if (separator == '(') {
    cell.end = cell.start;  // a number, NULL, a call
  } else if (first == '"' || first == '\'') {
    cell.end = cell.start;  // a list in code
  }
}

// A quote inside of quotes is doubled.
std::string value_of(std::string_view cell, char separator) {
  const char quote = separator == '(' ? '\'' : '"';
  std::string value;
  for (std::size_t at = 0; at < cell.size(); ++at) {
    value += cell[at];
    if (cell[at] == quote && at + 1 < cell.size() && cell[at + 1] == quote) ++at;
  }
  return value;
}

void count(SecretColumn& column, CellGrade grade, std::uint64_t hash) {
  if (column.filled++ == 0) column.first_value = hash;
  column.differs = column.differs || hash != column.first_value;
  const bool doubtful =
      column.head == SecretHead::kDoubtfulPassword || column.head == SecretHead::kDoubtfulSecret;
  if (grade < (doubtful ? CellGrade::kStrong : CellGrade::kFair)) return;
  ++column.good;
  auto& [first, second] = column.good_values;
  if (first == 0)
    first = hash;
  else if (second == 0 && hash != first)
    second = hash;
}

// Whether the row at `row` of the stream is the second with something in the column, which is where
// the table is told. Windows overlap, so rows are known by their places.
bool tells_table(SecretColumn& column, std::uint64_t row, std::string_view value) {
  if (column.table_rule == kNoRule || value.empty() || is_masked(value)) return false;
  if (column.first_row == UINT64_MAX)
    column.first_row = row;
  else if (column.second_row == UINT64_MAX && row > column.first_row)
    column.second_row = row;
  return column.second_row == row;
}

}  // namespace

void WindowScan::find_secret_names(const std::vector<HookEvent>& events) {
  secret_names_.clear();
  for (const HookEvent& event : events) {
    const Hook& hook = set_.hooks[event.hook];
    if (hook.kind == Hook::Kind::kKeyword &&
        may_be_caption(text_, event.end - hook.width, event.end))
      secret_names_.push_back(event.end);
  }
}

// A cell is sure where the head has no other meaning and it looks like a password that people are
// made to choose, or made by chance; and where half of the filled cells do, two of them at least.
// Of a column with one value in all its rows nothing is told.
void WindowScan::scan_secret_columns(std::uint64_t base) {
  std::string value;
  for (TableColumns::SecretCells& each : columns_.secret_cells()) {
    SecretColumn& column = *each.column;
    std::vector<CellGrade> grades;
    for (TableColumns::SecretCell& cell : each.cells) {
      unwrap(text_, each.separator, cell);
      value = value_of(text_.substr(cell.start, cell.end - cell.start), each.separator);
      grades.push_back(grade_cell(column.head, value));
      if (!value.empty()) count(column, grades.back(), hash_text(value));
      if (tells_table(column, base + cell.row, value))
        add(column.table_rule, cell.row, cell.start,
            set_.rules[column.table_rule].raise == Raise::kForm ? Confidence::kHigh
                                                                : Confidence::kLow,
            false, set_.rules[column.table_rule].detector.id, Signs{} | Sign::kCaptions);
    }
    if (column.filled > 1 && !column.differs) continue;
    const bool password =
        column.head == SecretHead::kPassword || column.head == SecretHead::kDoubtfulPassword;
    const bool doubtful =
        column.head == SecretHead::kDoubtfulPassword || column.head == SecretHead::kDoubtfulSecret;
    const bool agreed = column.good_values[1] != 0 && column.good * 2 >= column.filled;
    const std::uint32_t index = password ? password_ : secret_;
    for (std::size_t i = 0; i < grades.size(); ++i) {
      const TableColumns::SecretCell& cell = each.cells[i];
      const bool strong = grades[i] == CellGrade::kStrong;
      if (!strong && (doubtful || grades[i] == CellGrade::kNothing)) continue;
      if (grades[i] == CellGrade::kWeak && !agreed) continue;
      const bool high = doubtful ? agreed : strong || (agreed && grades[i] == CellGrade::kFair);
      const std::vector<Pattern>& published = set_.rules[index].exclusions;
      if (std::any_of(published.begin(), published.end(), [&](const Pattern& pattern) {
            return pattern.match_at(text_, cell.start).has_value();
          }))
        continue;
      value = value_of(text_.substr(cell.start, cell.end - cell.start), each.separator);
      Signs signs = Signs{} | Sign::kLabel;
      if (strong) signs |= Sign::kRandom;
      add(index, cell.start, cell.end, high ? Confidence::kHigh : Confidence::kLow, true, value,
          signs, Reason::kColumn);
    }
  }
}

std::vector<TableColumns::SecretCells> TableColumns::secret_cells() {
  std::vector<SecretCells> all;
  const auto names_secrets = [](const TableHead& head) { return !head.secrets.empty(); };
  if (!secret_names_.empty()) read_to(secret_names_.back());
  if (std::none_of(heads_.begin(), heads_.end(), names_secrets)) return all;
  read_to(text_.size());
  std::vector<std::size_t> first(heads_.size());  // of a head's columns in `all`
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    first[i] = all.size();
    for (SecretColumn& column : heads_[i].secrets)
      all.push_back({&column, heads_[i].separator, {}});
  }
  for (const Line& line : lines_) {
    if (line.head < 0 || !names_secrets(heads_[static_cast<std::size_t>(line.head)])) continue;
    cut(line);
    const std::vector<SecretColumn>& columns = heads_[static_cast<std::size_t>(line.head)].secrets;
    for (const CutCell& cell : cells_) {
      const auto named = std::lower_bound(
          columns.begin(), columns.end(), cell.column,
          [](const SecretColumn& each, std::uint32_t column) { return each.column < column; });
      if (named == columns.end() || named->column != cell.column) continue;
      const auto place = static_cast<std::size_t>(named - columns.begin());
      all[first[static_cast<std::size_t>(line.head)] + place].cells.push_back(
          {cell.start, cell.end, line.start});
    }
  }
  return all;
}

}  // namespace gnomon::content
