#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "gnomon/message/key_log.h"
#include "tls_record_cipher.h"

// What hellos agree on, and the keys that follow from it and a secret.
namespace gnomon::message {

struct ServerChoice {
  std::array<std::uint8_t, 32> random{};
  std::array<std::uint8_t, 32> session_id{};
  std::uint8_t session_id_bytes = 0;
  std::uint16_t version = 0;
  std::uint16_t suite = 0;
  std::uint8_t compression = 0;
  bool retry_request = false;
  bool encrypt_then_mac = false;
  bool extended_master_secret = false;
  std::string_view alpn;  // of TLS 1.2 and before; points into what was parsed

  [[nodiscard]] bool tls13() const { return version >= 0x0304; }
};

// The body of a ServerHello (RFC 8446 §4.1.3). Drafts 23 to 28 of TLS 1.3 count as 1.3.
std::optional<ServerChoice> parse_server_choice(Bytes body);
// The protocol in the body of EncryptedExtensions; empty when there is none.
std::string_view alpn_of_encrypted_extensions(Bytes body);

// TLS 1.2 and before: what the two hellos and the key exchange leave for the key block.
struct KeyExchange {
  std::array<std::uint8_t, 32> client_random{};
  std::array<std::uint8_t, 8> encrypted_pre_master{};  // its beginning
  bool has_encrypted_pre_master = false;
  // All handshake messages up to the client's key exchange, for the extended master secret; as it
  // is needed only where a key log has pre-master secrets, what is longer is left.
  std::vector<std::uint8_t> transcript;
  bool transcript_whole = false;
};
inline constexpr std::size_t kTranscriptBytesMax = std::size_t{48} * 1024;

// The master secret by whichever line of a key log leads to it.
bool find_master_secret(KeySource& keys, const KeyExchange& exchange, const ServerChoice& choice,
                        const TlsSuite& suite, Secret& master);

// Keys of one direction from the key block (RFC 5246 §6.3, RFC 4346 §6.3).
bool start_from_master(const TlsCrypto::State& crypto, const Secret& master,
                       const KeyExchange& exchange, const ServerChoice& choice,
                       const TlsSuite& suite, bool of_client, TlsRecordCipher& cipher);

// Keys of one direction from a traffic secret (RFC 8446 §7.3).
bool start_from_traffic(const TlsCrypto::State& crypto, const Secret& secret, const TlsSuite& suite,
                        TlsRecordCipher& cipher);
// The secret after KeyUpdate (RFC 8446 §7.2). The same with QUIC's label.
Secret next_traffic_secret(const Secret& secret, HashKind hash,
                           std::string_view label = "traffic upd");

}  // namespace gnomon::message
