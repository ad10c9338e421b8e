#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/bytes/result.h"
#include "gnomon/message/key_log.h"
#include "gnomon/message/quic_crypto.h"
#include "gnomon/message/tls_decryptor.h"

// QUIC connections (RFC 9000, RFC 9369, draft 29), read with secrets from a key log.
namespace gnomon::message {

struct QuicDecryptCounters {
  std::uint64_t connections = 0;  // of which at least one Handshake or 1-RTT packet was opened
  std::uint64_t packets = 0;      // opened
  std::uint64_t bytes = 0;        // of streams that came out
  std::uint64_t no_keys = 0;      // connections whose secrets never came
  std::uint64_t failed = 0;       // packets that did not open with the secrets at hand
  std::uint64_t key_updates = 0;
  std::uint64_t stream_gaps = 0;      // holes that were given up
  std::uint64_t streams_refused = 0;  // beyond the limit
};

// Takes what comes out. Ends are numbered as they were fed.
class QuicStreams {
 public:
  // The next bytes that `end` has sent on a stream, in order. `fin`: its last; `bytes` may then be
  // empty. Ids as RFC 9000 §2.1 numbers them: bit 0 set for the server's, bit 1 for one-way ones.
  virtual void on_stream(unsigned end, std::uint64_t stream, Bytes bytes, bool fin) = 0;
  // So many bytes of the stream were never seen.
  virtual void on_stream_gap(unsigned end, std::uint64_t stream, std::uint64_t bytes) = 0;
  // RESET_STREAM: nothing more will come.
  virtual void on_stream_reset(unsigned end, std::uint64_t stream) = 0;
  // The application protocol that the server chose: "h3".
  virtual void on_alpn(std::string_view protocol) = 0;
  // Which end is the client.
  virtual void on_client(unsigned end) = 0;

 protected:
  ~QuicStreams() = default;
};

// Decrypts one connection, from its first Initial on, as the datagrams come: lost, repeated, out of
// order, coalesced, after Retry, with new connection ids, with updated keys. Packets that come
// before their secrets or the server's choice of cipher are kept a while. Streams are put in order;
// a hole becomes a gap once too much lies behind it. Meant to be pooled: reset() wipes all secrets
// and makes it new. One thread.
class QuicDecryptor {
 public:
  static constexpr std::size_t kStreamsMax = 256;  // open at once
  static constexpr std::size_t kEarlyBytesMax =
      std::size_t{64} * 1024;  // packets before their keys
  static constexpr std::size_t kStreamBytesMax = std::size_t{256} * 1024;  // behind holes, in all

  QuicDecryptor();
  QuicDecryptor(const QuicDecryptor&) = delete;
  QuicDecryptor& operator=(const QuicDecryptor&) = delete;
  ~QuicDecryptor();

  void reset();

  // A datagram that `end`, 0 or 1, has sent.
  void feed(unsigned end, Bytes datagram, QuicCrypto& initial_crypto, const TlsCrypto& crypto,
            KeySource& keys, QuicDecryptCounters& counters, QuicStreams& out);
  // Packets wait for secrets.
  [[nodiscard]] bool waits() const;
  // Asks for them again, though nothing has come.
  void retry(QuicCrypto& initial_crypto, const TlsCrypto& crypto, KeySource& keys,
             QuicDecryptCounters& counters, QuicStreams& out);
  // Nothing more will come: what waits behind holes comes out, with gaps.
  void close(QuicDecryptCounters& counters, QuicStreams& out);

  // Nothing more will come out.
  [[nodiscard]] bool done() const;
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gnomon::message
