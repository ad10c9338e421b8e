#define OPENSSL_SUPPRESS_DEPRECATED  // AES_*: see hkdf.h

#include "quic_packet_keys.h"

#include <algorithm>
#include <cstring>

namespace gnomon::message {
namespace {

constexpr std::size_t kSampleBytes = 16;
constexpr std::size_t kNumberBytesMax = 4;

// RFC 9000 §A.3: the number nearest to what is expected that ends in the bits that were sent.
std::uint64_t whole_number(const QuicPacketKeys::Header& header,
                           std::optional<std::uint64_t> largest) {
  const std::uint64_t expected = largest ? *largest + 1 : 0;
  const std::uint64_t window = std::uint64_t{1} << (8 * header.number_bytes);
  const std::uint64_t half = window / 2;
  const std::uint64_t candidate = (expected & ~(window - 1)) | header.number;
  if (candidate + half <= expected && candidate < (std::uint64_t{1} << 62) - window)
    return candidate + window;
  if (candidate > expected + half && candidate >= window) return candidate - window;
  return candidate;
}

}  // namespace

bool QuicPacketKeys::start(const TlsCrypto::State& crypto, const TlsSuite& suite,
                           const Secret& secret, bool version2) {
  if (secret.bytes().size() != digest_bytes(suite.hash)) return false;
  suite_ = suite;
  secret_ = secret;
  version2_ = version2;
  std::array<std::uint8_t, 32> key{};
  const auto view = std::span{key}.first(facts_of(suite.cipher).key_bytes);
  expand_label(suite.hash, secret.bytes(), version2 ? "quicv2 hp" : "quic hp", view);
  if (suite.cipher == CipherKind::kChaCha20Poly1305) {
    chacha_key_ = key;
    if (!chacha_) chacha_.reset(EVP_CIPHER_CTX_new());
    if (!chacha_ ||
        EVP_EncryptInit_ex(chacha_.get(), EVP_chacha20(), nullptr, key.data(), nullptr) != 1)
      return false;
  } else {
    AES_set_encrypt_key(view.data(), static_cast<int>(view.size() * 8), &aes_);
  }
  OPENSSL_cleanse(key.data(), key.size());
  return start_aead(crypto);
}

bool QuicPacketKeys::start_aead(const TlsCrypto::State& crypto) {
  std::array<std::uint8_t, 32> key{};
  const auto view = std::span{key}.first(facts_of(suite_.cipher).key_bytes);
  expand_label(suite_.hash, secret_.bytes(), version2_ ? "quicv2 key" : "quic key", view);
  expand_label(suite_.hash, secret_.bytes(), version2_ ? "quicv2 iv" : "quic iv", iv_);
  started_ = aead_.start(crypto, suite_.cipher, view);
  OPENSSL_cleanse(key.data(), key.size());
  return started_;
}

bool QuicPacketKeys::start_next(const TlsCrypto::State& crypto, const QuicPacketKeys& before) {
  suite_ = before.suite_;
  version2_ = before.version2_;
  aes_ = before.aes_;
  if (suite_.cipher == CipherKind::kChaCha20Poly1305) {
    chacha_key_ = before.chacha_key_;
    if (!chacha_) chacha_.reset(EVP_CIPHER_CTX_new());
    if (!chacha_ || EVP_EncryptInit_ex(chacha_.get(), EVP_chacha20(), nullptr, chacha_key_.data(),
                                       nullptr) != 1)
      return false;
  }
  secret_ = next_traffic_secret(before.secret_, suite_.hash, version2_ ? "quicv2 ku" : "quic ku");
  return start_aead(crypto);
}

void QuicPacketKeys::wipe() {
  aead_.wipe();
  if (chacha_) EVP_CIPHER_CTX_reset(chacha_.get());
  OPENSSL_cleanse(iv_.data(), iv_.size());
  OPENSSL_cleanse(&aes_, sizeof aes_);
  OPENSSL_cleanse(chacha_key_.data(), chacha_key_.size());
  secret_.wipe();
  suite_ = {};
  started_ = false;
}

std::optional<QuicPacketKeys::Header> QuicPacketKeys::unprotect(Bytes packet,
                                                                std::size_t number_offset) const {
  Header header;
  if (number_offset == 0 || number_offset + kNumberBytesMax > header.bytes.size() ||
      packet.size() < number_offset + kNumberBytesMax + kSampleBytes)
    return std::nullopt;
  const std::uint8_t* sample = packet.data() + number_offset + kNumberBytesMax;
  std::array<std::uint8_t, AES_BLOCK_SIZE> mask{};
  if (suite_.cipher == CipherKind::kChaCha20Poly1305) {
    constexpr std::array<std::uint8_t, 5> kZeros{};
    int written = 0;
    if (EVP_EncryptInit_ex(chacha_.get(), nullptr, nullptr, nullptr, sample) != 1 ||
        EVP_EncryptUpdate(chacha_.get(), mask.data(), &written, kZeros.data(),
                          static_cast<int>(kZeros.size())) != 1)
      return std::nullopt;
  } else {
    AES_encrypt(sample, mask.data(), &aes_);
  }
  std::memcpy(header.bytes.data(), packet.data(), number_offset + kNumberBytesMax);
  const bool long_form = (packet[0] & 0x80) != 0;
  header.bytes[0] ^= static_cast<std::uint8_t>(mask[0] & (long_form ? 0x0f : 0x1f));
  header.number_bytes = static_cast<std::uint8_t>((header.bytes[0] & 0x03) + 1);
  for (std::size_t i = 0; i < header.number_bytes; ++i) {
    header.bytes[number_offset + i] ^= mask[1 + i];
    header.number = header.number << 8 | header.bytes[number_offset + i];
  }
  header.size = number_offset + header.number_bytes;
  return header;
}

std::optional<QuicPacketKeys::Opened> QuicPacketKeys::open(const Header& header, Bytes packet,
                                                           std::optional<std::uint64_t> largest,
                                                           std::uint8_t* out) {
  const Bytes sealed = packet.subspan(header.size);
  if (sealed.size() < aead_.tag_bytes()) return std::nullopt;
  const std::uint64_t number = whole_number(header, largest);
  if (!aead_.open(nonce_of(iv_, number), Bytes{header.bytes}.first(header.size), sealed, out))
    return std::nullopt;
  return Opened{Bytes{out, sealed.size() - aead_.tag_bytes()}, number};
}

}  // namespace gnomon::message
