#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "detector_rules.h"
#include "gnomon/bytes/handle.h"
#include "gnomon/content/scanner.h"
#include "hook_lanes.h"
#include "prompt_rules.h"

struct hs_database;
struct hs_scratch;

namespace gnomon::content {

struct FreeDatabase {
  void operator()(hs_database* database) const noexcept;
};
struct FreeScratch {
  void operator()(hs_scratch* scratch) const noexcept;
};

// What a hook of the one Hyperscan pass leads to.
struct Hook {
  enum class Kind : std::uint8_t { kPattern, kVendor, kKeyword, kPhrase };
  struct Target {
    std::uint32_t rule = 0;
    std::uint32_t pattern = 0;  // of kPhrase: which phrase of the rule
  };
  Kind kind = Kind::kPattern;
  std::size_t width = 0;
  std::vector<Target> targets;
  // Hyperscan is given the narrow part of a hook. So far ahead is its end, where all of this must
  // fit.
  std::size_t ahead = 0;
  std::vector<ByteSet> lead;  // empty when nothing was left out
};

struct FormTarget {
  std::uint32_t rule = 0;
  const std::string* fixed = nullptr;  // null when nothing is
  bool context_needed = false;
  bool by_form = false;      // raised by its form alone
  bool has_layouts = false;  // there is a usual way to write it in groups
  bool alone = false;        // counts without a word near, where it is proven
};

// The forms of all numbers as one automaton: what may come of so many letters and digits read.
struct FormState {
  std::uint16_t with_letter = 0;  // the next state; 0 when no form goes on so
  std::uint16_t with_digit = 0;
  std::vector<FormTarget> targets;  // forms that end here
  std::vector<FormTarget> strong;   // of them, those that need no words near and no usual writing
};
constexpr std::uint16_t kFormStart = 1;

constexpr std::size_t kFormLengthMax = 40;
constexpr std::uint32_t kNoRule = UINT32_MAX;
constexpr std::size_t kWordHeads = 65536;
constexpr std::size_t kHeadsOfOne = 16;  // that share a list of words

// Where a word is looked up: by its letters up to the first that is none, four at most, any case.
// All bytes that are not ASCII are letters.
std::size_t word_head(std::string_view text);

struct DetectorSet::Compiled {
  std::vector<Rule> rules;          // by id
  std::vector<Detector> detectors;  // the same, for callers
  std::vector<Profile> profiles;    // by id
  std::vector<Hook> hooks;
  std::vector<std::uint32_t> hook_of_expression;          // by Hyperscan's ids
  HookLanes hook_lanes;                                   // what Hyperscan is not given
  std::vector<std::vector<std::uint32_t>> context_words;  // per rule: indices into words, sorted
  std::vector<std::string> words;                         // of all contexts, lower case
  std::vector<std::vector<std::uint32_t>> form_rules_of_word;  // of those that have forms
  // Of how many countries each word's detectors are; one of none counts as a country of its own,
  // general ones are left out.
  std::vector<std::uint8_t> countries_of_word;
  CountryWords countries;
  std::size_t form_reach = 0;  // how far from a number a word of theirs may stand
  std::vector<std::vector<std::uint32_t>> words_by_head;      // by a hash of their first letters
  std::array<std::uint64_t, kWordHeads / 64> heads_in_use{};  // which of them hold any: bits
  std::vector<FormState> form_states;
  std::unique_ptr<hs_database, FreeDatabase> database;
  std::unordered_map<std::string, std::uint32_t> layouts;  // of all rules, from 1 on
  std::vector<std::vector<std::uint32_t>> layouts_of_rule;
  // Bits of layout_bit(), as most of what is asked for is none of them.
  std::array<std::uint64_t, 64> maybe_layouts{};
  static std::size_t layout_bit(std::string_view layout) {
    std::size_t bit = layout.size();
    for (const char c : layout) bit = bit * 31 + static_cast<unsigned char>(c);
    return (bit ^ bit >> 12) & 4095;
  }
  // 0 for one that no rule knows.
  [[nodiscard]] std::uint32_t layout_number(std::string_view layout) const {
    const std::size_t bit = layout_bit(layout);
    if ((maybe_layouts[bit / 64] >> bit % 64 & 1) == 0) return 0;
    const auto found = layouts.find(std::string{layout});
    return found == layouts.end() ? 0 : found->second;
  }
  std::vector<Hook::Target> token_patterns;
  // Words of programming languages, looked for only in what is built like code.
  std::vector<Hook::Target> language_hooks;
  std::unique_ptr<hs_database, FreeDatabase> languages;
  std::vector<std::uint32_t> table_rules;                   // those with heads of tables
  std::unordered_map<std::string, std::uint32_t> built_in;  // reader's name: rule
  std::vector<std::uint32_t> rules_of_types;                // those with file-types
  DetectorOptions options;
  std::unique_ptr<const PromptRules> prompts;  // null without signatures/prompt-attacks

  [[nodiscard]] std::uint32_t built_in_rule(const std::string& name) const {
    const auto found = built_in.find(name);
    return found == built_in.end() ? kNoRule : found->second;
  }
};

}  // namespace gnomon::content
