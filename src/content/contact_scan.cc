#include <algorithm>
#include <array>
#include <cstring>

#include "gnomon/bytes/hash.h"
#include "secret_head.h"
#include "window_scan.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kAddressesMax = 512;  // distinct ones that are remembered
constexpr std::size_t kPasswordMax = 64;
constexpr std::size_t kCredentialsLeast = 5;  // lines that make a list

bool local_part(char c) {
  return is_alnum(c) || c == '.' || c == '_' || c == '-' || c == '+' || c == '%' || c == '\'' ||
         c == '!' || c == '#' || c == '&' || static_cast<unsigned char>(c) >= 0x80;
}

// A cell: a quoted string, a field of a table, a line of its own, what stands behind a colon.
bool opens_cell(char c) {
  return c == '\n' || c == '\t' || c == ',' || c == ';' || c == '|' || c == '"' || c == '\'' ||
         c == ':' || c == '=' || c == '>' || c == '(' || c == '[';
}
bool closes_cell(char c) {
  return c == '\n' || c == '\r' || c == '\t' || c == ',' || c == ';' || c == '|' || c == '"' ||
         c == '\'' || c == '<' || c == ')' || c == ']' || c == '&';
}

// "Pittsburgh, PA 15213-3890": a ZIP+4 code of the United States behind its state.
bool is_post_code(std::string_view text, std::size_t from, std::size_t end) {
  if (end - from != 10 || text[from + 5] != '-') return false;
  std::size_t state = from;
  while (state > 0 && from - state < 3 && text[state - 1] == ' ') --state;
  return state != from && state >= 2 && is_upper(text[state - 1]) && is_upper(text[state - 2]) &&
         (state == 2 || !is_letter(text[state - 3]));
}

// Four numbers up to 255 with points between: an address of IPv4, not a telephone.
bool is_ipv4(std::string_view text, std::size_t at) {
  bool short_ones = true;  // "22.33.44.55" is a telephone in Denmark
  for (int part = 0; part < 4; ++part) {
    int value = 0;
    std::size_t digits = 0;
    while (at < text.size() && is_digit(text[at]) && digits < 4) {
      value = value * 10 + (text[at++] - '0');
      ++digits;
    }
    if (digits == 0 || digits > 3 || value > 255) return false;
    short_ones = short_ones && digits == 2;
    if (part == 3) break;
    if (at >= text.size() || text[at] != '.') return false;
    ++at;
  }
  return !short_ones && (at >= text.size() || !is_digit(text[at]));
}

constexpr std::size_t kLineMax = 400;   // of a line before a number that is looked at
constexpr std::size_t kAroundMax = 12;  // letters beside a word that is alone on its line

// What may follow a word for a telephone within a name: phoneNumber, phone_home, mobile2.
bool goes_on_as_name(std::string_view rest) {
  if (rest.empty() || !(is_letter(rest.front()) || rest.front() == '_')) return true;
  if (rest.front() == '_') rest.remove_prefix(1);
  for (const std::string_view more :
       {"number", "num", "no", "nr", "nummer", "home", "work", "office", "mobile", "cell", "main",
        "primary", "private", "business", "formatted", "e164", "raw", "ext", "value"}) {
    if (rest.size() < more.size()) continue;
    const bool same = std::equal(more.begin(), more.end(), rest.begin(),
                                 [](char a, char b) { return a == to_lower(b); });
    if (same && (rest.size() == more.size() || !is_lower(rest[more.size()]))) return true;
  }
  return rest.empty() || !is_letter(rest.front());
}

// Letters and digits outside of tags.
std::size_t solid_in(std::string_view line) {
  std::size_t count = 0;
  bool tag = false;
  for (const char c : line) {
    tag = c == '<' || (tag && c != '>');
    count += !tag && is_alnum(c) ? 1 : 0;
  }
  return count;
}

// Whether a word says that the number is a telephone's: it stands on its line, or alone on the line
// before, and is no part of a program's name (PhoneInterfaceManager) or of a browser's.
bool says_telephone(std::string_view text, std::size_t word_start, std::size_t word_end,
                    std::size_t start, std::size_t end) {
  if (!goes_on_as_name(text.substr(word_end, 24))) return false;
  const bool before = word_end <= start;
  const std::string_view between =
      before ? text.substr(word_end, start - word_end) : text.substr(end, word_start - end);
  const std::size_t line_break = between.find('\n');
  std::size_t line = word_start;
  while (line > 0 && text[line - 1] != '\n' && word_start - line < kLineMax) --line;
  if (line_break == std::string_view::npos)
    return text.substr(line, word_start - line).find("Mozilla/") == std::string_view::npos;
  // In what is wrapped a sentence goes on: "call me at the\nphone number".
  if (!before) return false;
  const std::size_t stop = word_end + line_break;
  if (solid_in(text.substr(line, stop - line)) <= word_end - word_start + kAroundMax) return true;
  return solid_in(between) <= 2 &&
         text.substr(line, word_start - line).find("Mozilla/") == std::string_view::npos;
}

}  // namespace

// E-mail addresses (RFC 5321's lengths): many of them are a list of customers, one is a signature.
void WindowScan::scan_addresses(DocumentState& document) {
  if (email_ == kNoRule) return;
  credentials_.clear();
  std::size_t at = 0;
  while ((at = text_.find('@', at)) != std::string_view::npos) {
    const std::size_t sign = at++;
    std::size_t start = sign;
    while (start > 0 && sign - start < 64 && local_part(text_[start - 1])) --start;
    while (start < sign && !is_alnum(text_[start]) &&
           static_cast<unsigned char>(text_[start]) < 0x80)
      ++start;
    std::size_t end = sign + 1;
    std::size_t dot = 0;
    while (end < text_.size() && end - sign < 255 &&
           (is_alnum(text_[end]) || text_[end] == '-' || text_[end] == '.' ||
            static_cast<unsigned char>(text_[end]) >= 0x80)) {
      if (text_[end] == '.') dot = end;
      ++end;
    }
    while (end > sign + 1 && !is_alnum(text_[end - 1]) &&
           static_cast<unsigned char>(text_[end - 1]) < 0x80)
      --end;
    if (dot >= end) dot = text_.substr(0, end).rfind('.');
    if (start == sign || dot == std::string_view::npos || dot <= sign + 1 || end - dot < 3)
      continue;
    const std::string_view top = text_.substr(dot + 1, end - dot - 1);
    if (!std::all_of(top.begin(), top.end(),
                     [](char c) {
                       return is_letter(c) || static_cast<unsigned char>(c) >= 0x80 || c == '-' ||
                              is_digit(c);
                     }) ||
        is_digit(top.front()))
      continue;
    const std::string_view domain = text_.substr(sign + 1, end - sign - 1);
    if (domain.find("..") != std::string_view::npos) continue;
    if (top == "png" || top == "jpg" || top == "svg" || top == "js" || top == "css") continue;
    std::string value{text_.substr(start, end - start)};
    for (char& c : value) c = to_lower(c);
    add(email_, start, end, Confidence::kLow, false, value, Signs{} | Sign::kForm);
    note_credentials(start, end);
    const std::uint64_t hash = hash_text(value);
    const bool known = std::find(document.address_hashes.begin(), document.address_hashes.end(),
                                 hash) != document.address_hashes.end();
    if (!known && document.address_hashes.size() < kAddressesMax) {
      document.address_hashes.push_back(hash);
      const std::uint64_t domain_hash = hash_text(std::string_view{value}.substr(sign - start + 1));
      if (std::find(document.address_domains.begin(), document.address_domains.end(),
                    domain_hash) == document.address_domains.end())
        document.address_domains.push_back(domain_hash);
      if (document.address_hashes.size() == 1) document.first_address = document.base + start;
      document.last_address = document.base + end;
    }
  }
  scan_credentials();
}

// A line that is an address, a separator and one word: "ada@corp.net:hunter2".
void WindowScan::note_credentials(std::size_t start, std::size_t end) {
  if (credentials_rule_ == kNoRule || end >= text_.size()) return;
  const char separator = text_[end];
  if (separator != ':' && separator != ';' && separator != '|') return;
  if (start > 0 && text_[start - 1] != '\n') return;
  std::size_t stop = end + 1;
  while (stop < text_.size() && stop - end <= kPasswordMax && text_[stop] > ' ') ++stop;
  const bool ends =
      stop == text_.size() ? window_.at_end : text_[stop] == '\n' || text_[stop] == '\r';
  const std::string_view value = text_.substr(end + 1, stop - end - 1);
  if (!ends || value.find(separator) != std::string_view::npos) return;
  credentials_.push_back({end + 1, stop});
}

// Lists of accounts with passwords have no head that says so: what tells them is that all lines are
// alike, and that at least half of the words look like passwords.
void WindowScan::scan_credentials() {
  if (credentials_.size() < kCredentialsLeast) return;
  std::vector<CellGrade> grades;
  std::size_t good = 0;
  bool differs = false;
  const auto value_of = [&](const Credential& each) {
    return text_.substr(each.start, each.end - each.start);
  };
  for (const Credential& each : credentials_) {
    grades.push_back(grade_cell(SecretHead::kPassword, value_of(each)));
    good += grades.back() >= CellGrade::kFair ? 1 : 0;
    differs = differs || value_of(each) != value_of(credentials_.front());
  }
  if (!differs || good * 2 < credentials_.size()) return;
  for (std::size_t i = 0; i < grades.size(); ++i) {
    if (grades[i] == CellGrade::kNothing) continue;
    const Credential& each = credentials_[i];
    add(credentials_rule_, each.start, each.end,
        grades[i] >= CellGrade::kFair ? Confidence::kHigh : Confidence::kLow, false, value_of(each),
        Signs{} | Sign::kForm, Reason::kForm);
  }
}

bool WindowScan::is_called_telephone(const Rule& rule, std::size_t start, std::size_t end) {
  return any_word_of(rule, start, end, [&](const ContextWord& word) {
    return says_telephone(text_, word.start, word.end, start, end);
  });
}

// Numbers of telephones: "+44 20 7946 0958", "(212) 555-0187", digits alone only with a word near
// or as a cell.
void WindowScan::phone_candidate(std::size_t start) {
  const Rule& rule = set_.rules[phone_];
  if (rule_end_[phone_] > start) return;
  std::size_t from = start;
  bool plus = false;
  if (from > 0 && text_[from - 1] == '(') --from;
  if (from > 0 && text_[from - 1] == '+') {
    // "C++14", cell_index+100000000
    if (from > 1 && (is_alnum(text_[from - 2]) || text_[from - 2] == '_' || text_[from - 2] == '+'))
      return;
    --from;
    plus = true;
  }
  if (is_ipv4(text_, from)) return;
  if (!plus && from > 0 && (is_alnum(text_[from - 1]) || text_[from - 1] == '_')) return;
  if (from > 1 &&
      (text_[from - 1] == '-' || text_[from - 1] == '.' || text_[from - 1] == '/' ||
       text_[from - 1] == ':') &&
      is_alnum(text_[from - 2]))
    return;
  std::array<char, 20> compact;
  std::size_t count = 0;
  std::size_t at = plus ? from + 1 : from;
  std::size_t end = at;
  std::size_t groups = 0;
  std::size_t group = 0;
  std::size_t shortest = 99;
  int separators = 0;
  bool brackets = false;
  char kind = '\0';
  bool mixed = false;
  char between = '\0';  // the separator before the group that comes
  bool dotted = false;
  bool dashed = false;
  bool spaced = false;
  while (at < text_.size() && at - from < 28) {
    const char c = text_[at];
    if (is_digit(c)) {
      if (count == 16) return;
      compact[count++] = c;
      if (group++ == 0) {
        ++groups;
        dotted = dotted || between == '.';
        dashed = dashed || between == '-';
        spaced = spaced || between == ' ';
      }
      end = ++at;
      separators = 0;
      continue;
    }
    if (c != ' ' && c != '-' && c != '.' && c != '(' && c != ')' && c != '/') break;
    if (group != 0) shortest = std::min(shortest, group);
    group = 0;
    brackets = brackets || c == '(';
    if (c != '(' && c != ')') {
      mixed = mixed || (kind != '\0' && kind != c);
      kind = c;
      between = c;
    }
    if (++separators > 2) break;
    ++at;
  }
  // An extension: "x123", "ext. 4".
  std::size_t tail = end;
  if (tail < text_.size() && (text_[tail] == 'x' || text_[tail] == 'X')) {
    std::size_t more = tail + 1;
    while (more < text_.size() && is_digit(text_[more]) && more - tail < 7) ++more;
    if (more > tail + 1) end = more;
  }
  if (end < text_.size() && (is_letter(text_[end]) || text_[end] == '_')) return;
  if (end + 1 < text_.size() && (text_[end] == '.' || text_[end] == '/' || text_[end] == ':') &&
      is_digit(text_[end + 1]))
    return;
  const std::string_view value{compact.data(), count};
  const bool whole =
      window_.at_begin && window_.at_end && from <= whole_start_ + 2 && end + 2 >= whole_end_;
  if (count < (whole ? 3U : 7U) || count > 15 || is_post_code(text_, from, end)) return;
  // A column of telephones is a table of customers, which is told as such: each alone stays low.
  // A single point is a fraction's, with a dash besides it is a version's or a part's.
  if (!plus && !brackets && dotted && !spaced && (dashed || groups == 2) && value[0] != '0') return;
  const bool near = is_called_telephone(rule, from, end);
  const bool us_form = !plus && (count == 10 || (count == 11 && value[0] == '1')) && groups >= 3 &&
                       value[count - 10] >= '2' && value[count - 7] >= '2';
  const bool dashes = groups >= 2 && kind != '\0' && kind != '.' && kind != '/';
  bool high = false;
  // Eleven digits where +1 and +7 are.
  const bool code_fits = (value[0] != '1' && value[0] != '7') || count == 11;
  // 555-0100 to 555-0199 are kept for examples and films.
  const bool is_example = value.size() == 11 && value[0] == '1' && value.substr(4, 5) == "55501";
  if (plus)
    high = count >= 9 && value[0] != '0' && code_fits && !is_example && (near || groups >= 3);
  if (us_form && (brackets || near) && !mixed) high = near;
  if (near && dashes && count >= 9) high = !(plus && is_example);
  const bool cell = (from == 0 || opens_cell(text_[from - 1])) &&
                    (end == text_.size() || closes_cell(text_[end]));
  const bool worth = high || plus || near || whole || in_column_of(rule, from) ||
                     (us_form && (dashes || brackets || kind == '.')) ||
                     (cell && count == 10 && groups >= 2) ||
                     (dashes && groups >= 3 && count >= 9 && shortest >= 2 && value[0] == '0') ||
                     (groups >= 3 && count >= 9 && brackets);
  if (!worth) return;
  rule_end_[phone_] = end;
  Signs signs = 0;
  if (plus || us_form || dashes || brackets) signs |= Sign::kFormat;
  if (near) signs |= has_label(rule, from, end) ? Sign::kLabel : Sign::kWordNear;
  if (whole) signs |= Sign::kWhole;
  add(phone_, from, end, high ? Confidence::kHigh : Confidence::kLow, false, value, signs);
}

}  // namespace gnomon::content
