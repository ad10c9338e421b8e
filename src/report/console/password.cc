#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <charconv>
#include <cstdlib>

#include "gnomon/bytes/hex.h"
#include "gnomon/report/console_accounts.h"
#include "parameters.h"
#include "sessions.h"

namespace gnomon::report::console {
namespace {

constexpr unsigned kLogN = 15;
constexpr unsigned kR = 8;
constexpr unsigned kP = 1;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr std::uint64_t kMemoryMax = 256ULL * 1024 * 1024;

// The salt goes in as its hex text: it is random all the same.
std::string scrypt_hex(std::string_view password, std::string_view salt, unsigned log_n, unsigned r,
                       unsigned p) {
  std::array<unsigned char, kHashBytes> key{};
  if (EVP_PBE_scrypt(password.data(), password.size(),
                     reinterpret_cast<const unsigned char*>(salt.data()), salt.size(),
                     std::uint64_t{1} << log_n, r, p, kMemoryMax, key.data(), key.size()) != 1)
    return {};
  std::string text = hex_of(key);
  OPENSSL_cleanse(key.data(), key.size());
  return text;
}

bool number_of(std::string_view text, unsigned most, unsigned& number) {
  const auto [at, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc{} && at == text.data() + text.size() && number >= 1 && number <= most;
}

}  // namespace

std::optional<Error> refuse_password(std::string_view name, std::string_view password) {
  constexpr std::size_t kBytesMin = 12;
  constexpr std::size_t kBytesMax = 1024;
  if (password.size() < kBytesMin)
    return Error{"the password needs at least 12 characters; a few words are easy to remember"};
  if (password.size() > kBytesMax) return Error{"the password is longer than 1024 bytes"};
  if (!is_utf8(password)) return Error{"the password is not UTF-8"};
  if (password.find_first_not_of(password.front()) == std::string_view::npos)
    return Error{"the password is one character again and again"};
  if (password.find(name) != std::string_view::npos && password.size() < name.size() + kBytesMin)
    return Error{"the password is little more than the account's name"};
  return std::nullopt;
}

std::string hash_password(std::string_view password) {
  const std::string salt = random_hex(kSaltBytes);
  const std::string hash = scrypt_hex(password, salt, kLogN, kR, kP);
  if (hash.empty()) std::abort();  // out of memory: no account without its password
  return "scrypt:" + std::to_string(kLogN) + ":" + std::to_string(kR) + ":" + std::to_string(kP) +
         ":" + salt + ":" + hash;
}

bool password_matches(std::string_view password, const std::string& hashed) {
  std::array<std::string_view, 6> parts;
  std::string_view rest = hashed;
  for (std::string_view& part : parts) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  unsigned log_n = 0;
  unsigned r = 0;
  unsigned p = 0;
  if (parts[0] != "scrypt" || !rest.empty() || parts[4].empty() || parts[5].empty()) return false;
  if (!number_of(parts[1], 17, log_n) || !number_of(parts[2], 8, r) || !number_of(parts[3], 4, p))
    return false;
  const std::string hash = scrypt_hex(password, parts[4], log_n, r, p);
  return !hash.empty() && same_secret(hash, parts[5]);
}

}  // namespace gnomon::report::console
