#include "table_columns.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "byte_lanes.h"
#include "gnomon/bytes/text_parts.h"
#include "window_scan.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kHeadBytesMax = 8192;
constexpr std::size_t kHeadCellMax = 64;
constexpr std::size_t kColumnsMax = 256;
constexpr std::size_t kLineBytesMax = std::size_t{16} << 10U;  // of a row that is no tuple
constexpr std::size_t kBlockLinesMax = 6;  // of a paragraph, among which its table's head is sought
constexpr std::size_t kHeadsMax = 512;     // of one window

bool is_space(char c) { return is_blank(c) || c == '\r' || c == '\n'; }

bool begins(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (std::size_t i = 0; i < lower.size(); ++i)
    if (to_lower(text[i]) != lower[i]) return false;
  return true;
}

// Of a line in quotes or not: separators outside of quotes; `each` gets where they are.
template <typename Each>
void for_separators(std::string_view line, char separator, Each each) {
  if (std::memchr(line.data(), '"', line.size()) == nullptr) {
    for (std::size_t at = line.find(separator); at != line.npos; at = line.find(separator, at + 1))
      each(at);
    return;
  }
  bool quoted = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '"') quoted = !quoted;
    if (line[at] == separator && !quoted) each(at);
  }
}

std::size_t count_separators(std::string_view line, char separator) {
  std::size_t count = 0;
  if (!line.empty()) for_separators(line, separator, [&](std::size_t) { ++count; });
  return count;
}

// "|---|:--:|", "+-----+": drawn, and says nothing.
bool is_rule(std::string_view line) {
  return !line.empty() && line.find_first_not_of("-+=|: \t\r") == line.npos &&
         line.find_first_of("-=") != line.npos;
}

// It has a separator, and nothing that no caption has.
bool may_be_head(std::string_view line) {
  std::uint64_t separators = 0;
  for (std::size_t at = 0; at < line.size(); at += ByteBlock::kBytes) {
    const ByteBlock bytes{line, at};
    const Lanes foreign = bytes.between('<', '>') | bytes.is('@') | bytes.is('{') | bytes.is('}');
    if (foreign.bits() != 0) return false;
    separators |= (bytes.is('\t') | bytes.is(',') | bytes.is(';') | bytes.is('|')).bits();
  }
  return separators != 0;
}

// What a head has in a cell: a few words, hardly a digit.
bool is_caption(std::string_view cell) {
  if (cell.size() > kHeadCellMax) return false;
  std::size_t digits = 0;
  std::size_t blanks = 0;
  for (const char c : cell) {
    digits += is_digit(c) ? 1 : 0;
    blanks += c == ' ' ? 1 : 0;
    if (c == '=' || c == '{' || c == '}' || c == '<' || c == '>' || c == '@') return false;
  }
  return digits <= 3 && digits * 2 <= cell.size() && blanks <= 6;
}

}  // namespace

void TableColumns::begin(std::string_view text, std::uint64_t base,
                         std::span<const std::size_t> secret_names) {
  text_ = text;
  secret_names_ = secret_names;
  list_ = {};
  not_joined_before_ = 0;
  lines_.clear();
  read_ = 0;
  cut_line_ = SIZE_MAX;
  create_end_ = 0;
  inserted_ = -1;
  carried_ = base != 0 && head_ >= 0;
  if (!carried_) {
    head_ = -1;
    sql_ = Sql::kNone;
  }
  if (base == 0) {
    heads_.clear();
    created_.clear();
  }
  lines_of_block_ = base == 0 ? 0 : kBlockLinesMax;
  base_ = base;
}

void TableColumns::end(std::uint64_t from) {
  const std::size_t at = from > base_ ? static_cast<std::size_t>(from - base_) : 0;
  if (at < text_.size()) read_to(at);
  auto line =
      std::upper_bound(lines_.begin(), lines_.end(), at,
                       [](std::size_t place, const Line& each) { return place < each.start; });
  const std::int32_t head = line == lines_.begin() ? -1 : std::prev(line)->head;
  // The table that goes on, and those that were created.
  std::vector<TableHead> kept;
  const auto keep = [&](std::int32_t each) {
    kept.push_back(std::move(heads_[static_cast<std::size_t>(each)]));
    return static_cast<std::int32_t>(kept.size() - 1);
  };
  if (head >= 0) keep(head);
  for (Created& each : created_) each.head = each.head == head ? 0 : keep(each.head);
  heads_ = std::move(kept);
  list_ = {};
  head_ = head < 0 ? -1 : 0;
  sql_ = head >= 0 && heads_.front().separator == '(' ? Sql::kWantsRows : Sql::kNone;
}

void TableColumns::read_to(std::size_t at) {
  while (read_ <= at && read_ < text_.size()) {
    const void* found = std::memchr(text_.data() + read_, '\n', text_.size() - read_);
    std::size_t end =
        found == nullptr ? text_.size()
                         : static_cast<std::size_t>(static_cast<const char*>(found) - text_.data());
    if (head_ >= 0) {
      const TableHead& head = heads_[static_cast<std::size_t>(head_)];
      end = row_end(read_, end, head.separator, head.columns);
    }
    read_line(read_, end);
    read_ = end + 1;
  }
}

void TableColumns::read_line(std::size_t start, std::size_t end) {
  std::string_view line = text_.substr(start, end - start);
  if (line.ends_with('\r')) line.remove_suffix(1);
  std::size_t first = 0;
  while (first < line.size() && (line[first] == ' ' || line[first] == '\t')) ++first;
  std::int32_t here = -1;
  if (start < create_end_) {
    // Told by its first line.
  } else if (first == line.size()) {
    if (!(carried_ && start == 0)) head_ = -1;
    lines_of_block_ = 0;
    sql_ = Sql::kNone;
  } else {
    const std::string_view solid = line.substr(first);
    const char begin = to_lower(solid.front());
    if ((begin == 'i' && begins(solid, "insert into")) ||
        ((begin == 'i' || begin == 'r') && !insert_head(solid).table.empty())) {
      head_ = -1;
      sql_ = read_insert(solid) ? Sql::kWantsRows : Sql::kWantsColumns;
      here = head_;
    } else if (begin == 'c' && begins(solid, "create ")) {
      head_ = -1;
      sql_ = Sql::kNone;
      create_end_ = read_create(start + first);
    } else if (begin == 'c' && begins(solid, "copy ") && solid.find('(') != solid.npos) {
      const std::size_t open = solid.find('(');
      head_ = -1;
      read_columns(solid.substr(open + 1, solid.find(')', open) - open - 1), '\t');
      sql_ = Sql::kNone;
    } else if (sql_ == Sql::kWantsColumns) {
      if (begin == '(') {
        read_columns(solid.substr(1, solid.find(')') - 1), '(');
        sql_ = Sql::kWantsRows;
      } else if (begins(solid, "values")) {
        here = head_ = inserted_;
        sql_ = Sql::kWantsRows;
      } else {
        sql_ = Sql::kNone;
      }
    } else if (sql_ == Sql::kWantsRows) {
      if (begin == '(' || begins(solid, "values") || (carried_ && start == 0)) {
        here = head_;
      } else {
        head_ = -1;
        sql_ = Sql::kNone;
      }
    } else if (head_ < 0 && lines_of_block_ < kBlockLinesMax && line.size() <= kHeadBytesMax) {
      read_table_head(line, end + 1);
    } else {
      here = head_;
    }
    ++lines_of_block_;
  }
  lines_.push_back({static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(end), here});
}

// "INSERT INTO t (a, b) VALUES (1, 2)": false when the columns are not in this line.
bool TableColumns::read_insert(std::string_view line) {
  const InsertHead insert = insert_head(line);
  inserted_ = created_head(insert.table);
  if (!insert.table.empty() && begins(line.substr(insert.after), "values")) {
    head_ = inserted_;  // it names no column
    return true;
  }
  const std::size_t open = line.find('(');
  if (open == line.npos) return false;
  const std::size_t close = line.find(')', open);
  if (close == line.npos || close - open > kHeadBytesMax) return true;
  if (!is_caption(line.substr(open + 1, std::min(close - open - 1, kHeadCellMax)))) return true;
  read_columns(line.substr(open + 1, close - open - 1), '(');
  return true;
}

// Whether a word for secrets stands in the list, which is a part of the text.
bool TableColumns::may_name_secrets(std::string_view list) const {
  const auto start = static_cast<std::size_t>(list.data() - text_.data());
  const auto name = std::upper_bound(secret_names_.begin(), secret_names_.end(), start);
  return name != secret_names_.end() && *name <= start + list.size();
}

// The rule one of whose heads is all in these captions; kNoRule.
std::uint32_t TableColumns::table_rule_of(const std::vector<std::string>& captions) const {
  const auto has = [&](const std::string& wanted) {
    return std::find(captions.begin(), captions.end(), wanted) != captions.end();
  };
  for (const std::uint32_t rule : set_.table_rules)
    for (const std::vector<std::string>& head : set_.rules[rule].table_heads)
      if (std::all_of(head.begin(), head.end(), has)) return rule;
  return kNoRule;
}

bool TableColumns::read_columns(std::string_view list, char separator, Heads wanted) {
  if (list.size() > kHeadBytesMax) return false;
  // One statement a row: rows of one table.
  if (!list_.empty() && list == list_ && heads_.back().separator == separator) {
    head_ = static_cast<std::int32_t>(heads_.size() - 1);
    return true;
  }
  const char between = separator == '(' || separator == '\t'
                           ? (list.find('\t') != list.npos ? '\t' : ',')
                           : separator;
  std::vector<std::string_view> cells;
  std::size_t at = 0;
  while (at <= list.size() && cells.size() < kColumnsMax) {
    const std::size_t stop = std::min(list.find(between, at), list.size());
    cells.push_back(trimmed(list.substr(at, stop - at), is_space));
    at = stop + 1;
  }
  if (!add_head(cells, separator, wanted, wanted != Heads::kNoSecrets && may_name_secrets(list)))
    return false;
  list_ = list;
  return true;
}

bool TableColumns::add_head(const std::vector<std::string_view>& cells, char separator,
                            Heads wanted, bool secrets) {
  if (heads_.size() >= kHeadsMax) return false;
  TableHead head;
  head.separator = separator;
  bool any = false;
  bool account = false;
  std::vector<ContextWord> words;
  std::vector<std::string> captions;
  for (const std::string_view cell : cells) {
    std::vector<std::uint32_t>& own = head.words.emplace_back();
    words.clear();
    for (std::size_t i = 0; i < cell.size(); ++i)
      if (begins_word(cell, i)) context_words_at(set_, cell, i, words);
    for (const ContextWord& each : words) own.push_back(each.word);
    std::sort(own.begin(), own.end());
    own.erase(std::unique(own.begin(), own.end()), own.end());
    any = any || (!own.empty() && wanted != Heads::kSecrets);
    if (!secrets) continue;
    account = account || names_account(set_, cell);
    captions.push_back(caption_words(cell));
    const SecretHead named = secret_head_of(set_, cell);
    if (named == SecretHead::kNone) continue;
    SecretColumn& column = head.secrets.emplace_back();
    column.column = static_cast<std::uint32_t>(head.words.size() - 1);
    column.head = named;
    any = true;
  }
  if (!any) return false;
  for (SecretColumn& column : head.secrets)
    if (account && column.head == SecretHead::kDoubtfulPassword)
      column.head = SecretHead::kPassword;
  const auto password =
      std::find_if(head.secrets.begin(), head.secrets.end(),
                   [](const SecretColumn& column) { return column.head == SecretHead::kPassword; });
  if (password != head.secrets.end() && separator != '(')
    password->table_rule = table_rule_of(captions);
  head.columns = head.words.size();
  heads_.push_back(std::move(head));
  head_ = static_cast<std::int32_t>(heads_.size() - 1);
  return true;
}

// Where the row ends that begins at `start`: a cell in quotes may go on in the lines below (RFC
// 4180). At the line's own end where that does not make a row of so many columns.
std::size_t TableColumns::row_end(std::size_t start, std::size_t line_end, char separator,
                                  std::size_t columns) {
  if (separator == '(' || separator == '|' || start < not_joined_before_ ||
      text_.substr(start, line_end - start).find('"') == std::string_view::npos)
    return line_end;
  const std::size_t stop = std::min(text_.size(), start + kLineBytesMax);
  bool quoted = false;
  bool cell_begins = true;
  std::size_t at = start;
  for (; at < stop; ++at) {
    const char c = text_[at];
    if (quoted) {
      if (c == '"' && at + 1 < stop && text_[at + 1] == '"')
        ++at;
      else if (c == '"')
        quoted = false;
      continue;
    }
    if (c == '\n') break;
    quoted = cell_begins && c == '"';
    cell_begins = c == separator || (cell_begins && c == ' ');
  }
  if (at <= line_end) return line_end;
  if (!quoted && count_separators(text_.substr(start, at - start), separator) + 1 == columns)
    return at;
  not_joined_before_ = at;
  return line_end;
}

// A line of captions over one that has as many cells, in some of them digits unless they are
// secrets.
bool TableColumns::read_table_head(std::string_view line, std::size_t next) {
  // What no caption holds is in most lines that are none: they are left before more is read.
  if (next >= text_.size() || !may_be_head(line) || is_rule(line)) return false;
  std::string_view below;
  std::size_t below_start = next;
  for (int skipped = 0; skipped < 2 && next < text_.size(); ++skipped) {
    const std::size_t end = std::min(text_.find('\n', next), text_.size());
    below = text_.substr(next, end - next);
    below_start = next;
    if (!is_rule(below)) break;
    next = end + 1;
  }
  if (below.size() > kLineBytesMax) return false;
  const bool digits = std::any_of(below.begin(), below.end(), is_digit);
  const bool may_name = may_name_secrets(line);
  if (!digits && !may_name) return false;
  for (const char separator : {'\t', ';', '|', ','}) {
    const std::size_t count = count_separators(line, separator);
    if (count == 0 || count >= kColumnsMax) continue;
    if (count_separators(below, separator) != count) {
      const std::size_t line_end = below_start + below.size();
      if (!may_name || row_end(below_start, line_end, separator, count + 1) == line_end) continue;
    }
    std::size_t at = 0;
    bool captions = true;
    bool plain = true;
    std::size_t filled = 0;
    while (captions && at <= line.size()) {
      const std::size_t stop = std::min(line.find(separator, at), line.size());
      const std::string_view caption = trimmed(line.substr(at, stop - at), is_space);
      captions = is_caption(caption);
      plain = plain && (!may_name || is_plain_caption(caption));
      filled += caption.empty() ? 0 : 1;
      at = stop + 1;
    }
    if (!captions) continue;
    const bool secrets = may_name && plain && filled > 1;
    if (!digits && !secrets) return false;
    return read_columns(line, separator,
                        !secrets ? Heads::kNoSecrets
                        : digits ? Heads::kAll
                                 : Heads::kSecrets);
  }
  return false;
}

void TableColumns::cut(const Line& line) {
  cells_.clear();
  cut_line_ = line.start;
  const TableHead& head = heads_[static_cast<std::size_t>(line.head)];
  std::string_view row = text_.substr(line.start, line.end - line.start);
  const bool partial = carried_ && line.start == 0;
  if (head.separator == '(') {
    const std::size_t skipped = partial ? 0 : tuples_begin(row);
    cut_tuples(row.substr(skipped), line.start + skipped, partial);
    return;
  }
  if (partial || row.size() > kLineBytesMax ||
      count_separators(row, head.separator) + 1 != head.columns)
    return;
  CutCell cell{line.start, 0, 0};
  for_separators(row, head.separator, [&](std::size_t at) {
    cell.end = static_cast<std::uint32_t>(line.start + at);
    cells_.push_back(cell);
    cell = {cell.end + 1, 0, cell.column + 1};
  });
  cell.end = line.end;
  cells_.push_back(cell);
}

TableColumns::Cell TableColumns::cell_at(std::size_t at) {
  if (read_ <= at) read_to(at);
  if (heads_.empty()) return {};
  auto line =
      std::upper_bound(lines_.begin(), lines_.end(), at,
                       [](std::size_t place, const Line& each) { return place < each.start; });
  if (line == lines_.begin()) return {};
  --line;
  if (line->head < 0) return {};
  if (cut_line_ != line->start) cut(*line);
  auto cell =
      std::upper_bound(cells_.begin(), cells_.end(), at,
                       [](std::size_t place, const CutCell& each) { return place < each.start; });
  if (cell == cells_.begin()) return {};
  --cell;
  const TableHead& head = heads_[static_cast<std::size_t>(line->head)];
  if (at >= cell->end || cell->column >= head.words.size() || head.words[cell->column].empty())
    return {};
  return {&head.words[cell->column], cell->start, cell->end};
}

}  // namespace gnomon::content
