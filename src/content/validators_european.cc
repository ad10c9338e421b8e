#include <algorithm>
#include <array>
#include <cstdint>

#include "check_digits.h"
#include "window_scan.h"

// National identifiers of Europe's countries whose check is more than a weighted sum (that one
// stands in the data). Each takes the value without separators, in upper case.
namespace gnomon::content {
namespace {

using View = std::string_view;

Verdict es_nif(ValidatorInput& in) {  // DNI, NIE and the K, L, M forms
  View v = in.value;
  if (v.size() != 9) return Verdict::kNo;
  static constexpr View kLetters = "TRWAGMYFPDXBNJZSQVHLCKE";
  std::string body{v.substr(0, 8)};
  if (body[0] == 'X' || body[0] == 'Y' || body[0] == 'Z')
    body[0] = static_cast<char>('0' + body[0] - 'X');
  if (body[0] == 'K' || body[0] == 'L' || body[0] == 'M') body[0] = '0';
  return proven(all_digits(body) && body != "00000000" && kLetters[number(body) % 23] == v[8]);
}

Verdict es_cif(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 9 || View{"ABCDEFGHJNPQRSUVW"}.find(v[0]) == View::npos ||
      !all_digits(v.substr(1, 7)))
    return Verdict::kNo;
  int sum = 0;
  for (std::size_t i = 1; i < 8; ++i) {
    int value = at(v, i);
    if (i % 2 == 1) value = value > 4 ? value * 2 - 9 : value * 2;
    sum += value;
  }
  const int check = (10 - sum % 10) % 10;
  return proven(v[8] == static_cast<char>('0' + check) || v[8] == "JABCDEFGHI"[check]);
}

Verdict it_cf(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 16) return Verdict::kNo;
  static constexpr int kOdd[] = {1,  0,  5, 7, 9, 13, 15, 17, 19, 21, 2,  4,  18,
                                 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};
  if (View{"ABCDEHLMPRST"}.find(v[8]) == View::npos) return Verdict::kNo;
  // In small and capital letters at once it is a name of a program: "asciiUpper2Lower".
  const View written = in.text.substr(in.start, in.end - in.start);
  if (std::any_of(written.begin(), written.end(), is_lower) &&
      std::any_of(written.begin(), written.end(), is_upper))
    return Verdict::kNo;
  int sum = 0;
  for (std::size_t i = 0; i < 15; ++i) {
    const int value = is_digit(v[i]) ? at(v, i) : v[i] - 'A';
    sum += i % 2 == 0 ? kOdd[value] : value;
  }
  return proven(v[15] == 'A' + sum % 26);
}

Verdict fr_nir(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 15) return Verdict::kNo;
  std::string body{v.substr(0, 13)};
  if (body[6] == 'A' || body[6] == 'B') {
    body[6] = body[6] == 'A' ? '9' : '8';
    if (body[5] != '2') return Verdict::kNo;
    body[5] = '1';
  }
  if (!all_digits(body) || !all_digits(v.substr(13))) return Verdict::kNo;
  const int month = two(body, 3);
  if (View{"123478"}.find(body[0]) == View::npos || (month > 12 && month < 20) || month == 0)
    return Verdict::kNo;
  return proven(97 - number(body) % 97 == number(v.substr(13)));
}

Verdict fi_hetu(ValidatorInput& in) {
  // The century sign is part of the value, so this reads the text itself: 131052-308T.
  const View v = in.text.substr(in.start, in.end - in.start);
  if (v.size() != 11 || !all_digits(v.substr(0, 6)) || !all_digits(v.substr(7, 3)))
    return Verdict::kNo;
  if (View{"+-ABCDEFYXWVU"}.find(v[6]) == View::npos || !date(two(v, 2), two(v, 0)))
    return Verdict::kNo;
  const std::uint64_t value = number(std::string{v.substr(0, 6)} + std::string{v.substr(7, 3)});
  return proven("0123456789ABCDEFHJKLMNPRSTUVWXY"[value % 31] == v[10]);
}

Verdict ie_pps(ValidatorInput& in) {
  const View v = in.value;
  if ((v.size() != 8 && v.size() != 9) || !all_digits(v.substr(0, 7))) return Verdict::kNo;
  int sum = weighted(v, {8, 7, 6, 5, 4, 3, 2});
  // Since 2013 A to I; W, T and X of old count nothing.
  if (v.size() == 9 && v[8] != 'W' && v[8] != 'T' && v[8] != 'X') {
    if (v[8] < 'A' || v[8] > 'I') return Verdict::kNo;
    sum += (v[8] - 'A' + 1) * 9;
  }
  if (v[7] != "WABCDEFGHIJKLMNOPQRSTUV"[sum % 23]) return Verdict::kNo;
  // One in 23 sizes and frequencies fits: "3579545 Hz", "1048576KB".
  const View written = in.text.substr(in.start, in.end - in.start);
  const bool unit = written.size() != v.size() || !is_upper(written[7]) ||
                    (v.size() == 9 && (!is_upper(written[8]) || v[8] == 'B'));
  return unit ? Verdict::kFits : Verdict::kProven;
}

Verdict de_idnr(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 11 || !all_digits(v) || v[0] == '0') return Verdict::kNo;
  std::array<int, 10> counts{};
  for (std::size_t i = 0; i < 10; ++i) ++counts[static_cast<std::size_t>(at(v, i))];
  const auto repeated = std::count_if(counts.begin(), counts.end(), [](int n) { return n > 1; });
  if (repeated != 1 || *std::max_element(counts.begin(), counts.end()) > 3) return Verdict::kNo;
  int check = 10;
  for (std::size_t i = 0; i < 10; ++i) {
    const int sum = (at(v, i) + check) % 10;
    check = (sum == 0 ? 10 : sum) * 2 % 11;
  }
  return proven((11 - check) % 10 == at(v, 10));
}

Verdict de_svnr(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 12 || !is_upper(v[8])) return Verdict::kNo;
  std::string body{v.substr(0, 8)};
  const int value = v[8] - 'A' + 1;
  body += static_cast<char>('0' + value / 10);
  body += static_cast<char>('0' + value % 10);
  body += v.substr(9, 3);
  if (!all_digits(body) || !date(two(body, 4), two(body, 2))) return Verdict::kNo;
  static constexpr int kWeights[] = {2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1};
  int sum = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    const int product = at(body, i) * kWeights[i];
    sum += product / 10 + product % 10;
  }
  return proven(sum % 10 == at(body, 12));
}

Verdict de_kvnr(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 10 || !is_upper(v[0]) || !all_digits(v.substr(1))) return Verdict::kNo;
  const int value = v[0] - 'A' + 1;
  std::string body{static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10)};
  body += v.substr(1);
  int sum = 0;
  for (std::size_t i = 0; i < 10; ++i) {
    const int product = at(body, i) * (i % 2 == 0 ? 1 : 2);
    sum += product / 10 + product % 10;
  }
  return proven(sum % 10 == at(body, 10));
}

Verdict be_rrn(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 11 || !all_digits(v)) return Verdict::kNo;
  const std::uint64_t check = number(v.substr(9));
  return proven(97 - number(v.substr(0, 9)) % 97 == check ||
                97 - number("2" + std::string{v.substr(0, 9)}) % 97 == check);
}

Verdict ch_ahv(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 13 || !v.starts_with("756") || !all_digits(v)) return Verdict::kNo;
  int sum = 0;
  for (std::size_t i = 0; i < 13; ++i) sum += at(v, i) * (i % 2 == 0 ? 1 : 3);
  return proven(sum % 10 == 0);
}

Verdict cz_rc(ValidatorInput& in) {
  const View v = in.value;
  if ((v.size() != 9 && v.size() != 10) || !all_digits(v)) return Verdict::kNo;
  int month = two(v, 2);
  if (month > 70) month -= 70;
  if (month > 50) month -= 50;
  if (month > 20) month -= 20;
  if (!date(month, two(v, 4))) return Verdict::kNo;
  if (v.size() == 9) return v.substr(6) == "000" ? Verdict::kNo : Verdict::kFits;
  return proven(number(v) % 11 == 0 || (number(v.substr(0, 9)) % 11 == 10 && v[9] == '0'));
}

Verdict baltic(ValidatorInput& in) {  // Estonia, Lithuania
  const View v = in.value;
  if (v.size() != 11 || !all_digits(v) || v[0] == '0' || !date(two(v, 3), two(v, 5)))
    return Verdict::kNo;
  int check = weighted(v, {1, 2, 3, 4, 5, 6, 7, 8, 9, 1}) % 11;
  if (check == 10) check = weighted(v, {3, 4, 5, 6, 7, 8, 9, 1, 2, 3}) % 11 % 10;
  return proven(check == at(v, 10));
}

Verdict no_fnr(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 11 || !all_digits(v)) return Verdict::kNo;
  const int day = two(v, 0) > 40 ? two(v, 0) - 40 : two(v, 0);
  const int month = two(v, 2) > 40 ? two(v, 2) - 40 : two(v, 2);
  if (!date(month, day)) return Verdict::kNo;
  const int first = (11 - weighted(v, {3, 7, 6, 1, 8, 9, 4, 5, 2}) % 11) % 11;
  const int second = (11 - weighted(v, {5, 4, 3, 2, 7, 6, 5, 4, 3, 2}) % 11) % 11;
  return proven(first == at(v, 9) && second == at(v, 10));
}

Verdict se_pnr(ValidatorInput& in) {
  View v = in.value;
  if (v.size() == 12) v.remove_prefix(2);
  if (v.size() != 10 || !all_digits(v)) return Verdict::kNo;
  const int day = two(v, 4) > 60 ? two(v, 4) - 60 : two(v, 4);
  return proven(date(two(v, 2), day) && luhn(v));
}

Verdict gb_utr(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 10 || !all_digits(v)) return Verdict::kNo;
  return proven("21987654321"[weighted(v.substr(1), {6, 7, 8, 9, 10, 5, 4, 3, 2}) % 11] == v[0]);
}

Verdict gb_vat(ValidatorInput& in) {
  View v = in.value;
  if (v.starts_with("GB") || v.starts_with("XI")) v.remove_prefix(2);
  if ((v.size() != 9 && v.size() != 12) || !all_digits(v)) return Verdict::kNo;
  const int sum = weighted(v, {8, 7, 6, 5, 4, 3, 2}) + two(v, 7);
  return proven(sum % 97 == 0 || (sum + 55) % 97 == 0);
}

Verdict gb_driver(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 16 || !all_digits(v.substr(5, 6))) return Verdict::kNo;
  int month = two(v, 6);
  if (month > 50) month -= 50;
  return date(month, two(v, 8)) ? Verdict::kProven : Verdict::kNo;
}

Verdict pt_cc(ValidatorInput& in) {
  if (in.value.size() != 12) return Verdict::kNo;
  int sum = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    int value = is_digit(in.value[i]) ? at(in.value, i) : in.value[i] - 'A' + 10;
    if (i % 2 == 0) {
      value *= 2;
      if (value > 9) value -= 9;
    }
    sum += value;
  }
  return proven(sum % 10 == 0);
}

Verdict fr_spi(ValidatorInput& in) {
  const View v = in.value;
  return proven(v.size() == 13 && all_digits(v) && v[0] <= '3' &&
                number(v.substr(0, 10)) % 511 == number(v.substr(10)));
}

Verdict lu_id(ValidatorInput& in) {
  if (in.value.size() != 13) return Verdict::kNo;
  return proven(luhn(in.value.substr(0, 12)));
}

// clang-format off
constexpr Validator kValidators[] = {
    {"es-nif", es_nif, true},
    {"es-cif", es_cif, true},
    {"it-cf", it_cf, true},
    {"fr-nir", fr_nir, true},
    {"fi-hetu", fi_hetu, true},
    {"ie-pps", ie_pps, true},
    {"de-idnr", de_idnr, true},
    {"de-svnr", de_svnr, true},
    {"de-kvnr", de_kvnr, true},
    {"be-rrn", be_rrn, true},
    {"ch-ahv", ch_ahv, true},
    {"cz-rc", cz_rc, true},
    {"baltic", baltic, true},
    {"no-fnr", no_fnr, true},
    {"se-pnr", se_pnr, true},
    {"gb-utr", gb_utr, true},
    {"gb-vat", gb_vat, true},
    {"gb-driver", gb_driver, true},
    {"pt-cc", pt_cc, true},
    {"fr-spi", fr_spi, true},
    {"lu-id", lu_id, true},
};
// clang-format on

}  // namespace

std::span<const Validator> european_validators() { return kValidators; }

}  // namespace gnomon::content
