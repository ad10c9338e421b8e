#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/content/detector.h"
#include "gnomon/content/role.h"
#include "prompt_rules.h"

namespace gnomon::content {

// One kind of attack that a text holds.
struct PromptFinding {
  std::string_view detector;  // id; lives as long as the rules
  std::size_t begin = 0;      // bytes in the text: where the words that decided it stand
  std::size_t end = 0;
  // High for one finding of a text at most, that of the heaviest rule: it is one attack, whatever
  // it has of others.
  Confidence confidence = Confidence::kLow;
  std::string why;  // the rules that were fulfilled, with their weights; nothing of the text
};

// Judges texts by the rules. One per thread; the rules must outlive it. Time is linear in the text,
// memory bounded by the longest segment.
class PromptScan {
 public:
  static constexpr std::size_t kSegmentBytes = std::size_t{16} * 1024;
  static constexpr std::size_t kOverlapBytes = std::size_t{2} * 1024;
  // Words that make one attack stand together: only rules fulfilled within such a stretch add up.
  static constexpr std::size_t kStretchWords = 200;

  explicit PromptScan(const PromptRules& rules) : rules_(rules) {}

  // Appends to `findings`. A text longer than kSegmentBytes is judged piece by piece. Where it ends
  // what was said, `at_end`, its tail is looked at too.
  void scan(std::string_view utf8, Role role, std::vector<PromptFinding>& findings,
            bool at_end = true);

 private:
  struct Fired {
    std::string_view detector;
    std::string_view id;
    float weight = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  void segment(std::string_view text, std::size_t base, Role role,
               std::vector<PromptFinding>& findings);
  // The sum of what is fulfilled; `fired` gets each.
  // Of a text within another, which is not decoded once more, `least` is what would matter; else it
  // is what makes a finding of one of this role. A smaller sum may come out smaller still.
  float judge(std::string_view text, Role role, const float* least, std::vector<Fired>& fired);
  float judge_words(float least, std::vector<Fired>& fired);
  [[nodiscard]] float most_of(std::uint64_t groups) const;
  float judge_hits(const PromptRules::Hits& hits, bool attacks, std::vector<Fired>& fired) const;
  // prompt_signs.cc
  [[nodiscard]] bool is_disguised(std::string_view text) const;
  [[nodiscard]] bool is_flood() const;
  [[nodiscard]] bool has_many_turns(std::string_view text) const;
  // What was done with a text on the way.
  struct Done {
    bool cut = false;    // text_ holds its words
    bool found = false;  // hits_ are theirs
  };
  // The text must have been marked.
  [[nodiscard]] bool holds_encoded_attack(std::string_view text, Done& done);
  [[nodiscard]] bool holds_hex_attack(std::string_view text, std::size_t& pieces);
  [[nodiscard]] bool attacks_when_decoded(std::string_view decoded, float least);

  const PromptRules& rules_;
  PromptText text_;
  PromptText inner_text_;  // of what was decoded
  PromptRules::Hits hits_;
  PromptRules::Hits stretch_hits_;
  std::vector<std::uint64_t> stretch_groups_;  // that have hits in a stretch, a bit each
  std::string spread_;
};

// Whether backslashes stand between single letters; `joined` gets the text without them.
bool is_spread(std::string_view text, std::string& joined);
// ![...](https://...{...}): an image whose address has a place for data.
bool has_exfiltrating_image(std::string_view text);
// A mark of the templates that models are given their turns in, however it is dressed.
bool has_chat_template(std::string_view text, const PromptMarks& marks);

}  // namespace gnomon::content
