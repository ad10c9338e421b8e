#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/descriptor.h"
#include "gnomon/bytes/folder_owner.h"
#include "gnomon/bytes/handle.h"
#include "gnomon/bytes/hex.h"
#include "gnomon/inventory/privacy.h"

namespace gnomon::inventory {
namespace {

constexpr std::string_view kHeading = "gnomon pseudonym key 1\n";
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kFileBytes = kHeading.size() + 2 * kSecretBytes + 1;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;

// fd67:6e6f ("g", "no") in the range that is nobody's (RFC 4193) for clients of private addresses;
// 2001:db8:676e in the one for documentation (RFC 3849) for those of public ones, so that what is
// told from the kind of an address stays true.
constexpr std::array<std::uint8_t, 4> kPrivate{0xfd, 0x67, 0x6e, 0x6f};
constexpr std::array<std::uint8_t, 6> kPublic{0x20, 0x01, 0x0d, 0xb8, 0x67, 0x6e};

std::optional<Error> make_key(const std::filesystem::path& path) {
  std::array<std::uint8_t, kSecretBytes> secret{};
  if (RAND_bytes(secret.data(), static_cast<int>(secret.size())) != 1)
    return Error{"no random numbers for a key"}.in(path.string());
  const std::string text = std::string{kHeading} + hex_of(secret) + "\n";
  OPENSSL_cleanse(secret.data(), secret.size());
  // Whole under a name of its own first: a key that is cut off would make everything unreadable.
  const std::string part = path.string() + ".part";
  {
    const Descriptor file{
        ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (file.get() < 0) return system_error(path.string());
    if (::fchmod(file.get(), 0600) != 0 ||
        ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::fsync(file.get()) != 0) {
      Error failed = system_error(path.string());
      ::unlink(part.c_str());
      return failed;
    }
    give_to_folder_owner(file.get(), path);
  }
  // Not over a key that somebody else made meanwhile.
  const bool linked = ::link(part.c_str(), path.c_str()) == 0 || errno == EEXIST;
  Error failed = system_error(path.string());
  ::unlink(part.c_str());
  if (!linked) return failed;
  return std::nullopt;
}

using Cipher = Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

const std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

}  // namespace

Result<PseudonymKey> PseudonymKey::load(const std::filesystem::path& path, bool make) {
  std::error_code ignored;
  if (make && !std::filesystem::exists(std::filesystem::symlink_status(path, ignored)))
    if (auto failed = make_key(path)) return *failed;
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.get() < 0) return system_error(path.string());
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return system_error(path.string());
  if (!S_ISREG(status.st_mode)) return Error{"is no file"}.in(path.string());
  if ((status.st_mode & 077) != 0)
    return Error{"others may read this key; take their right away with chmod 600"}.in(
        path.string());
  char text[kFileBytes + 1];
  const ssize_t got = ::read(file.get(), text, sizeof text);
  PseudonymKey key;
  bool good = got == static_cast<ssize_t>(kFileBytes) &&
              std::string_view{text, kHeading.size()} == kHeading && text[kFileBytes - 1] == '\n';
  for (std::size_t i = 0; good && i < kSecretBytes; ++i) {
    const int high = hex_value(text[kHeading.size() + 2 * i]);
    const int low = hex_value(text[kHeading.size() + 2 * i + 1]);
    good = high >= 0 && low >= 0;
    if (good) key.secret_[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  OPENSSL_cleanse(text, sizeof text);
  if (!good) return Error{"is no key of Gnomon's"}.in(path.string());
  return key;
}

PseudonymKey::Secret PseudonymKey::mac_of(std::string_view purpose, std::string_view text) const {
  std::string input{purpose};
  input += '\0';
  input += text;
  Secret out{};
  unsigned size = 0;
  HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()), bytes_of(input),
       input.size(), out.data(), &size);
  return out;
}

std::string PseudonymKey::id() const {
  const Secret digest = mac_of("id", "");
  return hex_of(Bytes{digest}.first(8));
}

IpAddress PseudonymKey::of_address(const IpAddress& address) const {
  const auto& raw = address.bytes();
  Secret digest =
      mac_of("address", std::string_view{reinterpret_cast<const char*>(raw.data()), raw.size()});
  if (address.is_private()) {
    std::copy(kPrivate.begin(), kPrivate.end(), digest.begin());
  } else {
    std::copy(kPublic.begin(), kPublic.end(), digest.begin());
  }
  return IpAddress::stored(digest.data());
}

std::string PseudonymKey::of_name(std::string_view name) const {
  const Secret digest = mac_of("name", name);
  return "client-" + hex_of(Bytes{digest}.first(8));
}

std::string PseudonymKey::of_mac(std::string_view mac) const {
  const Secret digest = mac_of("mac", mac);
  std::string text = "02";
  for (std::size_t i = 0; i < 5; ++i) text += ":" + hex_of(Bytes{digest}.subspan(i, 1));
  return text;
}

std::uint64_t PseudonymKey::of_number(std::uint64_t number) const {
  const Secret digest = mac_of("number", std::to_string(number));
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 8; ++i) out = out << 8 | digest[i];
  // As flow ids are: within what a JavaScript number and a signed column hold.
  return number == 0 ? 0 : out & 0x1fffffffffffffULL;
}

// AES-256-GCM. The nonce comes from the pseudonym: each seals one text only, so none is used twice
// for two, and the same input makes the same file.
std::string PseudonymKey::seal(std::string_view pseudonym, std::string_view original) const {
  const Secret key = mac_of("seal", "");
  const Secret nonce = mac_of("nonce", std::string{pseudonym} + '\0' + std::string{original});
  const Cipher cipher{EVP_CIPHER_CTX_new()};
  std::string out(kNonceBytes + original.size() + kTagBytes, '\0');
  auto* to = reinterpret_cast<std::uint8_t*>(out.data());
  std::copy_n(nonce.begin(), kNonceBytes, to);
  int size = 0;
  const bool done =
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(), nonce.data()) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes_of(pseudonym),
                        static_cast<int>(pseudonym.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), to + kNonceBytes, &size, bytes_of(original),
                        static_cast<int>(original.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), to + kNonceBytes + size, &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(kTagBytes),
                          to + kNonceBytes + original.size()) == 1;
  return done ? out : std::string{};
}

std::optional<std::string> PseudonymKey::unseal(std::string_view pseudonym,
                                                std::string_view sealed) const {
  if (sealed.size() < kNonceBytes + kTagBytes || sealed.size() > 64 * 1024) return std::nullopt;
  const Secret key = mac_of("seal", "");
  const std::string_view body = sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  std::string tag{sealed.substr(sealed.size() - kTagBytes)};
  std::string out(body.size() + 1, '\0');
  auto* to = reinterpret_cast<std::uint8_t*>(out.data());
  const Cipher cipher{EVP_CIPHER_CTX_new()};
  int size = 0;
  const bool done = EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(),
                                       bytes_of(sealed)) == 1 &&
                    EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes_of(pseudonym),
                                      static_cast<int>(pseudonym.size())) == 1 &&
                    EVP_DecryptUpdate(cipher.get(), to, &size, bytes_of(body),
                                      static_cast<int>(body.size())) == 1 &&
                    EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG,
                                        static_cast<int>(kTagBytes), tag.data()) == 1 &&
                    EVP_DecryptFinal_ex(cipher.get(), to + size, &size) == 1;
  if (!done) return std::nullopt;
  out.resize(body.size());
  return out;
}

bool is_pseudonym(const IpAddress& address) {
  const auto& bytes = address.bytes();
  return std::equal(kPrivate.begin(), kPrivate.end(), bytes.begin()) ||
         std::equal(kPublic.begin(), kPublic.end(), bytes.begin());
}

std::filesystem::path default_key_path(const std::filesystem::path& database) {
  return database.string() + ".key";
}

}  // namespace gnomon::inventory
