#include "prompt_letters.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace gnomon::content {
namespace {

struct Range {
  char32_t first, last;
};
constexpr bool is_in(std::initializer_list<Range> ranges, char32_t point) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const Range& each) { return point >= each.first && point <= each.last; });
}

struct Undressed {
  char32_t from, to;
};
constexpr Undressed kLetterlike[] = {
    {0x2102, 'c'}, {0x210a, 'g'}, {0x210b, 'h'}, {0x210c, 'h'}, {0x210d, 'h'}, {0x210e, 'h'},
    {0x2110, 'i'}, {0x2111, 'i'}, {0x2112, 'l'}, {0x2113, 'l'}, {0x2115, 'n'}, {0x2119, 'p'},
    {0x211a, 'q'}, {0x211b, 'r'}, {0x211c, 'r'}, {0x211d, 'r'}, {0x2124, 'z'}, {0x2128, 'z'},
    {0x212c, 'b'}, {0x212d, 'c'}, {0x212f, 'e'}, {0x2130, 'e'}, {0x2131, 'f'}, {0x2133, 'm'},
    {0x2134, 'o'}, {0x2139, 'i'}};

// Letters in other dress (Unicode's compatibility forms): full width, mathematical, in circles.
constexpr char32_t undressed(char32_t point) {
  if (point >= 0xff01 && point <= 0xff5e) return point - 0xfee0;
  if (point >= 0x1d400 && point <= 0x1d6a3) {
    const char32_t letter = (point - 0x1d400) % 52;
    return letter < 26 ? U'a' + letter : U'a' + letter - 26;
  }
  if (point >= 0x1d7ce && point <= 0x1d7ff) return U'0' + (point - 0x1d7ce) % 10;
  if (point >= 0x24b6 && point <= 0x24cf) return U'a' + point - 0x24b6;
  if (point >= 0x24d0 && point <= 0x24e9) return U'a' + point - 0x24d0;
  if (point < 0x2102 || point > 0x2139) return point;
  for (const Undressed& each : kLetterlike)
    if (each.from == point) return each.to;
  return point;
}

constexpr char32_t lowered(char32_t point) {
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

constexpr bool is_invisible_tag(char32_t point) { return point >= 0xe0000 && point <= 0xe007f; }
constexpr bool is_invisible(char32_t point) {
  return point == 0xad || point == 0xfeff || point == 0x180e ||
         is_in({{0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x2064}, {0x2066, 0x2069}}, point);
}

// Scripts that are written without blanks: each character counts as a word.
constexpr bool stands_alone(char32_t point) {
  return is_in({{0xe00, 0xe7f}, {0x3040, 0x30ff}, {0x3400, 0x9fff}, {0xf900, 0xfaff}}, point);
}

constexpr bool is_letter_or_digit(char32_t point) {
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

struct LookAlike {
  char32_t from;
  char to;
};
constexpr LookAlike kLookAlikes[] = {
    {U'а', 'a'}, {U'е', 'e'}, {U'о', 'o'}, {U'р', 'p'}, {U'с', 'c'}, {U'у', 'y'}, {U'х', 'x'},
    {U'і', 'i'}, {U'ј', 'j'}, {U'ѕ', 's'}, {U'һ', 'h'}, {U'к', 'k'}, {U'м', 'm'}, {U'т', 't'},
    {U'в', 'b'}, {U'н', 'h'}, {U'ԁ', 'd'}, {U'ԛ', 'q'}, {U'ԝ', 'w'}, {U'ґ', 'r'}, {U'ь', 'b'},
    {U'б', 'b'}, {U'г', 'r'}, {U'п', 'n'}, {U'и', 'u'}, {U'з', 'e'}, {U'α', 'a'}, {U'β', 'b'},
    {U'γ', 'y'}, {U'ε', 'e'}, {U'η', 'n'}, {U'ι', 'i'}, {U'κ', 'k'}, {U'ν', 'v'}, {U'ο', 'o'},
    {U'ρ', 'p'}, {U'τ', 't'}, {U'υ', 'u'}, {U'χ', 'x'}, {U'ω', 'w'}, {U'μ', 'm'}, {U'ζ', 'z'},
    {U'ı', 'i'}, {U'ɡ', 'g'}, {U'ɑ', 'a'}, {U'ɩ', 'i'}, {U'ⅼ', 'l'}, {U'ɴ', 'n'}};

// Cyrillic and Greek letters that look like Latin ones, in lower case.
constexpr char look_alike(char32_t point) {
  if (point < 0x131 || point > 0x217c) return 0;  // before the first or behind the last of them
  for (const LookAlike& each : kLookAlikes)
    if (each.from == point) return each.to;
  return 0;
}

// What a digit or sign stands for where it is written for a letter.
constexpr char letter_for(char32_t point) {
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
constexpr bool is_sign_for_letter(char32_t point) {
  return point == '@' || point == '$' || point == '|' || point == '!' || point == U'€' ||
         point == '+';
}

constexpr Letter computed(char32_t point) {
  Letter letter;
  letter.folded = point;
  if (is_invisible_tag(point)) {
    letter.kind = Letter::Kind::kTag;
    return letter;
  }
  if (is_invisible(point)) {
    // Joiners and marks of direction belong to scripts and emoji, a word joiner to what apps copy,
    // a byte order mark to files.
    letter.kind = is_in({{0x200c, 0x200f}, {0x2060, 0x2060}, {0xfeff, 0xfeff}}, point)
                      ? Letter::Kind::kJoiner
                      : Letter::Kind::kInvisible;
    return letter;
  }
  const char32_t folded = lowered(undressed(point));
  letter.folded = folded;
  if (stands_alone(folded)) {
    letter.kind = Letter::Kind::kAlone;
  } else if (folded == '\'' || folded == 0x2019) {
    letter.kind = Letter::Kind::kQuote;
  } else if (is_sign_for_letter(folded)) {
    letter.kind = Letter::Kind::kSign;
  } else if (is_letter_or_digit(folded)) {
    letter.kind = Letter::Kind::kPart;
  }
  letter.look_alike = look_alike(folded);
  letter.written_for = letter_for(folded);
  return letter;
}

constexpr char32_t kTableEnd = 0x800;  // what takes two bytes at most, nearly all that is folded
constexpr auto kTable = [] {
  std::array<Letter, kTableEnd> table;
  for (char32_t point = 0; point < kTableEnd; ++point) table[point] = computed(point);
  return table;
}();

}  // namespace

DecodedCharacter decode_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text.data()[i]); };
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

void append_character(std::string& out, char32_t point) {
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

Letter letter_of(char32_t point) {
  if (point < kTableEnd) return kTable[point];
  // Whole scripts and signs in which nothing is folded.
  if ((point >= 0x2500 && point < 0x2c00) || (point >= 0x3000 && point < 0x3040))
    return {point, Letter::Kind::kSeparator, 0, 0};
  if ((point >= 0x3400 && point <= 0x9fff) || (point >= 0x3040 && point <= 0x30ff))
    return {point, Letter::Kind::kAlone, 0, 0};
  if (point >= 0xac00 && point <= 0xd7a3) return {point, Letter::Kind::kPart, 0, 0};
  return computed(point);
}

bool goes_on_with(char32_t point) {
  point = undressed(point);
  return is_letter_or_digit(point) && !stands_alone(point);
}

char without_disguise(char folded) {
  const char letter = kTable[static_cast<unsigned char>(folded) & 0x7fU].written_for;
  return letter != 0 ? letter : folded;
}

}  // namespace gnomon::content
