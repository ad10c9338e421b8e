#include "gnomon/message/tls_records.h"

#include <algorithm>
#include <array>
#include <optional>

namespace gnomon::message {
namespace {

enum class Content : std::uint8_t {
  kChangeCipherSpec = 20,
  kAlert = 21,
  kHandshake = 22,
};

constexpr std::uint8_t kClientHelloType = 1;
constexpr std::uint8_t kServerHelloType = 2;

constexpr std::size_t kRecordHeaderBytes = 5;
constexpr std::size_t kHandshakeHeaderBytes = 4;
// RFC 8446 §5.1 allows 2^14 in the clear; RFC 5246 §6.2.3 2048 more around a ciphertext, and
// implementations do not check which it is.
constexpr std::size_t kRecordBytesMax = (std::size_t{1} << 14) + 2048;
// legacy_version, random, session id length, one cipher suite, one compression method.
constexpr std::size_t kClientHelloBytesMin = 2 + 32 + 1 + 4 + 1;
constexpr std::size_t kServerHelloBytesMax = std::size_t{16} * 1024;
// What tells a ClientHello: its type, length and legacy_version.
constexpr std::size_t kHelloStartBytes = kHandshakeHeaderBytes + 2;

// SHA-256 of "HelloRetryRequest" (RFC 8446 §4.1.3).
constexpr std::array<std::uint8_t, 32> kRetryRandom{
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

// Servers answer to any minor version beyond those they know (RFC 8446, 4.1.2 and appendix D).
constexpr bool is_tls_version(std::uint16_t version) { return version >> 8 == 3; }

// One record, or as much of it as there is.
struct Record {
  Content type{};
  std::uint16_t version = 0;
  std::size_t length = 0;  // as its header says
  Bytes fragment;          // at most `length` bytes
  [[nodiscard]] bool whole() const { return fragment.size() == length; }
};

// False when this cannot be a record. `bytes` holds at least a header.
bool read_record(ByteReader& in, Record& record) {
  record.type = Content{in.u8()};
  record.version = in.u16();
  record.length = in.u16();
  if (!is_tls_version(record.version)) return false;
  if (record.length > kRecordBytesMax) return false;
  record.fragment = in.take(std::min(record.length, in.remaining()));
  return true;
}

// Could `start`, fewer bytes than a record header, become one?
bool may_become_record(Bytes start) {
  if (!start.empty() && (start[0] < 20 || start[0] > 22)) return false;
  return start.size() <= 1 || start[1] == 3;
}

struct Wanted {
  std::uint8_t type;  // of the handshake message
  std::size_t bytes_max;
  bool step_over_change_cipher_spec;
};

// A handshake message, put together.
struct Message {
  Bytes body;
  std::size_t bytes_consumed = 0;
  std::uint16_t record_version = 0;
  bool cut = false;  // ended before its announced length
};

using Gathering = std::variant<TlsNotMine, TlsNotYet, Message>;

// Keeps the pieces of one message: a single view as long as one record holds it, else a copy.
class Pieces {
 public:
  explicit Pieces(TlsScratch& scratch) : copy_(scratch.bytes()) { copy_.clear(); }

  void add(Bytes piece) {
    if (piece.empty()) return;
    if (view_.empty() && copy_.empty()) {
      view_ = piece;
      return;
    }
    if (copy_.empty()) copy_.assign(view_.begin(), view_.end());
    copy_.insert(copy_.end(), piece.begin(), piece.end());
  }
  [[nodiscard]] Bytes all() const { return copy_.empty() ? view_ : Bytes{copy_}; }
  [[nodiscard]] std::size_t size() const { return copy_.empty() ? view_.size() : copy_.size(); }

 private:
  Bytes view_;
  std::vector<std::uint8_t>& copy_;
};

// What a message's first bytes say about it: nothing yet, its whole size, or that it is not wanted.
struct Size {
  bool refused = false;
  std::size_t bytes = 0;  // with its header; 0 when not known yet
};

Size message_size(Bytes start, const Wanted& wanted) {
  if (start.empty()) return {};
  if (start[0] != wanted.type) return {.refused = true};
  ByteReader in{start};
  in.u8();
  const std::size_t length = in.u24();
  if (!in.ok()) return {};
  if (length > wanted.bytes_max || length < 2 + 32 + 1) return {.refused = true};
  // legacy_version: 3.x, also where the real one is elsewhere. 0x7f and 0xfe are drafts' and DTLS'.
  if (!in.at_end() && in.u8() != 3) return {.refused = true};
  return {.bytes = kHandshakeHeaderBytes + length};
}

// Walks the records until the wanted message is whole. `ended`: nothing more will come.
Gathering gather(Bytes stream, TlsScratch& scratch, const Wanted& wanted, bool ended) {
  // First only sizes, so that a message that is not whole costs no copy.
  std::array<std::uint8_t, kHandshakeHeaderBytes + 1> start{};
  std::size_t started = 0;
  std::size_t have = 0;
  Size size;
  Message message;
  ByteReader in{stream};
  for (std::size_t records = 0; size.bytes == 0 || have < size.bytes; ++records) {
    if (records == kHelloRecordsMax) {
      if (ended) break;
      return TlsNotMine{};
    }
    const std::size_t at = stream.size() - in.remaining();
    if (in.remaining() < kRecordHeaderBytes) {
      if (!may_become_record(stream.subspan(at))) return TlsNotMine{};
      if (ended) break;
      return TlsNotYet{at + kRecordHeaderBytes + 1};
    }
    Record record;
    if (!read_record(in, record)) return TlsNotMine{};
    const std::size_t record_end = at + kRecordHeaderBytes + record.length;
    switch (record.type) {
      case Content::kHandshake:
        break;
      case Content::kAlert:
        if (record.length != 2 || have != 0) return TlsNotMine{};
        if (!record.whole() && !ended) return TlsNotYet{record_end};
        continue;
      case Content::kChangeCipherSpec:
        if (!wanted.step_over_change_cipher_spec || record.length != 1 || have != 0)
          return TlsNotMine{};
        if (!record.whole() && !ended) return TlsNotYet{record_end};
        continue;
      default:
        return TlsNotMine{};
    }
    if (have == 0) message.record_version = record.version;
    have += record.fragment.size();
    for (const std::uint8_t byte : record.fragment) {
      if (started == start.size()) break;
      start[started++] = byte;
    }
    size = message_size(Bytes{start}.first(started), wanted);
    if (size.refused) return TlsNotMine{};
    if (!record.whole() && (size.bytes == 0 || have < size.bytes)) {
      if (ended) break;
      const std::size_t missing = size.bytes == 0 ? 1 : size.bytes - have;
      return TlsNotYet{std::min(record_end, stream.size() + missing)};
    }
  }
  if (have <= kHandshakeHeaderBytes || started <= kHandshakeHeaderBytes) return TlsNotMine{};

  message.bytes_consumed = stream.size() - in.remaining();
  message.cut = have < size.bytes;
  Pieces pieces{scratch};
  ByteReader again{stream.first(message.bytes_consumed)};
  while (again.remaining() >= kRecordHeaderBytes) {
    Record record;
    if (!read_record(again, record)) break;
    if (record.type != Content::kHandshake) continue;
    pieces.add(record.fragment.first(std::min(record.fragment.size(), size.bytes - pieces.size())));
  }
  message.body = pieces.all().subspan(kHandshakeHeaderBytes);
  return message;
}

// SSLv2-compatible CLIENT-HELLO (RFC 5246 appendix E.2):
//   uint8 msg_length[2] (high bit set), msg_type = 1; Version; uint16 cipher_spec_length,
//   session_id_length, challenge_length; ...
ClientHelloReading read_ssl2_hello(Bytes stream) {
  ByteReader in{stream};
  const std::size_t length = in.u16() & 0x7fffu;
  const std::uint8_t type = in.u8();
  ClientHello hello;
  hello.ssl2 = true;
  hello.legacy_version = in.u16();
  const std::size_t suites = in.u16();
  const std::size_t session_id = in.u16();
  const std::size_t challenge = in.u16();
  if (!in.ok()) {
    const bool fits = (stream.size() < 3 || stream[2] == kClientHelloType) &&
                      (stream.size() < 4 || stream[3] == 3 || stream[3] == 0);
    if (fits) return TlsNotYet{11};
    return TlsNotMine{};
  }
  const bool version_known = hello.legacy_version == 0x0002 ||
                             (hello.legacy_version >= 0x0300 && hello.legacy_version <= 0x0303);
  if (type != kClientHelloType || !version_known || suites == 0 || suites % 3 != 0 ||
      challenge < 16 || challenge > 32 || session_id > 32 ||
      length != 9 + suites + session_id + challenge)
    return TlsNotMine{};
  in.take(suites);  // three bytes each: not the two-byte list that cipher_suites promises
  hello.session_id = in.take(session_id);
  hello.random = in.take(challenge);
  if (!in.ok()) return TlsNotYet{2 + length};
  return TlsClientHello{hello, 2 + length, hello.legacy_version};
}

constexpr Wanted client_hello_wanted(HelloOrder order) {
  return {kClientHelloType, kClientHelloBytesMax, order == HelloOrder::kFurther};
}

ClientHelloReading read_hello(Bytes stream, TlsScratch& scratch, HelloOrder order, bool ended) {
  if (!stream.empty() && (stream[0] & 0x80) != 0 && order == HelloOrder::kFirst)
    return ended ? ClientHelloReading{TlsNotMine{}} : read_ssl2_hello(stream);

  const Gathering gathering = gather(stream, scratch, client_hello_wanted(order), ended);
  if (const auto* not_yet = std::get_if<TlsNotYet>(&gathering)) return *not_yet;
  const auto* message = std::get_if<Message>(&gathering);
  if (message == nullptr) return TlsNotMine{};
  std::optional<ClientHello> hello;
  if (!message->cut) hello = parse_client_hello(message->body);
  if (!hello) hello = parse_partial_client_hello(message->body);
  if (!hello) return TlsNotMine{};
  return TlsClientHello{*hello, message->bytes_consumed, message->record_version};
}

// struct { ProtocolVersion legacy_version; Random random; opaque legacy_session_id_echo<0..32>;
//          CipherSuite cipher_suite; uint8 legacy_compression_method;
//          Extension extensions<6..2^16-1>; } ServerHello;
std::optional<ServerHello> parse_server_hello(Bytes body) {
  ByteReader in{body};
  ServerHello hello;
  hello.version = in.u16();
  hello.random = in.take(32);
  const Bytes session_id = in.take(in.u8());
  hello.cipher_suite = in.u16();
  in.u8();  // legacy_compression_method
  if (!in.ok() || session_id.size() > 32) return std::nullopt;
  hello.is_retry_request = std::ranges::equal(hello.random, kRetryRandom);
  if (in.at_end()) return hello;

  ByteReader extensions = in.nested(in.u16());
  while (!extensions.at_end()) {
    const TlsExtension type{extensions.u16()};
    ByteReader extension = extensions.nested(extensions.u16());
    if (type == TlsExtension::kSupportedVersions) {
      const std::uint16_t version = extension.u16();
      if (extension.ok()) hello.version = version;
    } else if (type == TlsExtension::kAlpn) {
      ByteReader list = extension.nested(extension.u16());
      const Bytes name = list.take(list.u8());
      if (list.ok()) hello.alpn = {reinterpret_cast<const char*>(name.data()), name.size()};
    }
  }
  if (!in.ok() || !extensions.ok()) return std::nullopt;
  return hello;
}

// Whether the first bytes of the handshake, over as many records as they take, are a ClientHello's.
// What splits a hello to hide its name may leave a record a single byte. An alert alone is more
// often a connection's end.
Likeness begins_client_hello(Bytes start) {
  constexpr unsigned kStepsMax = 4;  // alerts and empty records
  std::array<std::uint8_t, kHelloStartBytes> head{};
  std::size_t have = 0;
  unsigned steps = 0;
  ByteReader in{start};
  while (have < head.size()) {
    if (in.remaining() < kRecordHeaderBytes) {
      const Bytes rest = in.take(in.remaining());
      const bool fits = rest.empty()
                            ? have > 0 || steps == 0
                            : may_become_record(rest) && Content{rest[0]} == Content::kHandshake;
      return fits ? Likeness::kNotYet : Likeness::kNo;
    }
    Record record;
    if (!read_record(in, record)) return Likeness::kNo;
    const bool alert = record.type == Content::kAlert && record.length == 2 && record.whole();
    if ((alert && have == 0) || (record.type == Content::kHandshake && record.length == 0)) {
      if (++steps > kStepsMax) return Likeness::kNo;
      continue;
    }
    if (record.type != Content::kHandshake) return Likeness::kNo;
    for (const std::uint8_t byte :
         record.fragment.first(std::min(record.fragment.size(), head.size() - have)))
      head[have++] = byte;
    if (have > 0 && head[0] != kClientHelloType) return Likeness::kNo;
    if (have < head.size() && !record.whole()) return Likeness::kNotYet;
  }
  ByteReader hello{head};
  hello.u8();
  const std::size_t length = hello.u24();
  const std::uint16_t version = hello.u16();
  const bool fits =
      length >= kClientHelloBytesMin && length <= kClientHelloBytesMax && is_tls_version(version);
  return fits ? Likeness::kYes : Likeness::kNo;
}

}  // namespace

ClientHelloReading read_client_hello(Bytes stream, TlsScratch& scratch, HelloOrder order) {
  return read_hello(stream, scratch, order, false);
}

ClientHelloReading read_cut_client_hello(Bytes stream, TlsScratch& scratch) {
  return read_hello(stream, scratch, HelloOrder::kFirst, true);
}

Likeness client_hello_likeness(Bytes start) {
  if (start.empty()) return Likeness::kNo;
  const Likeness begins = begins_client_hello(start);
  if (begins != Likeness::kYes) return begins;
  // What follows the first bytes, where one record holds it.
  ByteReader in{start};
  in.take(3);
  const std::size_t record_length = in.u16();
  if (record_length < kHelloStartBytes) return Likeness::kYes;
  in.u8();
  const std::size_t hello_length = in.u24();
  in.u16();
  // A record that ends inside the hello does so because the hello is long, or was cut on purpose.
  if (in.remaining() < 33 || record_length < kHandshakeHeaderBytes + 35) return Likeness::kYes;
  in.take(32);
  const std::size_t session_id = in.u8();
  if (session_id > 32 || session_id + kClientHelloBytesMin > hello_length) return Likeness::kNo;
  if (in.remaining() < session_id + 2 || record_length < kHandshakeHeaderBytes + 37 + session_id)
    return Likeness::kYes;
  in.take(session_id);
  const std::size_t suites = in.u16();
  const bool fits = suites % 2 == 0 && 2 + 32 + 1 + session_id + 2 + suites < hello_length;
  return fits ? Likeness::kYes : Likeness::kNo;
}

std::size_t proxy_header_bytes(Bytes stream) {
  constexpr std::array<std::uint8_t, 6> kVersion1{'P', 'R', 'O', 'X', 'Y', ' '};
  constexpr std::array<std::uint8_t, 12> kVersion2{0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
                                                   0x0a, 'Q',  'U',  'I',  'T',  0x0a};
  constexpr std::size_t kVersion1BytesMax = 107;
  ByteReader in{stream};
  if (std::ranges::equal(ByteReader{in}.take(kVersion1.size()), kVersion1)) {
    const Bytes line = stream.first(std::min(stream.size(), kVersion1BytesMax));
    for (std::size_t at = kVersion1.size(); at + 1 < line.size(); ++at)
      if (line[at] == '\r' && line[at + 1] == '\n') return at + 2;
    return 0;
  }
  if (!std::ranges::equal(in.take(kVersion2.size()), kVersion2)) return 0;
  const std::uint8_t version_and_command = in.u8();
  in.u8();  // address family and protocol
  in.take(in.u16());
  return in.ok() && (version_and_command >> 4) == 2 ? stream.size() - in.remaining() : 0;
}

std::size_t tds_header_bytes(Bytes stream) {
  constexpr std::size_t kHeaderBytes = 8;
  constexpr std::uint8_t kPrelogin = 0x12;
  constexpr std::uint8_t kLastOfMessage = 0x01;
  ByteReader in{stream};
  const std::uint8_t type = in.u8();
  const std::uint8_t status = in.u8();
  const std::size_t length = in.u16();
  in.take(4);  // channel, number, window
  const Content record{in.u8()};
  const bool fits = in.ok() && type == kPrelogin && status <= kLastOfMessage &&
                    length > kHeaderBytes && record == Content::kHandshake;
  return fits ? kHeaderBytes : 0;
}

ServerHelloReading read_server_hello(Bytes stream, TlsScratch& scratch) {
  const Wanted wanted{kServerHelloType, kServerHelloBytesMax, false};
  const Gathering gathering = gather(stream, scratch, wanted, false);
  if (const auto* not_yet = std::get_if<TlsNotYet>(&gathering)) return *not_yet;
  const auto* message = std::get_if<Message>(&gathering);
  if (message == nullptr) return TlsNotMine{};
  const auto hello = parse_server_hello(message->body);
  if (!hello) return TlsNotMine{};
  return TlsServerHello{*hello, message->bytes_consumed};
}

}  // namespace gnomon::message
