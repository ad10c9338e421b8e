#include "sqlite_table.h"

#include <algorithm>
#include <utility>

#include "gnomon/bytes/ascii.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kSqlBytesMax = std::size_t{256} << 10;
constexpr std::size_t kColumnsMax = 2000;  // as SQLite's own limit

struct Token {
  std::string text;     // of names without their quotes
  bool quoted = false;  // so no keyword
  [[nodiscard]] bool is(std::string_view word) const {
    return !quoted && same_ignoring_case(text, word);
  }
  [[nodiscard]] bool is_any(std::initializer_list<std::string_view> words) const {
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return is(word); });
  }
};
using Words = std::vector<Token>;

// Behind what a comment begins with; `at` elsewhere.
std::size_t behind_comment(std::string_view sql, std::size_t at) {
  if (sql.substr(at, 2) == "--") return std::min(sql.find('\n', at), sql.size());
  if (sql.substr(at, 2) != "/*") return at;
  const std::size_t end = sql.find("*/", at + 2);
  return end == sql.npos ? sql.size() : end + 2;
}

Words words_of(std::string_view sql) {
  constexpr std::string_view kQuotes = "\"'`[";
  constexpr std::string_view kMarks = "(),;=<>!|+-*/%&~.";
  constexpr std::string_view kBlanks = " \t\r\n\f";
  Words words;
  for (std::size_t at = 0; at < sql.size();) {
    if (const std::size_t behind = behind_comment(sql, at); behind > at) {
      at = behind;
    } else if (kBlanks.find(sql[at]) != kBlanks.npos) {
      ++at;
    } else if (kQuotes.find(sql[at]) != kQuotes.npos) {
      const char close = sql[at] == '[' ? ']' : sql[at];
      Token word{{}, true};
      for (++at; at < sql.size(); ++at) {
        // A quote stands for itself where it is doubled.
        if (sql[at] == close && (close == ']' || sql.substr(at + 1, 1) != sql.substr(at, 1))) break;
        if (sql[at] == close) ++at;
        word.text += sql[at];
      }
      ++at;
      words.push_back(std::move(word));
    } else if (kMarks.find(sql[at]) != kMarks.npos) {
      words.push_back({std::string(1, sql[at++]), false});
    } else {
      Token word;
      while (at < sql.size() && kBlanks.find(sql[at]) == kBlanks.npos &&
             kMarks.find(sql[at]) == kMarks.npos && kQuotes.find(sql[at]) == kQuotes.npos) {
        word.text += sql[at++];
      }
      words.push_back(std::move(word));
    }
  }
  return words;
}

// The items between commas of the brackets that open at `at`, which then stands behind them; what
// stands in brackets inside stays with its item.
std::vector<Words> items_of(const Words& words, std::size_t& at) {
  std::vector<Words> items(1);
  std::size_t open = 0;
  for (; at < words.size(); ++at) {
    const Token& word = words[at];
    if (word.is("(") && ++open == 1) continue;
    if (word.is(")") && --open == 0) {
      ++at;
      break;
    }
    if (open == 1 && word.is(",")) {
      if (items.size() > 2 * kColumnsMax) break;
      items.emplace_back();
    } else {
      items.back().push_back(word);
    }
  }
  return items;
}

// Where `first` and `second` stand one behind the other outside brackets; the item's size
// elsewhere.
std::size_t find_pair(const Words& item, std::string_view first, std::string_view second) {
  std::size_t open = 0;
  for (std::size_t at = 0; at + 1 < item.size(); ++at) {
    if (item[at].is("(")) ++open;
    if (item[at].is(")") && open > 0) --open;
    if (open == 0 && item[at].is(first) && item[at + 1].is(second)) return at;
  }
  return item.size();
}

bool is_constraint(const Words& item) {
  return item.front().is_any({"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"});
}

// What is computed when it is asked for is not kept.
bool is_virtual(const Words& column) {
  return find_pair(column, "AS", "(") < column.size() &&
         std::none_of(column.begin(), column.end(),
                      [](const Token& word) { return word.is("STORED"); });
}

// Whether the type is INTEGER and no word more, as it must be of a column that is the row's number.
bool is_integer(const Words& column) {
  return column.size() > 1 && column[1].is("INTEGER") &&
         (column.size() == 2 ||
          column[2].is_any({"CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT",
                            "COLLATE", "REFERENCES", "GENERATED", "AS"}));
}

struct Key {
  std::vector<std::string> columns;
  bool descending = false;  // of a column's own: such a one is no row number
};

Key primary_key(const std::vector<Words>& items) {
  Key key;
  for (const Words& item : items) {
    if (item.empty()) continue;
    std::size_t at = find_pair(item, "PRIMARY", "KEY");
    if (at == item.size()) continue;
    at += 2;
    if (!is_constraint(item)) {
      key.columns = {item.front().text};
      key.descending = at < item.size() && item[at].is("DESC");
      return key;
    }
    for (const Words& column : items_of(item, at))
      if (!column.empty()) key.columns.push_back(column.front().text);
    return key;
  }
  return key;
}

}  // namespace

SqliteTable sqlite_table(std::string_view sql) {
  SqliteTable table;
  const Words words = words_of(sql.substr(0, kSqlBytesMax));
  std::size_t at = 0;
  while (at < words.size() && !words[at].is("(")) ++at;
  if (at == words.size() || !words.front().is("CREATE")) return table;
  const std::vector<Words> items = items_of(words, at);
  table.without_rowid = find_pair({words.begin() + static_cast<std::ptrdiff_t>(at), words.end()},
                                  "WITHOUT", "ROWID") < words.size() - at;
  const Key key = primary_key(items);
  const auto add = [&](const std::string& name) {
    const auto same = [&](const std::string& column) { return same_ignoring_case(column, name); };
    if (std::none_of(table.columns.begin(), table.columns.end(), same))
      table.columns.push_back(name);
  };
  if (table.without_rowid)
    for (const std::string& column : key.columns) add(column);
  for (const Words& item : items) {
    if (item.empty() || is_virtual(item)) continue;
    if (is_constraint(item)) break;  // no column comes behind those
    if (table.columns.size() == kColumnsMax) break;
    if (!table.without_rowid && key.columns.size() == 1 && !key.descending && is_integer(item) &&
        same_ignoring_case(item.front().text, key.columns.front()))
      table.row_number = table.columns.size();
    add(item.front().text);
  }
  return table;
}

}  // namespace gnomon::content
