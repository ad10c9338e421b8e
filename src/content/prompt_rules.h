#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/content/role.h"
#include "gnomon/yaml/yaml_tree.h"
#include "prompt_tail.h"
#include "prompt_text.h"

// What makes a text an attack on a model: words, rules and weights from signatures/prompt-attacks.
namespace gnomon::content {

// For files of the folder; the errors of the first name the file.
Result<YamlNode> read_prompt_file(const std::filesystem::path& path, YamlCache* cache);
bool read_number(const YamlNode* node, float& number);

// What no word tells, and code looks for (prompt_signs.cc).
enum class PromptSign : std::uint8_t {
  kChatTemplate,
  kHiddenText,
  kDisguisedWords,
  kSpreadLetters,
  kEncodedAttack,
  kFlood,
  kManyTurns,
  kMarkdownExfiltration,
};
inline constexpr std::size_t kPromptSigns = 8;
std::string_view to_string(PromptSign sign);  // "chat-template" ..., as in rules.yaml

struct PromptRule {
  static constexpr std::size_t kFindMax = 8;
  std::string id;
  std::string detector;
  std::vector<std::uint16_t> find;  // groups of words
  std::uint64_t groups = 0;         // the same, a bit each
  std::uint64_t shared = 0;         // those whose words may stand inside a phrase of another
  std::uint32_t within = 1;         // words from the first to the last
  bool in_order = false;
  float weight = 0;
};

// Where words of a group stand.
struct PromptHit {
  std::uint32_t first = 0;  // word
  std::uint32_t last = 0;
  std::uint32_t from = 0;  // PromptText::place() of both
  std::uint32_t to = 0;
};

class PromptRules {
 public:
  static constexpr std::size_t kGroupsMax = 64;

  // Reads words.yaml, rules.yaml and, where it is there, tails.yaml of the folder. Errors name
  // file, line and key.
  static Result<PromptRules> load(const std::filesystem::path& folder, YamlCache* cache = nullptr);

  [[nodiscard]] const KnownWords& known() const { return known_; }

  // Hits of each group, in order of place. Of each group at most kHitsMax are kept. The text must
  // have been split with known().
  using Hits = std::vector<std::vector<PromptHit>>;
  static constexpr std::size_t kHitsMax = 512;
  void find_words(const PromptText& text, Hits& hits) const;

  // The words from first to last that fulfil the rule; false when there are none.
  static bool fulfils(const PromptRule& rule, const Hits& hits, PromptHit& where);

  [[nodiscard]] const std::vector<PromptRule>& rules() const { return rules_; }
  [[nodiscard]] const std::optional<PromptTails>& tails() const { return tails_; }
  struct Sign {
    std::string detector;
    float weight = 0;
  };
  [[nodiscard]] const Sign& sign(PromptSign sign) const {
    return signs_[static_cast<std::size_t>(sign)];
  }
  // The weight that makes a text of so many words, spoken by this role, a finding.
  struct Thresholds {
    float low = 0;
    float high = 0;
    [[nodiscard]] Thresholds times(float factor) const { return {low * factor, high * factor}; }
  };
  // What a text that was written for a program needs more than others.
  [[nodiscard]] float machine_text() const { return machine_text_; }
  [[nodiscard]] Thresholds thresholds(std::size_t words, Role role) const;
  [[nodiscard]] std::uint16_t group(std::string_view name) const;  // kNoGroup
  static constexpr std::uint16_t kNoGroup = 0xffff;

 private:
  struct Piece {
    std::uint64_t hash = 0;
    std::uint32_t size = 0;
  };
  struct Entry {
    std::uint16_t group = 0;
    bool open_end = false;     // the last word may go on
    std::uint64_t second = 0;  // the hash of the first of the rest
    std::vector<Piece> rest;
  };
  // Entries by the hash of their first word, or of how it begins.
  class Entries {
   public:
    void add(std::uint64_t hash, Entry entry) { all_.emplace_back(hash, std::move(entry)); }
    void arrange();  // when all were added
    using Iterator = std::vector<std::pair<std::uint64_t, Entry>>::const_iterator;
    struct Range {
      Iterator first, last;
      [[nodiscard]] Iterator begin() const { return first; }
      [[nodiscard]] Iterator end() const { return last; }
    };
    [[nodiscard]] Range find(std::uint64_t hash) const;

   private:
    std::vector<std::pair<std::uint64_t, Entry>> all_;  // equal hashes side by side
    std::vector<std::uint32_t> places_;  // 1 + where the entries of a hash begin; 0 is free
  };
  struct Longer {
    std::uint32_t above = 0;  // words
    float factor = 1;
  };

  void add_entry(std::uint16_t group, std::string_view text);
  [[nodiscard]] static std::size_t beginning_of(std::string_view word) {  // of three bytes or more
    const auto* const bytes = reinterpret_cast<const unsigned char*>(word.data());
    const auto byte = [&](std::size_t i) { return bytes[i]; };
    return (byte(0) * 289U + byte(1) * 17U + byte(2)) & 4095U;
  }

  std::vector<std::string> groups_;
  std::vector<PromptRule> rules_;
  std::optional<PromptTails> tails_;
  std::array<Sign, kPromptSigns> signs_{};
  Thresholds base_{};
  std::vector<Longer> longer_;
  float machine_text_ = 1;
  std::array<float, 5> roles_{1, 1, 1, 1, 1};  // by Role
  Entries words_;                              // by the first word
  Entries beginnings_;                         // entries of one open word, by what it begins with
  // Sizes of open words by how they begin: bit n for n bytes.
  std::array<std::uint64_t, 4096> maybe_sizes_{};
  WordHashes maybe_open_;
  std::vector<std::uint32_t> other_sizes_;  // too short or too long for that; ascending
  KnownWords known_;
};

}  // namespace gnomon::content
