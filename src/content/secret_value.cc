#include "secret_value.h"

#include <algorithm>
#include <array>
#include <string>

#include "validator.h"
#include "value_reference.h"
#include "window_scan.h"

namespace gnomon::content {
namespace {

using View = std::string_view;

enum : std::uint8_t { kLower, kUpper, kDigit, kOther };
constexpr std::array<std::uint8_t, 256> kKinds = [] {
  std::array<std::uint8_t, 256> kinds{};
  for (unsigned c = 0; c < 256; ++c) {
    const char byte = static_cast<char>(c);
    kinds[c] = is_lower(byte) ? kLower : is_upper(byte) ? kUpper : is_digit(byte) ? kDigit : kOther;
  }
  return kinds;
}();

// `more` are marks besides those of base 64 and of words.
bool is_token(View value, View more) {
  return std::all_of(value.begin(), value.end(), [&](char c) {
    return is_alnum(c) || View{"_-+/=.~"}.find(c) != View::npos || more.find(c) != View::npos;
  });
}

// 8-4-4-4-12 hexadecimal digits (RFC 9562).
bool is_uuid(View value) {
  constexpr View kForm = "00000000-0000-0000-0000-000000000000";
  if (value.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i)
    if (kForm[i] == '-'
            ? value[i] != '-'
            : !is_digit(value[i]) && (to_lower(value[i]) < 'a' || to_lower(value[i]) > 'f'))
      return false;
  return true;
}

bool holds_any(View text, std::initializer_list<View> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](View word) { return text.find(word) != View::npos; });
}

// Names whose value is a secret, not merely something that identifies.
bool is_strong_name(View lower_name) {
  return holds_any(
      lower_name,
      {"token",       "secret",     "apikey",         "api_key",     "api-key",     "api.key",
       "accesskey",   "access_key", "access-key",     "privatekey",  "private_key", "private-key",
       "authkey",     "auth_key",   "auth-key",       "credential",  "passw",       "bearer",
       "license_key", "licensekey", "encryption_key", "signing_key", "master_key",  "_key",
       "sharedkey",   "accountkey", "account_key",    "jeton",       "окен",        "令牌",
       "トークン",    "密钥"});
}

// Pairs of letters that make up 95 % of those in English words and the names of code: for each
// first letter a bit for each second.
constexpr std::uint32_t kUsualPairs[26] = {
    0x13ebd6e, 0x0164b11, 0x01e4d95, 0x0164919, 0x1eff97f, 0x01a6931, 0x0166991,
    0x00a4111, 0x2aef87f, 0x0000010, 0x0040110, 0x11c4919, 0x014d913, 0x13c6d7d,
    0x07efd7f, 0x11ec991, 0x0100000, 0x13efd7d, 0x11ccd95, 0x15ed99d, 0x00eb95f,
    0x0004111, 0x0024191, 0x0088014, 0x0068100, 0x0000010};

// Of the pairs of letters, a quarter are ones that words rarely have; chance makes six in ten.
bool has_rare_pairs(View value) {
  std::size_t pairs = 0;
  std::size_t rare = 0;
  for (std::size_t i = 1; i < value.size(); ++i) {
    if (!is_letter(value[i - 1]) || !is_letter(value[i])) continue;
    const auto first = static_cast<unsigned>(to_lower(value[i - 1]) - 'a');
    const auto second = static_cast<unsigned>(to_lower(value[i]) - 'a');
    ++pairs;
    rare += (kUsualPairs[first] >> second & 1U) == 0 ? 1U : 0U;
  }
  return rare >= 3 && rare * 4 >= pairs;
}

// lib.NID_key_2
bool is_member(View value) {
  const std::size_t dot = value.find('.');
  return dot != View::npos && dot > 1 && dot + 1 < value.size() &&
         !has_rare_pairs(value.substr(0, dot)) &&
         !looks_random(value.substr(dot + 1), shape_of(value.substr(dot + 1)), false) &&
         std::all_of(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(dot),
                     [](char c) { return is_letter(c) || c == '_'; });
}

// That, and tokens = a=b: what goes on in code, and no value.
bool is_expression(View value) {
  if (is_member(value)) return true;
  const std::size_t equals = value.find('=');
  return equals != View::npos && value.find_first_not_of('=', equals) != View::npos &&
         (equals < 10 || is_wordy(value.substr(0, equals), shape_of(value.substr(0, equals))));
}

// Digests with their name, public keys of SSH (RFC 4253), and addresses of IPv6.
bool is_public_value(View value) {
  // Subresource integrity, lock files: the digest of what is fetched.
  for (const View digest : {"sha1-", "sha256-", "sha384-", "sha512-", "md5-"})
    if (value.starts_with(digest)) return true;
  return (value.starts_with("AAAA") && value.substr(0, 16).find("zaC1") != View::npos) ||
         value.starts_with("AAAAE2VjZHNh") ||
         (std::count(value.begin(), value.end(), ':') >= 4 &&
          value.find_first_not_of("0123456789abcdefABCDEF:") == View::npos);
}

// getPassword("name"), check_password("..."): what is in the brackets is asked about, not set.
bool asks(View lower_name) {
  return holds_any(lower_name,
                   {"get", "has", "is", "check", "valid", "verif", "find", "read", "need", "load",
                    "fetch", "ask", "prompt", "show", "match", "compare"});
}

// With marks through it, as generators of passwords make them: no pattern, path or call.
bool looks_generated(View value, const ValueShape& shape) {
  return value.size() >= 16 && shape.upper >= 2 && shape.lower >= 2 && shape.digits >= 2 &&
         shape.other * 4 <= value.size() && shape.changes * 3 >= value.size() &&
         entropy_bits(value) >= 3.6 && value.find_first_of(" ()<>$\\/") == View::npos &&
         (value.find('[') == View::npos || value.find(']') == View::npos) &&
         (value.find('{') == View::npos || value.find('}') == View::npos);
}

// Keys of 40 characters and more as frameworks make them for an installation, of any marks:
// Django's SECRET_KEY has no capitals, WordPress' AUTH_KEY has blanks and brackets. Marks stand all
// through it, and what letters there are make no words.
bool looks_made_for_installation(View value, const ValueShape& shape) {
  constexpr std::size_t kLeast = 40;
  constexpr View kDjango = "django-insecure-";  // what it begins one with that it made itself
  if (value.starts_with(kDjango)) value.remove_prefix(kDjango.size());
  if (value.size() < kLeast || shape.digits == 0 || shape.lower < 4 || shape.other < 5 ||
      shape.changes * 5 < value.size() * 2 || entropy_bits(value) < 4.2)
    return false;
  const std::size_t word = longest_word(value);
  return !looks_like_pattern(value) && (word <= 5 || (word <= 12 && has_rare_pairs(value)));
}

bool holds_pair(View value) {
  for (const View pair : {"()", "[]", "{}", "<>"}) {
    const std::size_t open = value.find(pair[0]);
    if (open != View::npos && value.find(pair[1], open) != View::npos) return true;
  }
  return false;
}

// As one is made without digits too: marks that join no words, and kinds of characters that change
// at every second.
bool is_thick_with_marks(View value, const ValueShape& shape) {
  return value.size() >= 10 && shape.upper >= 2 && shape.lower >= 2 && shape.other >= 2 &&
         shape.changes * 2 >= value.size() && !looks_like_pattern(value) && value.front() != ',' &&
         !value.ends_with(");") && value.find_first_of("\\\"'` ") == View::npos &&
         !holds_pair(value) && std::any_of(value.begin(), value.end(), [](char c) {
           return !is_alnum(c) && View{"_-. /:,"}.find(c) == View::npos;
         });
}

// Upper case, lower case and digits all through each other, as in base 62 or base 64; or much of
// base 36.
bool is_thoroughly_mixed(View value, const ValueShape& shape) {
  if (is_hex(value) || value.size() < 20 || shape.other * 9 > value.size() ||
      entropy_bits(value) < 3.8)
    return false;
  if (shape.lower >= 4 && shape.upper >= 4)
    return shape.digits >= 1 && shape.changes * 3 >= value.size();
  return value.size() >= 20 && shape.digits >= 4 && shape.changes * 4 >= value.size() &&
         has_rare_pairs(value);
}

}  // namespace

bool looks_random(View value, const ValueShape& shape, bool vendor) {
  const double entropy = entropy_bits(value);
  const std::size_t letters = shape.lower + shape.upper;
  if (is_hex(value))
    return value.size() >= (vendor ? 16U : 20U) && shape.digits >= 3 && letters >= 3 &&
           entropy >= (value.size() >= 32 ? 3.0 : 2.8);
  const bool brief = value.size() < 20;
  if (value.size() < (vendor ? 12U : 16U)) return false;
  const bool both_cases = shape.upper >= 3 && shape.lower >= 3;
  if (letters < 5 || entropy < (brief ? 3.0 : 3.2)) return false;
  if (shape.digits < (both_cases ? 1U : 2U))  // letters alone: both cases through each other
    return !brief && shape.upper >= 5 && shape.lower >= 5 && shape.changes * 4 >= value.size() &&
           has_rare_pairs(value);
  return (shape.digits >= 3 && shape.changes * (brief ? 3 : 4) >= value.size()) ||
         (shape.other * 6 <= value.size() && has_rare_pairs(value));
}

bool is_public_name(std::string_view lower_name) {
  if (holds_any(lower_name,
                {"digest",         "checksum",    "commit",    "etag",       "integrity",
                 "nonce",          "uuid",        "guid",      "publickey",  "public_key",
                 "public-key",     "fingerprint", "revision",  "md5",        "publictoken",
                 "publickeytoken", "keyid",       "key_id",    "key-id",     "csrf",
                 "xsrf",           "cache",       "signature", "primary",    "foreign",
                 "partition",      "idempoten",   "sort_key",  "object_key", "row_key",
                 "continuation",   "next_token",  "nexttoken", "page_token", "pagetoken",
                 "sync_token",     "cancel",      "tokenizer", "keyword",    "hotkey",
                 "keyboard"}))
    return true;
  // "sha256" and "hash", but not "shared_key" and "hashicorp_token".
  const std::size_t hash = lower_name.find("hash");
  if (hash != View::npos && lower_name.substr(hash).substr(0, 9) != "hashicorp") return true;
  const std::size_t sha = lower_name.find("sha");
  return sha != View::npos && (sha + 3 >= lower_name.size() || !is_letter(lower_name[sha + 3]));
}

bool is_about_passwords(std::string_view lower_name) {
  return holds_any(lower_name,
                   {"encrypt", "hash",      "policy", "length", "file",    "path",    "field",
                    "hint",    "reset",     "expir",  "url",    "regex",   "rule",    "label",
                    "type",    "algorithm", "method", "bypass", "compass", "buypass", "salt"});
}

ValueShape shape_of(std::string_view text) {
  std::array<std::size_t, 4> count{};
  std::size_t changes = 0;
  std::uint8_t before = kKinds[static_cast<unsigned char>(text.empty() ? ' ' : text.front())];
  for (const char c : text) {
    const std::uint8_t kind = kKinds.data()[static_cast<unsigned char>(c)];
    ++count.data()[kind];
    changes += kind != before ? 1 : 0;
    before = kind;
  }
  return {count[kLower], count[kUpper], count[kDigit], count[kOther], changes};
}

bool is_wordy(std::string_view value, const ValueShape& shape) {
  if (shape.digits > 0) return false;
  // camelCase, CONSTANT and lower words; random letters change case often.
  if (shape.other == 0)
    return shape.changes * 4 < value.size() || shape.upper == 0 || shape.lower == 0;
  const auto separators =
      static_cast<std::size_t>(std::count_if(value.begin(), value.end(), [](char c) {
        return c == '_' || c == '-' || c == '.' || c == ' ' || c == '/' || c == ':';
      }));
  return separators == shape.other && shape.changes <= 2 * separators + 3;
}

bool is_word_of_code(std::string_view value) {
  static constexpr View kWords[] = {
      "string",   "null",   "none",   "true",   "false",    "undefined", "nil",
      "str",      "int",    "bool",   "text",   "self",     "this",      "new",
      "function", "const",  "return", "await",  "process",  "required",  "optional",
      "any",      "object", "bytes",  "number", "password", "token",     "secret",
      "key",      "value",  "type",   "char",   "std",      "void"};
  return std::any_of(std::begin(kWords), std::end(kWords), [&](View word) {
    return value.size() == word.size() &&
           std::equal(value.begin(), value.end(), word.begin(),
                      [](char a, char b) { return to_lower(a) == b; });
  });
}

bool is_timestamp(std::string_view text) {
  constexpr View kForm = "0000-00-00T00:00";
  if (text.size() < kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i)
    if (kForm[i] == '0' ? !is_digit(text[i]) : text[i] != kForm[i]) return false;
  return text.find_first_not_of("0123456789:.+-Z", kForm.size()) == View::npos;
}

namespace {

// token/ERC20/BasicToken.sol: base 64 has no dot, and what has dots no slash.
bool is_path(View value) {
  const std::size_t dot = value.rfind('.');
  const std::size_t slash = value.find('/');
  return dot != View::npos && slash < dot && value.size() - dot <= 6 && dot + 1 < value.size() &&
         std::all_of(value.begin() + static_cast<std::ptrdiff_t>(dot) + 1, value.end(), is_lower);
}

// tests/unit/Test_913: words that slashes join. What chance makes has no plain word before the
// first.
bool is_path_of_words(View value) {
  const std::size_t slash = value.find('/');
  if (slash == View::npos || slash < 3 || slash + 1 >= value.size()) return false;
  const View first = value.substr(0, slash);
  return std::all_of(first.begin(), first.end(),
                     [](char c) { return is_lower(c) || c == '-' || c == '_' || c == '.'; }) &&
         std::count_if(first.begin(), first.end(), is_lower) >= 3 && !has_rare_pairs(first) &&
         std::all_of(value.begin(), value.end(),
                     [](char c) { return is_alnum(c) || View{"_-./:+@#"}.find(c) != View::npos; });
}

// __NL80211_KEY_AFTER_LAST: a constant's name.
bool is_constant(View value) {
  std::size_t words = 0;
  while (!value.empty()) {
    const std::size_t end = std::min(value.find('_'), value.size());
    const View word = value.substr(0, end);
    value.remove_prefix(std::min(end + 1, value.size()));
    if (word.empty()) continue;
    // Words as long as names have, without digits all through them.
    if (word.size() > 14 ||
        !std::all_of(word.begin(), word.end(), [](char c) { return is_upper(c) || is_digit(c); }) ||
        shape_of(word).changes > 2)
      return false;
    ++words;
  }
  return words >= 3;
}

// UTF8String, PBKDF2WithHmacSHA512: the names of types and algorithms, in which a number ends a
// word and another begins behind it.
bool is_type_name(View value) {
  if (value.empty() || !is_upper(value.front()) ||
      !std::all_of(value.begin(), value.end(), is_alnum))
    return false;
  for (std::size_t at = 1; at + 3 < value.size(); ++at)
    if (is_digit(value[at - 1]) && is_upper(value[at])) {
      const View word = value.substr(at + 1, 3);
      return std::all_of(word.begin(), word.end(), is_lower) &&
             word.find_first_of("aeiou") != View::npos;
    }
  return false;
}

// _mm512_xor_si512: words that end in numbers.
bool is_identifier(View value) {
  std::size_t words = 0;
  while (!value.empty()) {
    const std::size_t end = std::min(value.find('_'), value.size());
    const View word = value.substr(0, end);
    value.remove_prefix(std::min(end + 1, value.size()));
    if (word.empty()) continue;
    const std::size_t letters = std::min(word.find_first_of("0123456789"), word.size());
    if (letters == 0 || letters > 12 || word.size() - letters > 3 ||
        !std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(letters), is_lower) ||
        !std::all_of(word.begin() + static_cast<std::ptrdiff_t>(letters), word.end(), is_digit))
      return false;
    ++words;
  }
  return words >= 3;
}

}  // namespace

bool is_sure_secret(const NamedValue& place, const ValueShape& shape) {
  const View value = place.value;
  const bool marked = !is_token(value, place.quoted ? ":%" : "");
  const bool made = marked && (place.quoted || place.line_of_settings) &&
                    place.binding >= Binding::kArgument &&
                    looks_made_for_installation(value, shape);
  if (place.binding == Binding::kMention) return false;
  if (!made && ((marked && !(place.quoted && place.binding >= Binding::kArgument)) ||
                value.front() == '/' || holds_any(value, {"..", "://"}) || is_wordy(value, shape) ||
                is_path(value) || (!place.quoted && (is_identifier(value) || is_constant(value)))))
    return false;
  std::string name{place.name};
  for (char& c : name) c = to_lower(c);
  if (is_public_name(name) || is_public_value(value)) return false;
  if (!place.quoted && !made && is_expression(value)) return false;
  if (!is_strong_name(name)) {
    if (made) return false;
    // A mere "key" is one more often of a map than of a door.
    if (!name.ends_with("key") && !name.ends_with("private") && !name.ends_with("access") &&
        !holds_any(name, {"schlüssel", "clé", "clave", "chave", "chiave", "люч", "klucz", "anahtar",
                          "مفتاح", "キー", "키"}))
      return false;
    if (value.size() < 20 || shape.digits == 0) return false;
    if (!place.quoted && !is_hex(value) && !is_thoroughly_mixed(value, shape)) return false;
  }
  if (is_reference(place.name, value, shape) || looks_like_placeholder(value)) return false;
  if (marked) return is_strong_name(name) && (made || looks_generated(value, shape));
  // Numbers as long as Discord's and Facebook's: only with their giver's name.
  if (shape.digits == value.size())
    return place.vendor_near && place.binding >= Binding::kArgument && value.size() >= 17 &&
           holds_any(name, {"token", "secret"}) && entropy_bits(value) >= 2.5;
  if (is_uuid(value))
    return (place.binding >= Binding::kArgument ||
            (place.binding == Binding::kNext && place.quoted)) &&
           (place.vendor_near || holds_any(name, {"secret", "token", "apikey", "api_key", "api-key",
                                                  "private_key", "access_key"}));
  // Prose and log lines: "the token abc" may be anything, but not something mixed so thoroughly.
  if (place.binding == Binding::kNext)
    return is_thoroughly_mixed(value, shape) ||
           (is_hex(value) && value.size() >= 32 &&
            holds_any(name, {"token", "secret", "apikey", "api_key"}) &&
            looks_random(value, shape, false)) ||
           (place.vendor_near && looks_random(value, shape, true));
  return looks_random(value, shape, place.vendor_near);
}

bool is_sure_password(const NamedValue& place, const ValueShape& shape) {
  const View value = place.value;
  if (value.size() < 8 || value.size() > 64) return false;
  // IDENTIFIED BY 'value', setPassword("value"), --password value.
  const bool option = place.name.starts_with('-');
  if (place.binding < Binding::kNext ||
      (place.binding == Binding::kNext && !place.quoted && !option))
    return false;
  const std::size_t kinds =
      (shape.lower > 0) + (shape.upper > 0) + (shape.digits > 0) + (shape.other > 0);
  if (kinds < 3 || entropy_bits(value) < 2.8 || is_wordy(value, shape) ||
      (shape.digits == 0 && !is_thick_with_marks(value, shape)))
    return false;
  if (value.find(' ') != View::npos || is_reference(place.name, value, shape) ||
      looks_like_placeholder(value))
    return false;
  if (is_public_value(value) || is_path(value)) return false;
  if (!place.quoted && (is_path_of_words(value) || is_constant(value) || is_type_name(value)))
    return false;
  std::string name{place.name};
  for (char& c : name) c = to_lower(c);
  if (is_about_passwords(name)) return false;
  if (place.binding == Binding::kNext && asks(name)) return false;
  if (place.quoted || (place.line_of_settings && !is_member(value))) return true;
  // Without quotes a line of a configuration says it, where code would go on or call something.
  // On a line that goes on it is one for commands, for the environment, or when it looks made by
  // chance.
  const bool shouted = std::none_of(place.name.begin(), place.name.end(), is_lower);
  return (place.line_end || option || shouted || shape.changes * 2 >= value.size()) &&
         value.find_first_of("()[]{}<>\"'`") == View::npos && shape.changes * 4 >= value.size() &&
         !is_expression(value);
}

}  // namespace gnomon::content
