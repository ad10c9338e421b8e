#pragma once

#include <algorithm>
#include <string_view>

#include "gnomon/bytes/ascii.h"
#include "validator.h"

// What checks of numbers share. Values are letters and digits alone, in upper case.
namespace gnomon::content {

// 0 to 9, A as 10 to Z as 35; -1 of anything else.
constexpr int value_of(char c) { return is_digit(c) ? c - '0' : is_upper(c) ? c - 'A' + 10 : -1; }
inline bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}
inline bool all_same(std::string_view text) {
  return text.find_first_not_of(text.substr(0, 1)) == std::string_view::npos;
}
inline Verdict proven(bool right) { return right ? Verdict::kProven : Verdict::kNo; }

}  // namespace gnomon::content
