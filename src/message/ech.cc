#include "gnomon/message/ech.h"

#include <algorithm>

#include "gnomon/bytes/ascii.h"

namespace gnomon::message {
namespace {

constexpr std::uint8_t kOuter = 0;
constexpr std::uint16_t kEchVersion = 0xfe0d;

constexpr std::uint16_t kHkdfSha256 = 1;  // RFC 9180 §7.2
constexpr std::uint16_t kAes128Gcm = 1;   // RFC 9180 §7.3
constexpr std::uint16_t kChacha20Poly1305 = 3;
constexpr std::size_t kX25519KeyBytes = 32;

// A meaningless payload's size: an inner hello, or a guess at one, padded, and the AEAD's tag.
// BoringSSL's setup_ech_grease() draws from 144, 176, 208 and 240. NSS's tls13_MaybeGreaseEch()
// computes it from the hello at hand: 207 over QUIC, 239 over TCP, 495 with a ticket; one more from
// Firefox 155 on, which rounds up to a multiple of 32 rather than to one byte less.
constexpr std::size_t kPadding = 32;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kGreasePayloadBytesMin = 143;
constexpr std::size_t kGreasePayloadBytesMax = 1024;

// Cloudflare's, and the two public test servers that clients are developed against.
constexpr std::string_view kWellKnown[] = {"cloudflare-ech.com", "public.tls-ech.dev",
                                           "cover.defo.ie"};

bool has_grease_form(const EchOuter& outer) {
  const bool suite =
      outer.kdf == kHkdfSha256 && (outer.aead == kAes128Gcm || outer.aead == kChacha20Poly1305);
  if (!suite || outer.enc.size() != kX25519KeyBytes) return false;
  const std::size_t size = outer.payload.size();
  const std::size_t beyond = size % kPadding;
  return size >= kGreasePayloadBytesMin && size <= kGreasePayloadBytesMax &&
         (beyond == kTagBytes || beyond == kTagBytes - 1);
}

}  // namespace

std::optional<EchOuter> read_ech_outer(Bytes extension) {
  ByteReader in{extension};
  if (in.u8() != kOuter) return std::nullopt;
  EchOuter outer;
  outer.kdf = in.u16();
  outer.aead = in.u16();
  outer.config_id = in.u8();
  outer.enc = in.take(in.u16());
  outer.payload = in.take(in.u16());
  if (!in.ok() || !in.at_end() || outer.payload.empty()) return std::nullopt;
  return outer;
}

// ECHConfig: uint16 version; uint16 length; then for 0xfe0d
//   uint8 config_id; uint16 kem_id; opaque public_key<1..2^16-1>;
//   HpkeSymmetricCipherSuite cipher_suites<4..2^16-4>; uint8 maximum_name_length;
//   opaque public_name<1..255>; ECHConfigExtension extensions<0..2^16-1>;
std::string_view read_ech_public_name(Bytes list) {
  ByteReader in{list};
  ByteReader configs = in.nested(in.u16());
  while (!configs.at_end()) {
    const std::uint16_t version = configs.u16();
    ByteReader config = configs.nested(configs.u16());
    if (version != kEchVersion) continue;
    config.u8();
    config.u16();
    config.take(config.u16());
    config.take(config.u16());
    config.u8();
    const Bytes name = config.take(config.u8());
    config.take(config.u16());
    if (config.ok()) return {reinterpret_cast<const char*>(name.data()), name.size()};
  }
  return {};
}

bool is_well_known_ech_public_name(std::string_view name) {
  return std::ranges::any_of(kWellKnown,
                             [name](auto known) { return same_ignoring_case(known, name); });
}

EchKind classify_ech(const ClientHello& hello) {
  if (!hello.has_ech) return EchKind::kNone;
  if (is_well_known_ech_public_name(hello.server_name)) return EchKind::kReal;
  const auto outer = read_ech_outer(hello.encrypted_client_hello);
  return outer && has_grease_form(*outer) ? EchKind::kGrease : EchKind::kUndecided;
}

std::string_view to_word(EchKind kind) {
  switch (kind) {
    case EchKind::kNone:
      return "none";
    case EchKind::kGrease:
      return "grease";
    case EchKind::kReal:
      return "real";
    case EchKind::kUndecided:
      break;
  }
  return "undecided";
}

}  // namespace gnomon::message
