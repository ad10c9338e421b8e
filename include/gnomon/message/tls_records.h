#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/message/client_hello.h"
#include "gnomon/message/likeness.h"

// Hellos in TLS records over a stream (RFC 8446 §5.1). Records may split a handshake message
// anywhere and hold several; these readers put it together again.
namespace gnomon::message {

// A ClientHello that claims to be longer is none. Browsers' are 2 KiB with a post-quantum key
// share; the largest key share that is standardised would add 1.6 KiB.
inline constexpr std::size_t kClientHelloBytesMax = std::size_t{64} * 1024;

// Stream bytes that are worth collecting for one hello when memory is short.
inline constexpr std::size_t kClientHelloStreamBytesDefault = std::size_t{16} * 1024;

// A hello in more records than this is read no further: each costs a step whenever more has come.
// Of a hello that was split into records of one byte it is the first 2 KiB, where the name mostly
// is.
inline constexpr std::size_t kHelloRecordsMax = 2048;

// Where a hello that several records hold is put together. One per thread: what a reader returned
// is valid until the next call with the same scratch.
class TlsScratch {
 public:
  TlsScratch() { bytes_.reserve(kClientHelloBytesMax); }
  std::vector<std::uint8_t>& bytes() { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

// No TLS, whatever else comes.
struct TlsNotMine {};
// What came fits, and ends too soon. Asking again with fewer than `bytes_wanted` bytes, counted
// from the start of the stream, cannot change the answer.
struct TlsNotYet {
  std::size_t bytes_wanted = 0;
};
struct TlsClientHello {
  ClientHello hello;               // views into the stream or the scratch
  std::size_t bytes_consumed = 0;  // of the stream: through the record that ends the hello
  std::uint16_t record_version = 0;
};
using ClientHelloReading = std::variant<TlsNotMine, TlsNotYet, TlsClientHello>;

// Which hello of a connection is sought: the first thing a client says, or one after that, as
// HelloRetryRequest demands (RFC 8446 §4.1.4). Before a further one ChangeCipherSpec records are
// stepped over.
enum class HelloOrder : std::uint8_t { kFirst, kFurther };

// Reads a ClientHello from a client's contiguous bytes that begin with a record header. Alerts and
// empty records before it are stepped over. A hello of honest outside and dishonest inside comes
// back as parse_partial_client_hello() reads it.
ClientHelloReading read_client_hello(Bytes stream, TlsScratch& scratch,
                                     HelloOrder order = HelloOrder::kFirst);

// The same bytes when no more will come, or more than kHelloRecordsMax records have: what of the
// hello lies before the cut, marked partial.
ClientHelloReading read_cut_client_hello(Bytes stream, TlsScratch& scratch);

// Is this the start of a TLS ClientHello? Cheap and strict: for finding one in the middle of a
// stream, after STARTTLS, CONNECT or a SOCKS handshake. Needs 11 bytes, and more where the first
// records are shorter than 6 or alerts; looks at up to 46 otherwise. No bytes are no start.
Likeness client_hello_likeness(Bytes start);

inline bool looks_like_client_hello(Bytes start) {
  return client_hello_likeness(start) == Likeness::kYes;
}

// Bytes of a whole PROXY header, version 1 or 2, that a load balancer put before the client's own
// bytes (HAProxy's proxy-protocol.txt, §2.1 and §2.2); 0 when `stream` does not begin with one.
std::size_t proxy_header_bytes(Bytes stream);

// Bytes of the packet header that SQL Server puts before TLS records of a handshake (MS-TDS,
// 2.2.3.1); 0 when `stream` does not begin with one and a handshake's record.
std::size_t tds_header_bytes(Bytes stream);

// What a server chose (RFC 8446 §4.1.3). Views into the bytes that were read.
struct ServerHello {
  Bytes random;
  std::string_view alpn;      // chosen protocol; TLS 1.2 and before, later it is encrypted
  std::uint16_t version = 0;  // chosen: supported_versions, else legacy_version
  std::uint16_t cipher_suite = 0;
  bool is_retry_request = false;  // HelloRetryRequest: a further ClientHello follows
};
struct TlsServerHello {
  ServerHello hello;
  std::size_t bytes_consumed = 0;
};
using ServerHelloReading = std::variant<TlsNotMine, TlsNotYet, TlsServerHello>;

// Reads the ServerHello from a server's contiguous bytes that begin with a record header. Whether a
// server accepted ECH cannot be told from outside (RFC 9849 §7.2: the signal is in the random, and
// keyed).
ServerHelloReading read_server_hello(Bytes stream, TlsScratch& scratch);

}  // namespace gnomon::message
