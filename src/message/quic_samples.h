#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>

#include "gnomon/bytes/handle.h"
#include "gnomon/message/quic_crypto.h"
#include "gnomon/message/quic_version.h"
#include "hello_samples.h"

// QUIC packets made to order, for the tests and fuzz targets beside.
namespace gnomon::message::samples {

inline void append_integer(Octets& out, std::uint64_t value) {
  if (value < 64) {
    out.push_back(static_cast<std::uint8_t>(value));
  } else if (value < 16384) {
    append_u16(out, 0x4000 | value);
  } else {
    append_u32(out, static_cast<std::uint32_t>(0x80000000 | value));
  }
}

struct PacketParts {
  Octets destination_id;
  Octets source_id{};
  Octets token{};
  std::uint32_t version = kQuicVersion1;
  std::uint8_t type = 0;  // as in version 1: 0 Initial, 1 0-RTT, 2 Handshake
  std::uint32_t number = 0;
  std::size_t number_bytes = 4;
  // The id the keys come from; the destination's when empty.
  Octets keys_from{};
  QuicSender sender = QuicSender::kClient;
  std::optional<QuicSalt> salt{};  // the version's own, else
};

// A protected long-header packet (RFC 9001 §5). Written apart from QuicCrypto::open(), with
// OpenSSL's EVP alone, so that the two cannot share a mistake; keys come from initial_keys().
inline Octets sealed_packet(const QuicCrypto& crypto, const PacketParts& parts,
                            const Octets& payload) {
  const QuicInitialKeys keys = crypto.initial_keys(
      parts.salt ? *parts.salt : quic_salt(parts.version).value_or(QuicSalt::kVersion1),
      parts.keys_from.empty() ? parts.destination_id : parts.keys_from, parts.sender);
  const unsigned type = is_quic_version2(parts.version) ? (parts.type + 1u) & 3u : parts.type;
  Octets packet{static_cast<std::uint8_t>(0xc0 | type << 4 | (parts.number_bytes - 1))};
  append_u32(packet, parts.version);
  packet.push_back(static_cast<std::uint8_t>(parts.destination_id.size()));
  append(packet, parts.destination_id);
  packet.push_back(static_cast<std::uint8_t>(parts.source_id.size()));
  append(packet, parts.source_id);
  if (parts.type == 0) {
    append_integer(packet, parts.token.size());
    append(packet, parts.token);
  }
  append_u16(packet, 0x4000 | (parts.number_bytes + payload.size() + 16));
  const std::size_t number_at = packet.size();
  for (std::size_t i = parts.number_bytes; i-- > 0;)
    packet.push_back(static_cast<std::uint8_t>(parts.number >> (8 * i)));

  auto nonce = keys.iv;
  for (std::size_t i = 0; i < 4; ++i)
    nonce[11 - i] ^= static_cast<std::uint8_t>(parts.number >> (8 * i));
  Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> context{EVP_CIPHER_CTX_new()};
  const std::size_t header_bytes = packet.size();
  packet.resize(header_bytes + payload.size() + 16);
  int written = 0;
  EVP_EncryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, keys.key.data(), nonce.data());
  EVP_EncryptUpdate(context.get(), nullptr, &written, packet.data(),
                    static_cast<int>(header_bytes));
  EVP_EncryptUpdate(context.get(), packet.data() + header_bytes, &written, payload.data(),
                    static_cast<int>(payload.size()));
  EVP_EncryptFinal_ex(context.get(), packet.data() + header_bytes + written, &written);
  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, 16, packet.data() + packet.size() - 16);

  std::uint8_t mask[16] = {};
  Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> block{EVP_CIPHER_CTX_new()};
  EVP_EncryptInit_ex(block.get(), EVP_aes_128_ecb(), nullptr, keys.header_protection.data(),
                     nullptr);
  EVP_EncryptUpdate(block.get(), mask, &written, packet.data() + number_at + 4, 16);
  packet[0] = static_cast<std::uint8_t>(packet[0] ^ (mask[0] & 0x0f));
  for (std::size_t i = 0; i < parts.number_bytes; ++i)
    packet[number_at + i] = static_cast<std::uint8_t>(packet[number_at + i] ^ mask[1 + i]);
  return packet;
}

inline Octets crypto_frame(const Octets& stream, std::size_t offset, std::size_t length,
                           std::uint8_t type = 6) {
  Octets out{type};
  append_integer(out, offset);
  append_integer(out, length);
  const auto begin = stream.begin() + static_cast<std::ptrdiff_t>(offset);
  append(out, {begin, begin + static_cast<std::ptrdiff_t>(length)});
  return out;
}

// Frames joined and padded to `bytes`.
inline Octets payload_of(std::initializer_list<Octets> frames, std::size_t bytes = 1162) {
  Octets out;
  for (const Octets& frame : frames) append(out, frame);
  if (out.size() < bytes) out.resize(bytes);
  return out;
}

// A hello of Google's own handshake (see quic_google.h).
inline Octets google_hello(std::string_view name, std::string_view agent) {
  Octets out = bytes_of("CHLO");
  const auto little_endian = [&out](std::size_t value, int width) {
    for (int i = 0; i < width; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  };
  const std::size_t padding = 100;
  little_endian(3, 2);
  little_endian(0, 2);
  append_text(out, "PAD-");
  little_endian(padding, 4);
  append(out, {'S', 'N', 'I', 0});
  little_endian(padding + name.size(), 4);
  append_text(out, "UAID");
  little_endian(padding + name.size() + agent.size(), 4);
  out.resize(out.size() + padding, '-');
  append_text(out, name);
  append_text(out, agent);
  return out;
}

}  // namespace gnomon::message::samples
