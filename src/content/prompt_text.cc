#include "prompt_text.h"

#include <algorithm>
#include <array>

namespace gnomon::content {
namespace {

constexpr char32_t kBad = 0xfffd;
constexpr std::size_t kWordBytesMax = 64;  // longer ones are no words of a language

struct Decoded {
  char32_t point = kBad;
  std::uint32_t size = 1;
};

// The character at the start of `text`, which is not empty (RFC 3629).
Decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::uint32_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {};
  char32_t point = lead & (0xffU >> (size + 1));
  for (std::uint32_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    point = point << 6 | (byte(i) & 0x3fU);
  }
  return {point, size};
}

void append(std::string& out, char32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0 | point >> 6);
    out += static_cast<char>(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0 | point >> 12);
    out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (point & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | point >> 18);
    out += static_cast<char>(0x80 | (point >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (point & 0x3f));
  }
}

struct Range {
  char32_t first, last;
};
bool is_in(std::initializer_list<Range> ranges, char32_t point) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const Range& each) { return point >= each.first && point <= each.last; });
}

// Letters in other dress (Unicode's compatibility forms): full width, mathematical, in circles.
char32_t undressed(char32_t point) {
  if (point >= 0xff01 && point <= 0xff5e) return point - 0xfee0;
  if (point >= 0x1d400 && point <= 0x1d6a3) {
    const char32_t letter = (point - 0x1d400) % 52;
    return letter < 26 ? U'a' + letter : U'a' + letter - 26;
  }
  if (point >= 0x1d7ce && point <= 0x1d7ff) return U'0' + (point - 0x1d7ce) % 10;
  if (point >= 0x24b6 && point <= 0x24cf) return U'a' + point - 0x24b6;
  if (point >= 0x24d0 && point <= 0x24e9) return U'a' + point - 0x24d0;
  if (point < 0x2102 || point > 0x2139) return point;
  struct Pair {
    char32_t from, to;
  };
  static constexpr Pair kLetterlike[] = {
      {0x2102, 'c'}, {0x210a, 'g'}, {0x210b, 'h'}, {0x210c, 'h'}, {0x210d, 'h'}, {0x210e, 'h'},
      {0x2110, 'i'}, {0x2111, 'i'}, {0x2112, 'l'}, {0x2113, 'l'}, {0x2115, 'n'}, {0x2119, 'p'},
      {0x211a, 'q'}, {0x211b, 'r'}, {0x211c, 'r'}, {0x211d, 'r'}, {0x2124, 'z'}, {0x2128, 'z'},
      {0x212c, 'b'}, {0x212d, 'c'}, {0x212f, 'e'}, {0x2130, 'e'}, {0x2131, 'f'}, {0x2133, 'm'},
      {0x2134, 'o'}, {0x2139, 'i'}};
  for (const Pair& each : kLetterlike)
    if (each.from == point) return each.to;
  return point;
}

char32_t lowered(char32_t point) {
  if (point < 0x80) return point >= 'A' && point <= 'Z' ? point + 32 : point;
  if (point >= 0xc0 && point <= 0xde && point != 0xd7) return point + 32;
  if (point == 0x130) return 'i';
  if (is_in({{0x100, 0x137},
             {0x14a, 0x177},
             {0x1e00, 0x1eff},
             {0x460, 0x481},
             {0x48a, 0x4bf},
             {0x4d0, 0x52f}},
            point))
    return point | 1U;
  if (is_in({{0x139, 0x148}, {0x179, 0x17e}}, point)) return point % 2 == 1 ? point + 1 : point;
  if (point == 0x1a0 || point == 0x1af) return point + 1;
  if (point >= 0x391 && point <= 0x3a9) return point + 32;
  if (point == 0x386) return 0x3ac;
  if (point >= 0x388 && point <= 0x38a) return point + 37;
  if (point == 0x38c) return 0x3cc;
  if (point == 0x38e || point == 0x38f) return point + 63;
  if (point >= 0x410 && point <= 0x42f) return point + 32;
  if (point >= 0x400 && point <= 0x40f) return point + 80;
  return point;
}

bool is_invisible_tag(char32_t point) { return point >= 0xe0000 && point <= 0xe007f; }
bool is_invisible(char32_t point) {
  return point == 0xad || point == 0xfeff || point == 0x180e ||
         is_in({{0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x2064}, {0x2066, 0x2069}}, point);
}

// Scripts that are written without blanks: each character counts as a word.
bool stands_alone(char32_t point) {
  return is_in({{0xe00, 0xe7f}, {0x3040, 0x30ff}, {0x3400, 0x9fff}, {0xf900, 0xfaff}}, point);
}

bool is_letter_or_digit(char32_t point) {
  if (point < 0x80)
    return (point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z') ||
           (point >= '0' && point <= '9') || point == '_';
  if (point < 0xc0) return point == 0xaa || point == 0xb5 || point == 0xba;
  return !is_in({{0xd7, 0xd7},
                 {0xf7, 0xf7},
                 {0x60c, 0x60c},
                 {0x61b, 0x61f},
                 {0x6d4, 0x6d4},
                 {0x964, 0x965},
                 {0x2000, 0x2bff},
                 {0x3000, 0x303f},
                 {0xe000, 0xf8ff},
                 {0xfe30, 0xfe4f},
                 {0xfffd, 0xffff},
                 {0x1f000, 0x1faff}},
                point);
}

// Cyrillic and Greek letters that look like Latin ones, in lower case.
char look_alike(char32_t point) {
  struct Pair {
    char32_t from;
    char to;
  };
  static constexpr Pair kPairs[] = {
      {U'а', 'a'}, {U'е', 'e'}, {U'о', 'o'}, {U'р', 'p'}, {U'с', 'c'}, {U'у', 'y'}, {U'х', 'x'},
      {U'і', 'i'}, {U'ј', 'j'}, {U'ѕ', 's'}, {U'һ', 'h'}, {U'к', 'k'}, {U'м', 'm'}, {U'т', 't'},
      {U'в', 'b'}, {U'н', 'h'}, {U'ԁ', 'd'}, {U'ԛ', 'q'}, {U'ԝ', 'w'}, {U'ґ', 'r'}, {U'ь', 'b'},
      {U'б', 'b'}, {U'г', 'r'}, {U'п', 'n'}, {U'и', 'u'}, {U'з', 'e'}, {U'α', 'a'}, {U'β', 'b'},
      {U'γ', 'y'}, {U'ε', 'e'}, {U'η', 'n'}, {U'ι', 'i'}, {U'κ', 'k'}, {U'ν', 'v'}, {U'ο', 'o'},
      {U'ρ', 'p'}, {U'τ', 't'}, {U'υ', 'u'}, {U'χ', 'x'}, {U'ω', 'w'}, {U'μ', 'm'}, {U'ζ', 'z'},
      {U'ı', 'i'}, {U'ɡ', 'g'}, {U'ɑ', 'a'}, {U'ɩ', 'i'}, {U'ⅼ', 'l'}, {U'ɴ', 'n'}};
  if (point < 0x131) return 0;  // before the first of them; nearly all text is
  for (const Pair& each : kPairs)
    if (each.from == point) return each.to;
  return 0;
}

// What a digit or sign stands for where it is written for a letter.
char letter_for(char32_t point) {
  switch (point) {
    case '4':
    case '@':
      return 'a';
    case '3':
    case U'€':
      return 'e';
    case '1':
    case '|':
    case '!':
      return 'i';
    case '0':
      return 'o';
    case '5':
    case '$':
      return 's';
    case '7':
    case '+':
      return 't';
    case '9':
      return 'g';
    case '6':
    case '8':
      return 'b';
    case '2':
      return 'z';
    default:
      return 0;
  }
}
bool is_sign_for_letter(char32_t point) {
  return point == '@' || point == '$' || point == '|' || point == '!' || point == U'€' ||
         point == '+';
}

bool is_latin(char32_t point) { return point >= 'a' && point <= 'z'; }

// What an ASCII character is to a word that is made of nothing else; bits, to be gathered.
enum Plain : std::uint8_t {
  kSeparator = 0,
  kLetter = 1,
  kDigit = 2,
  kOther = 4,  // may be part of a word, which depends on what is around it
};
struct PlainTable {
  constexpr PlainTable() {
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      const auto c = static_cast<unsigned char>(i);
      if (i >= 0x80 || c == '\'' || is_sign(c)) {
        kinds[i] = kOther;
      } else if (c >= '0' && c <= '9') {
        kinds[i] = kDigit;
      } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_') {
        kinds[i] = kLetter;
      }
    }
  }
  static constexpr bool is_sign(unsigned char c) {
    return c == '@' || c == '$' || c == '|' || c == '!' || c == '+';
  }
  std::array<std::uint8_t, 256> kinds{};
};
constexpr PlainTable kPlain;

// What write() makes of ASCII, byte by byte: a loop that becomes vectors.
void fold(std::string_view text, char* to) {
  const char* const from = text.data();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = from[i];
    const char low = static_cast<char>(c + (c >= 'A' && c <= 'Z' ? 32 : 0));
    to[i] = low == 'l' ? 'i' : low;
  }
}

class Splitter {
 public:
  Splitter(std::string_view text, const KnownWords* known, PromptText& out)
      : text_(text), known_(known), out_(out) {}

  void run() {
    out_.folded.resize(text_.size());
    fold(text_, out_.folded.data());
    out_.words.reserve(text_.size() / 5);
    std::size_t at = 0;
    while (at < text_.size()) {
      if (points_.empty()) {
        at = take_plain(at);
        if (at == text_.size()) break;
      }
      const Decoded here = decode(text_.substr(at));
      const std::size_t next = at + here.size;
      if (is_invisible_tag(here.point)) {
        ++out_.hidden_tags;
      } else if (is_invisible(here.point)) {
        // Joiners and marks of direction belong to scripts and emoji, a byte order mark to files.
        if (!is_in({{0x200c, 0x200f}, {0xfeff, 0xfeff}}, here.point)) ++out_.hidden_other;
      } else {
        take(lowered(undressed(here.point)), at, next);
      }
      at = next;
    }
    flush();
  }

 private:
  // Takes words of nothing but ASCII letters and digits from `at` on: nearly all there are. Returns
  // where something else begins.
  std::size_t take_plain(std::size_t at) {
    // Every byte is looked at, so pointers rather than what checks each index.
    const auto* const text = reinterpret_cast<const unsigned char*>(text_.data());
    const std::size_t size = text_.size();
    const char* const folded = out_.folded.data();
    const auto& kinds = kPlain.kinds;
    for (;;) {
      while (at < size && kinds[text[at]] == kSeparator) ++at;
      std::size_t end = at;
      unsigned seen = 0;
      unsigned kind = kSeparator;
      for (; end < size; ++end) {
        kind = kinds[text[end]];
        if (kind == kSeparator || kind == kOther) break;
        seen |= kind;
      }
      if (end == at || seen == (kLetter | kDigit) || (end < size && kind == kOther)) return at;
      PromptWord word;
      word.begin = static_cast<std::uint32_t>(at);
      word.end = static_cast<std::uint32_t>(end);
      word.at = word.begin;
      word.size = word.end - word.begin;
      word.hash = word_hash({folded + at, end - at});
      out_.words.push_back(word);
      at = end;
    }
  }

  void take(char32_t point, std::size_t at, std::size_t next) {
    if (stands_alone(point)) {
      flush();
      begin_ = at;
      end_ = next;
      points_.assign(1, point);
      flush();
      return;
    }
    const bool inside = !points_.empty();
    const bool joins = (point == '\'' || point == 0x2019) && inside && word_goes_on(next);
    // A sign is part of a word between its letters, and some at an end, too.
    const bool sign =
        is_sign_for_letter(point) &&
        (word_goes_on(next) || (inside && (point == '@' || point == '$' || point == U'€')));
    if (!is_letter_or_digit(point) && !joins && !sign) {
      flush();
      return;
    }
    if (!inside) begin_ = at;
    end_ = next;
    points_.push_back(joins ? U'\'' : point);
  }

  [[nodiscard]] bool word_goes_on(std::size_t at) const {
    if (at >= text_.size()) return false;
    const char32_t point = undressed(decode(text_.substr(at)).point);
    return is_letter_or_digit(point) && !stands_alone(point);
  }

  void flush() {
    if (points_.empty()) return;
    PromptWord word;
    word.begin = static_cast<std::uint32_t>(begin_);
    word.end = static_cast<std::uint32_t>(end_);
    word.at = static_cast<std::uint32_t>(out_.folded.size());
    write(false);
    word.hash = word_hash(std::string_view{out_.folded}.substr(word.at));
    if (may_be_disguised() && (known_ == nullptr || !known_->knows(word.hash))) {
      out_.folded.resize(word.at);
      write(true);
      word.hash = word_hash(std::string_view{out_.folded}.substr(word.at));
      word.disguised = true;
    }
    word.size = static_cast<std::uint32_t>(out_.folded.size() - word.at);
    out_.words.push_back(word);
    points_.clear();
  }

  // Folds the word, with disguises taken off or not. i and l are one letter, since 1 and | stand
  // for both.
  void write(bool undisguise) {
    for (char32_t point : points_) {
      if (out_.folded.size() > text_.size() + kFoldedMax) return;
      if (undisguise) {
        if (const char latin = look_alike(point); latin != 0) point = static_cast<char32_t>(latin);
        if (const char letter = letter_for(point); letter != 0 && letters_for_digits_)
          point = static_cast<char32_t>(letter);
      }
      append(out_.folded, point == 'l' ? U'i' : point);
    }
  }

  bool may_be_disguised() {
    if (points_.size() < 2 || points_.size() > kWordBytesMax) return false;
    bool latin = false;
    bool alike = false;
    bool sign = false;
    for (const char32_t point : points_) {
      latin = latin || is_latin(point);
      alike = alike || look_alike(point) != 0;
      sign = sign || letter_for(point) != 0;
    }
    letters_for_digits_ = sign;
    return latin && (alike || sign);
  }

  static constexpr std::size_t kFoldedMax = std::size_t{256} * 1024;

  std::string_view text_;
  const KnownWords* known_;
  PromptText& out_;
  std::u32string points_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool letters_for_digits_ = false;
};

}  // namespace

void split_prompt(std::string_view utf8, const KnownWords* known, PromptText& out) {
  out.folded.clear();
  out.words.clear();
  out.hidden_tags = 0;
  out.hidden_other = 0;
  Splitter{utf8, known, out}.run();
}

}  // namespace gnomon::content
