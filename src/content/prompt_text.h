#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/hash.h"

// Words of a text as rules about prompts see them: without case, without what hides them.
namespace gnomon::content {

// The hash of a folded word. Words are short: their ends are read without a call.
inline std::uint64_t word_hash(std::string_view word) {
  const auto* at = reinterpret_cast<const unsigned char*>(word.data());
  std::size_t left = word.size();
  std::uint64_t hash = kHashSeed ^ left;
  std::uint64_t tail = 0;
  for (; left > 8; at += 8, left -= 8) {
    std::memcpy(&tail, at, 8);
    hash = mix(hash ^ tail, kHashStep);
  }
  if (left >= 4) {
    std::uint32_t first, last;
    std::memcpy(&first, at, 4);
    std::memcpy(&last, at + left - 4, 4);
    tail = static_cast<std::uint64_t>(last) << 32 | first;
  } else if (left > 0) {
    tail = static_cast<std::uint64_t>(at[0]) << 16 | static_cast<std::uint64_t>(at[left / 2]) << 8 |
           at[left - 1];
  }
  return mix(hash ^ tail, kHashSeed);
}

// One word, or one character of a script that writes without blanks.
struct PromptWord {
  std::uint32_t begin = 0;  // bytes in the text
  std::uint32_t end = 0;
  std::uint32_t at = 0;  // bytes in PromptText::folded
  std::uint32_t size = 0;
  std::uint64_t hash = 0;  // of the folded word
  bool disguised = false;  // had look-alike letters, or digits and signs for letters
};

struct PromptText {
  // Lower case, look-alikes and l replaced: the whole text byte by byte, where its words of ASCII
  // stand as they do in the text, and behind it one by one the words that took more than that.
  std::string folded;
  std::vector<PromptWord> words;
  std::uint32_t hidden_tags = 0;   // U+E0000 to U+E007F
  std::uint32_t hidden_other = 0;  // zero-width and bidirectional controls that joiners are not

  [[nodiscard]] std::string_view folded_word(const PromptWord& word) const {
    return std::string_view{folded}.substr(word.at, word.size);
  }
};

// Decides whether a folded word is one that rules know, so that it is not taken for a disguise.
class KnownWords {
 public:
  [[nodiscard]] virtual bool knows(std::uint64_t hash) const = 0;

 protected:
  ~KnownWords() = default;
};

// Splits UTF-8 into words. What is not UTF-8 separates. `known` may be null. Keeps the room of
// `out`.
void split_prompt(std::string_view utf8, const KnownWords* known, PromptText& out);

}  // namespace gnomon::content
