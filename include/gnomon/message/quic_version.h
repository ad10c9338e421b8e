#pragma once

#include <cstdint>
#include <optional>
#include <string>

// QUIC's versions: how each one's Initial packets differ.
namespace gnomon::message {

inline constexpr std::uint32_t kQuicVersion1 = 0x00000001;  // RFC 9000
inline constexpr std::uint32_t kQuicVersion2 = 0x6b3343cf;  // RFC 9369
inline constexpr std::uint32_t kQuicVersionGoogleQ050 = 0x51303530;
inline constexpr std::uint32_t kQuicVersionGoogleT050 = 0x54303530;
inline constexpr std::uint32_t kQuicVersionGoogleT051 = 0x54303531;

// Whose salt the Initial keys are made with.
enum class QuicSalt : std::uint8_t {
  kDraft22,  // drafts 21 and 22
  kDraft23,  // drafts 23 to 28
  kDraft29,  // drafts 29 to 32
  kVersion1,
  kVersion2,
  kGoogleQ050,
  kGoogleT050,
  kGoogleT051,
};
inline constexpr std::size_t kQuicSalts = 8;

// Versions that protect their Initials as RFC 9001 does: drafts 22 to 34, 1, 2, Facebook's mvfst
// that follow a draft, and Google's Q050, T050 and T051; version 1's salt for a reserved one. Nothing
// for any other.
std::optional<QuicSalt> quic_salt(std::uint32_t version);

// 0x?a?a?a?a (RFC 9000 §15): sent to force negotiation, with the salt of the version that the
// client would speak, which is not told.
constexpr bool is_reserved_quic_version(std::uint32_t version) {
  return (version & 0x0f0f0f0f) == 0x0a0a0a0a;
}

// RFC 9369 §3.2: version 2 numbers its long packet types differently, and has key labels of its
// own.
constexpr bool is_quic_version2(std::uint32_t version) { return version == kQuicVersion2; }

// Q050 carries Google's own handshake, T050 and T051 TLS, all three in Google's frames.
constexpr bool is_google_quic_with_crypto_frames(std::uint32_t version) {
  return version == kQuicVersionGoogleQ050 || version == kQuicVersionGoogleT050 ||
         version == kQuicVersionGoogleT051;
}

// "Q043" and the like up to Q049: Google's protocol from before the IETF's, hello in the clear.
constexpr bool is_google_quic_in_clear(std::uint32_t version) {
  const std::uint32_t tens = (version >> 8) & 0xff;
  const std::uint32_t ones = version & 0xff;
  return (version >> 16) == 0x5130 && tens >= '2' && tens <= '4' && ones >= '0' && ones <= '9';
}

// "1", "2", "draft-29", "mvfst-22", "Q050"; a number in hex for any other.
std::string quic_version_name(std::uint32_t version);

}  // namespace gnomon::message
