#include "prompt_text.h"

#include <algorithm>
#include <array>
#include <bit>

#include "byte_lanes.h"
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

// Lower case, and i for l, since 1 and | stand for both: a loop that becomes vectors.
void fold(std::string_view text, char* to) {
  const char* const from = text.data();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = from[i];
    const char low = static_cast<char>(c + (c >= 'A' && c <= 'Z' ? 32 : 0));
    to[i] = low == 'l' ? 'i' : low;
  }
}

}  // namespace

void KnownWords::add_beginning(std::string_view beginning) {
  if (beginning.size() < 3) {
    any_ = true;
    return;
  }
  std::uint32_t letters = 0;
  std::memcpy(&letters, beginning.data(), std::min<std::size_t>(beginning.size(), 4));
  if (beginning.size() > 3) {
    beginnings_.insert(spread(letters));
    return;
  }
  for (std::uint32_t next = 0; next < 256; ++next) beginnings_.insert(spread(letters | next << 24));
}

namespace {

class Splitter {
 public:
  Splitter(std::string_view text, const KnownWords* known, PromptText& out)
      : text_(text), known_(known), out_(out) {}

  void run() {
    out_.folded.resize(text_.size());
    fold(text_, out_.folded.data());
    out_.folded.append(kPadding, '\0');
    mark();
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

  // What is told by the bytes beside.
  void mark() {
    struct Raw {
      std::uint64_t word = 0, digit = 0, quote = 0, sign = 0, at_or_dollar = 0, high = 0;
    };
    const auto read = [&](std::size_t at) {
      Raw raw;
      if (at >= text_.size()) return raw;
      const ByteBlock bytes{text_, at};
      const Lanes digits = bytes.between('0', '9');
      const Lanes at_or_dollar = bytes.is('@') | bytes.is('$');
      raw.word = (bytes.letters() | digits | bytes.is('_')).bits();
      raw.digit = digits.bits();
      raw.quote = bytes.is('\'').bits();
      raw.sign = (at_or_dollar | bytes.is('|') | bytes.is('!') | bytes.is('+')).bits();
      raw.at_or_dollar = at_or_dollar.bits();
      raw.high = bytes.high().bits();
      return raw;
    };
    const std::size_t count = text_.size() / ByteBlock::kBytes + 1;
    out_.blocks.resize(count);
    PromptText::Block* const blocks = out_.blocks.data();
    Raw here = read(0);
    std::uint64_t carried = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const Raw next = read((i + 1) * ByteBlock::kBytes);
      const std::uint64_t behind_word = here.word << 1 | carried;
      const std::uint64_t before_word = here.word >> 1 | next.word << 63;
      // A quote joins what stands on both sides; a sign belongs to the letter or digit behind it.
      const std::uint64_t joins = here.quote & behind_word & before_word;
      const std::uint64_t signs = here.sign & before_word;
      blocks[i].word = here.word | joins | signs;
      blocks[i].odd = here.digit | signs;
      // Some signs also belong to the letter before.
      blocks[i].slow = here.high | (here.at_or_dollar & behind_word & ~before_word);
      carried = here.word >> 63;
      here = next;
    }
  }

  [[nodiscard]] std::size_t next_slow(std::size_t at) const {
    const PromptText::Block* const blocks = out_.blocks.data();
    std::size_t i = at / ByteBlock::kBytes;
    std::uint64_t bits = blocks[i].slow & ~std::uint64_t{0} << at % ByteBlock::kBytes;
    while (bits == 0) {
      if (++i == out_.blocks.size()) return text_.size();
      bits = blocks[i].slow;
    }
    return i * ByteBlock::kBytes + static_cast<std::size_t>(std::countr_zero(bits));
  }

  // Takes the words of text that has no slow bytes, from the border of a run to another.
  void take_words(std::size_t from, std::size_t to) {
    const PromptText::Block* const blocks = out_.blocks.data();
    std::size_t i = from / ByteBlock::kBytes;
    std::uint64_t bits = blocks[i].word & ~std::uint64_t{0} << from % ByteBlock::kBytes;
    for (;;) {
      while (bits == 0) {
        if (++i * ByteBlock::kBytes >= to) return;
        bits = blocks[i].word;
      }
      const std::size_t begin =
          i * ByteBlock::kBytes + static_cast<std::size_t>(std::countr_zero(bits));
      if (begin >= to) return;
      const std::uint64_t above = ~std::uint64_t{0} << begin % ByteBlock::kBytes;
      std::uint64_t odd = blocks[i].odd & above;
      std::uint64_t others = ~blocks[i].word & above;
      while (others == 0) {  // the last block always has some
        others = ~blocks[++i].word;
        odd |= blocks[i].odd & (others ^ (others - 1));
      }
      const auto last = static_cast<std::size_t>(std::countr_zero(others));
      // In its first block also what stands before the end.
      odd &= ~std::uint64_t{0} >> (ByteBlock::kBytes - 1 - last) | (begin / ByteBlock::kBytes != i
                                                                     ? ~std::uint64_t{0}
                                                                     : std::uint64_t{0});
      const std::size_t end = i * ByteBlock::kBytes + last;
      take_word(begin, end, odd != 0);
      bits = blocks[i].word & ~std::uint64_t{0} << last;
    }
  }

  void take_word(std::size_t begin, std::size_t end, bool odd) {
    PromptWord word;
    word.begin = static_cast<std::uint32_t>(begin);
    word.end = static_cast<std::uint32_t>(end);
    word.at = word.begin;
    word.size = word.end - word.begin;
    const char* const folded = out_.folded.data() + begin;
    word.hash = padded_word_hash(folded, word.size);
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
      if (!last_taken_ && known_->may_be_pair(last_, word.hash)) out_.firsts.push_back(place - 1);
      last_taken_ = known_->may_be_entry(out_.folded.data() + word.at, word.hash);
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

void split_prompt(std::string_view utf8, const KnownWords* known, PromptText& out) {
  out.folded.clear();
  out.words.clear();
  out.firsts.clear();
  out.disguised.clear();
  out.hidden_tags = 0;
  out.hidden_other = 0;
  Splitter{utf8, known, out}.run();
}

}  // namespace gnomon::content
