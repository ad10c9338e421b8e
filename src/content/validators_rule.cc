#include <charconv>
#include <utility>

#include "check_digits.h"

// Checks of which numbers of many kinds make use: some take a rule that stands in the data (the
// text of their validator), the others are the check digits of standards.
namespace gnomon::content {
namespace {

// "WHAT@PLACE": what a rule says of the characters from a place of the value on. Empty where it
// names no place.
struct AtPlace {
  std::string_view what;
  std::size_t place = 0;
};
AtPlace at_place(std::string_view rule) {
  AtPlace said;
  const std::size_t sign = rule.rfind('@');
  if (sign == std::string_view::npos) return said;
  said.what = rule.substr(0, sign);
  std::from_chars(rule.data() + sign + 1, rule.data() + rule.size(), said.place);
  return said;
}

// "5,4,3,2,7,6 mod 11 minus [ten0]": the digits' weighted sum, and what it makes of the digit that
// follows: zero (the weights cover it: the sum is 0), rest (it is the sum's rest) or minus (it is
// what the rest lacks). A check of 10 is no number, or 0 with ten0, 1 with ten1, or the letter K
// with tenK or X with tenX. With nil1 or nil2 a check of 0 is written so.
Verdict check_weights(ValidatorInput& in) {
  const std::string_view rule = in.word;
  std::size_t at = 0;
  std::size_t place = 0;
  long sum = 0;
  while (at < rule.size() && rule[at] != ' ') {
    int weight = 0;
    const auto [end, error] = std::from_chars(rule.data() + at, rule.data() + rule.size(), weight);
    if (error != std::errc{} || place >= in.value.size()) return Verdict::kNo;
    at = static_cast<std::size_t>(end - rule.data());
    if (at < rule.size() && rule[at] == ',') ++at;
    if (!is_digit(in.value[place]) && weight != 0) return Verdict::kNo;
    sum += weight * (in.value[place] - '0');
    ++place;
  }
  const std::string_view tail = rule.substr(at);
  const std::size_t mod_at = tail.find("mod ");
  int modulus = 0;
  if (mod_at == std::string_view::npos) return Verdict::kNo;
  std::from_chars(tail.data() + mod_at + 4, tail.data() + tail.size(), modulus);
  if (modulus <= 0 || all_same(in.value)) return Verdict::kNo;
  int check = static_cast<int>(((sum % modulus) + modulus) % modulus);
  if (tail.find("zero") != std::string_view::npos) return proven(check == 0);
  if (place >= in.value.size()) return Verdict::kNo;
  if (tail.find("minus") != std::string_view::npos) check = (modulus - check) % modulus;
  char wanted = static_cast<char>('0' + check);
  if (check == 0) {
    if (tail.find("nil1") != std::string_view::npos) wanted = '1';
    if (tail.find("nil2") != std::string_view::npos) wanted = '2';
  }
  if (check >= 10) {
    if (tail.find("ten0") != std::string_view::npos) {
      wanted = '0';
    } else if (tail.find("ten1") != std::string_view::npos) {
      wanted = '1';
    } else if (tail.find("tenK") != std::string_view::npos) {
      wanted = 'K';
    } else if (tail.find("tenX") != std::string_view::npos) {
      wanted = 'X';
    } else {
      return Verdict::kNo;
    }
  }
  return proven(in.value[place] == wanted);
}

// "YYMMDD@0 [m+50] [m+20] [d+40] [d+60]": a date stands at that place of the value; a month or day
// may carry a mark.
Verdict check_date(ValidatorInput& in) {
  const std::string_view rule = in.word;
  const AtPlace date = at_place(rule);
  if (date.what.empty()) return Verdict::kNo;
  int year = 0;
  int month = 0;
  int day = 0;
  for (std::size_t i = 0; i < date.what.size(); ++i) {
    const std::size_t at = date.place + i;
    if (at >= in.value.size() || !is_digit(in.value[at])) return Verdict::kNo;
    int& part = date.what[i] == 'Y' ? year : date.what[i] == 'M' ? month : day;
    part = part * 10 + in.value[at] - '0';
  }
  const bool long_year = date.what.find("YYYY") != std::string_view::npos;
  if (long_year && (year < 1880 || year > 2099)) return Verdict::kNo;
  for (const auto& [flag, amount] : {std::pair{"m+80", 80},
                                     {"m+70", 70},
                                     {"m+60", 60},
                                     {"m+50", 50},
                                     {"m+40", 40},
                                     {"m+20", 20}})
    if (rule.find(flag) != std::string_view::npos && month > amount) {
      month -= amount;
      break;
    }
  for (const auto& [flag, amount] : {std::pair{"d+60", 60}, {"d+40", 40}})
    if (rule.find(flag) != std::string_view::npos && day > amount) {
      day -= amount;
      break;
    }
  static constexpr int kDays[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1 || day > kDays[month - 1]) return Verdict::kNo;
  return Verdict::kFits;
}

constexpr int kVerhoeffMultiply[10][10] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 4, 0, 6, 7, 8, 9, 5}, {2, 3, 4, 0, 1, 7, 8, 9, 5, 6},
    {3, 4, 0, 1, 2, 8, 9, 5, 6, 7}, {4, 0, 1, 2, 3, 9, 5, 6, 7, 8}, {5, 9, 8, 7, 6, 0, 4, 3, 2, 1},
    {6, 5, 9, 8, 7, 1, 0, 4, 3, 2}, {7, 6, 5, 9, 8, 2, 1, 0, 4, 3}, {8, 7, 6, 5, 9, 3, 2, 1, 0, 4},
    {9, 8, 7, 6, 5, 4, 3, 2, 1, 0}};
constexpr int kVerhoeffPermute[8][10] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 5, 7, 6, 2, 8, 3, 0, 9, 4}, {5, 8, 0, 3, 7, 9, 6, 1, 4, 2},
    {8, 9, 1, 6, 0, 4, 3, 5, 2, 7}, {9, 4, 5, 3, 1, 2, 6, 8, 7, 0}, {4, 2, 8, 6, 5, 7, 3, 9, 0, 1},
    {2, 7, 9, 3, 8, 0, 6, 4, 1, 5}, {7, 0, 4, 6, 9, 1, 3, 2, 5, 8}};

Verdict check_verhoeff(ValidatorInput& in) {
  int state = 0;
  for (std::size_t i = 0; i < in.value.size(); ++i) {
    const char c = in.value[in.value.size() - 1 - i];
    if (!is_digit(c)) return Verdict::kNo;
    state = kVerhoeffMultiply[state][kVerhoeffPermute[i % 8][c - '0']];
  }
  return proven(state == 0 && !all_same(in.value));
}

// ISO 7064 mod 11,10: German tax ids, Croatian OIB.
Verdict check_mod_11_10(ValidatorInput& in) {
  int check = 5;
  for (const char c : in.value) {
    if (!is_digit(c)) return Verdict::kNo;
    check = (((check == 0 ? 10 : check) * 2) % 11 + (c - '0')) % 10;
  }
  return proven(check == 1 && !all_same(in.value));
}

// ISO 7064 mod 11-2: the last may be X.
Verdict check_mod_11_2(ValidatorInput& in) {
  int check = 0;
  for (std::size_t i = 0; i + 1 < in.value.size(); ++i) {
    if (!is_digit(in.value[i])) return Verdict::kNo;
    check = (check + in.value[i] - '0') * 2 % 11;
  }
  check = (12 - check) % 11;
  return proven(in.value.back() == (check == 10 ? 'X' : static_cast<char>('0' + check)));
}

// ISO 7064 mod 37,36 over letters and digits.
Verdict check_mod_37_36(ValidatorInput& in) {
  int check = 18;
  for (const char c : in.value) {
    const int value = value_of(c);
    if (value < 0) return Verdict::kNo;
    check = ((check == 0 ? 36 : check) * 2 % 37 + value) % 36;
  }
  return proven(check == 1);
}

// "12-34,50-60@0": digits there are a number of one of these ranges.
Verdict check_range(ValidatorInput& in) {
  auto [ranges, offset] = at_place(in.word);
  while (!ranges.empty()) {
    const std::size_t comma = ranges.find(',');
    const std::string_view range = ranges.substr(0, comma);
    const std::size_t dash = range.find('-');
    const std::string_view low = range.substr(0, dash);
    const std::string_view high = dash == std::string_view::npos ? low : range.substr(dash + 1);
    if (offset + low.size() <= in.value.size()) {
      const std::string_view part = in.value.substr(offset, low.size());
      if (part >= low && part <= high) return Verdict::kFits;
    }
    ranges = comma == std::string_view::npos ? std::string_view{} : ranges.substr(comma + 1);
  }
  return Verdict::kNo;
}

// "ABC@0": the letter or digit there is one of these.
Verdict check_one_of(ValidatorInput& in) {
  const auto [wanted, offset] = at_place(in.word);
  if (offset >= in.value.size()) return Verdict::kNo;
  return wanted.find(in.value[offset]) == std::string_view::npos ? Verdict::kNo : Verdict::kFits;
}

Verdict check_varied(ValidatorInput& in) {
  return all_same(in.value) || in.value == "123456789" || in.value == "987654321" ||
                 in.value == "1234567890" || in.value == "0123456789"
             ? Verdict::kNo
             : Verdict::kFits;
}

constexpr Validator kValidators[] = {
    {"weights", check_weights, true},     {"date", check_date, false},
    {"range", check_range, false},        {"one-of", check_one_of, false},
    {"varied", check_varied, false},      {"verhoeff", check_verhoeff, true},
    {"mod-11-10", check_mod_11_10, true}, {"mod-11-2", check_mod_11_2, true},
    {"mod-37-36", check_mod_37_36, true},
};

}  // namespace

std::span<const Validator> rule_validators() { return kValidators; }

}  // namespace gnomon::content
