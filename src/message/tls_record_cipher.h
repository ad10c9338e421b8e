#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/bytes/handle.h"
#include "gnomon/message/tls_decryptor.h"
#include "keyed_hash.h"
#include "tls_suite.h"

// The protection of records and packets: what a key schedule gives goes in, plaintext comes out.
namespace gnomon::message {

// RFC 8446 §5.1 allows 2^14 in the clear, RFC 5246 §6.2.3 2048 more around a ciphertext.
inline constexpr std::size_t kTlsRecordBytesMax = (std::size_t{1} << 14) + 2048;

using CipherContext = Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using Cipher = Handle<EVP_CIPHER, EVP_CIPHER_free>;

struct TlsCrypto::State {
  std::array<Cipher, kCipherKinds> ciphers;
  // What a record opens into, one for each depth of TLS inside TLS.
  std::array<std::array<std::uint8_t, kTlsRecordBytesMax + 64>, TlsDecryptor::kDepthMax> opened;
  std::array<std::uint8_t, 65536 + 64> packet;  // the same for a QUIC packet

  [[nodiscard]] const EVP_CIPHER* cipher(CipherKind kind) const {
    return ciphers[static_cast<std::size_t>(kind)].get();
  }
};

// Authenticated encryption with a nonce of 12 bytes. The context is made once and used again.
class Aead {
 public:
  static constexpr std::size_t kNonceBytes = 12;
  using Nonce = std::array<std::uint8_t, kNonceBytes>;

  bool start(const TlsCrypto::State& crypto, CipherKind kind, Bytes key);
  // `sealed` ends with the tag; `out` has room for as much, and may be the same memory. False when
  // it is not authentic.
  bool open(const Nonce& nonce, Bytes header, Bytes sealed, std::uint8_t* out);
  void wipe();

  [[nodiscard]] std::size_t tag_bytes() const { return tag_bytes_; }

 private:
  CipherContext context_;
  std::size_t tag_bytes_ = 0;
  bool ccm_ = false;
};

// `iv` with `number` added bit by bit to its end (RFC 8446 §5.3, RFC 9001 §5.3).
inline Aead::Nonce nonce_of(const Aead::Nonce& iv, std::uint64_t number) {
  Aead::Nonce nonce = iv;
  for (std::size_t i = 0; i < 8; ++i)
    nonce[nonce.size() - 1 - i] ^= static_cast<std::uint8_t>(number >> (8 * i));
  return nonce;
}

// One direction's records.
class TlsRecordCipher {
 public:
  struct Keys {
    Bytes mac_key;
    Bytes key;
    Bytes iv;  // 12 bytes in TLS 1.3
  };
  // False when the library does not offer the cipher. `version` as the hello chose it.
  bool start(const TlsCrypto::State& crypto, const TlsSuite& suite, std::uint16_t version,
             bool encrypt_then_mac, const Keys& keys);
  void wipe();

  // Opens the record with this header (5 bytes) and number into `out`, which has room for the
  // fragment. The size of what came out; nothing when it is not authentic. A record that is tried
  // with several numbers stays what it was.
  std::optional<std::size_t> open(std::uint64_t number, Bytes header, Bytes fragment,
                                  std::uint8_t* out);

  // A record was stepped over: of TLS 1.0, its last block is the next one's initialisation vector.
  void pass(Bytes fragment);
  // Records were lost. False when none after them can be opened.
  bool lose();
  [[nodiscard]] bool chain_lost() const { return chained_ && !chain_known_; }
  // What of the nonce the record carries, which counts up with the record's number.
  [[nodiscard]] std::optional<std::uint64_t> explicit_nonce(Bytes fragment) const;
  // By how much a fragment is longer than the text in it; of CBC about.
  [[nodiscard]] std::size_t overhead() const { return overhead_; }

 private:
  std::optional<std::size_t> open_aead(std::uint64_t number, Bytes header, Bytes fragment,
                                       std::uint8_t* out);
  std::optional<std::size_t> open_cbc(std::uint64_t number, Bytes header, Bytes fragment,
                                      std::uint8_t* out);
  std::optional<std::size_t> open_stream(std::uint64_t number, Bytes header, Bytes fragment,
                                         std::uint8_t* out);
  bool authentic(std::uint64_t number, Bytes header, Bytes text, Bytes mac) const;

  TlsSuite suite_;
  Aead aead_;
  CipherContext context_;
  KeyedHash mac_;
  Aead::Nonce iv_{};
  std::array<std::uint8_t, 16> chain_{};         // of TLS 1.0: the last block before
  std::array<std::uint8_t, 256 * 4 + 8> rc4_{};  // RC4_KEY
  std::size_t overhead_ = 0;
  bool tls13_ = false;
  bool chained_ = false;  // TLS 1.0: no initialisation vectors of records' own
  bool chain_known_ = false;
  bool encrypt_then_mac_ = false;
};

}  // namespace gnomon::message
