#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "gnomon/message/quic_decryptor.h"
#include "gnomon/message/quic_packet.h"
#include "ordered_bytes.h"
#include "quic_packet_keys.h"
#include "tls_handshake_messages.h"

// The inside of QuicDecryptor: packets and keys (quic_decryptor.cc), frames and streams
// (quic_decryptor_frames.cc).
namespace gnomon::message {

struct QuicDecryptor::State {
  enum Level : std::uint8_t { kInitial, kHandshake, kEarly, kTraffic };
  static constexpr std::size_t kSpaces = 3;  // of packet numbers; 0-RTT shares 1-RTT's

  static constexpr std::size_t kIdsMax = 8;  // connection ids of an end that are known
  static constexpr std::size_t kEndedMax = 4096;
  static constexpr std::size_t kCryptoBytesMax = std::size_t{64} * 1024;
  static constexpr unsigned kPendingTriesMax = 256;  // datagrams to wait for secrets
  static constexpr unsigned kFailuresMax = 1000;  // in a row; then the keys are the wrong ones

  struct ConnectionId {
    std::array<std::uint8_t, kQuicConnectionIdBytesMax> bytes{};
    std::uint8_t size = 0;
    bool known = false;
    [[nodiscard]] Bytes view() const { return Bytes{bytes}.first(size); }
    void set(Bytes id);
  };

  struct Crypto {
    OrderedBytes order;
    HandshakeMessages messages;
  };

  struct End {
    std::array<ConnectionId, kIdsMax>
        ids;                       // those it chose: what the other end sends to; [0] first
    std::size_t id_at = 1;         // which is replaced next
    std::array<Crypto, 2> crypto;  // of Initial and Handshake
    std::array<std::optional<std::uint64_t>, kSpaces> largest;
    QuicPacketKeys handshake;
    QuicPacketKeys early;
    std::array<QuicPacketKeys, 3> traffic;  // before, now, next
    bool phase = false;
  };

  struct Stream {
    OrderedBytes order;
    std::optional<std::uint64_t> size;  // once FIN was seen
    bool ended = false;
  };

  struct Pending {
    std::uint32_t size;
    std::uint8_t end;
  };

  struct Call {
    QuicCrypto& initial;
    TlsCrypto::State& crypto;
    KeySource& keys;
    QuicDecryptCounters& counters;
    QuicStreams& out;
  };

  // quic_decryptor.cc
  void read_datagram(unsigned end, Bytes datagram, const Call& call);
  bool read_long(unsigned end, const QuicLongHeader& header, const Call& call);
  void read_initial(unsigned end, const QuicLongHeader& header, const Call& call);
  bool read_short(unsigned end, Bytes packet, const Call& call);
  bool ready(QuicPacketKeys& keys, KeyLabel label, const Call& call);
  std::optional<QuicPacketKeys::Opened> open_traffic(unsigned end, Bytes packet,
                                                     std::size_t number_offset, const Call& call);
  void count_opened(unsigned end, Level level, std::uint64_t number, const Call& call);
  void keep(unsigned end, Bytes packet);
  void read_pending(const Call& call);
  void restart(const Call& call);
  void wipe();
  [[nodiscard]] bool is_client(unsigned end) const { return client == static_cast<int>(end); }
  [[nodiscard]] std::size_t id_bytes_of(unsigned end, Bytes packet) const;

  // quic_decryptor_frames.cc
  void read_frames(unsigned end, Level level, Bytes payload, const Call& call);
  void read_crypto(unsigned end, Level level, std::uint64_t offset, Bytes bytes, const Call& call);
  void on_message(unsigned end, Level level, HandshakeType type, Bytes body, const Call& call);
  void read_stream(unsigned end, std::uint64_t id, std::uint64_t offset, Bytes bytes, bool fin,
                   const Call& call);
  void reset_stream(unsigned end, std::uint64_t id, const Call& call);
  Stream* stream_of(unsigned end, std::uint64_t id, const Call& call);
  void end_if_whole(unsigned end, std::uint64_t id, Stream& stream, const Call& call);
  void flush(unsigned end, std::uint64_t id, Stream& stream, QuicDecryptCounters& counters,
             QuicStreams& out);
  void flush_all(QuicDecryptCounters& counters, QuicStreams& out);

  static std::uint64_t key_of(unsigned end, std::uint64_t id) { return id << 1 | end; }

  std::array<End, 2> ends;
  ConnectionId original_id;  // what the Initial keys are made from
  std::array<std::uint8_t, 32> client_random{};
  std::optional<TlsSuite> suite;
  std::unordered_map<std::uint64_t, Stream> streams;
  std::array<std::array<std::uint64_t, 4>, 2> ended_below{};  // by end and kind of stream
  std::vector<Pending> pending;
  std::vector<std::uint8_t> pending_bytes;
  std::size_t waiting_bytes = 0;  // behind holes of all streams
  std::size_t ended_count = 0;
  std::uint32_t version = 0;
  unsigned failures = 0;
  unsigned pending_tries = 0;
  int client = -1;
  bool has_hello = false;
  bool told_alpn = false;
  bool counted = false;
  bool sealed_seen = false;
  bool given_up = false;
};

}  // namespace gnomon::message
