#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "compiled_set.h"

namespace gnomon::content {

// What the head of a table's column says of its cells. Doubtful ones have other meanings too: "pwd"
// is a folder, "pass" a mark, "token" a word of a text.
enum class SecretHead : std::uint8_t {
  kNone,
  kPassword,
  kDoubtfulPassword,
  kSecret,
  kDoubtfulSecret,
};

// "userPwd", "[API-Key]", "Password (initial)" as words in lower case: "user pwd", "api key",
// "password". What is not ASCII stays as it is.
std::string caption_words(std::string_view caption);

// `caption` as it stands in the head, in quotes or not. What is said about secrets (when they
// expire, their hash, how many there are) names none.
SecretHead secret_head_of(const DetectorSet::Compiled& set, std::string_view caption);

// Whether the column says whose password stands beside: "login", "Benutzername".
bool names_account(const DetectorSet::Compiled& set, std::string_view caption);

// Whether it has no marks that code has: login(user, "password") is no head of two columns.
bool is_plain_caption(std::string_view caption);

// Shown in part or not at all: "****", "ab***".
bool is_masked(std::string_view value);

// What stands in a cell below, by itself.
enum class CellGrade : std::uint8_t {
  kNothing,  // empty, masked, a hash, a word, a number, a date, an address, an example
  kWeak,     // may be one, and many other things
  kFair,     // letters with digits or marks
  kStrong,   // as people are made to choose it, or made by chance
};
CellGrade grade_cell(SecretHead head, std::string_view value);

}  // namespace gnomon::content
