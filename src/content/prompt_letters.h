#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// What characters are to words of prompts: which make words, how they are folded, what they are
// written for.
namespace gnomon::content {

inline constexpr char32_t kBadCharacter = 0xfffd;

struct DecodedCharacter {
  char32_t point = kBadCharacter;
  std::uint32_t size = 1;
};

// The character at the start of `text`, which is not empty (RFC 3629).
DecodedCharacter decode_character(std::string_view text);
void append_character(std::string& out, char32_t point);

struct Letter {
  enum class Kind : std::uint8_t {
    kSeparator,
    kPart,       // of a word
    kAlone,      // of a script that is written without blanks: a word by itself
    kQuote,      // part of a word when between its letters
    kSign,       // may stand for a letter
    kInvisible,  // shows nothing, and has no business in prose
    kJoiner,     // shows nothing, but belongs to scripts, emoji and files
    kTag,        // U+E0000 to U+E007F
  };
  char32_t folded = 0;  // lower case, out of fancy dress; l stays
  Kind kind = Kind::kSeparator;
  char look_alike = 0;  // the Latin letter that it looks like, when it is none
  char written_for = 0;  // the letter that a digit or sign is written for
};

Letter letter_of(char32_t point);
// Whether a word goes on with this character.
bool goes_on_with(char32_t point);

// Of ASCII, folded: the letter that it is written for, or itself.
char without_disguise(char folded);

}  // namespace gnomon::content
