#define OPENSSL_SUPPRESS_DEPRECATED  // AES_*, SHA256_*: see hkdf.h

#include "gnomon/message/quic_crypto.h"

#include <openssl/aes.h>
#include <openssl/evp.h>

#include <utility>

#include "gnomon/bytes/handle.h"
#include "hkdf.h"

namespace gnomon::message {
namespace {

using Salt = std::array<std::uint8_t, 20>;

// By QuicSalt. RFC 9001 §5.2, RFC 9369 §3.3.1, draft-ietf-quic-tls-22, -23 and -29 §5.2; Google's
// from Chromium's quiche (quic/core/crypto/crypto_utils.cc).
constexpr Salt kSalts[kQuicSalts] = {
    {0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x19, 0x3a,
     0x96, 0xcd, 0x21, 0x51, 0x9e, 0xbd, 0x7a, 0x02, 0x64, 0x4a},
    {0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7,
     0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02},
    {0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
     0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99},
    {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
     0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a},
    {0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
     0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9},
    {0x50, 0x45, 0x74, 0xef, 0xd0, 0x66, 0xfe, 0x2f, 0x9d, 0x94,
     0x5c, 0xfc, 0xdb, 0xd3, 0xa7, 0xf0, 0xd3, 0xb5, 0x6b, 0x45},
    {0x7f, 0xf5, 0x79, 0xe5, 0xac, 0xd0, 0x72, 0x91, 0x55, 0x80,
     0x30, 0x4c, 0x43, 0xa2, 0x36, 0x7c, 0x60, 0x48, 0x83, 0x10},
    {0x7a, 0x4e, 0xde, 0xf4, 0xe7, 0xcc, 0xee, 0x5f, 0xa4, 0x50,
     0x6c, 0x19, 0x12, 0x4f, 0xc8, 0xcc, 0xda, 0x6e, 0x03, 0x3d},
};

constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kSampleBytes = 16;
constexpr std::size_t kNumberBytesMax = 4;
constexpr std::size_t kPacketBytesMax = 65535;

}  // namespace

struct QuicCrypto::State {
  Handle<EVP_CIPHER, EVP_CIPHER_free> cipher;
  Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> context;
  // Keyed with each salt once, which spares two of the compressions of every key schedule.
  std::array<HmacSha256, kQuicSalts> extract{
      HmacSha256{kSalts[0]}, HmacSha256{kSalts[1]}, HmacSha256{kSalts[2]}, HmacSha256{kSalts[3]},
      HmacSha256{kSalts[4]}, HmacSha256{kSalts[5]}, HmacSha256{kSalts[6]}, HmacSha256{kSalts[7]}};
  std::array<std::uint8_t, kPacketBytesMax> header;
  std::array<std::uint8_t, kPacketBytesMax> payload;
};

QuicCrypto::QuicCrypto(std::unique_ptr<State> state) : state_(std::move(state)) {}
QuicCrypto::QuicCrypto(QuicCrypto&&) noexcept = default;
QuicCrypto& QuicCrypto::operator=(QuicCrypto&&) noexcept = default;
QuicCrypto::~QuicCrypto() = default;

Result<QuicCrypto> QuicCrypto::create() {
  auto state = std::make_unique<State>();
  state->cipher.reset(EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr));
  state->context.reset(EVP_CIPHER_CTX_new());
  if (!state->cipher || !state->context ||
      EVP_DecryptInit_ex(state->context.get(), state->cipher.get(), nullptr, nullptr, nullptr) != 1)
    return Error{"OpenSSL's libcrypto offers no AES-128-GCM: check openssl.cnf and its providers"};
  return QuicCrypto{std::move(state)};
}

QuicInitialKeys QuicCrypto::initial_keys(QuicSalt salt, Bytes destination_connection_id,
                                         QuicSender sender) const {
  const auto index = static_cast<std::size_t>(salt);
  assert(index < kQuicSalts && destination_connection_id.size() <= kQuicConnectionIdBytesMax);
  const HmacSha256 initial{state_->extract[index].of(destination_connection_id)};
  Sha256Digest secret;
  hkdf_expand_label(initial, sender == QuicSender::kClient ? "client in" : "server in", secret);

  const HmacSha256 keyed{secret};
  const bool version2 = salt == QuicSalt::kVersion2;  // RFC 9369 §3.3.2
  QuicInitialKeys keys;
  hkdf_expand_label(keyed, version2 ? "quicv2 key" : "quic key", keys.key);
  hkdf_expand_label(keyed, version2 ? "quicv2 iv" : "quic iv", keys.iv);
  hkdf_expand_label(keyed, version2 ? "quicv2 hp" : "quic hp", keys.header_protection);
  return keys;
}

std::optional<Bytes> QuicCrypto::open(const QuicInitialKeys& keys, Bytes packet,
                                      std::size_t number_offset) {
  if (number_offset == 0 || packet.size() > kPacketBytesMax || number_offset > packet.size() ||
      packet.size() - number_offset < kNumberBytesMax + kSampleBytes)
    return std::nullopt;

  // RFC 9001 §5.4: the mask comes from a sample taken as if the packet number had four bytes.
  AES_KEY schedule;
  AES_set_encrypt_key(keys.header_protection.data(), 128, &schedule);
  std::array<std::uint8_t, AES_BLOCK_SIZE> mask;
  AES_encrypt(packet.data() + number_offset + kNumberBytesMax, mask.data(), &schedule);

  const auto first = static_cast<std::uint8_t>(packet[0] ^ (mask[0] & 0x0f));
  const std::size_t number_bytes = (first & 0x03u) + 1u;
  // The header is authenticated as it was before protection: a copy is put right.
  const std::size_t header_bytes = number_offset + number_bytes;
  std::uint8_t* copy = state_->header.data();
  std::memcpy(copy, packet.data(), header_bytes);
  copy[0] = first;
  std::array<std::uint8_t, 12> nonce = keys.iv;
  // Initials are so few that the number sent, however short, is the whole number.
  for (std::size_t i = 0; i < number_bytes; ++i) {
    copy[number_offset + i] ^= mask[1 + i];
    nonce[nonce.size() - number_bytes + i] ^= copy[number_offset + i];
  }

  const Bytes sealed = packet.subspan(number_offset + number_bytes);
  if (sealed.size() < kTagBytes) return std::nullopt;
  const Bytes text = sealed.first(sealed.size() - kTagBytes);
  std::array<std::uint8_t, kTagBytes> tag;
  std::memcpy(tag.data(), sealed.data() + text.size(), kTagBytes);

  EVP_CIPHER_CTX* context = state_->context.get();
  const auto length = [](std::size_t size) { return static_cast<int>(size); };
  int written = 0;
  int last = 0;
  const bool opened =
      EVP_DecryptInit_ex(context, nullptr, nullptr, keys.key.data(), nonce.data()) == 1 &&
      EVP_DecryptUpdate(context, nullptr, &written, copy, length(header_bytes)) == 1 &&
      EVP_DecryptUpdate(context, state_->payload.data(), &written, text.data(),
                        length(text.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, length(kTagBytes), tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context, state_->payload.data() + written, &last) == 1;
  if (!opened) return std::nullopt;
  return Bytes{state_->payload}.first(text.size());
}

}  // namespace gnomon::message
