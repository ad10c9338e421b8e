#include <algorithm>
#include <array>
#include <cstdint>

#include "check_digits.h"
#include "window_scan.h"

// National identifiers of the other countries whose check is more than a weighted sum (that one
// stands in the data). Each takes the value without separators, in upper case.
namespace gnomon::content {
namespace {

using View = std::string_view;

Verdict us_ssn(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 9 || !all_digits(v) || all_same(v)) return Verdict::kNo;
  const std::uint64_t area = number(v.substr(0, 3));
  if (area == 0 || area == 666 || area >= 900) return Verdict::kNo;
  if (v.substr(3, 2) == "00" || v.substr(5) == "0000") return Verdict::kNo;
  for (const View known : {"078051120", "219099999", "457555462", "123456789", "987654321"})
    if (v == known) return Verdict::kNo;
  // Nothing else that is common is written 412-55-1234.
  return in.text.substr(in.start, in.end - in.start).find('-') == 3 ? Verdict::kProven
                                                                    : Verdict::kFits;
}

Verdict us_itin(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 9 || !all_digits(v) || v[0] != '9') return Verdict::kNo;
  const int group = two(v, 3);
  return (group >= 50 && group <= 65) || (group >= 70 && group <= 88) ||
                 (group >= 90 && group <= 92) || (group >= 94 && group <= 99)
             ? Verdict::kFits
             : Verdict::kNo;
}

Verdict icao_731(ValidatorInput& in) {  // the last digit checks all before it
  const View v = in.value;
  static constexpr int kWeights[] = {7, 3, 1};
  int sum = 0;
  for (std::size_t i = 0; i + 1 < v.size(); ++i)
    sum += (is_digit(v[i]) ? at(v, i) : is_upper(v[i]) ? v[i] - 'A' + 10 : 0) * kWeights[i % 3];
  return proven(is_digit(v.back()) && sum % 10 == v.back() - '0');
}

Verdict ean(ValidatorInput& in) {
  int sum = 0;
  for (std::size_t i = 0; i < in.value.size(); ++i)
    sum += at(in.value, in.value.size() - 1 - i) * (i % 2 == 0 ? 1 : 3);
  return proven(all_digits(in.value) && sum % 10 == 0);
}

Verdict tr_tckn(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 11 || !all_digits(v) || v[0] == '0') return Verdict::kNo;
  const int odd = at(v, 0) + at(v, 2) + at(v, 4) + at(v, 6) + at(v, 8);
  const int even = at(v, 1) + at(v, 3) + at(v, 5) + at(v, 7);
  const int tenth = ((odd * 7 - even) % 10 + 10) % 10;
  return proven(tenth == at(v, 9) && (odd + even + tenth) % 10 == at(v, 10));
}

Verdict br_cpf(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 11 || !all_digits(v) || all_same(v)) return Verdict::kNo;
  const int first = (weighted(v, {10, 9, 8, 7, 6, 5, 4, 3, 2}) * 10) % 11 % 10;
  const int second = (weighted(v, {11, 10, 9, 8, 7, 6, 5, 4, 3, 2}) * 10) % 11 % 10;
  return proven(first == at(v, 9) && second == at(v, 10));
}

Verdict br_cnpj(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 14 || all_same(v)) return Verdict::kNo;
  const int first = 11 - weighted(v, {5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2}) % 11;
  const int second = 11 - weighted(v, {6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2}) % 11;
  return proven((first > 9 ? 0 : first) == at(v, 12) && (second > 9 ? 0 : second) == at(v, 13));
}

Verdict cl_rut(ValidatorInput& in) {
  View v = in.value;
  if (v.size() < 8 || v.size() > 9) return Verdict::kNo;
  int sum = 0;
  int weight = 2;
  for (std::size_t i = v.size() - 1; i-- > 0;) {
    if (!is_digit(v[i])) return Verdict::kNo;
    sum += at(v, i) * weight;
    weight = weight == 7 ? 2 : weight + 1;
  }
  return proven("0K987654321"[sum % 11] == v.back());
}

Verdict mx_curp(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 18 || !all_digits(v.substr(4, 6)) || !date(two(v, 6), two(v, 8)))
    return Verdict::kNo;
  static constexpr View kStates =
      "AS BC BS CC CL CM CS CH DF CX DG GT GR HG JC MC MN MS NT NL OC PL QT QR SP SL SR TC TS TL "
      "VZ "
      "YN ZS NE ";
  if (View{"HMX"}.find(v[10]) == View::npos || kStates.find(v.substr(11, 2)) == View::npos)
    return Verdict::kNo;
  int sum = 0;  // the alphabet has N with a tilde after N, so letters from O on count one more
  for (std::size_t i = 0; i < 17; ++i) {
    const int value = is_digit(v[i]) ? at(v, i) : v[i] - 'A' + 10 + (v[i] > 'N' ? 1 : 0);
    sum += value * static_cast<int>(18 - i);
  }
  return proven((10 - sum % 10) % 10 == at(v, 17));
}

Verdict cn_resident(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 18 || !all_digits(v.substr(0, 17)) || !date(two(v, 10), two(v, 12)))
    return Verdict::kNo;
  const std::uint64_t year = number(v.substr(6, 4));
  const int province = two(v, 0);
  if (year < 1880 || year > 2099 || province < 11 || province > 82) return Verdict::kNo;
  const int sum = weighted(v, {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2});
  return proven("10X98765432"[sum % 11] == v[17]);
}

Verdict cn_uscc(ValidatorInput& in) {
  static constexpr View kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  static constexpr int kWeights[] = {1,  3,  9,  27, 19, 26, 16, 17, 20,
                                     29, 25, 13, 8,  24, 10, 30, 28};
  if (in.value.size() != 18) return Verdict::kNo;
  std::size_t sum = 0;
  for (std::size_t i = 0; i < 17; ++i) {
    const std::size_t value = kAlphabet.find(in.value[i]);
    if (value == View::npos) return Verdict::kNo;
    sum += value * static_cast<std::size_t>(kWeights[i]);
  }
  return proven(kAlphabet[(31 - sum % 31) % 31] == in.value[17]);
}

Verdict hk_hkid(ValidatorInput& in) {
  View v = in.value;
  std::array<char, 9> bare;  // A123456(3) as A1234563
  if (v.ends_with(')') && v.size() >= 10 && v.size() <= 11) {
    const std::size_t serial = v.size() - 3;
    std::copy_n(v.begin(), serial, bare.begin());
    bare[serial] = v[serial + 1];
    v = View{bare.data(), serial + 1};
  }
  if (v.size() != 8 && v.size() != 9) return Verdict::kNo;
  int sum = v.size() == 8 ? 36 * 9 : (v[0] - 'A' + 10) * 9;
  if (v.size() == 9) v.remove_prefix(1);
  sum += (v[0] - 'A' + 10) * 8;
  for (std::size_t i = 1; i < 7; ++i) {
    if (!is_digit(v[i])) return Verdict::kNo;
    sum += at(v, i) * static_cast<int>(8 - i);
  }
  sum += v[7] == 'A' ? 10 : is_digit(v[7]) ? at(v, 7) : 99;
  return proven(sum % 11 == 0);
}

Verdict tw_id(ValidatorInput& in) {
  const View v = in.value;
  static constexpr int kValues[] = {10, 11, 12, 13, 14, 15, 16, 17, 34, 18, 19, 20, 21,
                                    22, 35, 23, 24, 25, 26, 27, 28, 29, 32, 30, 31, 33};
  if (v.size() != 10 || !is_upper(v[0]) || !all_digits(v.substr(1))) return Verdict::kNo;
  const int value = kValues[v[0] - 'A'];
  int sum = value / 10 + value % 10 * 9 + at(v, 9);
  for (std::size_t i = 1; i < 9; ++i) sum += at(v, i) * static_cast<int>(9 - i);
  return proven(sum % 10 == 0);
}

Verdict kr_rrn(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 13 || !all_digits(v) || !date(two(v, 2), two(v, 4)) || v[6] == '0' || v[6] == '9')
    return Verdict::kNo;
  int sum = weighted(v, {2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5});
  const bool foreign = v[6] >= '5';
  const int check = ((foreign ? 13 : 11) - sum % 11) % 10;
  return check == at(v, 12) ? Verdict::kProven : Verdict::kFits;  // no check digit since 2020
}

Verdict sg_nric(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 9 || !all_digits(v.substr(1, 7))) return Verdict::kNo;
  int sum = weighted(v.substr(1), {2, 7, 6, 5, 4, 3, 2});
  if (v[0] == 'T' || v[0] == 'G') sum += 4;
  if (v[0] == 'M') sum += 3;
  if (v[0] == 'S' || v[0] == 'T') return proven("JZIHGFEDCBA"[sum % 11] == v[8]);
  if (v[0] == 'F' || v[0] == 'G') return proven("XWUTRQPNMLK"[sum % 11] == v[8]);
  if (v[0] == 'M') return proven("KLJNPQRTUWX"[10 - sum % 11] == v[8]);
  return Verdict::kNo;
}

Verdict in_gstin(ValidatorInput& in) {
  if (in.value.size() != 15) return Verdict::kNo;
  int sum = 0;
  for (std::size_t i = 0; i < 14; ++i) {
    const int value = is_digit(in.value[i]) ? at(in.value, i) : in.value[i] - 'A' + 10;
    const int product = value * (i % 2 == 0 ? 1 : 2);
    sum += product / 36 + product % 36;
  }
  const int check = (36 - sum % 36) % 36;
  return proven(in.value[14] == (check < 10 ? static_cast<char>('0' + check)
                                            : static_cast<char>('A' + check - 10)));
}

Verdict ru_inn(ValidatorInput& in) {
  const View v = in.value;
  if (!all_digits(v) || all_same(v)) return Verdict::kNo;
  if (v.size() == 10)
    return proven(weighted(v, {2, 4, 10, 3, 5, 9, 4, 6, 8}) % 11 % 10 == at(v, 9));
  if (v.size() != 12) return Verdict::kNo;
  return proven(weighted(v, {7, 2, 4, 10, 3, 5, 9, 4, 6, 8}) % 11 % 10 == at(v, 10) &&
                weighted(v, {3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8}) % 11 % 10 == at(v, 11));
}

Verdict ru_snils(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 11 || !all_digits(v)) return Verdict::kNo;
  const int sum = weighted(v, {9, 8, 7, 6, 5, 4, 3, 2, 1}) % 101;
  return proven((sum == 100 ? 0 : sum) == two(v, 9) && number(v.substr(0, 9)) > 1001998);
}

Verdict au_abn(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 11 || !all_digits(v) || v[0] == '0') return Verdict::kNo;
  return proven((weighted(v, {10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19}) - 10) % 89 == 0);
}

Verdict jp_my_number(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() != 12 || !all_digits(v) || all_same(v)) return Verdict::kNo;
  const int rest = weighted(v, {6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2}) % 11;
  return proven((rest <= 1 ? 0 : 11 - rest) == at(v, 11));
}

Verdict ec_ci(ValidatorInput& in) {
  const View v = in.value;
  if (v.size() < 10 || !all_digits(v)) return Verdict::kNo;
  const int province = two(v, 0);
  if ((province < 1 || province > 24) && province != 30 && province != 50) return Verdict::kNo;
  if (v[2] > '5') return v.size() == 13 ? Verdict::kFits : Verdict::kNo;
  return proven(luhn(v.substr(0, 10)));
}

Verdict nz_nhi(ValidatorInput& in) {
  static constexpr View kAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ";
  const View v = in.value;
  if (v.size() != 7) return Verdict::kNo;
  int sum = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    const std::size_t value = kAlphabet.find(v[i]);
    if (!is_digit(v[i]) && value == View::npos) return Verdict::kNo;
    sum += (is_digit(v[i]) ? at(v, i) : static_cast<int>(value) + 1) * static_cast<int>(7 - i);
  }
  if (is_digit(v[6])) return proven(sum % 11 != 0 && (11 - sum % 11) % 10 == at(v, 6));
  return proven(kAlphabet[static_cast<std::size_t>(24 - sum % 24) % 24 == 0
                              ? 23
                              : static_cast<std::size_t>(24 - sum % 24) - 1] == v[6]);
}

// clang-format off
constexpr Validator kValidators[] = {
    {"us-ssn", us_ssn, false},
    {"us-itin", us_itin, false},
    {"icao-731", icao_731, true},
    {"ean", ean, true},
    {"tr-tckn", tr_tckn, true},
    {"br-cpf", br_cpf, true},
    {"br-cnpj", br_cnpj, true},
    {"cl-rut", cl_rut, true},
    {"mx-curp", mx_curp, true},
    {"cn-resident", cn_resident, true},
    {"cn-uscc", cn_uscc, true},
    {"hk-hkid", hk_hkid, true},
    {"tw-id", tw_id, true},
    {"kr-rrn", kr_rrn, true},
    {"sg-nric", sg_nric, true},
    {"in-gstin", in_gstin, true},
    {"ru-inn", ru_inn, true},
    {"ru-snils", ru_snils, true},
    {"au-abn", au_abn, true},
    {"jp-my-number", jp_my_number, true},
    {"ec-ci", ec_ci, true},
    {"nz-nhi", nz_nhi, true},
};
// clang-format on

}  // namespace

std::span<const Validator> overseas_validators() { return kValidators; }

}  // namespace gnomon::content
