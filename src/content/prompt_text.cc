#include "prompt_text.h"

#include <algorithm>
#include <array>
#include <bit>

#include "byte_lanes.h"
#include "lane_kernels.h"
#include "prompt_letters.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kWordBytesMax = 64;  // longer ones are no words of a language
constexpr std::size_t kPadding = 8;        // behind the folded text, so that words are read in eights

// What a run of ASCII that words are made of is made of: letters and digits, and what may stand
// between them. Everything else separates.
constexpr std::array<bool, 256> kRun = [] {
  std::array<bool, 256> table{};
  for (unsigned c = 0; c < 256; ++c)
    table[c] = c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
               (c >= 'A' && c <= 'Z') || c == '_' || c == '\'' || c == '@' || c == '$' ||
               c == '|' || c == '!' || c == '+';
  return table;
}();

}  // namespace

std::uint64_t word_hash(std::string_view word) {
  std::array<char, kShortWord + kPadding> padded{};
  if (word.size() > kShortWord || word.empty()) return hash_text(word);
  std::memcpy(padded.data(), word.data(), word.size());
  return short_word_hash(padded.data(), word.size());
}

PromptMarks::Rows PromptMarks::make(std::size_t bytes) {
  blocks = bytes / ByteBlock::kBytes + 1;
  all.resize(kRows * (blocks + 1));
  std::uint64_t* rows[kRows];
  for (std::size_t i = 0; i < kRows; ++i) {
    rows[i] = all.data() + i * (blocks + 1);
    rows[i][blocks] = 0;
  }
  return {rows[kWord],   rows[kOdd], rows[kLetter], rows[kSlow],
          rows[kBase64], rows[kHex], rows[kOpening]};
}

void KnownWords::add_beginning(std::string_view beginning) {
  if (beginning.size() < 3) {
    filters_.any = 1;
    return;
  }
  std::uint32_t letters = 0;
  std::memcpy(&letters, beginning.data(), std::min<std::size_t>(beginning.size(), 4));
  if (beginning.size() > 3) {
    filters_.beginnings.insert(Filters::spread(letters));
    return;
  }
  for (std::uint32_t next = 0; next < 256; ++next)
    filters_.beginnings.insert(Filters::spread(letters | next << 24));
}

namespace {

// Digits and signs.
bool may_be_letter(char c) { return without_disguise(c) != c; }

class Splitter {
 public:
  Splitter(std::string_view text, const KnownWords* known, PromptText& out)
      : text_(text), known_(known), out_(out) {}

  void run() {
    std::size_t at = 0;
    for (;;) {
      std::size_t begin = next_slow(at);
      if (begin == text_.size()) break;
      std::size_t end = begin + 1;
      while (begin > at && runs_on(begin - 1)) --begin;
      while (end < text_.size() && runs_on(end)) ++end;
      take_words(at, begin);
      take_characters(begin, end);
      at = end;
    }
    take_words(at, text_.size());
  }

 private:
  [[nodiscard]] bool runs_on(std::size_t at) const {
    return kRun[static_cast<unsigned char>(text_.data()[at])];
  }

  [[nodiscard]] std::size_t next_slow(std::size_t at) const {
    const std::uint64_t* const slow = out_.marks.row(PromptMarks::kSlow);
    std::size_t i = at / ByteBlock::kBytes;
    std::uint64_t bits = slow[i] & ~std::uint64_t{0} << at % ByteBlock::kBytes;
    while (bits == 0) {
      if (++i == out_.marks.blocks) return text_.size();
      bits = slow[i];
    }
    return i * ByteBlock::kBytes + static_cast<std::size_t>(std::countr_zero(bits));
  }

  // Takes the words of text that has no slow bytes, from the border of a run to another.
  void take_words(std::size_t from, std::size_t to) {
    if (from == to) return;
    // Every second byte begins or ends a word at most, but the last.
    out_.edges.resize(to - from + 1 + 8);
    out_.odd.resize((to - from) / 2 + 1);
    std::size_t odd_count = 0;
    const std::size_t count =
        kernels_.find_edges({out_.marks.row(PromptMarks::kWord), out_.marks.row(PromptMarks::kOdd),
                             out_.marks.row(PromptMarks::kLetter)},
                            from, to, out_.edges.data(), out_.odd.data(), odd_count) /
        2;
    const std::size_t words = out_.words.size();
    static const KnownWords kNone;
    PlainWords plain;
    plain.filters = &(known_ != nullptr ? *known_ : kNone).filters();
    plain.edges = out_.edges.data();
    plain.first_word = words;
    for (std::size_t odd = 0; plain.next < count;) {
      while (odd < odd_count && out_.odd[odd] < plain.next) ++odd;
      plain.stop = odd < odd_count ? out_.odd[odd] : count;
      out_.words.resize(words + count);
      const std::size_t firsts = out_.firsts.size();
      out_.firsts.resize(firsts + 2 * (plain.stop - plain.next) + 2);
      plain.folded = out_.folded.data();
      plain.words = out_.words.data() + words;
      plain.firsts = out_.firsts.data() + firsts;
      plain.last = last_;
      plain.last_taken = last_taken_;
      kernels_.take_plain_words(plain);
      last_ = plain.last;
      last_taken_ = plain.last_taken;
      out_.firsts.resize(static_cast<std::size_t>(plain.firsts - out_.firsts.data()));
      out_.words.resize(words + plain.next);
      if (plain.next == count) break;
      take_word(out_.edges[2 * plain.next], out_.edges[2 * plain.next + 1]);
      ++plain.next;
    }
  }

  // Takes one that is no plain word.
  void take_word(std::size_t begin, std::size_t end) {
    PromptWord word;
    word.begin = static_cast<std::uint32_t>(begin);
    word.end = static_cast<std::uint32_t>(end);
    word.at = word.begin;
    word.size = word.end - word.begin;
    const char* const folded = out_.folded.data() + begin;
    word.hash = padded_word_hash(folded, word.size);
    const bool odd = std::any_of(text_.begin() + static_cast<std::ptrdiff_t>(begin),
                                 text_.begin() + static_cast<std::ptrdiff_t>(end), may_be_letter);
    if (odd && word.size >= 2 && word.size <= kWordBytesMax &&
        (known_ == nullptr || !known_->knows(word.hash)) &&
        std::any_of(folded, folded + word.size, [](char c) { return c >= 'a' && c <= 'z'; })) {
      std::array<char, kWordBytesMax> plain;
      std::transform(folded, folded + word.size, plain.begin(), without_disguise);
      const std::size_t at = out_.folded.size() - kPadding;
      out_.folded.resize(at + word.size + kPadding);
      std::memcpy(out_.folded.data() + at, plain.data(), word.size);
      word.at = static_cast<std::uint32_t>(at);
      disguised(word);
    }
    add(word);
  }

  void disguised(PromptWord& word) {
    word.hash = padded_word_hash(out_.folded.data() + word.at, word.size);
    out_.disguised.push_back(static_cast<std::uint32_t>(out_.words.size()));
  }

  void add(const PromptWord& word) {
    if (known_ != nullptr) {
      const auto place = static_cast<std::uint32_t>(out_.words.size());
      // That a pair begins is seen when its second word comes.
      const KnownWords::Filters& filters = known_->filters();
      if (!last_taken_ && filters.may_be_pair(last_, word.hash) != 0)
        out_.firsts.push_back(place - 1);
      std::uint32_t four;
      std::memcpy(&four, out_.folded.data() + word.at, 4);
      last_taken_ = filters.may_be_entry(four, word.hash) != 0;
      if (last_taken_) out_.firsts.push_back(place);
      last_ = word.hash;
    }
    out_.words.push_back(word);
  }

  // Takes a run in which not everything is ASCII, or signs stand behind letters.
  void take_characters(std::size_t at, std::size_t end) {
    out_.folded.resize(out_.folded.size() - kPadding);  // there words are written, see flush()
    while (at < end) {
      const DecodedCharacter here = decode_character(text_.substr(at));
      const std::size_t next = at + here.size;
      const Letter letter = letter_of(here.point);
      switch (letter.kind) {
        case Letter::Kind::kPart:
          take(letter, at, next);
          break;
        case Letter::Kind::kSeparator:
          flush();
          break;
        case Letter::Kind::kAlone:
          flush();
          take(letter, at, next);
          out_.alone.push_back(static_cast<std::uint32_t>(out_.words.size()));
          flush();
          break;
        case Letter::Kind::kQuote:
          if (count_ > 0 && goes_on(next)) {
            take({U'\'', letter.kind, 0, 0}, at, next);
          } else {
            flush();
          }
          break;
        case Letter::Kind::kSign:
          // Between letters, and some at an end, too.
          if (goes_on(next) || (count_ > 0 && (letter.folded == '@' || letter.folded == '$' ||
                                               letter.folded == U'€'))) {
            take(letter, at, next);
          } else {
            flush();
          }
          break;
        case Letter::Kind::kInvisible:
          ++out_.hidden_other;
          break;
        case Letter::Kind::kJoiner:
          break;
        case Letter::Kind::kTag:
          ++out_.hidden_tags;
          break;
      }
      at = next;
    }
    flush();
    out_.folded.append(kPadding, '\0');
  }

  [[nodiscard]] bool goes_on(std::size_t at) const {
    return at < text_.size() && goes_on_with(decode_character(text_.substr(at)).point);
  }

  void take(const Letter& letter, std::size_t at, std::size_t next) {
    if (count_++ == 0) {
      begin_ = at;
      written_ = out_.folded.size();
      latin_ = alike_ = odd_ = false;
    }
    end_ = next;
    latin_ = latin_ || (letter.folded >= 'a' && letter.folded <= 'z');
    alike_ = alike_ || letter.look_alike != 0;
    odd_ = odd_ || letter.written_for != 0;
    append_character(out_.folded, letter.folded == 'l' ? U'i' : letter.folded);
  }

  void flush() {
    if (count_ == 0) return;
    PromptWord word;
    word.begin = static_cast<std::uint32_t>(begin_);
    word.end = static_cast<std::uint32_t>(end_);
    word.at = static_cast<std::uint32_t>(written_);
    word.size = static_cast<std::uint32_t>(out_.folded.size() - written_);
    out_.folded.append(kPadding, '\0');
    word.hash = padded_word_hash(out_.folded.data() + word.at, word.size);
    if (count_ >= 2 && count_ <= kWordBytesMax && latin_ && (alike_ || odd_) &&
        (known_ == nullptr || !known_->knows(word.hash))) {
      const std::string dressed = out_.folded.substr(word.at, word.size);
      out_.folded.resize(word.at);
      for (std::size_t i = 0; i < dressed.size();) {
        const DecodedCharacter here = decode_character(std::string_view{dressed}.substr(i));
        const Letter letter = letter_of(here.point);
        append_character(out_.folded, letter.look_alike != 0 ? static_cast<char32_t>(letter.look_alike)
                            : letter.written_for != 0 ? static_cast<char32_t>(letter.written_for)
                                                      : here.point);
        i += here.size;
      }
      word.size = static_cast<std::uint32_t>(out_.folded.size() - word.at);
      out_.folded.append(kPadding, '\0');
      disguised(word);
    }
    add(word);
    out_.folded.resize(word.at + word.size);
    count_ = 0;
  }

  std::string_view text_;
  const KnownWords* known_;
  PromptText& out_;
  const LaneKernels& kernels_ = lane_kernels();
  std::uint64_t last_ = 0;  // the hash of the word before
  bool last_taken_ = true;  // it is among `firsts` already, or there is none
  // Of the word that is being taken character by character:
  std::size_t count_ = 0;  // characters
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t written_ = 0;  // where it begins in what is folded
  bool latin_ = false;
  bool alike_ = false;
  bool odd_ = false;
};

}  // namespace

void mark_prompt(std::string_view utf8, PromptText& out) {
  const PromptMarks::Rows rows = out.marks.make(utf8.size());
  out.folded.resize(out.marks.blocks * ByteBlock::kBytes);
  lane_kernels().mark_prompt(utf8, rows, out.folded.data());
  out.folded.resize(utf8.size());
}

void cut_prompt(std::string_view utf8, const KnownWords* known, PromptText& out) {
  out.folded.resize(utf8.size());
  out.folded.append(kPadding, '\0');
  out.words.clear();
  out.firsts.clear();
  out.disguised.clear();
  out.alone.clear();
  out.hidden_tags = 0;
  out.hidden_other = 0;
  Splitter{utf8, known, out}.run();
}

void split_prompt(std::string_view utf8, const KnownWords* known, PromptText& out) {
  mark_prompt(utf8, out);
  cut_prompt(utf8, known, out);
}

}  // namespace gnomon::content
