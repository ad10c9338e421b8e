#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Words of a text as rules about prompts see them: without case, without what hides them.
namespace gnomon::content {

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
  std::string folded;  // lower case, look-alikes and l replaced; words end to end
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
