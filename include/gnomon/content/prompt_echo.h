#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gnomon/content/text_grams.h"

namespace gnomon::content {

// What a model was told by its system prompt: of the hashes of its runs of letters and digits one
// of kSample, chosen by the hash, so that a copy has the same; no text. Of a longer one than
// kPrintsMax * kSample letters and digits the beginning counts.
class PromptPrints {
 public:
  static constexpr std::size_t kPrintsMax = 2048;
  static constexpr std::uint64_t kSample = 8;
  using Grams = TextGrams<32>;

  // Texts may come in pieces; next_text() begins another.
  void read(std::string_view utf8);
  void next_text() { grams_ = {}; }

  [[nodiscard]] std::size_t size() const { return places_.size(); }
  [[nodiscard]] std::size_t memory_bytes() const {
    return sizeof(*this) + places_.size() * 4 * sizeof(std::uint64_t);
  }
  // The same for the same prompt.
  [[nodiscard]] std::uint64_t identity() const { return identity_; }
  static constexpr std::uint32_t kNone = 0xffffffff;
  // Which of the prints this is, in the order in which they came.
  [[nodiscard]] std::uint32_t place_of(std::uint64_t print) const {
    const auto found = places_.find(print);
    return found == places_.end() ? kNone : found->second;
  }

 private:
  Grams grams_;
  std::unordered_map<std::uint64_t, std::uint32_t> places_;
  std::uint64_t identity_ = 0;
};

// Reads what a model says and tells how much of its system prompt is in it.
class PromptEcho {
 public:
  // True when the piece holds something of the prompt for the first time.
  bool read(std::string_view utf8, const PromptPrints& prompt);
  void next_text() { grams_ = {}; }
  void reset() { *this = {}; }

  // 0 to 1. 0 where the prompt is too short to be told from words that anybody says.
  [[nodiscard]] double share(const PromptPrints& prompt) const;

 private:
  PromptPrints::Grams grams_;
  std::vector<bool> met_;  // by the prompt's places
  std::size_t count_ = 0;
};

}  // namespace gnomon::content
