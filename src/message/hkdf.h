#pragma once

// OpenSSL 3 deprecates SHA256_*, but what it offers instead costs nine times as much for hashes as
// short as these: a look-up by name and an allocation each.
#ifndef OPENSSL_SUPPRESS_DEPRECATED
#define OPENSSL_SUPPRESS_DEPRECATED
#endif

#include <openssl/sha.h>

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"
#include "hkdf_label.h"

// HMAC-SHA256 (RFC 2104) and HKDF-Expand-Label (RFC 8446 §7.1) for secrets of one hash length,
// which is all that QUIC's Initial keys need. Include only where OPENSSL_SUPPRESS_DEPRECATED is
// defined before any OpenSSL header.
namespace gnomon::message {

using Sha256Digest = std::array<std::uint8_t, SHA256_DIGEST_LENGTH>;

// A keyed state that may be used for any number of messages.
class HmacSha256 {
 public:
  // Keys of at most one block (64 bytes).
  explicit HmacSha256(Bytes key) {
    assert(key.size() <= kBlock);
    std::array<std::uint8_t, kBlock> pad{};
    if (!key.empty()) std::memcpy(pad.data(), key.data(), key.size());
    for (std::uint8_t& byte : pad) byte ^= 0x36;
    SHA256_Init(&inner_);
    SHA256_Update(&inner_, pad.data(), pad.size());
    for (std::uint8_t& byte : pad) byte ^= 0x36 ^ 0x5c;
    SHA256_Init(&outer_);
    SHA256_Update(&outer_, pad.data(), pad.size());
  }

  [[nodiscard]] Sha256Digest of(Bytes message) const {
    Sha256Digest digest;
    SHA256_CTX context = inner_;
    SHA256_Update(&context, message.data(), message.size());
    SHA256_Final(digest.data(), &context);
    context = outer_;
    SHA256_Update(&context, digest.data(), digest.size());
    SHA256_Final(digest.data(), &context);
    return digest;
  }

 private:
  static constexpr std::size_t kBlock = SHA256_CBLOCK;

  SHA256_CTX inner_;
  SHA256_CTX outer_;
};

// HKDF-Expand-Label(Secret, Label, "", Length), Secret being the key of `secret`. `out` takes 1 to
// 32 bytes.
template <std::size_t Length>
void hkdf_expand_label(const HmacSha256& secret, std::string_view label,
                       std::array<std::uint8_t, Length>& out) {
  static_assert(Length >= 1 && Length <= SHA256_DIGEST_LENGTH);
  const Sha256Digest digest = secret.of(HkdfLabel{label, Length}.bytes());
  std::memcpy(out.data(), digest.data(), Length);
}

}  // namespace gnomon::message
