#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/message/client_hello.h"

// Encrypted Client Hello (RFC 9849), from outside. When it is real, the name in the open is the
// public name of the client-facing server, and the app's own name is out of sight. Browsers also
// send it meaningless ("GREASE", §6.2), with the true name in the open, to every server that
// publishes no configuration. The two are made to look alike.
namespace gnomon::message {

// struct { HpkeSymmetricCipherSuite; uint8 config_id; opaque enc<0..2^16-1>;
//          opaque payload<1..2^16-1>; } of an outer hello (§5)
struct EchOuter {
  Bytes enc;
  Bytes payload;
  std::uint16_t kdf = 0;
  std::uint16_t aead = 0;
  std::uint8_t config_id = 0;
};

// The body of extension 0xfe0d of a hello as sent. Nothing when its lengths lie, or for the inner
// form, which is never in the open.
std::optional<EchOuter> read_ech_outer(Bytes extension);

// What one ECHConfig says (§4). DNS publishes them in the "ech" parameter of HTTPS and SVCB
// records.
struct EchConfig {
  std::string_view public_name;
  std::uint8_t config_id = 0;
};
inline constexpr std::size_t kEchConfigsMax = 8;
struct EchConfigs {
  std::array<EchConfig, kEchConfigsMax> configs;
  std::size_t count = 0;  // configurations of other versions are left out
  [[nodiscard]] std::span<const EchConfig> all() const { return std::span{configs}.first(count); }
};
// Reads an ECHConfigList. Nothing when its lengths lie.
std::optional<EchConfigs> read_ech_configs(Bytes list);

// What else is known when a hello is judged.
struct EchEvidence {
  // Configurations that answers to this client, or to anybody, have shown.
  std::span<const EchConfig> published{};
  // Earlier hellos with ECH that named the same server, by whether their config_id was this one's.
  unsigned same_config_id = 0;
  unsigned other_config_id = 0;
};

enum class EchKind : std::uint8_t {
  kNone,       // no extension
  kGrease,     // meaningless: the name in the open is the true one
  kReal,       // the name in the open is the client-facing server's, not the app's
  kUndecided,  // an extension in no form that is known
};

// Tells real from meaningless, by these facts and in this order:
//   1. The name in the open is a public name, published or well known: real. Hardly anybody visits
//      such a name for its own sake, and it names no app either way.
//   2. Hellos for the same name had other config_ids, none this one: meaningless. §6.2 makes it
//      random for each connection, while a server has one configuration, or two when it rotates.
//   3. Two or more had this very config_id and none another: real, but for one chance in 65,536.
//   4. Its form is one that BoringSSL or NSS gives to a meaningless one: HKDF-SHA256, an AEAD both
//      have, an X25519 key, and a payload of a padded size (see ech.cc). Real ones may have it too,
//      but the servers that take them are few, and known by 1: meaningless.
EchKind classify_ech(const ClientHello& hello, const EchEvidence& evidence = {});

// Public names in use by those who run ECH for others, without regard to case.
bool is_well_known_ech_public_name(std::string_view name);

// "none", "grease", "real", "undecided"
std::string_view to_word(EchKind kind);

}  // namespace gnomon::message
