#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
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
// Of a digit, of two, and of all of them.
inline int at(std::string_view v, std::size_t i) { return v[i] - '0'; }
inline int two(std::string_view v, std::size_t i) { return at(v, i) * 10 + at(v, i + 1); }
inline std::uint64_t number(std::string_view v) {
  std::uint64_t value = 0;
  for (const char c : v) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  return value;
}
// The first digits, each times its weight.
inline int weighted(std::string_view v, std::initializer_list<int> weights) {
  int sum = 0;
  std::size_t i = 0;
  for (const int weight : weights) sum += weight * at(v, i++);
  return sum;
}
// As far as a month of any length goes.
inline bool date(int month, int day) { return month >= 1 && month <= 12 && day >= 1 && day <= 31; }
inline Verdict proven(bool right) { return right ? Verdict::kProven : Verdict::kNo; }

}  // namespace gnomon::content
