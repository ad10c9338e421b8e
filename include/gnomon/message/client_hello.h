#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"

// What a TLS client says first (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2). Nothing here copies or
// allocates: every view points into the bytes that were parsed and lives no longer than they do.
namespace gnomon::message {

// Protocols of an ALPN list that are kept one by one. Browsers send two; the longest list seen in
// the wild has 18 (every QUIC draft). What lies beyond is counted, and stays in `alpn_list`.
inline constexpr std::size_t kAlpnProtocolsMax = 20;

// Extensions of one hello that are looked at. TLS has fewer than 70 in all; a longer list is not
// a hello.
inline constexpr std::size_t kHelloExtensionsMax = 512;

// Names of one hello beyond the first that are kept. RFC 6066 allows none, and servers differ in
// which they go by.
inline constexpr std::size_t kFurtherNamesMax = 3;

// TLS extension numbers that Gnomon knows by name (IANA "TLS ExtensionType Values").
enum class TlsExtension : std::uint16_t {
  kServerName = 0,
  kSupportedGroups = 10,
  kSignatureAlgorithms = 13,
  kAlpn = 16,
  kPreSharedKey = 41,
  kEarlyData = 42,
  kSupportedVersions = 43,
  kCookie = 44,
  kKeyShare = 51,
  kQuicTransportParameters = 57,
  kQuicTransportParametersDraft = 0xffa5,
  kEncryptedClientHello = 0xfe0d,
};

// RFC 8701: values that mean nothing and keep servers tolerant (0x0a0a, 0x1a1a … 0xfafa).
constexpr bool is_tls_grease(std::uint16_t value) {
  return (value & 0x0f0f) == 0x0a0a && (value >> 8) == (value & 0xff);
}

// What a client says first (RFC 8446 §4.1.2). Views into the bytes that were read.
struct ClientHello {
  // The first host_name entry (RFC 6066 §3), exactly as sent: any length, any bytes, any case.
  // Empty when the extension is absent, empty or dishonest about its lengths.
  std::string_view server_name;

  Bytes random;                     // 32 bytes
  Bytes session_id;                 // 0 to 32 bytes
  Bytes cipher_suites;              // two bytes each; odd rest already cut off
  Bytes extensions;                 // the whole block, for whoever needs another one
  Bytes supported_versions;         // two bytes each
  Bytes signature_algorithms;       // two bytes each
  Bytes alpn_list;                  // length-prefixed names
  Bytes encrypted_client_hello;     // body of extension 0xfe0d; see ech.h
  Bytes quic_transport_parameters;  // body; RFC 9001 §8.2 or the drafts' number
  std::array<std::string_view, kAlpnProtocolsMax> alpn;
  std::array<std::string_view, kFurtherNamesMax> further_names;  // of any type, in the order sent

  std::uint16_t legacy_version = 0;
  std::uint16_t alpn_count = 0;       // protocols in the list; `alpn` holds the first of them
  std::uint16_t extension_count = 0;  // GREASE included
  std::uint8_t further_name_count = 0;
  bool has_server_name = false;       // the extension is there, whatever it holds
  bool has_alpn = false;
  bool has_ech = false;
  bool has_quic_transport_parameters = false;
  bool has_early_data = false;
  bool has_pre_shared_key = false;
  bool has_cookie = false;  // answers a HelloRetryRequest
  bool has_key_share = false;
  // An extension's contents lied about their own lengths, or bytes follow the extensions. The
  // rest stands.
  bool malformed = false;
  // Read from a hello whose end is missing: fields after the cut are absent, and a fingerprint
  // would be wrong.
  bool partial = false;
  // An SSLv2-compatible hello (RFC 5246 appendix E.2): no extensions, no name.
  bool ssl2 = false;

  // Protocols kept in `alpn`.
  [[nodiscard]] std::size_t alpn_kept() const {
    return alpn_count < alpn.size() ? alpn_count : alpn.size();
  }
  // The highest version offered: from supported_versions without GREASE, else legacy_version.
  [[nodiscard]] std::uint16_t best_version() const;
};

// Parses the body of a ClientHello: what follows the four-byte handshake header. Nothing comes back
// unless the outer structure is honest: fixed fields, list lengths, and each extension's extent.
std::optional<ClientHello> parse_client_hello(Bytes body);

// Parses as much of a ClientHello as there is, for a hello whose end never came (timeout, lost
// segment). Comes back with `partial` set, and only when the fixed fields up to the cipher suites
// are there; an extension that the cut runs through is left out, a server name excepted that is
// whole itself.
std::optional<ClientHello> parse_partial_client_hello(Bytes body);

// "TLS 1.3", "TLS 1.2" …, "SSL 3.0"; empty for a number that is none of them.
std::string_view tls_version_name(std::uint16_t version);

}  // namespace gnomon::message
