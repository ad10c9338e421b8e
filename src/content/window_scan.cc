#include "window_scan.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "byte_lanes.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/hash.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kVendorReach = 100;  // bytes behind a vendor's word in which its key stands
constexpr std::size_t kStartsMax = 220;
// Steps of patterns in one window. Ordinary text takes less than one for a byte, text full of keys
// a few; what is made to be slow gets no more.
constexpr std::size_t kStepsOfWindow = 200'000;
constexpr std::size_t kStepsOfByte = 12;

}  // namespace

std::size_t find_word(std::string_view text, std::string_view word) {
  if (word.empty() || text.size() < word.size()) return std::string_view::npos;
  const char first = word.front();
  const char upper = to_upper(first);
  for (std::size_t at = 0; at + word.size() <= text.size(); ++at) {
    if (text[at] != first && text[at] != upper) continue;
    std::size_t same = 1;
    while (same < word.size() && to_lower(text[at + same]) == word[same]) ++same;
    if (same < word.size()) continue;
    const char last = text[at + word.size() - 1];
    const char after = at + word.size() < text.size() ? text[at + word.size()] : ' ';
    const char before = at > 0 ? text[at - 1] : ' ';
    const bool left =
        !is_letter(first) || !is_letter(before) || (is_lower(before) && is_upper(text[at]));
    const bool right = !is_letter(last) || !is_letter(after) || (is_lower(last) && is_upper(after));
    if (left && right) return at;
  }
  return std::string_view::npos;
}

WindowScan::WindowScan(const DetectorSet::Compiled& set) : set_(set), columns_(set) {
  rule_end_.resize(set.rules.size());
  near_marks_.resize(set.rules.size());
  for (const std::string& word : set.words) ordinary_words_.push_back(is_ordinary_word(word));
  phone_ = set.built_in_rule("phone");
  email_ = set.built_in_rule("email");
  password_ = set.built_in_rule("password");
  secret_ = set.built_in_rule("secret");
  credentials_rule_ = set.built_in_rule("credential-list");
}

void WindowScan::scan(const Window& window, const std::vector<HookEvent>& events,
                      DocumentState& document, std::vector<RawMatch>& found) {
  window_ = window;
  text_ = window.text;
  found_ = &found;
  std::fill(rule_end_.begin(), rule_end_.end(), 0);
  steps_left_ = kStepsOfWindow + kStepsOfByte * text_.size();
  keyword_ends_.clear();
  password_name_end_ = secret_name_end_ = value_end_ = within_value_ = value_bytes_ = 0;
  whole_start_ = 0;
  whole_end_ = text_.size();
  const auto blank = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  while (whole_start_ < whole_end_ && blank(text_[whole_start_])) ++whole_start_;
  while (whole_end_ > whole_start_ && blank(text_[whole_end_ - 1])) --whole_end_;

  words_.clear();
  words_from_ = words_to_ = 0;
  find_secret_names(events);
  columns_.begin(text_, document.base, secret_names_);
  for (const HookEvent& event : events) {
    const Hook& hook = set_.hooks[event.hook];
    switch (hook.kind) {
      case Hook::Kind::kPattern:
        pattern_event(hook, event.end);
        break;
      case Hook::Kind::kVendor:
        vendor_event(hook, event.end);
        break;
      case Hook::Kind::kKeyword:
        keyword_event(hook, event.end);
        break;
      case Hook::Kind::kPhrase:
        phrase_event(hook, event.end, document);
        break;
    }
  }
  keep_longest_markings();
  scan_numbers();
  scan_addresses(document);
  scan_long_tokens();
  scan_secret_columns(document.base);
}

namespace {

// Letters in lower case, other bytes of words as they are, everything else 0.
constexpr std::array<unsigned char, 256> word_bytes() {
  std::array<unsigned char, 256> table{};
  for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = table[c - 32] = static_cast<unsigned char>(c);
  for (unsigned c = 128; c < 256; ++c) table[c] = static_cast<unsigned char>(c);
  return table;
}
constexpr std::array<unsigned char, 256> kWordBytes = word_bytes();

}  // namespace

namespace {

// As word_head(), of four bytes, the first of them the lowest.
std::size_t head_of(std::uint32_t bytes) {
  constexpr std::uint32_t kTops = 0x80808080;
  const std::uint32_t small = bytes | 0x20202020;
  const std::uint32_t low = small & ~kTops;
  // The top bit of each byte that is of a word: from a to z, or not of ASCII.
  const std::uint32_t word = ((low + 0x1f1f1f1f) & (0xfafafafa - low)) | bytes;
  const std::uint32_t outside = ~word & kTops;
  const std::uint32_t mask = outside == 0 ? ~0U : ((outside & (0 - outside)) >> 7) - 1;
  return (small & mask) * 0x9e3779b1U >> 16;
}

}  // namespace

std::size_t word_head(std::string_view text) {
  std::uint32_t bytes = 0;
  for (std::size_t i = 0; i < text.size() && i < 4; ++i)
    bytes |= std::uint32_t{static_cast<unsigned char>(text.data()[i])} << 8 * i;
  return head_of(bytes);
}

void WindowScan::index_words(std::size_t from, std::size_t to) {
  // Questions come roughly in order, so what is known is one stretch that grows or begins anew.
  to = std::min(to, text_.size());
  if (from >= words_from_ && to <= words_to_) return;
  from -= from % ByteBlock::kBytes;
  if (from < words_from_ || from > words_to_) {
    words_.clear();
    words_from_ = words_to_ = from;
  }
  const char* const text = text_.data();
  for (; words_to_ < to; words_to_ += ByteBlock::kBytes) {
    const ByteBlock bytes{text_, words_to_};
    const auto before = static_cast<unsigned char>(words_to_ > 0 ? text[words_to_ - 1] : ' ');
    const std::uint64_t high = bytes.high().bits();
    const std::uint64_t small = bytes.between('a', 'z').bits();
    const std::uint64_t capital = bytes.between('A', 'Z').bits();
    const std::uint64_t word = high | small | capital;
    const auto behind = [](std::uint64_t bits, bool carried) {
      return bits << 1 | static_cast<std::uint64_t>(carried ? 1U : 0U);
    };
    // A word begins where no letter stands before it, or in camelCase at its capital.
    std::uint64_t begins =
        word &
        (~behind(word, kWordBytes[before] != 0) | (capital & behind(small, is_lower(before))) |
         (bytes.between('\xc0', '\xff').bits() & behind(high, before >= 0x80)));
    for (; begins != 0; begins &= begins - 1)
      context_words_at(set_, text_, words_to_ + static_cast<std::size_t>(std::countr_zero(begins)),
                       words_);
  }
  words_to_ = std::min(words_to_, text_.size());
}

bool begins_word(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (kWordBytes[byte(at)] == 0) return false;
  if (at == 0 || kWordBytes[byte(at - 1)] == 0) return true;
  return (is_upper(text[at]) && is_lower(text[at - 1])) ||
         (byte(at) >= 0xc0 && byte(at - 1) >= 0x80);
}

namespace {

// How much of the text is `word`, lower case; 0 where it is another.
std::size_t length_as(std::string_view word, std::string_view text) {
  std::size_t at = 0;
  for (const char c : word) {
    if (at < text.size() && to_lower(text[at]) == c) {
      ++at;
      // A no-break blank is as many blanks as it has bytes.
      for (std::size_t more = 0; c == ' ' && more < 2 && at < text.size() && text[at] == ' ';
           ++more)
        ++at;
      continue;
    }
    if (c != ' ' || at == 0 || at >= text.size()) return 0;
    if (text[at] == '_' || text[at] == '-')
      ++at;
    else if (!is_upper(text[at]) || !is_lower(text[at - 1]))
      return 0;
  }
  return at;
}

// The end of a host's or a file's name, llvm.org or favicon.ico, and no member as in person.ico
// = 1.
bool ends_name(std::string_view text, std::size_t at, std::size_t end) {
  if (at < 2 || text[at - 1] != '.' || !is_alnum(text[at - 2])) return false;
  while (end < text.size() &&
         std::string_view{" \t\"'`]"}.find(text[end]) != std::string_view::npos)
    ++end;
  return end < text.size() && text[end] != '=' && text[end] != ':';
}

}  // namespace

void context_words_at(const DetectorSet::Compiled& set, std::string_view text, std::size_t at,
                      std::vector<ContextWord>& words) {
  const auto byte = [&](std::size_t i) {
    return std::uint32_t{static_cast<unsigned char>(text[at + i])} << 8 * i;
  };
  const std::size_t head = at + 4 <= text.size() ? head_of(byte(0) | byte(1) | byte(2) | byte(3))
                                                 : word_head(text.substr(at));
  if ((set.heads_in_use[head / 64] >> head % 64 & 1) == 0) return;
  for (const std::uint32_t index : set.words_by_head[head / kHeadsOfOne]) {
    const std::size_t same = length_as(set.words[index], text.substr(at));
    if (same == 0) continue;
    const std::size_t end = at + same;
    const char last = text[end - 1];
    const char after = end < text.size() ? text[end] : ' ';
    if (is_letter(last) && is_letter(after) && !(is_lower(last) && is_upper(after))) continue;
    if (ends_name(text, at, end)) continue;
    words.push_back({index, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end)});
  }
}

bool WindowScan::any_word_near(std::size_t start, std::size_t end) {
  constexpr std::size_t kNear = 100;
  const std::size_t from = start > kNear ? start - kNear : 0;
  if (columns_.cell_at(start).words != nullptr) return true;
  index_words(from, end + kNear);
  const auto word =
      std::lower_bound(words_.begin(), words_.end(), from,
                       [](const ContextWord& a, std::size_t b) { return a.start < b; });
  return word != words_.end() && word->start <= end + kNear;
}

// Whether the value stands in a column of a table whose head has a word of the rule.
bool WindowScan::in_column_of(const Rule& rule, std::size_t start) {
  const std::vector<std::uint32_t>* const named = columns_.cell_at(start).words;
  const std::vector<std::uint32_t>& wanted = set_.context_words[rule.detector.index];
  return named != nullptr && std::any_of(named->begin(), named->end(), [&](std::uint32_t word) {
           return std::binary_search(wanted.begin(), wanted.end(), word);
         });
}

bool WindowScan::has_context(const Rule& rule, std::size_t start, std::size_t end) {
  return in_column_of(rule, start) || has_word_near(rule, start, end);
}

void WindowScan::add(std::uint32_t rule, std::size_t start, std::size_t end, Confidence confidence,
                     bool generic, std::string_view value, Signs signs, Reason reason) {
  RawMatch match;
  match.rule = rule;
  match.start = start;
  match.end = end;
  match.confidence = confidence;
  match.generic = generic;
  match.value.assign(value);
  match.reason = reason;
  match.signs = signs != 0 ? signs : Signs{} | Sign::kSharedForm;
  found_->push_back(std::move(match));
}

bool WindowScan::judge(const Rule& rule, std::size_t start, std::size_t end, std::string_view value,
                       Place place) {
  // Words near cost less than checks of values that reach far.
  if (rule.context.needed && !has_context(rule, start, end)) return false;
  bool proven = false;
  bool doubtful = false;
  Signs signs = 0;
  ValidatorInput in;
  in.text = text_;
  in.start = start;
  in.end = end;
  in.value = value;
  for (const Check& check : rule.checks) {
    in.number = check.number;
    in.word = check.word;
    switch (check.validator->check(in)) {
      case Verdict::kNo:
        return false;
      case Verdict::kDoubtful:
        doubtful = true;
        break;
      case Verdict::kFits:
        break;
      case Verdict::kProven:
        proven = true;
        signs |= check.validator->is_checksum ? Sign::kChecksum : Sign::kStructure;
        break;
    }
  }
  end = in.end;
  for (const Pattern& exclusion : rule.exclusions)
    if (exclusion.match_at(text_, start, steps_left_)) return false;
  const bool near = rule.context.needed || has_context(rule, start, end);
  bool high = false;
  Reason reason = Reason::kFormAlone;
  switch (rule.raise) {
    case Raise::kLow:
      break;
    case Raise::kContext:
      high = near;
      break;
    case Raise::kProof:
      high = proven || near;
      break;
    case Raise::kForm:
      high = true;
      break;
  }
  if (doubtful) {
    high = false;
    reason = Reason::kDoubt;
  } else if (place == Place::kBehindVendor) {
    high = false;
  }
  if (high && rule.placeholder_check && looks_like_placeholder(value.substr(0, 256))) {
    high = false;
    reason = Reason::kExample;
    signs |= Sign::kExample;
  }
  if (rule.raise == Raise::kForm) signs |= Sign::kForm;
  if (doubtful) signs |= Sign::kDoubt;
  if (near) signs |= has_label(rule, start, end) ? Sign::kLabel : Sign::kWordNear;
  if (place != Place::kAnywhere) signs |= Sign::kVendor;
  if (place == Place::kGivenToVendor) signs |= Sign::kGiven;
  if (high)
    reason = place == Place::kGivenToVendor ? Reason::kVendor
             : proven                       ? Reason::kProof
             : near                         ? Reason::kContext
                                            : Reason::kForm;
  add(rule.detector.index, start, end, high ? Confidence::kHigh : Confidence::kLow, false, value,
      signs, reason);
  return true;
}

void WindowScan::pattern_event(const Hook& hook, std::size_t end) {
  const std::size_t hooked = end - hook.width;
  for (const Hook::Target& target : hook.targets) {
    const Rule& rule = set_.rules[target.rule];
    const TextPattern& pattern = rule.patterns[target.pattern];
    std::size_t start = hooked > pattern.reach ? hooked - pattern.reach : 0;
    std::size_t& done = rule_end_[target.rule];
    start = std::max(start, std::min(done, hooked));
    for (std::size_t tries = 0; start <= hooked && tries < kStartsMax; ++start, ++tries) {
      if (pattern.left_edge && start > 0 && is_alnum(text_[start - 1])) continue;
      const auto match = pattern.pattern.match_at(text_, start, steps_left_);
      if (!match || match->end <= match->start) continue;
      if (pattern.right_edge && match->whole_end < text_.size() &&
          is_alnum(text_[match->whole_end]) && is_alnum(text_[match->whole_end - 1]))
        continue;
      if (match->whole_end <= hooked) continue;
      if (match->start < done) break;
      const std::string_view value = text_.substr(match->start, match->end - match->start);
      if (judge(rule, match->start, match->end, value, Place::kAnywhere)) done = match->end;
      break;
    }
  }
}

void WindowScan::vendor_event(const Hook& hook, std::size_t end) {
  const std::size_t start = end - hook.width;
  if (start > 0 && is_letter(text_[start - 1]) &&
      !(is_lower(text_[start - 1]) && is_upper(text_[start])))
    return;
  const std::size_t stop = std::min(text_.size(), end + kVendorReach);
  for (std::size_t at = end; at < stop; ++at) {
    if (!is_alnum(text_[at])) continue;
    const bool edge = at == end || !is_alnum(text_[at - 1]);
    if (edge) {
      for (const Hook::Target& target : hook.targets) {
        const Rule& rule = set_.rules[target.rule];
        if (rule_end_[target.rule] > at) continue;
        for (const TextPattern& pattern : rule.patterns) {
          const auto match = pattern.pattern.match_at(text_, at, steps_left_);
          if (!match || match->end <= match->start) continue;
          if (match->whole_end < text_.size() &&
              (is_alnum(text_[match->whole_end]) || text_[match->whole_end] == '_'))
            continue;
          const std::string_view value = text_.substr(match->start, match->end - match->start);
          // High where the words between name a key and give it: acme_api_key = "...".
          const std::string_view between = text_.substr(end, at - end);
          const bool given = between.find_first_of("=:>\"'") != std::string_view::npos &&
                             std::count(between.begin(), between.end(), ' ') <= 4 &&
                             std::count(between.begin(), between.end(), '\n') <= 1 &&
                             between.size() <= 50 && entropy_bits(value) >= 2.8;
          if (judge(rule, match->start, match->end, value,
                    given ? Place::kGivenToVendor : Place::kBehindVendor))
            rule_end_[target.rule] = match->end;
          break;
        }
      }
    }
  }
}

void WindowScan::keyword_event(const Hook& hook, std::size_t end) {
  if (!is_keyword(end - hook.width, end)) return;
  keyword_ends_.push_back(end);
  for (const Hook::Target& target : hook.targets)
    assignment(set_.rules[target.rule], end - hook.width, end);
}

}  // namespace gnomon::content
