#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "gnomon/message/tls_decryptor.h"
#include "tls_handshake_messages.h"
#include "tls_key_schedule.h"

// The inside of TlsDecryptor: records (tls_decryptor.cc), handshake and keys
// (tls_decryptor_keys.cc), finding records again after a gap (tls_decryptor_gaps.cc).
namespace gnomon::message {

enum class RecordType : std::uint8_t {
  kChangeCipherSpec = 20,
  kAlert = 21,
  kHandshake = 22,
  kApplicationData = 23,
};

inline constexpr std::size_t kTlsHeaderBytes = 5;

struct TlsRecord {
  RecordType type{};
  Bytes header;
  Bytes fragment;
};

struct TlsDecryptor::State {
  // What protects a direction's records now. kSealed is TLS 1.2 and before, the others follow each
  // other in TLS 1.3.
  enum class Epoch : std::uint8_t { kClear, kSealed, kEarly, kHandshake, kTraffic };

  // Records of a direction that do not open before it is given up: when none ever did, and when
  // some did.
  static constexpr unsigned kFailuresFirstMax = 8;
  static constexpr unsigned kFailuresMax = 32;
  // Records that are stepped over because the early or handshake secret is not there.
  static constexpr unsigned kPassedMax = 128;
  // Numbers tried for the record after a gap, and bytes decrypted in vain for one connection.
  static constexpr std::uint64_t kNumbersTriedMax = 512;
  static constexpr std::uint64_t kTriedBytesMax = std::uint64_t{64} * 1024 * 1024;

  struct End {
    std::vector<std::uint8_t> held;  // from the start of a record, or of what is looked through
    HandshakeMessages messages;
    std::array<TlsRecordCipher, 2> ciphers;  // [active], and one to try
    Secret secret;                           // of TLS 1.3's traffic, for KeyUpdate
    std::uint64_t number = 0;                // of the next record
    std::uint64_t skip = 0;                  // bytes of a lost record still to come
    std::uint64_t lost_bytes = 0;            // since the last record that opened: all of them,
    std::uint64_t lost_unknown = 0;    // those of which it is not known how many records they were,
    std::uint64_t lost_records = 0;    // and the records of the others
    std::uint64_t explicit_nonce = 0;  // of the last record that opened
    std::uint16_t record_version = 0;
    unsigned active = 0;
    unsigned failures = 0;  // in a row
    unsigned passed = 0;
    Epoch epoch = Epoch::kClear;
    Epoch keyed = Epoch::kClear;      // what the active cipher was made for
    Epoch candidate = Epoch::kClear;  // what the other was made for
    bool opened = false;              // a record of this direction was
    bool told = false;                // application data came out
    bool waiting = false;             // for the other end's hello, or for secrets
    bool waiting_for_keys = false;
    bool seeking = false;  // where the next record begins is not known
    bool failed = false;
  };

  // What calls carry along.
  struct Call {
    TlsCrypto::State& crypto;
    KeySource& keys;
    TlsDecryptCounters& counters;
    TlsPlaintext& out;
  };
  struct Opened {
    std::uint64_t number;
    std::size_t size;
  };
  enum class Step : std::uint8_t { kGoOn, kWait };

  // tls_decryptor.cc
  void feed(unsigned end, Bytes bytes, const Call& call);
  bool drain(unsigned end, Bytes& bytes, const Call& call);
  void drain_held(unsigned end, const Call& call);
  void drain_in_turn(unsigned end, const Call& call);
  [[nodiscard]] bool waits_for_keys() const {
    return ends[0].waiting_for_keys || ends[1].waiting_for_keys;
  }
  Step read_record(unsigned end, const TlsRecord& record, const Call& call);
  Step read_clear(unsigned end, const TlsRecord& record, const Call& call);
  Step read_sealed(unsigned end, const TlsRecord& record, const Call& call);
  Step read_tls13(unsigned end, const TlsRecord& record, const Call& call);
  void take_text(unsigned end, RecordType type, Bytes text, const Call& call);
  void count_opened(unsigned end, std::uint64_t number, const TlsRecord& record, const Call& call);
  void fail_to_open(unsigned end, const TlsRecord& record, const Call& call);
  void give_up(unsigned end, const Call& call);
  void refuse(const Call& call);
  Step wait_for_keys(unsigned end);
  std::optional<Opened> open_tls13(unsigned end, const TlsRecord& record, const Call& call,
                                   bool& any_key);

  // tls_decryptor_keys.cc
  void read_handshake(unsigned end, Bytes fragment, const Call& call);
  void on_client_hello(unsigned end, Bytes body, const Call& call);
  void on_server_hello(unsigned end, Bytes body, const Call& call);
  void on_key_update(unsigned end, const Call& call);
  // Makes the active cipher for `epoch`: false when its secret is not known.
  bool key_epoch(unsigned end, Epoch epoch, TlsRecordCipher& cipher, const Call& call);
  bool key_sealed(unsigned end, const Call& call);

  // tls_decryptor_gaps.cc
  void gap(unsigned end, std::uint64_t bytes, const Call& call);
  // Tries a cipher with the numbers that the record may have, counted from `number`.
  std::optional<Opened> open(unsigned end, TlsRecordCipher& cipher, std::uint64_t number,
                             const TlsRecord& record, const Call& call);
  bool seek(unsigned end, Bytes& bytes, const Call& call);
  [[nodiscard]] bool plausible(unsigned end, Bytes header) const;

  [[nodiscard]] std::uint8_t* opened_into(const Call& call) const {
    return call.crypto.opened[depth].data();
  }
  [[nodiscard]] bool is_client(unsigned end) const { return client == static_cast<int>(end); }
  void wipe();

  std::array<End, 2> ends;
  KeyExchange exchange;
  ServerChoice choice;
  std::optional<TlsSuite> suite;
  std::uint64_t tried_bytes = 0;
  int client = -1;  // which end; -1 until its hello has come
  unsigned depth = 0;
  bool early_offered = false;
  bool has_choice = false;
  bool retried = false;  // HelloRetryRequest was seen
  bool told_alpn = false;
  bool counted = false;      // among connections
  bool sealed_seen = false;  // something was there to open
};

}  // namespace gnomon::message
