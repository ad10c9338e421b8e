#include <algorithm>
#include <array>
#include <bit>

#include "byte_lanes.h"
#include "secret_gap.h"
#include "secret_value.h"
#include "window_scan.h"

// Secrets without a form of their own: what stands behind "password", "api_key", "token" ... as its
// value, and long random runs near such words.
namespace gnomon::content {
namespace {

constexpr std::size_t kGapMax = 90;  // from the word to its value
constexpr std::size_t kValueMax = 400;
constexpr std::size_t kWithinValueMax = 6;  // names in a row inside what was read as values
constexpr std::size_t kTokenReach = 160;    // how far before a random run its word may stand
constexpr std::size_t kNextMax = 6;   // of blanks and marks between a name and the value next to it
constexpr std::size_t kNameMax = 40;  // of a name before and after the word in it

bool run_char(char c) {
  static constexpr std::array<bool, 256> kRunBytes = [] {
    std::array<bool, 256> table{};
    for (unsigned byte = 0; byte < 256; ++byte) {
      const char each = static_cast<char>(byte);
      table[byte] =
          is_alnum(each) || std::string_view{"_-+/=.~:@$"}.find(each) != std::string_view::npos;
    }
    return table;
  }();
  return kRunBytes[static_cast<unsigned char>(c)];
}

// Words that have one for a secret in them and mean something else.
bool is_other_word(std::string_view name, std::size_t at) {
  constexpr std::string_view kOthers[] = {
      "aside",   "authored", "authorit", "authors",   "basalt",  "beside",  "bypass",    "capital",
      "compass", "consider", "dissid",   "donkey",    "hockey",  "inside",  "jockey",    "keyboard",
      "keyhole", "keynote",  "keypad",   "keystone",  "keyword", "monkey",  "outside",   "overpass",
      "pasapor", "passag",   "passam",   "passaport", "passed",  "passen",  "passeport", "passes",
      "passing", "passion",  "passiv",   "passport",  "presid",  "rapid",   "reisepass", "resid",
      "side",    "subsid",   "surpass",  "therap",    "tokenis", "tokeniz", "trespass",  "turkey",
      "upside",  "whiskey"};
  std::size_t begin = at;
  while (begin > 0 && is_letter(name[begin - 1]) &&
         !(is_upper(name[begin]) && is_lower(name[begin - 1])))
    --begin;
  std::size_t end = at;
  while (end < name.size() && is_letter(name[end]) &&
         !(end > at && is_upper(name[end]) && is_lower(name[end - 1])))
    ++end;
  std::array<char, kNameMax> word;
  const std::size_t size = std::min(end - begin, word.size());
  std::transform(name.begin() + static_cast<std::ptrdiff_t>(begin),
                 name.begin() + static_cast<std::ptrdiff_t>(begin + size), word.begin(), to_lower);
  const std::string_view lower{word.data(), size};
  return lower == "author" ||
         std::any_of(std::begin(kOthers), std::end(kOthers),
                     [&](std::string_view each) { return lower.starts_with(each); });
}

}  // namespace

bool WindowScan::is_keyword(std::size_t start, std::size_t end) const {
  const std::size_t from = start > kNameMax ? start - kNameMax : 0;
  return !is_other_word(text_.substr(from, end + kNameMax - from), start - from);
}

void WindowScan::assignment(const Rule& rule, std::size_t keyword_start, std::size_t keyword_end) {
  const bool password = rule.built_in == "password";
  // The rest of the name the word is part of: api_key_prod, SecretAccessKey, passwords.
  std::size_t at = keyword_end;
  while (at < text_.size() && at - keyword_end < kNameMax &&
         (is_alnum(text_[at]) || text_[at] == '_' || text_[at] == '-' || text_[at] == '.'))
    ++at;
  const std::size_t name_end = at;
  // "passwords" holds three of the words; once is enough.
  std::size_t& judged = password ? password_name_end_ : secret_name_end_;
  if (judged == name_end) return;
  judged = name_end;
  std::size_t name_start = keyword_start;
  while (name_start > 0 && keyword_start - name_start < kNameMax &&
         (is_alnum(text_[name_start - 1]) || text_[name_start - 1] == '_' ||
          text_[name_start - 1] == '-'))
    --name_start;
  // What a closing tag names stands before it.
  if (name_start >= 2 && text_[name_start - 1] == '/' && text_[name_start - 2] == '<') return;
  // An option begins a word; "sha512-...pw" is the inside of one.
  if (text_[name_start] == '-' && name_start > 0 && is_alnum(text_[name_start - 1])) ++name_start;
  const std::string_view name = text_.substr(name_start, name_end - name_start);
  if (password && is_verdict(text_, name_start, name_end)) return;

  // Up to the operator and the value's beginning.
  const std::size_t stop = std::min(text_.size(), name_end + kGapMax);
  bool direct = false;    // = : := => or the like stood between
  bool argument = false;  // a comma did, behind the quote that closes the name
  bool closed = false;
  bool escaped = false;  // the value's quote: \"
  bool told = false;     // "the password is ..."
  std::size_t blanks = 0;
  std::size_t operators = 0;
  std::size_t columns = 0;  // of them |, where no other stood: between cells of a table
  char quote = '\0';
  const std::size_t past =
      at < stop && (text_[at] == '"' || text_[at] == '\'') ? at + 1 : at;  // the name's own quote
  for (const auto& behind : {behind_value_word, behind_next_element, behind_default}) {
    const std::size_t to = behind(text_, past, stop);
    if (to == past || direct) continue;
    at = to;
    direct = true;
    ++operators;
  }
  if (direct && is_digest_of_file(text_, name_start, name_end, at)) return;
  // C++'s password{"..."}, R's password <- "...".
  for (const std::string_view gives : {"{\"", "{'", " <- \"", " <- '", "<-\"", "<-'"})
    if (at == name_end && !direct && text_.substr(at, gives.size()) == gives &&
        at + gives.size() < stop) {
      direct = true;
      ++operators;
      at += gives.size() - 1;
    }
  // The next word of a command; of a row, the next cell.
  if (at == name_end && at < stop && !direct &&
      ((text_[at] == ' ' && is_set_by_command(text_, name_start)) ||
       (text_[at] == ';' && !password && name_start > 0 && text_[name_start - 1] == ';'))) {
    direct = true;
    ++operators;
    ++at;
  }
  while (at < stop) {
    const char c = text_[at];
    if (c == 'S' && direct) {
      const std::size_t to = behind_string_of(text_, at, stop);
      if (to == at) break;
      at = to;
      continue;
    }
    if ((c == '|' || c == '?') && at + 1 < stop &&
        (text_[at + 1] == c || (c == '?' && text_[at + 1] == ':'))) {  // a || "b", a ?: "b"
      direct = true;
      ++operators;
      at += 2;
      continue;
    }
    if (c == '<' && opens_binary(text_, at)) {
      direct = true;
      ++operators;
      at += 2;
      continue;
    }
    if (c == '<' && direct) {
      // An element with nothing in it.
      if (text_.substr(at, 2) == "</" && name_start > 0 && text_[name_start - 1] == '<') return;
      const std::size_t to = behind_tag(text_, at, stop);
      if (to == at) break;
      at = to;
      continue;
    }
    if (text_.substr(at, 3) == "：") {
      direct = true;
      ++operators;
      at += 3;
      continue;
    }
    if (c == '"' || c == '\'' || c == '`') {
      // A quote that closes the name, or one that opens the value.
      const bool closes = quote == '\0' && !direct &&
                          (at == name_end || (at == name_end + 1 && text_[name_end] == '\\'));
      escaped = at > 0 && text_[at - 1] == '\\';
      ++at;
      closed = closed || closes;
      if (closes) continue;
      quote = c;
      if (direct || argument || at >= stop ||
          (text_[at] != ':' && text_[at] != '=' && text_[at] != ',' && text_[at] != ']' &&
           text_[at] != ' ' && text_[at] != ')'))
        break;
      quote = '\0';
      continue;
    }
    if (c == '=' || c == ':' || c == '>' || c == '|') {
      direct = true;
      columns = c == '|' && operators == columns ? columns + 1 : columns;
      ++operators;
      ++at;
      continue;
    }
    if (!direct && !told && !closed && (blanks > 0 || static_cast<unsigned char>(c) >= 0x80)) {
      const std::size_t to = behind_verb(text_, at, stop);
      told = to != at;
      if (told) {
        at = to;
        continue;
      }
    }
    // A type between name and operator: var token string = "...".
    if (!direct && !closed && is_letter(c) && blanks > 0 && at - name_end <= 2) {
      std::size_t word = at;
      if (text_.substr(at, 3) == "As ") word += 3;
      while (word < stop && is_letter(text_[word])) ++word;
      if (word + 2 < stop && word - at <= 12 && text_[word] == ' ' && text_[word + 1] == '=') {
        at = word + 1;
        continue;
      }
    }
    if ((c == '!' || c == '?' || c == '.') && at + 1 < stop && text_[at + 1] == '=') {
      ++at;
      continue;
    }
    if (c == ' ' || c == '\t' || c == ',' || c == ']' || c == ')' || c == '(' || c == '[' ||
        c == '-' || c == '\\' || c == '*' || c == '/') {
      if (c == ' ') ++blanks;
      if (c == ',') argument = closed && opens_call(text_, name_start);
      if (blanks > 24) return;
      ++at;
      continue;
    }
    if ((c == '\n' || c == '\r') && operators > 0) {
      ++at;
      continue;
    }
    break;
  }
  if (at >= text_.size() || at == name_end) return;
  // Names inside a value are names of their own ("url=...?token=..."), but of a text that is
  // nothing but names and marks every one would have all the others as its value.
  within_value_ = name_start < value_end_ ? within_value_ + 1 : 0;
  if (within_value_ > kWithinValueMax) return;
  // A type between name and value: password: String = "...", or .NET's @"...".
  if (quote == '\0' && direct) {
    std::size_t word = behind_reference(text_, at, stop);
    while (word < stop && (is_letter(text_[word]) || text_[word] == '@')) ++word;
    std::size_t behind = word;
    while (behind < stop && text_[behind] == ' ') ++behind;
    if (word > at && word - at <= 12 && behind + 1 < stop && text_[behind] == '=') {
      at = behind + 1;
      while (at < stop && (text_[at] == ' ' || text_[at] == '=')) ++at;
      if (at < stop && (text_[at] == '"' || text_[at] == '\'' || text_[at] == '`'))
        quote = text_[at++];
    } else if (word > at && word - at <= 2 && word < stop &&
               (text_[word] == '"' || text_[word] == '\'')) {
      quote = text_[word];
      at = word + 1;
    }
  }
  // All of the line is the value, whatever marks it has, but for a comment.
  const bool of_settings = at > name_end && is_line_of_settings(text_, name_start, name_end);
  if (of_settings) {
    at = name_end + 1;
    quote = '\0';
  }
  std::size_t start = at;
  std::size_t end = start;
  while (end < text_.size() && end - start < kValueMax) {
    const char c = text_[end];
    if (c == '\n' || c == '\r') break;
    // A sentence of a language without blanks goes on: "API_KEY=...です。"
    if (quote == '\0' && end > start && is_of_dense_script(text_, end)) break;
    if (of_settings) {
      if (c == ' ' || c == '\t') break;
      ++end;
      continue;
    }
    if (quote != '\0') {
      if (c == quote && (end == start || text_[end - 1] != '\\' || escaped)) break;
    } else if (c == ' ' || c == '\t' || c == '"' || c == '\'' || c == '`' || c == '<' || c == ',' ||
               c == ';' || (c == ')' && !password)) {
      break;
    } else if (c == '\\' && end + 1 < text_.size() &&
               (text_[end + 1] == 'n' || text_[end + 1] == 'r')) {
      break;  // the end of a line inside a string
    } else if (c == '&' && end + 1 < text_.size() && is_letter(text_[end + 1]) && !password) {
      break;  // the next parameter of a query
    }
    ++end;
  }
  if (quote != '\0') {  // " abc ", "Bearer abc"
    while (start < end && text_[start] == ' ') ++start;
    if (text_.substr(start, 7) == "Bearer ") start += 7;
    while (end > start && text_[end - 1] == ' ') --end;
    if (end <= start) return;
  }
  value_end_ = std::max(value_end_, end);
  value_bytes_ += end - start;
  std::string_view value = text_.substr(start, end - start);
  if (escaped && value.ends_with('\\')) value.remove_suffix(1);
  if (quote == '"' && value.size() > 4 && value.starts_with("\\\"") && value.ends_with("\\\"")) {
    value = value.substr(2, value.size() - 4);  // a string in a string
    start += 2;
  }
  if (quote == '\0' && !of_settings)
    while (!value.empty() && (value.back() == ')' || value.back() == ']' || value.back() == '}' ||
                              value.back() == '.' || value.back() == ':'))
      value.remove_suffix(1);
  if (quote == '\0' && !of_settings) value = without_closing_marks(value);
  if (value.size() < 4) return;
  end = start + value.size();
  // KEY `name` (`column`), of SQL.
  if (quote == '`' && name == "KEY") return;
  // A call: sum (a, b).
  if (quote == '\0' && text_.substr(end, 2) == " (") return;
  // Prose that merely mentions the word says nothing: see below.
  if (!direct && !told && quote == '\0' && std::none_of(value.begin(), value.end(), is_digit))
    return;
  if (is_word_of_code(value) || is_timestamp(value)) return;
  const ValueShape shape = shape_of(value);
  if (shape.digits + shape.lower + shape.upper < 3) return;

  NamedValue place;
  place.name = name;
  place.value = value;
  place.quoted = quote != '\0' || told;
  // "X is Y" stands in code too (Solidity's contracts): of words that say token no more than "X Y",
  // unless it is hexadecimal.
  const bool stated =
      told && (password || quote != '\0' ||
               value.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos);
  place.binding = direct && columns < operators                           ? Binding::kOperator
                  : stated || (argument && place.quoted)                  ? Binding::kArgument
                  : told                                                  ? Binding::kNext
                  : start - name_end <= kNextMax && !(password && closed) ? Binding::kNext
                                                                          : Binding::kMention;
  std::size_t behind = end;
  while (behind < text_.size() && (text_[behind] == ' ' || text_[behind] == '\t')) ++behind;
  place.line_end = behind == text_.size() || text_[behind] == '\n' || text_[behind] == '\r' ||
                   text_[behind] == '\\' || text_.substr(behind, 2) == "</" ||
                   (behind == end && is_of_dense_script(text_, end)) ||
                   (text_[behind] == '#' && behind > end);
  // The end of a digest, and something else behind it or on a line below.
  if (!place.quoted && (ends_base64(text_, name_end) ||
                        (!place.line_end && text_.substr(name_end, start - name_end).find('\n') !=
                                                std::string_view::npos)))
    place.binding = Binding::kMention;
  // "/key/" within base 64 and paths gives nothing.
  if (!direct && !told && !place.quoted &&
      text_.substr(name_end, start - name_end).find_first_not_of('/') == std::string_view::npos)
    place.binding = Binding::kMention;
  place.line_of_settings = of_settings && place.line_end;
  place.vendor_near =
      !password && shape.digits > 1 && value.size() >= 12 && has_context(rule, name_end, name_end);
  const bool published =
      std::any_of(rule.exclusions.begin(), rule.exclusions.end(),
                  [&](const Pattern& each) { return each.match_at(text_, start).has_value(); });
  const bool high = published  ? false
                    : password ? is_sure_password(place, shape)
                               : is_sure_secret(place, shape);
  // Prose and code that merely mention the word say nothing.
  const bool worth = high || (!is_reference(name, value, shape) &&
                              !(is_wordy(value, shape) && !(direct && place.quoted)) &&
                              (direct || place.quoted || shape.digits > 0) &&
                              !(value.find(' ') != std::string_view::npos && !place.quoted));
  if (!worth) return;
  if (!password && value.size() < 8 && shape.digits == 0) return;
  const bool example = !high && within_value_ == 0 && looks_like_placeholder(value);
  Signs signs = 0;
  if (place.binding != Binding::kMention) signs |= Sign::kGiven;
  if (place.binding == Binding::kMention) signs |= Sign::kWordNear;
  if (high) signs |= Sign::kRandom;
  if (place.vendor_near) signs |= Sign::kVendor;
  if (example) signs |= Sign::kExample;
  add(rule.detector.index, start, end, high ? Confidence::kHigh : Confidence::kLow, true, value,
      signs,
      high      ? Reason::kGiven
      : example ? Reason::kExample
                : Reason::kNearWord);
}

// Random runs of letters and digits behind a word of the same kind, whatever stands between.
void WindowScan::scan_long_tokens() {
  if (secret_ == kNoRule) return;
  const bool short_text = window_.at_begin && window_.at_end && whole_end_ - whole_start_ <= 300;
  if (keyword_ends_.empty() && !short_text) return;
  std::sort(keyword_ends_.begin(), keyword_ends_.end());
  // Gives where it stopped: behind the last run, which may reach beyond `to`.
  const auto scan_range = [&](std::size_t from, std::size_t to, bool near) -> std::size_t {
    const std::size_t least = near ? 8 : 16;
    std::size_t block = from;  // what the bits are of
    std::uint64_t solid = 0, run = 0;
    const auto read = [&](std::size_t place) {
      block = place;
      const ByteBlock bytes{text_, place};
      const Lanes alnum = bytes.letters() | bytes.between('0', '9');
      solid = alnum.bits();
      run = (alnum | bytes.between('-', '/') | bytes.is('_') | bytes.is('+') | bytes.is('=') |
             bytes.is('~') | bytes.is(':') | bytes.is('@') | bytes.is('$'))
                .bits();
    };
    // Bits from a place on; none where they were not read.
    const auto rest = [&](std::uint64_t bits, std::size_t place) {
      return place - block < ByteBlock::kBytes ? bits >> (place - block) : 0;
    };
    read(from);
    std::size_t at = from;
    while (at < to) {
      if (at - block >= ByteBlock::kBytes) read(at);
      const std::uint64_t begins = rest(solid, at);
      if (begins == 0) {
        at = std::min(std::max(at + 1, block + ByteBlock::kBytes), to);
        if (at < to) continue;
      } else {
        at = std::min(at + static_cast<std::size_t>(std::countr_zero(begins)), to);
      }
      if (at - block >= ByteBlock::kBytes) read(at);
      const std::size_t start = at;  // at the very end whatever stands there
      at += static_cast<std::size_t>(std::countr_one(rest(run, start)));
      if (at == start) break;
      if (at - block < ByteBlock::kBytes) {  // most end in the block, and are short
        if (at - start < least) continue;
      } else {
        const std::size_t stop = std::min(text_.size(), start + kValueMax);
        while (at < stop && run_char(text_[at])) ++at;
      }
      std::string_view token = text_.substr(start, at - start);
      while (!token.empty() && !is_alnum(token.back()) && token.back() != '=')
        token.remove_suffix(1);
      if (token.size() < least) continue;
      const ValueShape shape = shape_of(token);
      if (shape.digits < 2 || shape.lower + shape.upper < 2) {
        if (!(near && token.size() >= 10 &&
              (shape.digits >= 10 || shape.lower + shape.upper >= 10) && !is_wordy(token, shape)))
          continue;
      }
      if (!near && shape.changes * 5 < token.size()) continue;
      if (token.find("://") != std::string_view::npos || is_timestamp(token)) continue;
      add(secret_, start, start + token.size(), Confidence::kLow, true, token,
          Signs{} | (near ? Sign::kWordNear : Sign::kWhole), Reason::kNearWord);
    }
    return at;
  };
  if (short_text && !set_.rules[secret_].keywords.empty())
    scan_range(whole_start_, whole_end_, false);
  std::size_t covered = 0;
  for (const std::size_t end : keyword_ends_) {
    const std::size_t from = std::max(end, covered);
    const std::size_t to = std::min(text_.size(), end + kTokenReach);
    covered = std::max(covered, to);
    // A run is read once, however many words stand in it.
    if (from < to) covered = std::max(covered, scan_range(from, to, true));
  }
}

}  // namespace gnomon::content
