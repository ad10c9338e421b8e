#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/content/role.h"
#include "prompt_text.h"

// What makes a text an attack on a model: words, rules and weights from signatures/prompt-attacks.
namespace gnomon::content {

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
  std::string id;
  std::string detector;
  std::vector<std::uint16_t> find;  // groups of words
  std::uint64_t groups = 0;         // the same, a bit each
  std::uint32_t within = 1;         // words from the first to the last
  bool in_order = false;
  float weight = 0;
};

// Where words of a group stand.
struct PromptHit {
  std::uint32_t first = 0;  // word
  std::uint32_t last = 0;
};

class PromptRules final : public KnownWords {
 public:
  static constexpr std::size_t kGroupsMax = 64;

  // Reads words.yaml and rules.yaml of the folder. Errors name file, line and key.
  static Result<PromptRules> load(const std::filesystem::path& folder);

  [[nodiscard]] bool knows(std::uint64_t hash) const override {
    return maybe_in(maybe_known_, hash) && known_.contains(hash);
  }

  // Hits of each group, in order of place. Of each group at most kHitsMax are kept.
  using Hits = std::vector<std::vector<PromptHit>>;
  static constexpr std::size_t kHitsMax = 512;
  void find_words(const PromptText& text, Hits& hits) const;

  // The words from first to last that fulfil the rule; false when there are none.
  static bool fulfils(const PromptRule& rule, const Hits& hits, PromptHit& where);

  [[nodiscard]] const std::vector<PromptRule>& rules() const { return rules_; }
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
  };
  [[nodiscard]] Thresholds thresholds(std::size_t words, Role role) const;
  [[nodiscard]] std::size_t group_count() const { return groups_.size(); }
  [[nodiscard]] std::uint16_t group(std::string_view name) const;  // kNoGroup
  static constexpr std::uint16_t kNoGroup = 0xffff;

 private:
  struct Piece {
    std::uint64_t hash = 0;
    std::uint32_t size = 0;
  };
  struct Entry {
    std::uint16_t group = 0;
    bool open_end = false;  // the last word may go on
    std::vector<Piece> rest;
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

  using MaybeHashes = std::array<std::uint64_t, 1024>;
  static void note(MaybeHashes& set, std::uint64_t hash) {
    set[hash >> 6 & 1023] |= std::uint64_t{1} << (hash & 63);
  }
  static bool maybe_in(const MaybeHashes& set, std::uint64_t hash) {
    return (set[hash >> 6 & 1023] >> (hash & 63) & 1) != 0;
  }

  std::vector<std::string> groups_;
  std::vector<PromptRule> rules_;
  std::array<Sign, kPromptSigns> signs_{};
  Thresholds base_{};
  std::vector<Longer> longer_;
  std::array<float, 5> roles_{1, 1, 1, 1, 1};                       // by Role
  std::unordered_map<std::uint64_t, std::vector<Entry>> words_;     // by the first word
  std::unordered_map<std::uint64_t, std::vector<Entry>> prefixes_;  // entries of one open word
  // Most words begin no entry. Which may, by bits of their hash; and the sizes of open words by
  // how they begin: bit n for n bytes.
  MaybeHashes maybe_words_{};
  std::array<std::uint64_t, 4096> maybe_prefixes_{};
  MaybeHashes maybe_open_{};   // as maybe_words_, of open words
  MaybeHashes maybe_known_{};  // and of known_
  std::vector<std::uint32_t> other_prefix_sizes_;  // too short or too long for that; ascending
  std::unordered_set<std::uint64_t> known_;
};

}  // namespace gnomon::content
