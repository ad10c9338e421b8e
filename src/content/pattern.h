#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/result.h"

namespace gnomon::content {

using ByteSet = std::bitset<256>;

// A pattern matched at one place: the second step after Hyperscan has found where to look. Knows
// literals, classes, groups, (?:), alternation, ? * + {n,m} with lazy forms, \b \B ^ $ (of the
// text), \d \w \s \x41, look-ahead (?= (?! and look-behind of one set (?<= (?<!. `*` and `+` stop
// at kRepeatMax. Matching is bounded in steps, never in trust.
class Pattern {
 public:
  static constexpr std::size_t kRepeatMax = 4096;
  static constexpr std::size_t kStepsMax = 20000;
  static constexpr std::size_t kStepsLeast = 256;  // of one place, where a budget is used up
  static constexpr std::size_t kInstructionsMax = 4000;

  // What \w stands for, and \b the edge of.
  static constexpr bool is_word(char c) { return is_alnum(c) || c == '_'; }

  static Result<Pattern> compile(std::string_view text, bool caseless = false);

  struct Found {
    std::size_t start = 0;  // of the first group, or of the whole match where there is none
    std::size_t end = 0;
    std::size_t whole_end = 0;
  };
  // Matches at text[at]. What stands before `at` counts for \b and look-behind.
  [[nodiscard]] std::optional<Found> match_at(std::string_view text, std::size_t at) const;
  // The same within a budget of steps that many places share; what was taken is taken off.
  [[nodiscard]] std::optional<Found> match_at(std::string_view text, std::size_t at,
                                              std::size_t& budget) const;

  // The sets of the first bytes, as many as are of fixed width in every branch.
  [[nodiscard]] const std::vector<ByteSet>& lead() const { return lead_; }
  // The same branch by branch, each as wide as lead(), of which every set is the union of theirs:
  // "(?:AK|BS)" has two starts and a lead of two sets of two bytes. Empty where there are more than
  // kStartsMax.
  static constexpr std::size_t kStartsMax = 64;
  [[nodiscard]] const std::vector<std::vector<ByteSet>>& starts() const { return starts_; }

 private:
  enum class Op : std::uint8_t {
    kSet,
    kRepeat,
    kLazy,
    kSplit,
    kJump,
    kSave,
    kAssert,
    kLook,
    kMatch
  };
  enum class Assertion : std::uint8_t {
    kWordEdge,
    kNotWordEdge,
    kBegin,
    kEnd,
    kBehind,
    kNotBehind
  };
  struct Instruction {
    Op op = Op::kMatch;
    Assertion assertion = Assertion::kBegin;
    bool negative = false;
    std::uint32_t set = 0;
    std::uint32_t first = 0;   // split: tried first; jump, look: target; repeat: at least
    std::uint32_t second = 0;  // split: tried then; repeat: at most
  };
  friend class PatternCompiler;

  [[nodiscard]] std::optional<Found> match_within(std::string_view text, std::size_t at,
                                                  std::size_t& left) const;
  std::optional<std::size_t> run(std::string_view text, std::size_t at, std::size_t pc,
                                 std::size_t (&saved)[2], std::size_t& left) const;

  std::vector<Instruction> program_;
  std::vector<ByteSet> sets_;
  std::vector<ByteSet> lead_;
  std::vector<std::vector<ByteSet>> starts_;
  bool has_group_ = false;
};

}  // namespace gnomon::content
