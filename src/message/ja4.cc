// OpenSSL 3 deprecates SHA256_*, and does not offer anything else that costs no allocation and no
// look-up by name: SHA256() itself takes longer to find its algorithm than to run it.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "gnomon/message/ja4.h"

#include <openssl/sha.h>

#include <algorithm>

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/hex.h"

namespace gnomon::message {
namespace {

constexpr std::size_t kHashCharacters = 12;

bool is_alphanumeric(unsigned char c) { return is_alnum(c); }

// Values without GREASE.
class Values {
 public:
  void add(std::uint16_t value) {
    if (is_tls_grease(value)) return;
    if (count_ == values_.size()) {
      overflowed_ = true;
      return;
    }
    values_[count_++] = value;
  }
  void add_pairs(Bytes pairs) {
    ByteReader in{pairs};
    while (!in.at_end()) add(in.u16());
  }
  void sort() { std::sort(values_.begin(), values_.begin() + static_cast<std::ptrdiff_t>(count_)); }

  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] bool overflowed() const { return overflowed_; }
  [[nodiscard]] const std::uint16_t* begin() const { return values_.data(); }
  [[nodiscard]] const std::uint16_t* end() const { return values_.data() + count_; }

 private:
  std::array<std::uint16_t, kJa4ValuesMax> values_;  // only the first count_ are set
  std::size_t count_ = 0;
  bool overflowed_ = false;
};

// SHA-256 over a text that is made of lists of four hex digits.
class ListHash {
 public:
  ListHash() { SHA256_Init(&context_); }

  // "002f,0035"
  void add(const Values& values) {
    std::array<char, 5 * 64> text;
    std::size_t length = 0;
    bool first = true;
    for (const std::uint16_t value : values) {
      if (!first) text[length++] = ',';
      first = false;
      text[length++] = hex_digit(value >> 12u);
      text[length++] = hex_digit(value >> 8u);
      text[length++] = hex_digit(value >> 4u);
      text[length++] = hex_digit(value);
      if (length + 5 > text.size()) {
        SHA256_Update(&context_, text.data(), length);
        length = 0;
      }
    }
    SHA256_Update(&context_, text.data(), length);
  }
  void add_underscore() { SHA256_Update(&context_, "_", 1); }

  void finish(char* out) {
    std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest;
    SHA256_Final(digest.data(), &context_);
    for (std::size_t i = 0; i < kHashCharacters / 2; ++i) {
      out[2 * i] = hex_digit(digest[i] >> 4u);
      out[2 * i + 1] = hex_digit(digest[i]);
    }
  }

 private:
  SHA256_CTX context_;
};

std::string_view version_code(std::uint16_t version) {
  switch (version) {
    case 0x0304:
      return "13";
    case 0x0303:
      return "12";
    case 0x0302:
      return "11";
    case 0x0301:
      return "10";
    case 0x0300:
      return "s3";
    case 0x0002:
      return "s2";
    case 0xfeff:
      return "d1";
    case 0xfefd:
      return "d2";
    case 0xfefc:
      return "d3";
    default:
      return "00";  // drafts, too
  }
}

void put_count(char* out, std::size_t count) {
  const std::size_t shown = std::min<std::size_t>(count, 99);
  out[0] = static_cast<char>('0' + shown / 10);
  out[1] = static_cast<char>('0' + shown % 10);
}

// First and last character of the first protocol; when either is not alphanumeric, the first and
// last digit of its hex form.
void put_alpn(char* out, const ClientHello& hello) {
  out[0] = out[1] = '0';
  if (hello.alpn_count == 0 || hello.alpn[0].empty()) return;
  const auto first = static_cast<unsigned char>(hello.alpn[0].front());
  const auto last = static_cast<unsigned char>(hello.alpn[0].back());
  const bool printable = is_alphanumeric(first) && is_alphanumeric(last);
  out[0] = printable ? static_cast<char>(first) : hex_digit(first >> 4u);
  out[1] = printable ? static_cast<char>(last) : hex_digit(last);
}

}  // namespace

std::optional<Ja4> ja4_of(const ClientHello& hello, HelloTransport transport) {
  if (hello.partial || hello.ssl2) return std::nullopt;

  Values ciphers;
  ciphers.add_pairs(hello.cipher_suites);

  Values extensions;  // those that are hashed
  std::size_t extension_count = 0;
  ByteReader in{hello.extensions};
  while (!in.at_end()) {
    const std::uint16_t type = in.u16();
    in.take(in.u16());
    if (!in.ok()) break;
    if (!is_tls_grease(type)) ++extension_count;
    if (TlsExtension{type} != TlsExtension::kServerName &&
        TlsExtension{type} != TlsExtension::kAlpn)
      extensions.add(type);
  }

  Values algorithms;
  algorithms.add_pairs(hello.signature_algorithms);
  if (ciphers.overflowed() || extensions.overflowed() || algorithms.overflowed())
    return std::nullopt;
  ciphers.sort();
  extensions.sort();

  Ja4 ja4;
  char* out = ja4.text.data();
  const std::string_view version = version_code(hello.best_version());
  out[0] = static_cast<char>(transport);
  out[1] = version[0];
  out[2] = version[1];
  out[3] = hello.has_server_name ? 'd' : 'i';
  put_count(out + 4, ciphers.count());
  put_count(out + 6, extension_count);
  put_alpn(out + 8, hello);
  out[10] = out[23] = '_';

  std::fill_n(out + 11, kHashCharacters, '0');
  if (ciphers.count() != 0) {
    ListHash hash;
    hash.add(ciphers);
    hash.finish(out + 11);
  }
  std::fill_n(out + 24, kHashCharacters, '0');
  if (extensions.count() != 0) {
    ListHash hash;
    hash.add(extensions);
    if (algorithms.count() != 0) {
      hash.add_underscore();
      hash.add(algorithms);
    }
    hash.finish(out + 24);
  }
  return ja4;
}

}  // namespace gnomon::message
