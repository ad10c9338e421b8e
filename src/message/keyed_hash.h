#pragma once

// OpenSSL 3 deprecates MD5_* and SHA*_*: see hkdf.h.
#ifndef OPENSSL_SUPPRESS_DEPRECATED
#define OPENSSL_SUPPRESS_DEPRECATED
#endif

#include <openssl/crypto.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"
#include "hkdf_label.h"

// HMAC with any hash that TLS uses, the PRF of TLS 1.2 and before, and HKDF-Expand-Label of TLS
// 1.3. Include only where OPENSSL_SUPPRESS_DEPRECATED is defined before any OpenSSL header.
namespace gnomon::message {

enum class HashKind : std::uint8_t { kNone, kMd5, kSha1, kSha256, kSha384 };
inline constexpr std::size_t kDigestBytesMax = 48;

constexpr std::size_t digest_bytes(HashKind kind) {
  constexpr std::size_t kSizes[] = {0, 16, 20, 32, 48};
  return kSizes[static_cast<std::size_t>(kind)];
}

// One hash state, copied freely.
class HashState {
 public:
  explicit HashState(HashKind kind = HashKind::kNone) : kind_(kind) {
    switch (kind_) {
      case HashKind::kMd5:
        MD5_Init(&state_.md5);
        break;
      case HashKind::kSha1:
        SHA1_Init(&state_.sha1);
        break;
      case HashKind::kSha256:
        SHA256_Init(&state_.sha256);
        break;
      case HashKind::kSha384:
        SHA384_Init(&state_.sha512);
        break;
      case HashKind::kNone:
        break;
    }
  }
  void add(Bytes bytes) {
    switch (kind_) {
      case HashKind::kMd5:
        MD5_Update(&state_.md5, bytes.data(), bytes.size());
        break;
      case HashKind::kSha1:
        SHA1_Update(&state_.sha1, bytes.data(), bytes.size());
        break;
      case HashKind::kSha256:
        SHA256_Update(&state_.sha256, bytes.data(), bytes.size());
        break;
      case HashKind::kSha384:
        SHA384_Update(&state_.sha512, bytes.data(), bytes.size());
        break;
      case HashKind::kNone:
        break;
    }
  }
  // `out` has room for the digest.
  void finish(std::uint8_t* out) {
    switch (kind_) {
      case HashKind::kMd5:
        MD5_Final(out, &state_.md5);
        break;
      case HashKind::kSha1:
        SHA1_Final(out, &state_.sha1);
        break;
      case HashKind::kSha256:
        SHA256_Final(out, &state_.sha256);
        break;
      case HashKind::kSha384:
        SHA384_Final(out, &state_.sha512);
        break;
      case HashKind::kNone:
        break;
    }
  }

 private:
  union {
    MD5_CTX md5;
    SHA_CTX sha1;
    SHA256_CTX sha256;
    SHA512_CTX sha512;
  } state_{};
  HashKind kind_;
};

// RFC 2104. Keyed once, used for any number of messages.
class KeyedHash {
 public:
  KeyedHash() = default;
  KeyedHash(HashKind kind, Bytes key) : kind_(kind), inner_(kind), outer_(kind) {
    const std::size_t block = kind == HashKind::kSha384 ? 128 : 64;
    std::array<std::uint8_t, 128> pad{};
    if (key.size() > block) {
      HashState shortened{kind};
      shortened.add(key);
      shortened.finish(pad.data());
    } else if (!key.empty()) {
      std::memcpy(pad.data(), key.data(), key.size());
    }
    for (std::uint8_t& byte : pad) byte ^= 0x36;
    inner_.add(Bytes{pad}.first(block));
    for (std::uint8_t& byte : pad) byte ^= 0x36 ^ 0x5c;
    outer_.add(Bytes{pad}.first(block));
    OPENSSL_cleanse(pad.data(), pad.size());
  }

  // The digest of the pieces put together.
  void of(std::initializer_list<Bytes> pieces, std::uint8_t* out) const {
    HashState state = inner_;
    for (const Bytes piece : pieces) state.add(piece);
    state.finish(out);
    state = outer_;
    state.add(Bytes{out, digest_bytes(kind_)});
    state.finish(out);
  }
  [[nodiscard]] HashKind kind() const { return kind_; }
  void wipe() { OPENSSL_cleanse(this, sizeof *this); }

 private:
  HashKind kind_ = HashKind::kNone;
  HashState inner_;
  HashState outer_;
};

// RFC 5246 §5: out ^= P_hash(secret, label + seed). `out` is zero before, or holds the other half.
inline void xor_p_hash(HashKind kind, Bytes secret, std::string_view label, Bytes seed,
                       std::span<std::uint8_t> out) {
  KeyedHash keyed{kind, secret};
  const Bytes text{reinterpret_cast<const std::uint8_t*>(label.data()), label.size()};
  std::array<std::uint8_t, kDigestBytesMax> a{};
  std::array<std::uint8_t, kDigestBytesMax> block{};
  const std::size_t size = digest_bytes(kind);
  const Bytes a_view = Bytes{a}.first(size);
  keyed.of({text, seed}, a.data());
  for (std::size_t at = 0; at < out.size(); at += size) {
    keyed.of({a_view, text, seed}, block.data());
    for (std::size_t i = 0; i < size && at + i < out.size(); ++i) out[at + i] ^= block[i];
    const auto before = a;
    keyed.of({Bytes{before}.first(size)}, a.data());
  }
  OPENSSL_cleanse(block.data(), block.size());
  keyed.wipe();
}

// HKDF-Expand-Label(secret, label, "", out.size()) (RFC 8446 §7.1); at most one digest long.
inline void expand_label(HashKind kind, Bytes secret, std::string_view label,
                         std::span<std::uint8_t> out) {
  std::array<std::uint8_t, kDigestBytesMax> digest{};
  KeyedHash keyed{kind, secret};
  keyed.of({HkdfLabel{label, out.size()}.bytes()}, digest.data());
  std::memcpy(out.data(), digest.data(), std::min(out.size(), digest_bytes(kind)));
  OPENSSL_cleanse(digest.data(), digest.size());
  keyed.wipe();
}

}  // namespace gnomon::message
