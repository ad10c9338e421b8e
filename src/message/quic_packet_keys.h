#pragma once

#include <openssl/aes.h>

#include <cstdint>
#include <optional>

#include "tls_key_schedule.h"

namespace gnomon::message {

// Takes the protection off one direction's packets of one level: Handshake, 0-RTT or 1-RTT
// (RFC 9001 §5).
class QuicPacketKeys {
 public:
  struct Opened {
    Bytes payload;
    std::uint64_t number = 0;
  };
  // The header of a packet without its protection.
  struct Header {
    std::array<std::uint8_t, 300> bytes;
    std::size_t size = 0;
    std::uint32_t number = 0;  // as sent, cut off
    std::uint8_t number_bytes = 0;
    [[nodiscard]] bool key_phase() const { return (bytes[0] & 0x04) != 0; }
  };

  // All of `secret`. False when the library has not the cipher or the secret not its size.
  bool start(const TlsCrypto::State& crypto, const TlsSuite& suite, const Secret& secret,
             bool version2);
  // The secret after a key update (RFC 9001 §6). Headers keep their protection.
  bool start_next(const TlsCrypto::State& crypto, const QuicPacketKeys& before);
  void wipe();
  [[nodiscard]] bool started() const { return started_; }

  // Of a packet whose number begins at `number_offset`. Nothing when it is too short for one.
  [[nodiscard]] std::optional<Header> unprotect(Bytes packet, std::size_t number_offset) const;
  // `largest`: the highest number opened so far in its space, if any. The payload lies in `out`,
  // which has room for the packet.
  std::optional<Opened> open(const Header& header, Bytes packet,
                             std::optional<std::uint64_t> largest, std::uint8_t* out);

 private:
  bool start_aead(const TlsCrypto::State& crypto);

  Aead aead_;
  Aead::Nonce iv_{};
  AES_KEY aes_{};  // of the header protection
  std::array<std::uint8_t, 32> chacha_key_{};
  CipherContext chacha_;
  Secret secret_;
  TlsSuite suite_;
  bool version2_ = false;
  bool started_ = false;
};

}  // namespace gnomon::message
