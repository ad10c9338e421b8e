#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiled_set.h"
#include "gnomon/bytes/ascii.h"
#include "table_columns.h"

namespace gnomon::content {

// Something found in a window; places are the window's.
struct RawMatch {
  std::uint32_t rule = 0;
  std::size_t start = 0;
  std::size_t end = 0;
  Confidence confidence = Confidence::kLow;
  bool generic = false;  // gives way to any other match at the same place
  std::string value;     // normalised
  Reason reason = Reason::kNone;
  Signs signs = 0;
};

// What a document has shown so far, over all windows of a stream.
struct DocumentState {
  // Of one rule, which of its phrases were there, a bit each, and where the first of them was.
  struct Phrases {
    std::uint32_t rule = 0;
    std::uint64_t seen = 0;
    std::uint64_t first = 0;
  };
  std::vector<Phrases> phrases;  // by rule
  std::string head;              // the beginning of the text, for what is told by structure
  std::uint64_t bytes = 0;
  std::uint64_t base = 0;       // of the window being scanned, in the stream
  std::uint32_t addresses = 0;  // distinct e-mail addresses
  std::vector<std::uint64_t> address_hashes;
  std::vector<std::uint64_t> address_domains;
  std::uint64_t first_address = 0;
  std::uint64_t last_address = 0;
};

// A word of some rule's context, where it stands.
struct ContextWord {
  std::uint32_t word = 0;
  std::uint32_t start = 0;
  std::uint32_t end = 0;
};
// Appends the words of contexts that begin at `at`, where begins_word() holds. A blank in a word
// stands for what joins names too: "tax id" is in tax_id, tax-id and taxId.
void context_words_at(const DetectorSet::Compiled& set, std::string_view text, std::size_t at,
                      std::vector<ContextWord>& words);
bool begins_word(std::string_view text, std::size_t at);

// Short words of contexts that are words of languages or of programs too: "run", "ci". They count
// where they name a number, not wherever they stand near it.
bool is_ordinary_word(std::string_view word);
// Whether the word at a place is one that is given this number: "RUN 12.345.678-5", "ci: 4123456".
bool names_number(std::string_view text, std::size_t word_start, std::size_t word_end,
                  std::size_t start, std::size_t end);
// Digits in a row.
bool is_plain_number(std::string_view text);

// Finds what is in one window of text. Holds no state of its own between windows but buffers.
class WindowScan {
 public:
  static constexpr std::size_t kLabelReach = 48;  // bytes from a word to the number that it names

  explicit WindowScan(const DetectorSet::Compiled& set);

  struct Window {
    std::string_view text;
    bool at_begin = true;  // the text begins here, not merely the window
    bool at_end = true;
  };
  // Appends to `found`, unsorted. Events must be of this window.
  void scan(const Window& window, const std::vector<HookEvent>& events, DocumentState& document,
            std::vector<RawMatch>& found);
  // What comes next begins at `from` in the stream.
  void go_on(std::uint64_t from) { columns_.end(from); }
  // Where several sure kinds of numbers stand at one place: leaves those sure that the text speaks
  // for. `raw` is of the window that was scanned last, in order of starts, and stays so.
  void settle_same_digits(std::vector<RawMatch>& raw);
  // How many bytes the values of the last window had, those inside others counted again: what tests
  // hold against its size.
  [[nodiscard]] std::size_t value_bytes() const { return value_bytes_; }
  // Steps of patterns that the window scanned last had left of its budget.
  [[nodiscard]] std::size_t steps_left() const { return steps_left_; }

 private:
  // Checks a candidate of a rule and adds it. `value` is what checks see.
  enum class Place : std::uint8_t { kAnywhere, kBehindVendor, kGivenToVendor };
  bool judge(const Rule& rule, std::size_t start, std::size_t end, std::string_view value,
             Place place);
  // A word of the rule near, or in the head of the column.
  [[nodiscard]] bool has_context(const Rule& rule, std::size_t start, std::size_t end);
  [[nodiscard]] bool has_word_near(const Rule& rule, std::size_t start, std::size_t end) {
    return any_word_of(rule, start, end, [](const ContextWord&) { return true; });
  }
  // Whether `holds` says so of a word of the rule's within its distance.
  template <typename Holds>
  [[nodiscard]] bool any_word_of(const Rule& rule, std::size_t start, std::size_t end,
                                 Holds holds) {
    const std::vector<std::uint32_t>& wanted = set_.context_words[rule.detector.index];
    if (wanted.empty()) return false;
    const std::size_t within = rule.context.within;
    const std::size_t from = start > within ? start - within : 0;
    index_words(from, end + within);
    auto word = std::lower_bound(words_.begin(), words_.end(), from,
                                 [](const ContextWord& a, std::size_t b) { return a.start < b; });
    for (; word != words_.end() && word->start <= end + within; ++word) {
      if ((word->end > start && word->start < end) || word->end > end + within) continue;
      if (std::binary_search(wanted.begin(), wanted.end(), word->word) && holds(*word)) return true;
    }
    return false;
  }
  [[nodiscard]] bool in_column_of(const Rule& rule, std::size_t start);
  // Whether one of the rule's words names the number: see the body.
  [[nodiscard]] bool has_label(const Rule& rule, std::size_t start, std::size_t end);
  // The words that name it, into labels_: `reach` bytes before it at most.
  void find_labels(std::size_t start, std::size_t end, std::size_t reach);
  void settle_one_place(std::vector<RawMatch*>& same);  // same_digits.cc
  void index_words(std::size_t from, std::size_t to);   // of words_, what is missing
  [[nodiscard]] bool any_word_near(std::size_t start, std::size_t end);
  void pattern_event(const Hook& hook, std::size_t end);
  void vendor_event(const Hook& hook, std::size_t end);
  void keyword_event(const Hook& hook, std::size_t end);

  // numbers_scan.cc
  void scan_numbers();
  void scan_whole_number();
  void number_chain(std::size_t start);
  void token_candidate(std::size_t start, std::size_t length);
  enum class Writing : std::uint8_t { kPlain, kGroups, kAny };  // kAny: in none of the usual ways
  // `layout` is how it is written in groups, 0 when no rule knows that.
  void number_candidate(std::size_t start, std::size_t end, std::string_view compact,
                        Writing writing, std::uint32_t layout, const FormState& forms);
  void tell_guesses(std::size_t start, std::size_t end, std::string_view compact);
  // Marks the rules with a word of theirs near; false when there are none.
  bool find_near_rules(std::size_t start, std::size_t end);
  // marking_scan.cc
  void phrase_event(const Hook& hook, std::size_t end, DocumentState& document);
  void keep_longest_markings();
  // contact_scan.cc
  void phone_candidate(std::size_t start);
  [[nodiscard]] bool is_called_telephone(const Rule& rule, std::size_t start, std::size_t end);
  void scan_addresses(DocumentState& document);
  void note_credentials(std::size_t start, std::size_t end);
  void scan_credentials();
  struct Credential {
    std::size_t start = 0;  // of the word behind the address
    std::size_t end = 0;
  };
  std::vector<Credential> credentials_;  // of the window, a line each
  // secret_scan.cc
  void assignment(const Rule& rule, std::size_t keyword_start, std::size_t keyword_end);
  [[nodiscard]] bool is_keyword(std::size_t start,
                                std::size_t end) const;  // no part of another word
  void scan_long_tokens();
  // secret_columns.cc
  void find_secret_names(const std::vector<HookEvent>& events);
  void scan_secret_columns(std::uint64_t base);
  void add(std::uint32_t rule, std::size_t start, std::size_t end, Confidence confidence,
           bool generic, std::string_view value, Signs signs, Reason reason = Reason::kNone);

  const DetectorSet::Compiled& set_;
  Window window_;
  std::string_view text_;
  std::vector<RawMatch>* found_ = nullptr;
  std::vector<std::size_t> rule_end_;      // per rule: where its last pattern match ended
  std::size_t steps_left_ = 0;             // of patterns in this window
  std::vector<std::size_t> keyword_ends_;  // in order
  std::vector<std::size_t> secret_names_;  // of them, those that may stand in the head of a table
  std::size_t password_name_end_ = 0;      // of the name that was judged last, by either reader
  std::size_t secret_name_end_ = 0;
  std::size_t value_end_ = 0;     // the farthest that a value was read
  std::size_t within_value_ = 0;  // names since that lie before it
  std::size_t value_bytes_ = 0;
  TableColumns columns_;
  std::vector<ContextWord> words_;  // by their start
  std::vector<std::uint32_t> labels_;
  std::vector<bool> ordinary_words_;   // of set_.words: is_ordinary_word()
  std::vector<std::size_t> markings_;  // places in found_
  std::vector<RawMatch*> same_;   // of settle_same_digits(): sure ones at one place
  std::vector<RawMatch*> outer_;  // and of the longer number that they may be inside of
  // Rules with forms that have a word of theirs near the number in question: marked with its mark.
  // What one number may be.
  struct Guess {
    std::uint32_t rule = 0;
    unsigned rank = 0;  // the more speaks for it
    Signs signs = 0;
    bool high = false;
    bool near = false;
  };
  std::vector<Guess> guesses_;
  std::vector<std::uint32_t> near_marks_;
  std::uint32_t near_mark_ = 0;
  std::size_t words_from_ = 0;
  std::size_t words_to_ = 0;
  std::size_t whole_start_ = 0;  // of the text without blanks around it
  std::size_t whole_end_ = 0;
  std::uint32_t phone_ = kNoRule;
  std::uint32_t email_ = kNoRule;
  std::uint32_t password_ = kNoRule;
  std::uint32_t secret_ = kNoRule;
  std::uint32_t credentials_rule_ = kNoRule;
};

// Whether `word` (lower case) stands in `text` as a word, in any case: letters do not touch it,
// but camelCase may go on.
std::size_t find_word(std::string_view text, std::string_view word);

}  // namespace gnomon::content
