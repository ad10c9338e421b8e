#include <algorithm>
#include <array>
#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "window_scan.h"

// Numbers that identify: the text is cut into runs of letters and digits that single separators
// join; what the runs make together is read by one automaton of all forms, which stops where no form
// goes on, and only what it leaves is judged.
namespace gnomon::content {
namespace {

constexpr std::size_t kRunsMax = 10;
constexpr std::size_t kChainBytesMax = 48;
constexpr std::size_t kGuessesOfOneMax = 24;
constexpr std::size_t kProofInRowLeast =
    12;  // letters and digits that a check proves in any groups

// The first digit at or after `at`.
std::size_t next_digit(std::string_view text, std::size_t at) {
#if defined(__SSE2__)
  const __m128i shift = _mm_set1_epi8(static_cast<char>(-128 - '0'));
  const __m128i limit = _mm_set1_epi8(static_cast<char>(-128 + 10));
  while (at + 16 <= text.size()) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const int mask = _mm_movemask_epi8(_mm_cmplt_epi8(_mm_add_epi8(block, shift), limit));
    if (mask != 0)
      return at + static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(mask)));
    at += 16;
  }
#endif
  while (at < text.size() && !is_digit(text[at])) ++at;
  return at;
}

bool is_separator(char c) { return c == ' ' || c == '-' || c == '.' || c == '/'; }

struct Separator {
  char as = '\n';         // what it counts as
  std::size_t length = 0;  // in bytes; 0: it is none
};

// Word processors keep a number together with blanks and hyphens that do not break: U+00A0, U+202F, U+2009,
// U+2011; dashes stand for hyphens too (U+2010, U+2012, U+2013).
Separator separator_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  if (static_cast<unsigned char>(text[at]) < 0x80)
    return {text[at], is_separator(text[at]) ? std::size_t{1} : std::size_t{0}};
  const std::string_view rest = text.substr(at, 3);
  if (rest.starts_with("\xc2\xa0")) return {' ', 2};
  for (const std::string_view blank : {"\xe2\x80\xaf", "\xe2\x80\x89"})
    if (rest == blank) return {' ', 3};
  for (const std::string_view hyphen :
       {"\xe2\x80\x90", "\xe2\x80\x91", "\xe2\x80\x92", "\xe2\x80\x93"})
    if (rest == hyphen) return {'-', 3};
  return {text[at], 0};
}

}  // namespace

void WindowScan::scan_numbers() {
  const char* const text = text_.data();
  std::size_t at = 0;
  std::size_t done = 0;  // runs that begin before are dealt with
  while ((at = next_digit(text_, at)) < text_.size()) {
    std::size_t start = at;
    while (start > done && is_alnum(text[start - 1])) --start;
    std::size_t end = at;
    std::size_t digits = 0;
    while (end < text_.size() && is_alnum(text[end])) digits += is_digit(text[end++]) ? 1 : 0;
    if (end - start <= 40) {
      // A short run of letters before it may belong to it: "PT 501 964 842", "D-059888-N".
      if (start >= 2 && is_separator(text[start - 1]) && is_alnum(text[start - 2])) {
        std::size_t before = start - 1;
        while (before > done && is_letter(text[before - 1]) && start - before < 8) --before;
        const std::size_t letters = start - 1 - before;
        if (letters >= 1 && letters <= 5 && (before == 0 || !is_alnum(text[before - 1])))
          number_chain(before);
      }
      number_chain(start);
      // +1 and +7 are the whole codes of their countries.
      if (phone_ != kNoRule && (digits >= 2 || (start > 0 && text[start - 1] == '+' &&
                                                (text[start] == '1' || text[start] == '7'))))
        phone_candidate(start);
    }
    if (end - start >= 16) token_candidate(start, end - start);
    at = end;
    done = end;
  }
  scan_whole_number();
}

// A short text that is nothing but one number may be written in any way: "0 1 1 0 4 3 …", "81 - 590",
// dashes of typesetters, Arabic digits. Runs that single separators join were dealt with above.
void WindowScan::scan_whole_number() {
  if (!window_.at_begin || !window_.at_end || whole_end_ - whole_start_ > 2 * kFormLengthMax) return;
  const std::string_view whole = text_.substr(whole_start_, whole_end_ - whole_start_);
  std::array<char, kFormLengthMax> compact;
  std::size_t length = 0;
  std::uint64_t digits = 0;
  std::size_t separators = 0;  // in a row
  bool unusual = false;
  std::size_t runs = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    char c = whole[at];
    if (whole.substr(at).starts_with("\xe2\x80")) {  // U+2010 to U+2015: hyphens and dashes
      const auto last = at + 2 < whole.size() ? static_cast<unsigned char>(whole[at + 2]) : 0U;
      if (last < 0x90 || last > 0x95) return;
      at += 2;
      unusual = true;
      ++separators;
      continue;
    }
    if ((c == '\xd9' || c == '\xdb') && at + 1 < whole.size()) {  // U+0660, U+06F0 and on
      const unsigned first = c == '\xd9' ? 0xa0U : 0xb0U;
      const unsigned value = static_cast<unsigned char>(whole[++at]) - first;
      if (value > 9) return;
      c = static_cast<char>('0' + value);
      unusual = true;
    }
    if (!is_alnum(c)) {
      if (!is_separator(c) && c != ',' && c != '&' && c != '_') return;
      unusual = unusual || !is_separator(c) || separators > 0;
      ++separators;
      continue;
    }
    if (length == kFormLengthMax) return;
    if (separators > 0 || length == 0) ++runs;
    separators = 0;
    if (is_digit(c)) digits |= std::uint64_t{1} << length;
    compact[length++] = to_upper(c);
  }
  if (length < 4 || digits == 0 || (!unusual && runs <= kRunsMax)) return;
  std::uint16_t state = kFormStart;
  for (std::size_t i = 0; i < length; ++i) {
    const FormState& here = set_.form_states[state];
    state = (digits >> i & 1) != 0 ? here.with_digit : here.with_letter;
  }
  const FormState& forms = set_.form_states[state];
  if (!forms.targets.empty())
    number_candidate(whole_start_, whole_end_, {compact.data(), length}, Writing::kAny, 0, forms);
}

void WindowScan::token_candidate(std::size_t start, std::size_t length) {
  for (const Hook::Target& target : set_.token_patterns) {
    const Rule& rule = set_.rules[target.rule];
    const TextPattern& pattern = rule.patterns[target.pattern];
    if (length < pattern.token_least) continue;
    const auto match = pattern.pattern.match_at(text_, start, steps_left_);
    if (!match || (match->whole_end < text_.size() && is_alnum(text_[match->whole_end]))) continue;
    judge(rule, match->start, match->end, text_.substr(match->start, match->end - match->start),
          Place::kAnywhere);
  }
}

void WindowScan::number_chain(std::size_t start) {
  const char* const text = text_.data();
  if (start > 0) {
    const char before = text[start - 1];
    if (before == '_' || static_cast<unsigned char>(before) == 0xff) return;
    if ((before == '-' || before == '.' || before == '/') && start > 1 &&
        is_alnum(text[start - 2]))
      return;  // inside a longer chain
  }
  std::array<char, kFormLengthMax> compact;
  std::array<char, kRunsMax * 4> layout;
  const FormState* const states = set_.form_states.data();
  const FormState* state = states + kFormStart;
  std::size_t length = 0;
  std::size_t layout_length = 0;
  std::size_t at = start;
  for (std::size_t run = 0; run < kRunsMax; ++run) {
    const std::size_t run_start = at;
    while (at < text_.size() && is_alnum(text[at])) {
      const char c = text[at++];
      const std::uint16_t next = is_digit(c) ? state->with_digit : state->with_letter;
      if (next == 0 || length == kFormLengthMax) return;  // nothing is written so
      state = states + next;
      compact[length++] = to_upper(c);
    }
    const std::size_t run_length = at - run_start;
    if (run_length >= 10) layout[layout_length++] = static_cast<char>('0' + run_length / 10);
    layout[layout_length++] = static_cast<char>('0' + run_length % 10);
    const Separator gap = separator_at(text_, at);
    const char next = gap.as;
    const bool joined = gap.length > 0 && at + gap.length < text_.size() &&
                        is_alnum(text[at + gap.length]);
    const bool tight = joined && next != ' ';
    if (!tight && next != '_' && length >= 4 && !state->targets.empty())
      number_candidate(start, at, {compact.data(), length},
                       run == 0 ? Writing::kPlain : Writing::kGroups,
                       set_.layout_number({layout.data(), layout_length}), *state);
    if (!joined || at - start > kChainBytesMax) return;
    layout[layout_length++] = next;
    at += gap.length;
  }
}

// As has_context() of every rule that has forms, at once: there are few words, and many rules.
bool WindowScan::find_near_rules(std::size_t start, std::size_t end) {
  ++near_mark_;
  bool any = false;
  // In a column with a head the head says what is there, or the cell itself; not the cells beside.
  const TableColumns::Cell cell = columns_.cell_at(start);
  if (cell.words != nullptr)
    for (const std::uint32_t word : *cell.words) {
      // A column "run" or "ci" of plain numbers is of programs more often than of people.
      if (ordinary_words_[word] && is_plain_number(text_.substr(start, end - start))) continue;
      for (const std::uint32_t rule : set_.form_rules_of_word[word]) {
        near_marks_[rule] = near_mark_;
        any = true;
      }
    }
  const std::size_t from = start > set_.form_reach ? start - set_.form_reach : 0;
  index_words(from, end + set_.form_reach);
  auto word = std::lower_bound(words_.begin(), words_.end(), from,
                               [](const ContextWord& a, std::size_t b) { return a.start < b; });
  for (; word != words_.end() && word->start <= end + set_.form_reach; ++word) {
    if (word->end > start && word->start < end) continue;
    if (cell.words != nullptr && (word->start < cell.start || word->end > cell.end)) continue;
    if (ordinary_words_[word->word] && !names_number(text_, word->start, word->end, start, end))
      continue;
    for (const std::uint32_t rule : set_.form_rules_of_word[word->word]) {
      const std::size_t within = set_.rules[rule].context.within;
      if (word->start + within < start || word->end > end + within) continue;
      near_marks_[rule] = near_mark_;
      any = true;
    }
  }
  return any;
}

namespace {

bool no_small_letter(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return is_lower(c); });
}

}  // namespace

void WindowScan::number_candidate(std::size_t start, std::size_t end, std::string_view compact,
                                  Writing writing, std::uint32_t layout, const FormState& forms) {
  const bool plain = writing == Writing::kPlain;
  const bool whole =
      window_.at_begin && window_.at_end && start <= whole_start_ + 2 && end + 2 >= whole_end_;
  guesses_.clear();
  // In running text without a word near, only what needs none is worth looking at.
  // Years and other short numbers are everywhere: alone they say nothing.
  const bool strong_only = !whole && (plain || layout == 0) &&
                           ((plain && compact.size() <= 6) || !any_word_near(start, end));
  bool looked = !strong_only;
  // The others need a word of their own near, however many of other rules there are.
  const bool few = strong_only || (!find_near_rules(start, end) && plain && !whole);
  const std::uint32_t* const near_marks = near_marks_.data();
  const bool digits_only = std::all_of(compact.begin(), compact.end(), is_digit);
  for (const FormTarget& target : few ? forms.strong : forms.targets) {
    // Most are of no worth without a word near, whatever else they are: see below. Those that need
    // none are looked at in any case.
    const auto worthless = [&] {
      return !whole && near_marks[target.rule] != near_mark_ &&
             (target.context_needed ||
              (!target.by_form && !target.alone && (plain || !target.has_layouts)));
    };
    if (looked && worthless()) continue;
    if (target.fixed != nullptr) {
      bool same = true;
      for (std::size_t i = 0; i < compact.size() && same; ++i)
        same = (*target.fixed)[i] == '\0' || (*target.fixed)[i] == compact[i];
      if (!same) continue;
    }
    if (!looked) {
      find_near_rules(start, end);
      looked = true;
      if (worthless()) continue;
    }
    const bool near = near_marks[target.rule] == near_mark_;
    const Rule& rule = set_.rules[target.rule];
    const std::vector<std::uint32_t>& layouts = set_.layouts_of_rule[target.rule];
    const bool usual = layouts.empty()
                           ? plain
                           : layout != 0 && std::find(layouts.begin(), layouts.end(), layout) !=
                                                layouts.end();
    if (!usual && !plain && !whole && !rule.layouts.empty()) continue;
    // Some eighteen of the digits of a list fit a checksum anywhere: without a word near, numbers that
    // stand apart are one only where they are written as it is.
    if (!usual && !plain && !whole && !near && digits_only) continue;
    if (rule.layout_needed && !usual) continue;

    bool proven = false;
    bool doubtful = false;
    bool fits = true;
    Signs signs = 0;
    ValidatorInput in;
    in.text = text_;
    in.start = start;
    in.end = end;
    in.value = compact;
    for (const Check& check : rule.checks) {
      in.number = check.number;
      in.word = check.word;
      const Verdict verdict = check.validator->check(in);
      fits = verdict != Verdict::kNo;
      if (!fits) break;
      doubtful = doubtful || verdict == Verdict::kDoubtful;
      if (verdict != Verdict::kProven) continue;
      proven = true;
      signs |= check.validator->is_checksum ? Sign::kChecksum : Sign::kStructure;
    }
    if (!fits) continue;
    const bool formatted = !plain && usual;
    bool high = false;
    switch (rule.raise) {
      case Raise::kLow:
        break;
      case Raise::kContext:
        // Digits in a row that nothing proves are of many things: the word must be theirs.
        high = near && (proven || formatted || (plain && has_label(rule, start, end)));
        break;
      case Raise::kProof:
        high = proven && (near || formatted || whole);
        break;
      case Raise::kForm:
        // One in some hundred of any long numbers stands a check and holds a date besides; of what
        // only stands in a row ("M 1178 198 L" of a drawing) one in ten or twenty stands a short
        // one's.
        high = formatted || near ||
               (proven && (plain ? !digits_only : compact.size() >= kProofInRowLeast));
        break;
    }
    if (doubtful) high = false;
    // Letters that the form gives are as good as a check; names in code have small ones.
    const bool alone = target.alone && !doubtful && (proven || target.fixed != nullptr) &&
                       no_small_letter(text_.substr(start, end - start));
    const bool worth = high || near || whole || alone || (proven && formatted) ||
                       (formatted && rule.raise == Raise::kForm);
    if (!worth) continue;
    if (formatted) signs |= Sign::kFormat;
    if (rule.raise == Raise::kForm) signs |= Sign::kForm;
    if (whole) signs |= Sign::kWhole;
    if (doubtful) signs |= Sign::kDoubt;
    const unsigned rank = (formatted ? 1U << 6 : 0) + (proven ? 1U << 5 : 0) +
                          (rule.raise != Raise::kLow ? 1U << 4 : 0) +
                          static_cast<unsigned>(rule.detector.severity);
    guesses_.push_back({target.rule, rank, signs, high, near});
  }
  tell_guesses(start, end, compact);
}

// Words of many kinds of numbers near, or none in a text that is one number, make many guesses:
// those that most speaks for are told, and what is sure however many there are.
void WindowScan::tell_guesses(std::size_t start, std::size_t end, std::string_view compact) {
  const auto unsure =
      std::partition(guesses_.begin(), guesses_.end(), [](const Guess& each) { return each.high; });
  if (static_cast<std::size_t>(guesses_.end() - unsure) > kGuessesOfOneMax) {
    const auto kept = unsure + kGuessesOfOneMax;
    std::nth_element(unsure, kept, guesses_.end(), [](const Guess& a, const Guess& b) {
      return a.rank != b.rank ? a.rank > b.rank : a.rule < b.rule;
    });
    guesses_.erase(kept, guesses_.end());
  }
  for (const Guess& each : guesses_) {
    Signs signs = each.signs;
    if (each.near)
      signs |= has_label(set_.rules[each.rule], start, end) ? Sign::kLabel : Sign::kWordNear;
    add(each.rule, start, end, each.high ? Confidence::kHigh : Confidence::kLow, false, compact,
        signs);
  }
}

}  // namespace gnomon::content
