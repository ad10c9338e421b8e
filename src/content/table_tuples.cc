#include <algorithm>
#include <utility>

#include "table_columns.h"
#include "window_scan.h"

// Tables that are written as statements: CREATE TABLE t (a int, b text), INSERT INTO t (a, b)
// VALUES (1, 2), (3, 4).
namespace gnomon::content {
namespace {

constexpr std::size_t kDefinitionBytesMax = std::size_t{16} << 10U;  // of a CREATE TABLE
constexpr std::size_t kDefinedMax = 256;                             // columns of one
constexpr std::size_t kCreatedMax = 64;                              // tables of one stream

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

void skip_blanks(std::string_view text, std::size_t& at) {
  while (at < text.size() && is_blank(text[at])) ++at;
}

// Blanks and comments to the end of their line.
void skip_gap(std::string_view text, std::size_t& at) {
  skip_blanks(text, at);
  while (text.substr(std::min(at, text.size()), 2) == "--") {
    at = std::min(text.find('\n', at), text.size());
    skip_blanks(text, at);
  }
}

bool is_name_byte(char c) {
  return is_alnum(c) || c == '_' || c == '$' || c == '#' || static_cast<unsigned char>(c) >= 0x80;
}

bool is_word(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() && std::equal(text.begin(), text.end(), lower.begin(),
                                                   [](char a, char b) { return to_lower(a) == b; });
}

// The word, in letters of any case, and the blanks behind it.
bool take_word(std::string_view text, std::size_t& at, std::string_view lower) {
  const std::size_t end = at + lower.size();
  if (end > text.size() || !is_word(text.substr(at, lower.size()), lower)) return false;
  if (end < text.size() && is_name_byte(text[end])) return false;
  at = end;
  skip_blanks(text, at);
  return true;
}

// name, `name`, "name", [name]: without its quotes; empty where there is none.
std::string_view take_name(std::string_view text, std::size_t& at) {
  if (at >= text.size()) return {};
  const char first = text[at];
  if (first == '`' || first == '"' || first == '[') {
    const std::size_t end = text.find(first == '[' ? ']' : first, at + 1);
    if (end == text.npos) return {};
    const std::string_view name = text.substr(at + 1, end - at - 1);
    at = end + 1;
    return name;
  }
  const std::size_t start = at;
  while (at < text.size() && is_name_byte(text[at])) ++at;
  return text.substr(start, at - start);
}

// The last part of a table's name, with the blanks behind it.
std::string_view take_table(std::string_view text, std::size_t& at) {
  std::string_view name = take_name(text, at);
  while (!name.empty() && at < text.size() && text[at] == '.') name = take_name(text, ++at);
  skip_blanks(text, at);
  return name;
}

// What stands among the columns of a table and is none.
bool is_clause(std::string_view word) {
  for (const std::string_view each : {"primary", "key", "unique", "constraint", "foreign", "index",
                                      "check", "fulltext", "spatial", "exclude", "like", "period"})
    if (is_word(word, each)) return true;
  return false;
}

// Behind the end of a tuple, where the next begins: "), (".
std::size_t next_tuple(std::string_view text) {
  for (std::size_t close = text.find(')'); close != text.npos; close = text.find(')', close + 1)) {
    std::size_t at = close + 1;
    skip_blanks(text, at);
    if (at >= text.size() || text[at] != ',') continue;
    skip_blanks(text, ++at);
    if (at < text.size() && text[at] == '(') return at;
  }
  return text.size();
}

}  // namespace

InsertHead insert_head(std::string_view line) {
  std::size_t at = 0;
  const bool replaces = take_word(line, at, "replace");
  if (!replaces && !take_word(line, at, "insert")) return {};
  bool into = false;
  for (bool more = true; more && !into;) {
    into = take_word(line, at, "into");
    more = into;
    for (const std::string_view how : {"or", "ignore", "replace", "rollback", "abort", "fail",
                                       "delayed", "low_priority", "high_priority"})
      more = more || take_word(line, at, how);
  }
  InsertHead head;
  const std::string_view table = take_table(line, at);
  head.after = at;
  if (into) {
    head.table = table;
    return head;
  }
  if (replaces || at >= line.size()) return {};
  // Without the word it may be any sentence: only what goes on as a statement is one.
  if (line[at] == '(') {
    at = line.find(')', at);
    if (at == line.npos) return {};
    skip_blanks(line, ++at);
  }
  if (take_word(line, at, "values")) head.table = table;
  return head;
}

std::size_t tuples_begin(std::string_view line) {
  std::size_t at = 0;
  skip_blanks(line, at);
  const InsertHead insert = insert_head(line.substr(at));
  if (insert.table.empty()) {
    if (!take_word(line, at, "insert")) return 0;
  } else {
    at += insert.after;
    if (at < line.size() && line[at] != '(') return at;
  }
  const std::size_t close = line.find(')', at);
  return close == line.npos ? line.size() : close + 1;
}

// The columns of the CREATE TABLE at `at`, as far as it is one. Returns where its definitions end,
// 0 where it has none.
std::size_t TableColumns::read_create(std::size_t at) {
  const std::string_view text = text_.substr(0, at + kDefinitionBytesMax);
  if (!take_word(text, at, "create")) return 0;
  for (const std::string_view kind : {"global", "local", "temporary", "temp", "unlogged"})
    take_word(text, at, kind);
  if (!take_word(text, at, "table")) return 0;
  if (take_word(text, at, "if")) {
    take_word(text, at, "not");
    take_word(text, at, "exists");
  }
  const std::string_view table = take_table(text, at);
  forget_created(table);  // one of the same name is another table now
  if (table.empty() || at >= text.size() || text[at] != '(') return 0;
  ++at;
  std::vector<std::string_view> names;
  std::size_t depth = 1;
  char quote = '\0';
  bool column = true;  // begins here
  while (depth > 0 && at < text.size()) {
    if (column) {
      column = false;
      skip_gap(text, at);
      const std::size_t start = at;
      const std::string_view name = take_name(text, at);
      const bool quoted = at > start && name.size() < at - start;
      if (!name.empty() && (quoted || !is_clause(name)) && names.size() < kDefinedMax)
        names.push_back(name);
      continue;
    }
    const char c = text[at++];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"' || c == '`') {
      quote = c;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')') {
      --depth;
    } else if (c == ',' && depth == 1) {
      column = true;
    } else if (c == '-' && at < text.size() && text[at] == '-') {
      at = std::min(text.find('\n', at), text.size());
    }
  }
  if (depth > 0 || !add_head(names, '(', Heads::kAll, true)) return 0;
  if (created_.size() >= kCreatedMax) created_.erase(created_.begin());
  Created& made = created_.emplace_back(std::string{table}, std::exchange(head_, -1));
  for (char& c : made.name) c = to_lower(c);
  list_ = {};
  return at;
}

void TableColumns::forget_created(std::string_view table) {
  std::erase_if(created_, [&](const Created& each) { return is_word(table, each.name); });
}

// -1: there is none of that name, or it has no column that a word names.
std::int32_t TableColumns::created_head(std::string_view table) const {
  const auto found = std::find_if(created_.begin(), created_.end(),
                                  [&](const Created& each) { return is_word(table, each.name); });
  return found == created_.end() ? -1 : found->head;
}

// Cells of the tuples in the line, which begin at `start` in the text. `inside`: the line's
// beginning is not known, so only what follows the end of a tuple counts.
void TableColumns::cut_tuples(std::string_view text, std::size_t start, bool inside) {
  bool in_tuple = false;
  bool quoted = false;
  std::size_t calls = 0;  // open parentheses in a cell: CAST(N'...' AS Date)
  CutCell cell;
  const auto place = [&](std::size_t at) { return static_cast<std::uint32_t>(start + at); };
  std::size_t at = 0;
  if (inside) at = next_tuple(text);
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
    } else if (c == '(') {
      ++calls;
    } else if (calls > 0) {
      if (c == ')') --calls;
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
