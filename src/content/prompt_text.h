#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "gnomon/bytes/hash.h"

// Words of a text as rules about prompts see them: without case, without what hides them.
namespace gnomon::content {

// The hash of a folded word.
inline std::uint64_t word_hash(std::string_view word) { return hash_text(word); }
// The same of a word behind which eight more bytes can be read.
inline std::uint64_t padded_word_hash(const char* at, std::size_t size) {
  std::uint64_t hash = kHashSeed ^ size;
  std::uint64_t eight;
  for (; size >= 8; at += 8, size -= 8) {
    std::memcpy(&eight, at, 8);
    hash = mix(hash ^ eight, kHashStep);
  }
  std::memcpy(&eight, at, 8);
  eight &= (std::uint64_t{1} << size * 8) - 1;
  return mix(hash ^ eight, kHashSeed);
}

// One word, or one character of a script that writes without blanks.
struct PromptWord {
  std::uint32_t begin = 0;  // bytes in the text
  std::uint32_t end = 0;
  std::uint32_t at = 0;  // in PromptText::folded
  std::uint32_t size = 0;
  std::uint64_t hash = 0;  // of the folded word
};

// A set of hashes, of which most are told apart from what is in it by one bit.
class WordHashes {
 public:
  void insert(std::uint64_t hash) {
    maybe_[hash >> 6 & (kWords - 1)] |= std::uint64_t{1} << (hash & 63);
  }
  // Never false of what was inserted.
  [[nodiscard]] bool maybe(std::uint64_t hash) const {
    return (maybe_.data()[hash >> 6 & (kWords - 1)] >> (hash & 63) & 1) != 0;
  }

 private:
  static constexpr std::size_t kWords = 1024;
  std::array<std::uint64_t, kWords> maybe_{};
};

// Words that rules know: none of them is taken for a disguise. And which words may begin an entry
// of theirs.
class KnownWords {
 public:
  void add(std::uint64_t hash) {
    known_.insert(hash);
    maybe_known_.insert(hash);
  }
  [[nodiscard]] bool knows(std::uint64_t hash) const {
    return maybe_known_.maybe(hash) && known_.contains(hash);
  }
  // An entry is this word, or begins with these two, or with any word that begins so.
  void add_word(std::uint64_t hash) { words_.insert(hash); }
  void add_pair(std::uint64_t first, std::uint64_t second) { pairs_.insert(pair(first, second)); }
  void add_beginning(std::string_view beginning);
  // Of a folded word behind which eight more bytes can be read.
  [[nodiscard]] bool may_be_entry(const char* word, std::uint64_t hash) const {
    std::uint32_t four;
    std::memcpy(&four, word, 4);
    return words_.maybe(hash) || beginnings_.maybe(spread(four)) || any_;
  }
  [[nodiscard]] bool may_be_pair(std::uint64_t first, std::uint64_t second) const {
    return pairs_.maybe(pair(first, second));
  }

 private:
  static std::uint64_t spread(std::uint32_t letters) { return letters * kHashStep >> 40; }
  static std::uint64_t pair(std::uint64_t first, std::uint64_t second) {
    return first ^ (second << 7 | second >> 57);
  }

  std::unordered_set<std::uint64_t> known_;
  WordHashes maybe_known_;
  WordHashes words_;
  WordHashes pairs_;
  WordHashes beginnings_;  // by the first four bytes of words
  bool any_ = false;       // there are beginnings of less than three
};

struct PromptText {
  // Lower case, look-alikes and l replaced: the whole text byte by byte, where its words of ASCII
  // stand as they do in the text, and behind it one by one the words that took more than that.
  std::string folded;
  std::vector<PromptWord> words;
  std::vector<std::uint32_t> firsts;     // of them, those that may begin an entry of the rules
  std::vector<std::uint32_t> disguised;  // had look-alike letters, or digits and signs for letters
  std::uint32_t hidden_tags = 0;         // U+E0000 to U+E007F
  std::uint32_t hidden_other = 0;  // zero-width and bidirectional controls that joiners are not

  [[nodiscard]] std::string_view folded_word(const PromptWord& word) const {
    return std::string_view{folded}.substr(word.at, word.size);
  }

  // Which bytes of 64 are of words, a bit each. In runs without slow bytes they are those of `word`.
  struct Block {
    std::uint64_t word = 0;
    std::uint64_t odd = 0;   // of them, those that may stand for a letter
    std::uint64_t slow = 0;  // what is around must be read character by character
  };
  std::vector<Block> blocks;  // room for the work
};

// Splits UTF-8 into words. What is not UTF-8 separates. `known` may be null. Keeps the room of
// `out`.
void split_prompt(std::string_view utf8, const KnownWords* known, PromptText& out);

}  // namespace gnomon::content
