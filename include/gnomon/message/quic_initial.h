#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/message/client_hello.h"
#include "gnomon/message/quic_crypto.h"
#include "gnomon/message/quic_version.h"

// The ClientHello of a QUIC connection, which its Initial packets carry in CRYPTO frames
// (RFC 9001 §4.1.3).
namespace gnomon::message {

// Handshake bytes of a client that are put together. Chrome's hello has some 1,800 with a
// post-quantum key share; ML-KEM-1024 would add 800.
inline constexpr std::size_t kQuicCryptoBytesMax = std::size_t{8} * 1024;

// Packets that did not open with any key before a reader gives up.
inline constexpr unsigned kQuicOpenFailuresMax = 16;

struct QuicNotMine {};
struct QuicNotYet {};
struct QuicClientHello {
  ClientHello hello;              // of Google's own handshake the server name alone
  std::string_view user_agent;    // Google's own handshake names the browser
  std::uint32_t version = 0;      // as sent; see quic_version_name()
  bool google_handshake = false;  // Q024 to Q050: no TLS, so no ALPN and no fingerprint
};
using QuicReading = std::variant<QuicNotMine, QuicNotYet, QuicClientHello>;

// Could this datagram be the first of a QUIC connection, from either end? A few nanoseconds for one
// that is not. True for an Initial or 0-RTT packet of a version that Gnomon can open, and for
// Google's packets in the clear.
bool looks_like_quic_initial(Bytes datagram);

// Reads the datagrams of one UDP flow until the ClientHello is whole: several Initials, in any
// order, coalesced, repeated, after 0-RTT, after Retry, after version negotiation, with the
// destination id changed to the server's. A connection whose first Initial was not captured stays
// unread, as its keys are not known.
//
// Some 1.2 KiB, and room for the longest hello it has met (kQuicCryptoBytesMax at most). Meant to be
// pooled: reset() makes it new and keeps the room. One thread.
class QuicInitialReader {
 public:
  void reset();

  // `from_client` is the caller's best belief; until a packet has opened it is not relied on, so a
  // flow that was seen from the wrong end first is still read. The hello's views are valid until
  // the next feed() or reset().
  //
  // After a hello, feeding on finds a further one: after HelloRetryRequest, or of a new connection
  // between the same ports.
  QuicReading feed(Bytes datagram, bool from_client, QuicCrypto& crypto);

  // What of an unfinished hello has come in order, marked partial: for a flow that ends.
  [[nodiscard]] std::optional<QuicClientHello> partial() const;

  // Nothing more can come out: the client has gone on to Handshake or 1-RTT packets, or the reader
  // gave up.
  [[nodiscard]] bool settled() const { return settled_; }

  // A packet was authenticated by keys that only a QUIC connection has: it is one, with a hello or
  // without.
  [[nodiscard]] bool opened() const { return opened_; }

  // A client's packet has opened that came with `from_client` false: the caller had the ends the
  // wrong way round.
  [[nodiscard]] bool client_is_other_end() const { return client_is_other_end_; }

 private:
  // CRYPTO bytes by offset, and which of them have come.
  class Crypto {
   public:
    void clear();
    // False when they reach beyond the limit.
    bool add(std::uint64_t offset, Bytes bytes);
    // Bytes from the start that have all come.
    [[nodiscard]] Bytes in_order() const;

   private:
    static constexpr std::size_t kWords = kQuicCryptoBytesMax / 64;
    std::vector<std::uint8_t> bytes_;  // as far as something has come
    std::array<std::uint64_t, kWords> present_{};
    std::size_t end_ = 0;  // no byte has come at or after this
  };

  struct Keyed {
    QuicInitialKeys keys;
    std::array<std::uint8_t, kQuicConnectionIdBytesMax> id{};
    std::uint8_t id_bytes = 0;
    std::uint32_t version = 0;
    [[nodiscard]] bool made_from(Bytes other_id, std::uint32_t other_version) const;
  };
  static Keyed keyed(QuicSalt salt, std::uint32_t version, Bytes id, const QuicCrypto& crypto);

  // The payload of a client's Initial, by the keys at hand or those of its own destination id.
  std::optional<Bytes> open(Bytes packet, std::size_t number_offset, std::uint32_t version,
                            Bytes id, bool from_client, QuicCrypto& crypto);
  void note_opened(bool from_client);
  void read_frames(Bytes payload, std::uint32_t version);
  std::optional<QuicClientHello> take_hello();
  std::optional<QuicClientHello> hello_of(Bytes message, bool whole) const;
  QuicReading give_up();

  Crypto crypto_bytes_;
  Keyed keyed_;
  std::size_t message_begin_ = 0;  // of the message sought, in the CRYPTO bytes
  unsigned failures_ = 0;
  bool has_keys_ = false;
  bool opened_ = false;  // a packet has opened: keyed_ is right, and who is the client is known
  bool client_is_other_end_ = false;
  bool refused_ = false;  // what opened is no hello
  bool settled_ = false;
};

}  // namespace gnomon::message
