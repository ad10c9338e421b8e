#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "keyed_hash.h"

// What cipher suites mean for records.
namespace gnomon::message {

enum class CipherKind : std::uint8_t {
  kNull,
  kRc4,
  kTripleDes,
  kAes128Cbc,
  kAes256Cbc,
  kCamellia128Cbc,
  kCamellia256Cbc,
  kAes128Gcm,
  kAes256Gcm,
  kAria128Gcm,
  kAria256Gcm,
  kAes128Ccm,
  kAes256Ccm,
  kAes128Ccm8,
  kAes256Ccm8,
  kChaCha20Poly1305,
};
inline constexpr std::size_t kCipherKinds = 16;

struct CipherFacts {
  const char* openssl_name;  // null where EVP is not used
  std::uint8_t key_bytes;
  std::uint8_t block_bytes;     // of CBC: also the IV's
  std::uint8_t tag_bytes;       // of AEAD
  std::uint8_t salt_bytes;      // AEAD in TLS 1.2: the part of the nonce from the key block
  std::uint8_t explicit_bytes;  // AEAD in TLS 1.2: the part of the nonce in the record
};

// clang-format off
inline constexpr CipherFacts kCipherFacts[kCipherKinds] = {
    {nullptr,             0,  0,  0,  0,  0},
    {nullptr,             16, 0,  0,  0,  0},
    {"DES-EDE3-CBC",      24, 8,  0,  0,  0},
    {"AES-128-CBC",       16, 16, 0,  0,  0},
    {"AES-256-CBC",       32, 16, 0,  0,  0},
    {"CAMELLIA-128-CBC",  16, 16, 0,  0,  0},
    {"CAMELLIA-256-CBC",  32, 16, 0,  0,  0},
    {"AES-128-GCM",       16, 0,  16, 4,  8},
    {"AES-256-GCM",       32, 0,  16, 4,  8},
    {"ARIA-128-GCM",      16, 0,  16, 4,  8},
    {"ARIA-256-GCM",      32, 0,  16, 4,  8},
    {"AES-128-CCM",       16, 0,  16, 4,  8},
    {"AES-256-CCM",       32, 0,  16, 4,  8},
    {"AES-128-CCM",       16, 0,  8,  4,  8},
    {"AES-256-CCM",       32, 0,  8,  4,  8},
    {"ChaCha20-Poly1305", 32, 0,  16, 12, 0},
};
// clang-format on

constexpr const CipherFacts& facts_of(CipherKind kind) {
  return kCipherFacts[static_cast<std::size_t>(kind)];
}
constexpr bool is_ccm(CipherKind kind) {
  return kind >= CipherKind::kAes128Ccm && kind <= CipherKind::kAes256Ccm8;
}

struct TlsSuite {
  std::uint16_t id = 0;
  CipherKind cipher = CipherKind::kNull;
  HashKind mac = HashKind::kNone;   // of records; none for AEAD
  HashKind hash = HashKind::kNone;  // of the key schedule, TLS 1.2 and later

  [[nodiscard]] bool aead() const { return facts_of(cipher).tag_bytes > 0; }
};

// Nothing for suites that no secret helps with.
std::optional<TlsSuite> tls_suite(std::uint16_t id);

}  // namespace gnomon::message
