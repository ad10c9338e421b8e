#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "check_digits.h"
#include "window_scan.h"

// Check digits and structures of single kinds of numbers that many countries share.
namespace gnomon::content {
namespace {

Verdict check_luhn(ValidatorInput& in) {
  return proven(all_digits(in.value) && !all_same(in.value) && luhn(in.value));
}

int mod97(std::string_view text) {
  int rest = 0;
  for (const char c : text) {
    const int value = value_of(c);
    if (value < 0) return -1;
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}

struct AccountForm {
  std::string_view country;
  std::string_view form;  // of what follows the check digits: 8n12c
};
// ISO 13616 registry, in its letters: n digits, a letters, c either. Below, of countries that write
// account numbers so and have not registered, as they are published.
constexpr AccountForm kIbanForms[] = {
    {"AD", "8n12c"},    {"AE", "19n"},      {"AL", "8n16c"},    {"AT", "16n"},
    {"AZ", "4a20c"},    {"BA", "16n"},      {"BE", "12n"},      {"BG", "4a6n8c"},
    {"BH", "4a14c"},    {"BI", "23n"},      {"BR", "23n1a1c"},  {"BY", "4c4n16c"},
    {"CH", "5n12c"},    {"CR", "18n"},      {"CY", "8n16c"},    {"CZ", "20n"},
    {"DE", "18n"},      {"DJ", "23n"},      {"DK", "14n"},      {"DO", "4c20n"},
    {"EE", "16n"},      {"EG", "25n"},      {"ES", "20n"},      {"FI", "14n"},
    {"FK", "2a12n"},    {"FO", "14n"},      {"FR", "10n11c2n"}, {"GB", "4a14n"},
    {"GE", "2a16n"},    {"GI", "4a15c"},    {"GL", "14n"},      {"GR", "7n16c"},
    {"GT", "4c20c"},    {"HN", "4a20n"},    {"HR", "17n"},      {"HU", "24n"},
    {"IE", "4a14n"},    {"IL", "19n"},      {"IQ", "4a15n"},    {"IS", "22n"},
    {"IT", "1a10n12c"}, {"JO", "4a4n18c"},  {"KW", "4a22c"},    {"KZ", "3n13c"},
    {"LB", "4n20c"},    {"LC", "4a24c"},    {"LI", "5n12c"},    {"LT", "16n"},
    {"LU", "3n13c"},    {"LV", "4a13c"},    {"LY", "21n"},      {"MC", "10n11c2n"},
    {"MD", "20c"},      {"ME", "18n"},      {"MK", "3n10c2n"},  {"MN", "16n"},
    {"MR", "23n"},      {"MT", "4a5n18c"},  {"MU", "4a19n3a"},  {"NI", "4a20n"},
    {"NL", "4a10n"},    {"NO", "11n"},      {"OM", "3n16c"},    {"PK", "4a16c"},
    {"PL", "24n"},      {"PS", "4a21c"},    {"PT", "21n"},      {"QA", "4a21c"},
    {"RO", "4a16c"},    {"RS", "18n"},      {"RU", "14n15c"},   {"SA", "2n18c"},
    {"SC", "4a20n3a"},  {"SD", "14n"},      {"SE", "20n"},      {"SI", "15n"},
    {"SK", "20n"},      {"SM", "1a10n12c"}, {"SO", "19n"},      {"ST", "21n"},
    {"SV", "4a20n"},    {"TL", "19n"},      {"TN", "20n"},      {"TR", "6n16c"},
    {"UA", "6n19c"},    {"VA", "18n"},      {"VG", "4a16n"},    {"XK", "16n"},
    {"YE", "4a4n18c"},  {"DZ", "22n"},      {"AO", "21n"},      {"BJ", "2c22n"},
    {"BF", "2c22n"},    {"CM", "23n"},      {"CV", "21n"},      {"IR", "22n"},
    {"CI", "2c22n"},    {"MG", "23n"},      {"ML", "2c22n"},    {"MZ", "21n"},
    {"SN", "2c22n"},    {"MA", "24n"},      {"CF", "23n"},      {"CG", "23n"},
    {"GA", "23n"}};

struct Part {
  std::size_t count = 0;
  char kind = 'n';
};
// The first part of a form, which is shortened by it.
Part take_part(std::string_view& form) {
  Part part;
  while (!form.empty() && is_digit(form.front())) {
    part.count = part.count * 10 + static_cast<std::size_t>(form.front() - '0');
    form.remove_prefix(1);
  }
  if (!form.empty()) {
    part.kind = form.front();
    form.remove_prefix(1);
  }
  return part;
}

constexpr std::size_t kIbanHead = 4;  // the country and its check digits

std::size_t length_of(std::string_view form) {
  std::size_t length = kIbanHead;
  while (!form.empty()) length += take_part(form).count;
  return length;
}

bool has_form(std::string_view account, std::string_view form) {
  while (!form.empty()) {
    const Part part = take_part(form);
    if (account.size() < part.count) return false;
    const std::string_view here = account.substr(0, part.count);
    if (part.kind == 'n' && !all_digits(here)) return false;
    if (part.kind == 'a' && !std::all_of(here.begin(), here.end(), is_letter)) return false;
    account.remove_prefix(part.count);
  }
  return account.empty();
}

// Words and pairs of digits that only stand in a row: "BA1502 gate A51 seat 49D booking", the bytes
// of a hex dump.
bool only_in_a_row(std::string_view written) {
  constexpr std::size_t kShortGroupsMax = 4;
  constexpr std::ptrdiff_t kSmallMax = 6;
  bool capitals = false;
  bool small = false;
  std::size_t group = 0;
  std::size_t groups = 0;
  std::size_t short_groups = 0;
  for (std::size_t at = 0; at <= written.size(); ++at) {
    const char c = at < written.size() ? written[at] : ' ';
    const bool lower = is_lower(c);
    const bool upper = is_upper(c);
    small = small || lower;
    capitals = capitals || upper;
    if (lower || upper || is_digit(c)) {
      ++group;
      continue;
    }
    if (group == 0) continue;
    ++groups;
    short_groups += group < 3 ? 1 : 0;
    group = 0;
  }
  // Small letters in groups are words, but for those of a country and its bank.
  return groups > 1 && ((capitals && small) || short_groups > kShortGroupsMax ||
                        std::count_if(written.begin(), written.end(), is_lower) > kSmallMax);
}

Verdict check_iban(ValidatorInput& in) {
  if (in.value.size() < 15) return Verdict::kNo;
  const auto found =
      std::find_if(std::begin(kIbanForms), std::end(kIbanForms),
                   [&](const AccountForm& each) { return in.value.substr(0, 2) == each.country; });
  if (found == std::end(kIbanForms) || !has_form(in.value.substr(kIbanHead), found->form))
    return Verdict::kNo;
  if (!is_digit(in.value[2]) || !is_digit(in.value[3])) return Verdict::kNo;
  const std::string turned = std::string{in.value.substr(4)} + std::string{in.value.substr(0, 4)};
  if (mod97(turned) != 1) return Verdict::kNo;
  return only_in_a_row(in.text.substr(in.start, in.end - in.start)) ? Verdict::kDoubtful
                                                                    : Verdict::kProven;
}

// An IBAN that is written at home, without its country: "iban-of PL".
Verdict check_iban_of(ValidatorInput& in) {
  const std::string_view country = in.word;
  if (in.value.size() < 13 || !all_digits(in.value) || all_same(in.value)) return Verdict::kNo;
  const auto found = std::find_if(std::begin(kIbanForms), std::end(kIbanForms),
                                  [&](const auto& each) { return each.country == country; });
  if (found == std::end(kIbanForms) || length_of(found->form) != in.value.size() + 2)
    return Verdict::kNo;
  std::string turned{in.value.substr(2)};
  turned += country;
  turned += in.value.substr(0, 2);
  return proven(mod97(turned) == 1);
}

// ISO 7064 mod 97-10 over the whole value: LEI, RF references.
Verdict check_mod97(ValidatorInput& in) { return proven(mod97(in.value) == 1); }
Verdict check_creditor_reference(ValidatorInput& in) {
  if (in.value.size() < 5 || !in.value.starts_with("RF")) return Verdict::kNo;
  return proven(mod97(std::string{in.value.substr(4)} + std::string{in.value.substr(0, 4)}) == 1);
}

bool between(std::string_view text, std::size_t digits, int low, int high) {
  int value = 0;
  for (const char c : text.substr(0, digits)) value = value * 10 + (c - '0');
  return value >= low && value <= high;
}

// Issuer ranges and lengths (ISO/IEC 7812 and the networks' own pages).
bool card_network(std::string_view pan) {
  const std::size_t n = pan.size();
  if (pan[0] == '4') return n == 13 || n == 16 || n == 19;
  if (between(pan, 2, 51, 55) || between(pan, 4, 2221, 2720)) return n == 16;
  if (between(pan, 2, 34, 34) || between(pan, 2, 37, 37)) return n == 15;
  if (between(pan, 4, 6011, 6011) || between(pan, 3, 644, 649) || between(pan, 2, 65, 65))
    return n >= 16 && n <= 19;
  if (between(pan, 3, 300, 305) || between(pan, 2, 36, 36) || between(pan, 2, 38, 39))
    return n >= 14 && n <= 19;
  if (between(pan, 4, 3528, 3589)) return n >= 16 && n <= 19;
  if (between(pan, 2, 62, 62)) return n >= 16 && n <= 19;
  if (between(pan, 4, 2200, 2204)) return n == 16;
  if (between(pan, 2, 50, 50) || between(pan, 2, 56, 58) || between(pan, 2, 60, 69))
    return n >= 12 && n <= 19;
  return false;
}

// Whether the four groups of four that a card is written in go on: one more before, or two behind,
// as in tables of codes. A month and a year behind it are one.
bool stands_in_row_of_groups(const ValidatorInput& in) {
  const auto at = [&](std::size_t i) { return i < in.text.size() ? in.text[i] : '\0'; };
  const char separator = at(in.start + 4);
  if (in.end - in.start != 19 || is_alnum(separator)) return false;
  if (separator != ' ' && in.start > 0 && at(in.start - 1) == separator) return true;
  const auto group = [&](std::size_t from) {
    for (std::size_t i = 0; i < 4; ++i)
      if (!is_alnum(at(from + i)) || to_lower(at(from + i)) > 'f') return false;
    return true;
  };
  if (in.start >= 5 && at(in.start - 1) == separator && group(in.start - 5) &&
      (in.start == 5 || !is_alnum(at(in.start - 6))))
    return true;
  return at(in.end) == separator && group(in.end + 1) && at(in.end + 5) == separator &&
         group(in.end + 6) && !is_alnum(at(in.end + 10));
}

Verdict check_card(ValidatorInput& in) {
  const std::string_view pan = in.value;
  if (pan.size() < 12 || pan.size() > 19 || !all_digits(pan) || all_same(pan)) return Verdict::kNo;
  if (!card_network(pan) || !luhn(pan)) return Verdict::kNo;
  // Published test numbers: their account part is almost one digit, or a count.
  std::array<int, 10> counts{};
  for (const char c : pan) ++counts[static_cast<std::size_t>(c - '0')];
  const int most = *std::max_element(counts.begin(), counts.end());
  if (most * 3 >= static_cast<int>(pan.size()) * 2) return Verdict::kDoubtful;
  for (const std::string_view test :
       {"4242424242424242", "4000056655665556", "5555555555554444", "378282246310005",
        "371449635398431", "6011000990139424", "4012888888881881", "5105105105105100",
        "30569309025904", "3530111333300000"})
    if (pan == test) return Verdict::kDoubtful;
  if (pan.size() < 14) return Verdict::kFits;
  return stands_in_row_of_groups(in) ? Verdict::kDoubtful : Verdict::kProven;
}

Verdict check_aba(ValidatorInput& in) {
  const std::string_view v = in.value;
  if (v.size() != 9 || !all_digits(v) || all_same(v)) return Verdict::kNo;
  const int area = (v[0] - '0') * 10 + v[1] - '0';
  if (!(area <= 12 || (area >= 21 && area <= 32) || (area >= 61 && area <= 72) || area == 80))
    return Verdict::kNo;
  int sum = 0;
  for (std::size_t i = 0; i < 9; ++i) sum += (v[i] - '0') * (i % 3 == 0 ? 3 : i % 3 == 1 ? 7 : 1);
  return proven(sum % 10 == 0);
}

constexpr std::string_view kCountries =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR "
    "BS "
    "BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE "
    "EG "
    "ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT "
    "HU "
    "ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR "
    "LS "
    "LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF "
    "NG "
    "NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC "
    "SD "
    "SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV "
    "TW "
    "TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW ";

bool is_country(std::string_view two) {
  for (std::size_t at = 0; at + 2 <= kCountries.size(); at += 3)
    if (kCountries.substr(at, 2) == two) return true;
  return false;
}

Verdict check_bic(ValidatorInput& in) {
  if (in.value.size() != 8 && in.value.size() != 11) return Verdict::kNo;
  return is_country(in.value.substr(4, 2)) ? Verdict::kFits : Verdict::kNo;
}

Verdict check_isin(ValidatorInput& in) {
  if (in.value.size() != 12 || !(is_country(in.value.substr(0, 2)) || in.value.starts_with("XS") ||
                                 in.value.starts_with("EU")))
    return Verdict::kNo;
  std::string digits;
  for (const char c : in.value) {
    const int value = value_of(c);
    if (value < 0) return Verdict::kNo;
    digits += std::to_string(value);
  }
  return proven(luhn(digits));
}

Verdict check_cusip(ValidatorInput& in) {
  if (in.value.size() != 9 || !is_digit(in.value[8])) return Verdict::kNo;
  int sum = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    int value = value_of(in.value[i]);
    if (value < 0) return Verdict::kNo;
    if (i % 2 == 1) value *= 2;
    sum += value / 10 + value % 10;
  }
  return proven((10 - sum % 10) % 10 == in.value[8] - '0');
}

Verdict check_sedol(ValidatorInput& in) {
  static constexpr int kWeights[] = {1, 3, 1, 7, 3, 9, 1};
  if (in.value.size() != 7) return Verdict::kNo;
  int sum = 0;
  for (std::size_t i = 0; i < 7; ++i) {
    if (std::string_view{"AEIOU"}.find(in.value[i]) != std::string_view::npos) return Verdict::kNo;
    sum += value_of(in.value[i]) * kWeights[i];
  }
  return proven(sum % 10 == 0);
}

Verdict check_figi(ValidatorInput& in) {
  if (in.value.size() != 12 || in.value[2] != 'G' || !is_digit(in.value[11])) return Verdict::kNo;
  int sum = 0;
  for (std::size_t i = 0; i < 11; ++i) {
    int value = value_of(in.value[i]);
    if (i % 2 == 1) value *= 2;
    sum += value / 10 + value % 10;
  }
  return proven((10 - sum % 10) % 10 == in.value[11] - '0');
}

Verdict check_npi(ValidatorInput& in) {
  if (in.value.size() != 10 || (in.value[0] != '1' && in.value[0] != '2')) return Verdict::kNo;
  return proven(luhn("80840" + std::string{in.value}));
}

Verdict check_dea(ValidatorInput& in) {
  const std::string_view v = in.value;
  if (v.size() != 9 || std::string_view{"ABCDEFGHJKLMPRSTUX"}.find(v[0]) == std::string_view::npos)
    return Verdict::kNo;
  const auto d = [&](std::size_t i) { return v[i + 1] - '0'; };
  return proven((d(1) + d(3) + d(5) + 2 * (d(2) + d(4) + d(6))) % 10 == d(7));
}

Verdict check_mbi(ValidatorInput& in) {
  static constexpr std::string_view kLetters = "ACDEFGHJKMNPQRTUVWXY";
  const std::string_view v = in.value;
  if (v.size() != 11 || v[0] == '0' || !is_digit(v[0])) return Verdict::kNo;
  static constexpr std::string_view kForm = "9AX9AX9AA99";
  for (std::size_t i = 0; i < 11; ++i) {
    const bool letter = kLetters.find(v[i]) != std::string_view::npos;
    if (kForm[i] == '9' ? !is_digit(v[i]) : kForm[i] == 'A' ? !letter : !letter && !is_digit(v[i]))
      return Verdict::kNo;
  }
  return Verdict::kProven;
}

Verdict check_vin(ValidatorInput& in) {
  static constexpr int kWeights[] = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  static constexpr std::string_view kValues = "12345678 12345 7 923456789";
  if (in.value.size() != 17) return Verdict::kNo;
  int sum = 0;
  for (std::size_t i = 0; i < 17; ++i) {
    const char c = in.value[i];
    if (c == 'I' || c == 'O' || c == 'Q') return Verdict::kNo;
    sum += (is_digit(c) ? c - '0' : kValues[static_cast<std::size_t>(c - 'A')] - '0') * kWeights[i];
  }
  if (all_same(in.value)) return Verdict::kNo;
  const int check = sum % 11;
  if (in.value[8] == (check == 10 ? 'X' : static_cast<char>('0' + check))) return Verdict::kProven;
  // The digit binds North America and China only (49 CFR 565, GB 16735); other makers put there
  // what they like. Of theirs the maker has letters, the last four are digits (ISO 3779), and all
  // is in one.
  const bool bound = (in.value[0] >= '1' && in.value[0] <= '5') || in.value[0] == 'L';
  const std::string_view maker = in.value.substr(0, 3);
  return !bound && in.end - in.start == 17 &&
                 std::count_if(maker.begin(), maker.end(), is_digit) <= 1 &&
                 all_digits(in.value.substr(13))
             ? Verdict::kFits
             : Verdict::kNo;
}

Verdict check_ipv4(ValidatorInput& in) {
  // Of the text: dots between, no part above 255, no part with a leading zero.
  std::string_view rest = in.text.substr(in.start, in.end - in.start);
  int parts = 0;
  int first = 0;
  while (!rest.empty()) {
    const std::size_t dot = rest.find('.');
    const std::string_view part = rest.substr(0, dot);
    if (part.empty() || part.size() > 3 || !all_digits(part) || (part.size() > 1 && part[0] == '0'))
      return Verdict::kNo;
    int value = 0;
    std::from_chars(part.data(), part.data() + part.size(), value);
    if (value > 255) return Verdict::kNo;
    if (parts++ == 0) first = value;
    rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
  }
  if (parts != 4) return Verdict::kNo;
  return first == 0 || first == 127 || first == 255 ? Verdict::kDoubtful : Verdict::kFits;
}

Verdict check_country_prefix(ValidatorInput& in) {
  // "id 92512941899", "no 123456789": a word before a number, no country.
  if (in.start + 2 < in.end && in.text[in.start] >= 'a' && in.text[in.start] <= 'z' &&
      in.text[in.start + 2] == ' ')
    return Verdict::kNo;
  return is_country(in.value.substr(0, 2)) || in.value.starts_with("EL") ||
                 in.value.starts_with("EU") || in.value.starts_with("XI")
             ? Verdict::kFits
             : Verdict::kNo;
}

constexpr Validator kValidators[] = {
    {"luhn", check_luhn, true},
    {"iban", check_iban, true},
    {"iban-of", check_iban_of, true},
    {"mod97", check_mod97, true},
    {"creditor-reference", check_creditor_reference, true},
    {"card", check_card, true},
    {"aba", check_aba, true},
    {"bic", check_bic, false},
    {"isin", check_isin, true},
    {"cusip", check_cusip, true},
    {"sedol", check_sedol, true},
    {"figi", check_figi, true},
    {"npi", check_npi, true},
    {"dea", check_dea, true},
    {"mbi", check_mbi, true},
    {"vin", check_vin, true},
    {"ipv4", check_ipv4, false},
    {"country", check_country_prefix, false},
};

}  // namespace

std::span<const Validator> number_validators() { return kValidators; }

bool luhn(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const char c = digits[digits.size() - 1 - i];
    if (!is_digit(c)) return false;
    int value = c - '0';
    if (i % 2 == 1) value = value > 4 ? value * 2 - 9 : value * 2;
    sum += value;
  }
  return sum % 10 == 0;
}

}  // namespace gnomon::content
