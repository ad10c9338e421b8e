#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/byte_reader.h"
#include "gnomon/bytes/sha256.h"
#include "secret_value.h"
#include "validator.h"
#include "value_reference.h"

// Checks of keys, tokens and passwords.
namespace gnomon::content {
namespace {

using View = std::string_view;

Verdict check_entropy(ValidatorInput& in) {
  return entropy_bits(in.value) >= in.number ? Verdict::kFits : Verdict::kNo;
}

Verdict check_mixed(ValidatorInput& in) {
  const bool has_digit = std::any_of(in.value.begin(), in.value.end(), is_digit);
  const bool has_letter = std::any_of(in.value.begin(), in.value.end(), is_letter);
  return has_digit && has_letter ? Verdict::kFits : Verdict::kNo;
}

Verdict check_upper_and_lower(ValidatorInput& in) {
  return std::any_of(in.value.begin(), in.value.end(), is_lower) &&
                 std::any_of(in.value.begin(), in.value.end(), is_upper)
             ? Verdict::kFits
             : Verdict::kNo;
}

Verdict check_not_hex(ValidatorInput& in) {
  return in.value.find_first_not_of("0123456789abcdefABCDEF") == View::npos ? Verdict::kNo
                                                                            : Verdict::kFits;
}

Verdict check_hex(ValidatorInput& in) {
  return in.value.find_first_not_of("0123456789abcdefABCDEF") == View::npos ? Verdict::kFits
                                                                            : Verdict::kNo;
}

std::uint32_t crc32_of(View text) {
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
}

// GitHub, npm: the last six characters are the CRC-32 of what stands between prefix and them, in
// base 62. One that does not fit was made up, or is of another form: doubtful.
Verdict check_crc32_base62(ValidatorInput& in) {
  static constexpr View kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const std::size_t prefix = in.value.find('_');
  if (prefix == View::npos || in.value.size() < prefix + 13) return Verdict::kDoubtful;
  const View body = in.value.substr(prefix + 1);
  std::uint32_t value = crc32_of(body.substr(0, body.size() - 6));
  std::string check(6, '0');
  for (std::size_t i = 6; i-- > 0 && value != 0;) {
    check[i] = kDigits[value % 62];
    value /= 62;
  }
  return body.substr(body.size() - 6) == check ? Verdict::kProven : Verdict::kDoubtful;
}

// Grafana, Atlassian: the last eight hexadecimal digits are the CRC-32 of what stands before.
Verdict check_crc32_hex(ValidatorInput& in) {
  if (in.value.size() < 10) return Verdict::kDoubtful;
  View body = in.value.substr(0, in.value.size() - 8);
  std::uint32_t wanted = 0;
  const View tail = in.value.substr(in.value.size() - 8);
  std::from_chars(tail.data(), tail.data() + 8, wanted, 16);
  if (crc32_of(body) == wanted) return Verdict::kProven;
  if (!body.empty() && (body.back() == '_' || body.back() == '=')) body.remove_suffix(1);
  return crc32_of(body) == wanted ? Verdict::kProven : Verdict::kFits;
}

bool json_member(View json, View name) {
  const std::size_t found = json.find("\"" + std::string{name} + "\"");
  return found != View::npos;
}

Verdict check_jwt(ValidatorInput& in) {
  const std::size_t dot = in.value.find('.');
  const std::string header = decode_base64(in.value.substr(0, dot));
  if (header.empty() || header.front() != '{') return Verdict::kNo;
  return json_member(header, "alg") || json_member(header, "enc") ? Verdict::kProven
                                                                  : Verdict::kDoubtful;
}

// A token within base64: {"aud": ... and the like, encoded twice.
Verdict check_jwt_in_base64(ValidatorInput& in) {
  const std::string token = decode_base64(in.value.substr(0, in.value.size() / 4 * 4));
  const View header = View{token}.substr(0, token.find('.'));
  const std::string json = decode_base64(header.substr(0, header.size() / 4 * 4));
  if (json.size() < 8 || !json.starts_with("{\"") || !is_letter(json[2])) return Verdict::kNo;
  return json.find("\":") != std::string::npos ? Verdict::kProven : Verdict::kNo;
}

Verdict check_base64_bytes(ValidatorInput& in) {
  const std::string decoded = decode_base64(in.value);
  return decoded.size() == static_cast<std::size_t>(in.number) ? Verdict::kProven : Verdict::kNo;
}

Verdict check_decodes(ValidatorInput& in) {
  return decode_base64(in.value).empty() ? Verdict::kNo : Verdict::kFits;
}

Verdict check_decodes_to(ValidatorInput& in) {
  const std::string decoded = decode_base64(in.value);
  return View{decoded}.find(in.word) != View::npos ? Verdict::kProven : Verdict::kNo;
}

bool printable(View text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 32 && byte < 127) || byte >= 0xc2;
  });
}

Verdict check_basic_auth(ValidatorInput& in) {
  const std::string decoded = decode_base64(in.value);
  const std::size_t colon = decoded.find(':');
  if (colon == std::string::npos || !printable(decoded)) return Verdict::kNo;
  return looks_like_placeholder(View{decoded}.substr(colon + 1)) ? Verdict::kDoubtful
                                                                 : Verdict::kProven;
}

// The end of a PEM or PGP block: with it and a body the key is there; cut off, it still says that
// there was one.
Verdict check_pem(ValidatorInput& in) {
  const View rest = in.text.substr(in.end, 16384);
  // No key holds five dashes, so what comes after the next ones belongs to another.
  const std::size_t dashes_next = rest.find("-----");
  const bool ended = dashes_next != View::npos && rest.substr(dashes_next, 8) == "-----END";
  const std::size_t close = ended ? dashes_next : View::npos;
  const View body = rest.substr(0, dashes_next);
  const auto solid = std::count_if(body.begin(), body.end(), [](char c) {
    return is_alnum(c) || c == '+' || c == '/' || c == '=';
  });
  if (solid < 40) return Verdict::kDoubtful;
  std::size_t end =
      in.end + (close == View::npos ? std::min<std::size_t>(body.size(), 200) : close);
  if (close != View::npos) {
    const std::size_t dashes = in.text.find("-----", end + 8);
    if (dashes != View::npos && dashes < end + 60) end = dashes + 5;
  }
  in.end = end;
  if (looks_like_placeholder(body.substr(0, 64)) || solid * 3 < static_cast<long>(body.size()))
    return Verdict::kDoubtful;
  return close == View::npos ? Verdict::kFits : Verdict::kProven;
}

Verdict check_base58(ValidatorInput& in) {
  static constexpr View kAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  std::vector<std::uint8_t> bytes;
  std::size_t zeros = 0;
  while (zeros < in.value.size() && in.value[zeros] == '1') ++zeros;
  for (const char c : in.value) {
    const std::size_t value = kAlphabet.find(c);
    if (value == View::npos) return Verdict::kNo;
    unsigned carry = static_cast<unsigned>(value);
    for (std::uint8_t& byte : bytes) {
      carry += static_cast<unsigned>(byte) * 58;
      byte = static_cast<std::uint8_t>(carry & 255U);
      carry >>= 8U;
    }
    while (carry != 0) {
      bytes.push_back(static_cast<std::uint8_t>(carry & 255U));
      carry >>= 8U;
    }
    if (bytes.size() > 200) return Verdict::kNo;
  }
  bytes.insert(bytes.end(), zeros, 0);
  std::reverse(bytes.begin(), bytes.end());
  if (bytes.size() < 8) return Verdict::kNo;
  Sha256 hash;
  hash.start();
  hash.add(Bytes{bytes}.first(bytes.size() - 4));
  const Sha256Digest once = hash.finish();
  hash.start();
  hash.add(Bytes{once});
  const Sha256Digest twice = hash.finish();
  return std::memcmp(twice.data(), bytes.data() + bytes.size() - 4, 4) == 0 ? Verdict::kProven
                                                                            : Verdict::kNo;
}

// BIP-173 and BIP-350; age keys are bech32 too, in upper case.
Verdict check_bech32(ValidatorInput& in) {
  static constexpr View kAlphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  static constexpr std::uint32_t kGenerator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                                 0x2a1462b3};
  std::string value{in.value};
  for (char& c : value) c = to_lower(c);
  const std::size_t mark = value.rfind('1');
  if (mark == std::string::npos || mark == 0 || mark + 7 > value.size()) return Verdict::kNo;
  std::uint32_t state = 1;
  const auto feed = [&](std::uint32_t symbol) {
    const std::uint32_t top = state >> 25U;
    state = ((state & 0x1ffffffU) << 5U) ^ symbol;
    for (unsigned i = 0; i < 5; ++i)
      if ((top >> i) & 1U) state ^= kGenerator[i];
  };
  for (std::size_t i = 0; i < mark; ++i) feed(static_cast<unsigned char>(value[i]) >> 5U);
  feed(0);
  for (std::size_t i = 0; i < mark; ++i) feed(static_cast<unsigned char>(value[i]) & 31U);
  for (std::size_t i = mark + 1; i < value.size(); ++i) {
    const std::size_t symbol = kAlphabet.find(value[i]);
    if (symbol == View::npos) return Verdict::kNo;
    feed(static_cast<std::uint32_t>(symbol));
  }
  return state == 1 || state == 0x2bc830a3 ? Verdict::kProven : Verdict::kDoubtful;
}

Verdict check_bitcoin_address(ValidatorInput& in) {
  return in.value.starts_with("bc1") ? check_bech32(in) : check_base58(in);
}

Verdict check_discord(ValidatorInput& in) {
  const std::string decoded = decode_base64(in.value.substr(0, in.value.find('.')));
  return decoded.size() >= 15 && decoded.size() <= 20 &&
                 std::all_of(decoded.begin(), decoded.end(), is_digit)
             ? Verdict::kProven
             : Verdict::kFits;
}

// The password of scheme://user:password@host.
Verdict check_url_password(ValidatorInput& in) {
  const std::size_t at = in.value.rfind('@');
  const std::size_t scheme = in.value.find("://");
  if (at == View::npos || scheme == View::npos || scheme + 3 > at) return Verdict::kNo;
  const View user_and_password = in.value.substr(scheme + 3, at - scheme - 3);
  const std::size_t colon = user_and_password.find(':');
  if (colon == View::npos) return Verdict::kNo;
  const View password = user_and_password.substr(colon + 1);
  const View host = in.value.substr(at + 1);
  if (password.empty()) return Verdict::kNo;
  if (is_template(password) || is_enclosed(password) || password.starts_with("**"))
    return Verdict::kDoubtful;
  if (looks_like_placeholder(password) || password == user_and_password.substr(0, colon))
    return Verdict::kDoubtful;
  for (const View place :
       {"example.", "localhost", "127.0.0.1", "host", "0.0.0.0", "server", "my", "your"})
    if (host.substr(0, place.size()) == place) return Verdict::kDoubtful;
  const ValueShape shape = shape_of(password);
  const bool thick = password.size() >= 10 && shape.upper >= 2 && shape.lower >= 2 &&
                     shape.other >= 1 && shape.changes * 2 >= password.size();
  if ((shape.digits == 0 && !thick) || password.size() < 6) return Verdict::kDoubtful;
  return Verdict::kProven;
}

// user:password as a command takes them.
Verdict check_user_password(ValidatorInput& in) {
  const std::size_t colon = in.value.find(':');
  if (colon == View::npos) return Verdict::kNo;
  const View user = in.value.substr(0, colon);
  const View password = in.value.substr(colon + 1);
  if (password.size() < 4 || user.empty() || user.find('/') != View::npos) return Verdict::kNo;
  if (looks_like_placeholder(password) || password == user || user.front() == '$' ||
      user.front() == '<')
    return Verdict::kDoubtful;
  return password.size() >= 6 && std::any_of(password.begin(), password.end(), is_digit)
             ? Verdict::kProven
             : Verdict::kDoubtful;
}

Verdict check_not_placeholder(ValidatorInput& in) {
  return looks_like_placeholder(in.value) ? Verdict::kNo : Verdict::kFits;
}

Verdict check_pem_or_base64_of(ValidatorInput& in) {
  const std::string decoded = decode_base64(in.value.substr(0, in.value.size() / 4 * 4));
  return View{decoded}.find("PRIVATE KEY") != View::npos ||
                 View{decoded}.find("openssh-key-v1") != View::npos
             ? Verdict::kProven
             : Verdict::kNo;
}

constexpr Validator kValidators[] = {
    {"entropy", check_entropy, false},
    {"mixed", check_mixed, false},
    {"upper-and-lower", check_upper_and_lower, false},
    {"not-hex", check_not_hex, false},
    {"hex", check_hex, false},
    {"crc32-base62", check_crc32_base62, true},
    {"crc32-hex", check_crc32_hex, true},
    {"jwt", check_jwt, true},
    {"jwt-in-base64", check_jwt_in_base64, true},
    {"base64-bytes", check_base64_bytes, true},
    {"decodes", check_decodes, false},
    {"decodes-to", check_decodes_to, true},
    {"basic-auth", check_basic_auth, true},
    {"pem", check_pem, true},
    {"base58", check_base58, true},
    {"bech32", check_bech32, true},
    {"bitcoin-address", check_bitcoin_address, true},
    {"discord", check_discord, true},
    {"url-password", check_url_password, true},
    {"user-password", check_user_password, true},
    {"not-placeholder", check_not_placeholder, false},
    {"base64-private-key", check_pem_or_base64_of, true},
};

// Letters that say what ought to stand there: dbPassword, user_secret, my-api-token.
bool names_a_secret(View lower) {
  static constexpr View kSecrets[] = {"passphrase", "password", "passwd", "secret", "token",
                                      "pass",       "pwd",      "key"};
  static constexpr View kAround[] = {"authentication", "credential", "database", "encrypted",
                                     "connection",     "incorrect",  "account",  "correct",
                                     "current",        "default",    "invalid",  "another",
                                     "service",        "access",     "client",   "custom",
                                     "master",         "second",     "server",   "shared",
                                     "strong",         "system",     "admin",    "basic",
                                     "group",          "login",      "other",    "plain",
                                     "proxy",          "redis",      "valid",    "value",
                                     "wrong",          "auth",       "good",     "here",
                                     "http",           "ldap",       "long",     "mail",
                                     "name",           "root",       "salt",     "smtp",
                                     "some",           "test",       "text",     "user",
                                     "your",           "api",        "app",      "bad",
                                     "ftp",            "jwt",        "new",      "old",
                                     "our",            "sql",        "ssh",      "ssl",
                                     "the",            "tls",        "web",      "db",
                                     "my",             "a"};
  bool secret = false;
  while (!lower.empty()) {
    const auto begins = [&](View word) { return lower.starts_with(word); };
    const View* word = std::find_if(std::begin(kSecrets), std::end(kSecrets), begins);
    if (word != std::end(kSecrets)) {
      secret = true;
    } else if (View{"_-.,;:"}.find(lower.front()) != View::npos) {
      lower.remove_prefix(1);
      continue;
    } else {
      word = std::find_if(std::begin(kAround), std::end(kAround), begins);
      if (word == std::end(kAround)) return false;
    }
    lower.remove_prefix(word->size());
  }
  return secret;
}

}  // namespace

std::span<const Validator> secret_validators() { return kValidators; }

double entropy_bits(std::string_view text) {
  if (text.empty()) return 0;
  std::array<unsigned, 256> counts{};
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const unsigned count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(text.size());
    bits -= share * std::log2(share);
  }
  return bits;
}

bool looks_like_placeholder(std::string_view value) {
  constexpr std::size_t kFillerRun = 10;
  if (value.empty()) return true;
  if (is_template(value) || is_enclosed(value)) return true;
  std::string lower{value.substr(0, 200)};
  for (char& c : lower) c = to_lower(c);
  // clang-format off
  static constexpr View kWithin[] = {"example",      "placeholder", "changeme", "change_me",
                                     "change-me",    "your_",       "your-",    "yourp",
                                     "yourt",        "yoursec",     "youra",    "yourk",
                                     "xxxx",         "replace",     "dummy",    "redacted",
                                     "insert",       "todo",        "sample",   "abcdef",
                                     "012345678",    "12345678",    "<your",    "${",
                                     "{{",           "...",         "****",     "foobar",
                                     "fake",         "deadbeef",    "qwerty",   "testtest",
                                     "123e4567-e89b"};  // the UUID of many documents
  // clang-format on
  for (const View word : kWithin)
    if (lower.find(word) != std::string::npos) return true;
  static constexpr View kWhole[] = {
      "test",     "none",     "null",      "true",     "false",   "default",    "admin",
      "root",     "user",     "username",  "guest",    "undefined", "string",   "value",
      "nil",
      "empty",    "required", "optional",  "hidden",   "private", "letmein",    "hunter2",
      "foo",      "bar",      "passw0rd",  "s3cr3t",   "p@ssw0rd", "demo",      "postgres",
      "mysql"};
  for (const View word : kWhole)
    if (lower == word) return true;
  if (names_a_secret(lower)) return true;
  // Zeros and the like to fill a form. In base 64 a run of A is zero bytes, which keys do have.
  std::size_t run = 0;
  for (std::size_t i = 1; i < lower.size(); ++i) {
    run = lower[i] == lower[i - 1] && lower[i] != 'a' && is_alnum(lower[i]) ? run + 1 : 0;
    if (run + 1 >= kFillerRun) return true;
  }
  // One character over and over, or few of them.
  std::array<bool, 256> seen{};
  std::size_t distinct = 0;
  for (const char c : lower)
    if (!seen[static_cast<unsigned char>(c)]) {
      seen[static_cast<unsigned char>(c)] = true;
      ++distinct;
    }
  return distinct <= 2 || (lower.size() >= 20 && distinct <= 4);
}

std::string decode_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() * 3 / 4);
  unsigned bits = 0;
  unsigned held = 0;
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.size() % 4 == 1) text.remove_suffix(1);
  for (const char c : text) {
    unsigned value = 0;
    if (is_upper(c)) {
      value = static_cast<unsigned>(c - 'A');
    } else if (is_lower(c)) {
      value = static_cast<unsigned>(c - 'a' + 26);
    } else if (is_digit(c)) {
      value = static_cast<unsigned>(c - '0' + 52);
    } else if (c == '+' || c == '-') {
      value = 62;
    } else if (c == '/' || c == '_') {
      value = 63;
    } else {
      return {};
    }
    held = (held << 6U) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>((held >> bits) & 255U);
    }
  }
  return out;
}

}  // namespace gnomon::content
