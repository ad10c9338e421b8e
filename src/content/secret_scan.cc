#include <algorithm>
#include <array>
#include <bit>

#include "byte_lanes.h"
#include "window_scan.h"

// Secrets without a form of their own: what stands behind "password", "api_key", "token" ... as its
// value, and long random runs near such words.
namespace gnomon::content {
namespace {

constexpr std::size_t kGapMax = 90;  // from the word to its value
constexpr std::size_t kValueMax = 400;
constexpr std::size_t kTokenReach = 160;  // how far before a random run its word may stand

struct Shape {
  std::size_t lower = 0;
  std::size_t upper = 0;
  std::size_t digits = 0;
  std::size_t other = 0;
  std::size_t changes = 0;  // between kinds, letter case but for a capital aside
};

enum : std::uint8_t { kLower, kUpper, kDigit, kOther };
constexpr std::array<std::uint8_t, 256> kKinds = [] {
  std::array<std::uint8_t, 256> kinds{};
  for (unsigned c = 0; c < 256; ++c) {
    const char byte = static_cast<char>(c);
    kinds[c] = is_lower(byte) ? kLower : is_upper(byte) ? kUpper : is_digit(byte) ? kDigit : kOther;
  }
  return kinds;
}();

Shape shape_of(std::string_view text) {
  std::array<std::size_t, 4> count{};
  std::size_t changes = 0;
  std::uint8_t before = kKinds[static_cast<unsigned char>(text.empty() ? ' ' : text.front())];
  for (const char c : text) {
    const std::uint8_t kind = kKinds.data()[static_cast<unsigned char>(c)];
    ++count.data()[kind];
    changes += kind != before ? 1 : 0;
    before = kind;
  }
  return {count[kLower], count[kUpper], count[kDigit], count[kOther], changes};
}

constexpr std::array<bool, 256> bytes_of(std::string_view others) {
  std::array<bool, 256> table{};
  for (unsigned c = 0; c < 256; ++c)
    table[c] = is_alnum(static_cast<char>(c)) ||
               others.find(static_cast<char>(c)) != std::string_view::npos;
  return table;
}
constexpr std::array<bool, 256> kTokenBytes = bytes_of("_-+/=.~");
constexpr std::array<bool, 256> kRunBytes = bytes_of("_-+/=.~:@$");

bool token_char(char c) { return kTokenBytes[static_cast<unsigned char>(c)]; }
bool run_char(char c) { return kRunBytes[static_cast<unsigned char>(c)]; }

// What code writes where a value would stand: calls, members, variables, templates.
bool is_reference(std::string_view value) {
  if (value.find('(') != std::string_view::npos && value.find(')') != std::string_view::npos)
    return true;
  if (value.find("${") != std::string_view::npos || value.find("{{") != std::string_view::npos ||
      value.find("->") != std::string_view::npos || value.find("::") != std::string_view::npos ||
      value.find("<%") != std::string_view::npos)
    return true;
  if (value.front() == '$' && value.size() > 1 && (is_letter(value[1]) || value[1] == '_'))
    return true;
  if (value.front() == '%' && value.back() == '%') return true;
  if (value.front() == '&' || value.front() == '<' || value.front() == '@') return true;
  return false;
}

// Words of a language, not something made up by chance: no digits, few changes of case.
bool is_wordy(std::string_view value, const Shape& shape) {
  if (shape.digits == 0 && shape.other == 0) {
    // camelCase, CONSTANT and lower words; random letters change case often.
    return shape.changes * 4 < value.size() || shape.upper == 0 || shape.lower == 0;
  }
  if (shape.digits == 0) {
    std::size_t separators = 0;
    for (const char c : value)
      separators += c == '_' || c == '-' || c == '.' || c == ' ' || c == '/' || c == ':' ? 1 : 0;
    return separators == shape.other && shape.changes <= 2 * separators + 3;
  }
  return false;
}

bool is_word_of_code(std::string_view value) {
  static constexpr std::string_view kWords[] = {
      "string",   "null",   "none",   "true",   "false",    "undefined", "nil",
      "str",      "int",    "bool",   "text",   "self",     "this",      "new",
      "function", "const",  "return", "await",  "process",  "required",  "optional",
      "any",      "object", "bytes",  "number", "password", "token",     "secret",
      "key",      "value",  "type",   "char",   "std",      "void"};
  for (const std::string_view word : kWords)
    if (value.size() == word.size() && std::equal(value.begin(), value.end(), word.begin(),
                                                  [](char a, char b) { return to_lower(a) == b; }))
      return true;
  return false;
}

// "2024-03-15T14:30:00.123Z" (ISO 8601): letters among digits, and no secret.
bool is_timestamp(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00";
  if (text.size() < kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i)
    if (kForm[i] == '0' ? !is_digit(text[i]) : text[i] != kForm[i]) return false;
  return text.find_first_not_of("0123456789:.+-Z", kForm.size()) == std::string_view::npos;
}

// Words before which a random value is no secret.
constexpr std::string_view kPublic[] = {
    "sha",        "digest",      "checksum", "hash",      "commit",        "etag",
    "integrity",  "nonce",       "uuid",     "guid",      "publickey",     "public_key",
    "public-key", "fingerprint", "revision", "md5",       "publictoken",   "keyid",
    "key_id",     "csrf",        "cache",    "signature", "publickeytoken"};

// Names whose value is a secret, not merely something that identifies.
constexpr std::string_view kStrong[] = {
    "token",       "secret",         "apikey",      "api_key",    "api-key",
    "accesskey",   "access_key",     "access-key",  "privatekey", "private_key",
    "authkey",     "auth_key",       "credential",  "passw",      "bearer",
    "license_key", "encryption_key", "signing_key", "master_key", "_key"};

// pass_rate_field = "pass_rate_1": one name that stands for another.
bool repeats_name(std::string_view name, std::string_view value) {
  constexpr std::size_t kSame = 6;
  if (name.size() < kSame || value.size() < kSame) return false;
  return std::equal(name.begin(), name.begin() + kSame, value.begin(),
                    [](char a, char b) { return to_lower(a) == to_lower(b); });
}

}  // namespace

void WindowScan::assignment(const Rule& rule, std::size_t keyword_start, std::size_t keyword_end) {
  const bool password = rule.built_in == "password";
  // The rest of the name the word is part of: api_key_prod, SecretAccessKey, passwords.
  std::size_t at = keyword_end;
  while (at < text_.size() && at - keyword_end < 40 &&
         (is_alnum(text_[at]) || text_[at] == '_' || text_[at] == '-' || text_[at] == '.'))
    ++at;
  const std::size_t name_end = at;
  std::size_t name_start = keyword_start;
  while (name_start > 0 && keyword_start - name_start < 40 &&
         (is_alnum(text_[name_start - 1]) || text_[name_start - 1] == '_' ||
          text_[name_start - 1] == '-'))
    --name_start;
  const std::string_view name = text_.substr(name_start, name_end - name_start);

  // Up to the operator and the value's beginning.
  const std::size_t stop = std::min(text_.size(), name_end + kGapMax);
  bool direct = false;  // = : := => or the like stood between
  bool compared = false;
  std::size_t blanks = 0;
  std::size_t operators = 0;
  char quote = '\0';
  while (at < stop) {
    const char c = text_[at];
    if (c == '"' || c == '\'' || c == '`') {
      // A quote that closes the name, or one that opens the value.
      const bool closes = quote == '\0' && !direct && at == name_end;
      ++at;
      if (closes) continue;
      quote = c;
      if (direct || at >= stop ||
          (text_[at] != ':' && text_[at] != '=' && text_[at] != ',' && text_[at] != ']' &&
           text_[at] != ' ' && text_[at] != ')'))
        break;
      quote = '\0';
      continue;
    }
    if (c == '=' || c == ':' || c == '>' || c == '|') {
      direct = true;
      if (c == '=' && at + 1 < stop && text_[at + 1] == '=') compared = true;
      ++operators;
      ++at;
      continue;
    }
    if (c == '!' && at + 1 < stop && text_[at + 1] == '=') {
      compared = true;
      ++at;
      continue;
    }
    if (c == ' ' || c == '\t' || c == ',' || c == ']' || c == ')' || c == '(' || c == '[' ||
        c == '-' || c == '\\' || c == '*' || c == '/') {
      if (c == ' ') ++blanks;
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
  // A type between name and value: password: String = "...", or .NET's @"...".
  if (quote == '\0' && direct) {
    std::size_t word = at;
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
  const std::size_t start = at;
  std::size_t end = start;
  while (end < text_.size() && end - start < kValueMax) {
    const char c = text_[end];
    if (c == '\n' || c == '\r') break;
    if (quote != '\0') {
      if (c == quote && (end == start || text_[end - 1] != '\\')) break;
    } else if (c == ' ' || c == '\t' || c == '"' || c == '\'' || c == '`' || c == '<' || c == ',' ||
               c == ';' || (c == ')' && !password)) {
      break;
    }
    ++end;
  }
  std::string_view value = text_.substr(start, end - start);
  if (quote == '\0')
    while (!value.empty() && (value.back() == ')' || value.back() == ']' || value.back() == '}' ||
                              value.back() == '.' || value.back() == ':'))
      value.remove_suffix(1);
  if (value.size() < 4) return;
  end = start + value.size();
  // Prose that merely mentions the word says nothing: see below.
  if (!direct && quote == '\0' && std::none_of(value.begin(), value.end(), is_digit)) return;
  if (is_word_of_code(value) || is_timestamp(value)) return;
  const Shape shape = shape_of(value);
  if (shape.digits + shape.lower + shape.upper < 3) return;
  const bool reference = is_reference(value) || repeats_name(name, value);
  const bool wordy = is_wordy(value, shape);
  const bool spaces = value.find(' ') != std::string_view::npos;

  bool high = false;
  if (!direct || quote == '\0' || wordy || (compared && !direct)) {
    // Low at best.
  } else if (password) {
    const std::size_t kinds =
        (shape.lower > 0) + (shape.upper > 0) + (shape.digits > 0) + (shape.other > 0);
    high = !reference && !spaces && value.size() >= 8 && value.size() <= 64 && kinds >= 3 &&
           shape.digits > 0 && entropy_bits(value) >= 2.8 && !looks_like_placeholder(value);
  } else {
    const bool tokens = std::all_of(value.begin(), value.end(), token_char);
    bool open = false;
    std::string lower_name;
    for (const char c : name) lower_name += to_lower(c);
    for (const std::string_view word : kPublic)
      open = open || lower_name.find(word) != std::string::npos;
    bool strong = false;
    for (const std::string_view word : kStrong)
      strong = strong || lower_name.find(word) != std::string::npos;
    open = open || !strong;
    high = tokens && !open && value.size() >= 20 && shape.digits >= 3 &&
           shape.lower + shape.upper >= 5 && shape.changes * 4 >= value.size() &&
           value.find('/') != 0 && value.find("..") == std::string_view::npos &&
           value.find("://") == std::string_view::npos && entropy_bits(value) >= 3.6 &&
           !looks_like_placeholder(value);
  }
  // Prose and code that merely mention the word say nothing.
  const bool worth =
      high || (!reference && !(wordy && !(direct && quote != '\0')) &&
               (direct || quote != '\0' || shape.digits > 0) && !(spaces && quote == '\0'));
  if (!worth) return;
  if (!password && value.size() < 8 && shape.digits == 0) return;
  add(rule.detector.index, start, end, high ? Confidence::kHigh : Confidence::kLow, true, value);
}

// Random runs of letters and digits behind a word of the same kind, whatever stands between.
void WindowScan::scan_long_tokens() {
  if (secret_ == kNoRule) return;
  const bool short_text = window_.at_begin && window_.at_end && whole_end_ - whole_start_ <= 300;
  if (keyword_ends_.empty() && !short_text) return;
  std::sort(keyword_ends_.begin(), keyword_ends_.end());
  const auto scan_range = [&](std::size_t from, std::size_t to, bool near) {
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
      const Shape shape = shape_of(token);
      if (shape.digits < 2 || shape.lower + shape.upper < 2) {
        if (!(near && token.size() >= 10 &&
              (shape.digits >= 10 || shape.lower + shape.upper >= 10) && !is_wordy(token, shape)))
          continue;
      }
      if (!near && shape.changes * 5 < token.size()) continue;
      if (token.find("://") != std::string_view::npos || is_timestamp(token)) continue;
      add(secret_, start, start + token.size(), Confidence::kLow, true, token);
    }
  };
  if (short_text && !set_.rules[secret_].keywords.empty())
    scan_range(whole_start_, whole_end_, false);
  std::size_t covered = 0;
  for (const std::size_t end : keyword_ends_) {
    const std::size_t from = std::max(end, covered);
    const std::size_t to = std::min(text_.size(), end + kTokenReach);
    if (from < to) scan_range(from, to, true);
    covered = std::max(covered, to);
  }
}

}  // namespace gnomon::content
