#pragma once

#include <cstdint>
#include <optional>
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

// The public name of the first ECHConfig of this version in an ECHConfigList (§4), which DNS
// publishes in the "ech" parameter of HTTPS and SVCB records. Empty when there is none or its
// lengths lie.
std::string_view read_ech_public_name(Bytes list);

enum class EchKind : std::uint8_t {
  kNone,       // no extension
  kGrease,     // meaningless: the name in the open is the true one
  kReal,       // the name in the open is the client-facing server's, not the app's
  kUndecided,  // an extension in no form that is known
};

// Tells real from meaningless, by these facts and in this order:
//   1. The name in the open is a well-known public name: real. Hardly anybody visits such a name for
//      its own sake, and it names no app either way. Whoever sees DNS may add published names.
//   2. Its form is one that BoringSSL or NSS gives to a meaningless one: HKDF-SHA256, an AEAD both
//      have, an X25519 key, and a payload of a padded size (see ech.cc). Real ones may have it too,
//      but the servers that take them are few, and known by 1: meaningless.
EchKind classify_ech(const ClientHello& hello);

// Public names in use by those who run ECH for others, without regard to case.
bool is_well_known_ech_public_name(std::string_view name);

// "none", "grease", "real", "undecided"
std::string_view to_word(EchKind kind);

}  // namespace gnomon::message
