#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "gnomon/bytes/hash.h"
#include "room.h"

// Words of a text as rules about prompts see them: without case, without what hides them.
namespace gnomon::content {

constexpr std::size_t kShortWord = 16;  // bytes

// The hash of a folded word of kShortWord bytes at most, behind which eight more can be read: of its
// first eight and its last eight, which are the same or overlap. No branches.
inline std::uint64_t short_word_hash(const char* at, std::size_t size) {
  std::uint64_t first;
  std::uint64_t last;
  std::memcpy(&first, at, 8);
  std::memcpy(&last, at + (size < 8 ? 0 : size - 8), 8);
  const std::uint64_t mask = ~std::uint64_t{0} >> (size < 8 ? 64 - 8 * size : 0);
  return mix((first & mask) ^ kHashSeed, (last & mask) ^ kHashStep * size);
}
// The hash of a folded word.
std::uint64_t word_hash(std::string_view word);
// The same of one behind which eight more bytes can be read.
inline std::uint64_t padded_word_hash(const char* at, std::size_t size) {
  return size <= kShortWord && size > 0 ? short_word_hash(at, size) : hash_bytes(at, size);
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
  void insert(std::uint64_t hash) { maybe_[hash >> 54] |= std::uint64_t{1} << (hash & 63); }
  // Never false of what was inserted.
  [[nodiscard]] bool maybe(std::uint64_t hash) const { return bit(hash) != 0; }
  // The same as 0 or 1.
  [[nodiscard]] std::size_t bit(std::uint64_t hash) const {
    return maybe_[hash >> 54] >> (hash & 63) & 1;
  }

 private:
  std::uint64_t maybe_[1024] = {};
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
  void add_word(std::uint64_t hash) { filters_.words.insert(hash); }
  void add_pair(std::uint64_t first, std::uint64_t second) {
    filters_.pairs.insert(Filters::pair(first, second));
  }
  void add_beginning(std::string_view beginning);

  // What may be said of a word by its hash and its first four bytes; 0 or 1.
  struct Filters {
    WordHashes words;
    WordHashes pairs;
    WordHashes beginnings;  // by the first four bytes of words
    std::size_t any = 0;    // 1 when there are beginnings of less than three
    [[nodiscard]] std::size_t may_be_entry(std::uint32_t four, std::uint64_t hash) const {
      return words.bit(hash) | beginnings.bit(spread(four)) | any;
    }
    [[nodiscard]] std::size_t may_be_pair(std::uint64_t first, std::uint64_t second) const {
      return pairs.bit(pair(first, second));
    }
    static std::uint64_t spread(std::uint32_t letters) {
      const std::uint64_t product = letters * kHashStep;
      return product ^ product >> 40;
    }
    static std::uint64_t pair(std::uint64_t first, std::uint64_t second) {
      return first ^ (second << 7 | second >> 57);
    }
  };
  [[nodiscard]] const Filters& filters() const { return filters_; }

 private:
  std::unordered_set<std::uint64_t> known_;
  WordHashes maybe_known_;
  Filters filters_;
};

// What is told of each byte of a text by itself and those beside it: a bit each, 64 a block, and a block of
// zeros behind.
struct PromptMarks {
  enum Row : std::uint8_t {
    kWord,     // of words; right in runs without slow bytes
    kOdd,      // of them, those that may stand for a letter
    kLetter,   // of ASCII
    kSlow,     // what is around must be read character by character
    kBase64,   // of either alphabet
    kHex,      // pairs of hex digits and what stands between them
    kOpening,  // may begin a mark of a template
    kRows
  };
  struct Rows {
    std::uint64_t *word, *odd, *letter, *slow, *base64, *hex, *opening;
  };
  std::size_t blocks = 0;  // without that of zeros
  std::vector<std::uint64_t> all;

  [[nodiscard]] const std::uint64_t* row(Row row) const { return all.data() + row * (blocks + 1); }
  Rows make(std::size_t bytes);  // room for a text of so many
};

struct PromptText {
  // Lower case, look-alikes and l replaced: the whole text byte by byte, where its words of ASCII
  // stand as they do in the text, and behind it one by one the words that took more than that.
  std::string folded;
  Room<PromptWord> words;
  Room<std::uint32_t> firsts;     // of them, those that may begin an entry of the rules
  std::vector<std::uint32_t> disguised;  // had look-alike letters, or digits and signs for letters
  std::vector<std::uint32_t> alone;  // characters of scripts that write without blanks; ascending
  std::uint32_t hidden_tags = 0;         // U+E0000 to U+E007F
  std::uint32_t hidden_other = 0;  // zero-width and bidirectional controls that joiners are not

  // So many characters of such scripts make a word. Places and lengths are told in parts of one.
  static constexpr std::uint32_t kPartsOfWord = 4;
  [[nodiscard]] std::uint32_t place(std::uint32_t word) const {
    const auto before = std::lower_bound(alone.begin(), alone.end(), word) - alone.begin();
    return word * kPartsOfWord - static_cast<std::uint32_t>(before) * (kPartsOfWord - 1);
  }
  [[nodiscard]] std::size_t length() const {  // in words
    return words.size() - alone.size() * (kPartsOfWord - 1) / kPartsOfWord;
  }

  [[nodiscard]] std::string_view folded_word(const PromptWord& word) const {
    return std::string_view{folded}.substr(word.at, word.size);
  }

  PromptMarks marks;
  Room<std::uint32_t> edges, odd;  // for the work
};

// Fills the marks of `out`, and what is folded without the words that take more.
void mark_prompt(std::string_view utf8, PromptText& out);
// Splits the text that was marked last into words.
void cut_prompt(std::string_view utf8, const KnownWords* known, PromptText& out);
// Splits UTF-8 into words. What is not UTF-8 separates. `known` may be null. Keeps the room of
// `out`.
void split_prompt(std::string_view utf8, const KnownWords* known, PromptText& out);

}  // namespace gnomon::content
