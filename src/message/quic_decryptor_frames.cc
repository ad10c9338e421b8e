// What QUIC packets hold: frames, the handshake in them, and streams.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <algorithm>

#include "gnomon/message/client_hello.h"
#include "quic_decryptor_state.h"

namespace gnomon::message {
namespace {

// RFC 9000 §19, RFC 9221, draft-ietf-quic-ack-frequency, draft-huitema-quic-ts
enum Frame : std::uint64_t {
  kPadding = 0x00,
  kPing = 0x01,
  kAck = 0x02,
  kAckEcn = 0x03,
  kResetStream = 0x04,
  kStopSending = 0x05,
  kCryptoFrame = 0x06,
  kNewToken = 0x07,
  kStreamFirst = 0x08,
  kStreamLast = 0x0f,
  kMaxData = 0x10,
  kMaxStreamData = 0x11,
  kMaxStreamsBidi = 0x12,
  kMaxStreamsUni = 0x13,
  kDataBlocked = 0x14,
  kStreamDataBlocked = 0x15,
  kStreamsBlockedBidi = 0x16,
  kStreamsBlockedUni = 0x17,
  kNewConnectionId = 0x18,
  kRetireConnectionId = 0x19,
  kPathChallenge = 0x1a,
  kPathResponse = 0x1b,
  kConnectionClose = 0x1c,
  kApplicationClose = 0x1d,
  kHandshakeDone = 0x1e,
  kImmediateAck = 0x1f,
  kDatagram = 0x30,
  kDatagramWithLength = 0x31,
  kAckFrequency = 0xaf,
  kTimeStamp = 0x02f5,
};

void skip_integers(ByteReader& in, unsigned count) {
  for (unsigned i = 0; i < count; ++i) read_quic_integer(in);
}

Bytes take_counted(ByteReader& in) {
  const std::uint64_t size = read_quic_integer(in);
  if (size > in.remaining()) {
    in.fail();
    return {};
  }
  return in.take(static_cast<std::size_t>(size));
}

}  // namespace

void QuicDecryptor::State::read_frames(unsigned end, Level level, Bytes payload, const Call& call) {
  ByteReader in{payload};
  while (!in.at_end() && !given_up) {
    const std::uint64_t type = read_quic_integer(in);
    switch (type) {
      case kPadding:
      case kPing:
      case kHandshakeDone:
      case kImmediateAck:
        break;
      case kAck:
      case kAckEcn:
        skip_quic_ack(in, type == kAckEcn);
        break;
      case kResetStream: {
        const std::uint64_t id = read_quic_integer(in);
        skip_integers(in, 2);
        if (in.ok() && level >= kEarly) reset_stream(end, id, call);
        break;
      }
      case kCryptoFrame: {
        const std::uint64_t offset = read_quic_integer(in);
        const Bytes bytes = take_counted(in);
        if (in.ok()) read_crypto(end, level, offset, bytes, call);
        break;
      }
      case kNewToken:
        take_counted(in);
        break;
      case kMaxData:
      case kMaxStreamsBidi:
      case kMaxStreamsUni:
      case kDataBlocked:
      case kStreamsBlockedBidi:
      case kStreamsBlockedUni:
      case kRetireConnectionId:
      case kTimeStamp:
        skip_integers(in, 1);
        break;
      case kStopSending:
      case kMaxStreamData:
      case kStreamDataBlocked:
        skip_integers(in, 2);
        break;
      case kNewConnectionId: {
        skip_integers(in, 2);
        const Bytes id = in.take(in.u8());
        in.take(16);  // stateless reset token
        if (!in.ok() || id.size() > kQuicConnectionIdBytesMax) return;
        End& own = ends[end];
        own.ids[own.id_at].set(id);
        own.id_at = own.id_at + 1 == kIdsMax ? 1 : own.id_at + 1;
        break;
      }
      case kPathChallenge:
      case kPathResponse:
        in.take(8);
        break;
      case kConnectionClose:
        skip_integers(in, 2);
        take_counted(in);
        break;
      case kApplicationClose:
        skip_integers(in, 1);
        take_counted(in);
        break;
      case kDatagram:
        return;
      case kDatagramWithLength:
        take_counted(in);
        break;
      case kAckFrequency:
        skip_integers(in, 4);
        break;
      default: {
        if (type < kStreamFirst || type > kStreamLast || level < kEarly) return;
        const std::uint64_t id = read_quic_integer(in);
        const std::uint64_t offset = (type & 0x04) != 0 ? read_quic_integer(in) : 0;
        const Bytes bytes = (type & 0x02) != 0 ? take_counted(in) : in.take(in.remaining());
        if (in.ok()) read_stream(end, id, offset, bytes, (type & 0x01) != 0, call);
        break;
      }
    }
  }
}

void QuicDecryptor::State::read_crypto(unsigned end, Level level, std::uint64_t offset, Bytes bytes,
                                       const Call& call) {
  if (level > kHandshake) return;  // session tickets
  Crypto& crypto = ends[end].crypto[level];
  if (offset > kCryptoBytesMax || bytes.size() > kCryptoBytesMax - offset) return;
  if (crypto.order.waiting_bytes() > 4 * kCryptoBytesMax) return;
  // A message's handling may begin a new connection and with it a new state: it is told afterwards.
  crypto.order.add(offset, bytes, [&](Bytes fresh) {
    crypto.messages.feed(
        fresh, [](HandshakeType, Bytes) {},
        [&](HandshakeType type, Bytes body) { on_message(end, level, type, body, call); });
  });
}

void QuicDecryptor::State::on_message(unsigned end, Level level, HandshakeType type, Bytes body,
                                      const Call& call) {
  if (level == kInitial && type == HandshakeType::kClientHello && is_client(end)) {
    const auto hello = parse_client_hello(body);
    if (!hello || hello->random.size() != client_random.size()) return;
    std::copy(hello->random.begin(), hello->random.end(), client_random.begin());
    has_hello = true;
  } else if (level == kInitial && type == HandshakeType::kServerHello && !is_client(end)) {
    const auto choice = parse_server_choice(body);
    if (!choice || choice->retry_request || suite) return;
    const auto chosen = tls_suite(choice->suite);
    if (!chosen || (choice->suite >> 8) != 0x13) {
      given_up = true;
      return;
    }
    suite = chosen;
  } else if (level == kHandshake && type == HandshakeType::kEncryptedExtensions &&
             !is_client(end) && !told_alpn) {
    const std::string_view alpn = alpn_of_encrypted_extensions(body);
    if (!alpn.empty()) call.out.on_alpn(alpn);
    told_alpn = true;
  }
}

// Null when the stream is over, or there are too many.
QuicDecryptor::State::Stream* QuicDecryptor::State::stream_of(unsigned end, std::uint64_t id,
                                                              const Call& call) {
  const std::uint64_t key = key_of(end, id);
  const auto found = streams.find(key);
  if (found != streams.end()) return found->second.ended ? nullptr : &found->second;
  // Of streams that ended long ago only is known that they did.
  if (id < ended_below[end][id & 3]) return nullptr;
  if (streams.size() - ended_count >= 2 * kStreamsMax) {
    ++call.counters.streams_refused;
    return nullptr;
  }
  if (ended_count >= kEndedMax) {
    for (auto at = streams.begin(); at != streams.end();) {
      const std::uint64_t old = at->first >> 1;
      if (!at->second.ended) {
        ++at;
        continue;
      }
      std::uint64_t& below = ended_below[at->first & 1][old & 3];
      below = std::max(below, old + 1);
      at = streams.erase(at);
    }
    ended_count = 0;
  }
  return &streams[key];
}

void QuicDecryptor::State::read_stream(unsigned end, std::uint64_t id, std::uint64_t offset,
                                       Bytes bytes, bool fin, const Call& call) {
  constexpr std::uint64_t kOffsetMax = (std::uint64_t{1} << 62) - 1;  // RFC 9000 §4.5
  if (offset > kOffsetMax - bytes.size()) return;
  Stream* const stream = stream_of(end, id, call);
  if (stream == nullptr) return;
  if (fin) stream->size = offset + bytes.size();
  const std::size_t waited = stream->order.waiting_bytes();
  stream->order.add(offset, bytes, [&](Bytes fresh) {
    call.counters.bytes += fresh.size();
    const bool last = stream->size && stream->order.next() >= *stream->size;
    call.out.on_stream(end, id, fresh, last);
    if (last) stream->ended = true;
  });
  waiting_bytes += stream->order.waiting_bytes();
  waiting_bytes -= waited;
  if (waiting_bytes > kStreamBytesMax) flush(end, id, *stream, call.counters, call.out);
  end_if_whole(end, id, *stream, call);
}

void QuicDecryptor::State::end_if_whole(unsigned end, std::uint64_t id, Stream& stream,
                                        const Call& call) {
  if (!stream.ended) {
    if (!stream.size || stream.order.next() < *stream.size) return;
    call.out.on_stream(end, id, {}, true);
    stream.ended = true;
  }
  waiting_bytes -= stream.order.waiting_bytes();
  stream.order.clear();
  ++ended_count;
}

void QuicDecryptor::State::reset_stream(unsigned end, std::uint64_t id, const Call& call) {
  Stream* const stream = stream_of(end, id, call);
  if (stream == nullptr) return;
  flush(end, id, *stream, call.counters, call.out);
  if (!stream->ended) call.out.on_stream_reset(end, id);
  stream->ended = true;
  waiting_bytes -= stream->order.waiting_bytes();
  stream->order.clear();
  ++ended_count;
}

// Gives up the holes of a stream.
void QuicDecryptor::State::flush(unsigned end, std::uint64_t id, Stream& stream,
                                 QuicDecryptCounters& counters, QuicStreams& out) {
  const std::size_t waited = stream.order.waiting_bytes();
  while (stream.order.waiting_bytes() > 0 && !stream.ended) {
    ++counters.stream_gaps;
    stream.order.skip_hole([&](std::uint64_t hole, Bytes fresh) {
      if (hole > 0) {
        out.on_stream_gap(end, id, hole);
        return;
      }
      counters.bytes += fresh.size();
      const bool last = stream.size && stream.order.next() >= *stream.size;
      out.on_stream(end, id, fresh, last);
      if (last) stream.ended = true;
    });
  }
  waiting_bytes += stream.order.waiting_bytes();
  waiting_bytes -= waited;
}

void QuicDecryptor::State::flush_all(QuicDecryptCounters& counters, QuicStreams& out) {
  // In the order of streams, not of the table.
  std::vector<std::uint64_t> keys;
  for (const auto& [key, stream] : streams)
    if (!stream.ended && stream.order.waiting_bytes() > 0) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  for (const std::uint64_t key : keys)
    flush(static_cast<unsigned>(key & 1), key >> 1, streams[key], counters, out);
  streams.clear();
  waiting_bytes = ended_count = 0;
}

}  // namespace gnomon::message
