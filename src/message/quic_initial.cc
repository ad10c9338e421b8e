#include "gnomon/message/quic_initial.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "gnomon/message/quic_packet.h"
#include "quic_google.h"

namespace gnomon::message {
namespace {

constexpr std::uint8_t kClientHelloType = 1;
constexpr std::size_t kHandshakeHeaderBytes = 4;
constexpr std::string_view kGoogleHelloTag = "CHLO";

// RFC 9000 §7.2: a client's first destination id has at least 8 bytes. Relied on only where it is
// not known that the packet is a client's.
constexpr std::size_t kFirstIdBytesMin = 8;

// RFC 9000 §12.4: what an Initial may hold.
enum Frame : std::uint64_t {
  kPadding = 0x00,
  kPing = 0x01,
  kAck = 0x02,
  kAckEcn = 0x03,
  kCrypto = 0x06,
  kConnectionClose = 0x1c,
};
// Google's Q050, T050 and T051 number them otherwise.
enum GoogleFrame : std::uint64_t { kGooglePing = 0x07, kGoogleCrypto = 0x08 };

// Most of a client's Initial is padding: eight bytes at a time.
void skip_padding(ByteReader& in) {
  const Bytes rest = ByteReader{in}.take(in.remaining());
  std::size_t zeros = 0;
  std::uint64_t word = 0;
  while (rest.size() - zeros >= sizeof word) {
    std::memcpy(&word, rest.data() + zeros, sizeof word);
    if (word != 0) break;
    zeros += sizeof word;
  }
  while (zeros < rest.size() && rest[zeros] == 0) ++zeros;
  in.take(zeros);
}

// Room for CRYPTO bytes grows by: of most hellos one step is enough, of post-quantum ones two.
constexpr std::size_t kRoomStep = 1024;

}  // namespace

bool looks_like_quic_initial(Bytes datagram) {
  if (datagram.size() < 8) return false;
  if ((datagram[0] & 0x80) == 0) return looks_like_google_quic(datagram);
  const std::uint32_t version = ByteReader{datagram.subspan(1, 4)}.u32();
  if (is_google_quic_in_clear(version)) return looks_like_google_quic(datagram);
  if ((datagram[0] & 0x40) == 0 || !quic_salt(version)) return false;
  ByteReader in{datagram};
  const auto header = read_quic_long_header(in);
  return header &&
         (header->type == QuicPacketType::kInitial || header->type == QuicPacketType::kZeroRtt);
}

void QuicInitialReader::Crypto::clear() {
  present_.fill(0);
  end_ = 0;
}

bool QuicInitialReader::Crypto::add(std::uint64_t offset, Bytes bytes) {
  if (offset > kQuicCryptoBytesMax || bytes.size() > kQuicCryptoBytesMax - offset) return false;
  if (bytes.empty()) return true;
  const auto begin = static_cast<std::size_t>(offset);
  const std::size_t end = begin + bytes.size();
  if (end > bytes_.size()) bytes_.resize((end + kRoomStep - 1) / kRoomStep * kRoomStep);
  std::memcpy(bytes_.data() + begin, bytes.data(), bytes.size());
  for (std::size_t at = begin; at < end;) {
    const std::size_t bit = at % 64;
    const std::size_t count = std::min(64 - bit, end - at);
    const std::uint64_t ones = count == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
    present_[at / 64] |= ones << bit;
    at += count;
  }
  end_ = std::max(end_, end);
  return true;
}

Bytes QuicInitialReader::Crypto::in_order() const {
  std::size_t count = 0;
  for (const std::uint64_t word : present_) {
    const auto ones = static_cast<std::size_t>(std::countr_one(word));
    count += ones;
    if (ones != 64) break;
  }
  return Bytes{bytes_}.first(std::min(count, end_));
}

bool QuicInitialReader::Keyed::made_from(Bytes other_id, std::uint32_t other_version) const {
  return version == other_version && std::ranges::equal(Bytes{id}.first(id_bytes), other_id);
}

QuicInitialReader::Keyed QuicInitialReader::keyed(QuicSalt salt, std::uint32_t version, Bytes id,
                                                  const QuicCrypto& crypto) {
  Keyed made;
  made.keys = crypto.initial_keys(salt, id);
  std::copy(id.begin(), id.end(), made.id.begin());
  made.id_bytes = static_cast<std::uint8_t>(id.size());
  made.version = version;
  return made;
}

void QuicInitialReader::reset() {
  crypto_bytes_.clear();
  keyed_ = {};
  message_begin_ = 0;
  failures_ = 0;
  has_keys_ = opened_ = client_is_other_end_ = refused_ = settled_ = false;
}

QuicReading QuicInitialReader::give_up() {
  settled_ = true;
  return QuicNotMine{};
}

QuicReading QuicInitialReader::feed(Bytes datagram, bool from_client, QuicCrypto& crypto) {
  if (refused_ || failures_ >= kQuicOpenFailuresMax) return give_up();
  // Once it is known who the client is, the other end has nothing to tell.
  if (opened_ && from_client == client_is_other_end_) return QuicNotYet{};

  bool any = opened_;
  std::optional<QuicClientHello> found;
  ByteReader in{datagram};
  while (!in.at_end()) {
    const std::size_t before = in.remaining();
    const auto header = read_quic_long_header(in);
    if (!header) {
      if (before == datagram.size()) {
        const GooglePacket google = read_google_packet(datagram);
        if (google.version != 0) {
          if (!google.hello) return QuicNotYet{};
          QuicClientHello hello;
          hello.hello.server_name = google.hello->server_name;
          hello.hello.has_server_name = !google.hello->server_name.empty();
          hello.user_agent = google.hello->user_agent;
          hello.version = google.version;
          hello.google_handshake = true;
          return hello;
        }
        // A short header: 1-RTT, so the client's hello is behind it.
        if (opened_ && (datagram[0] & 0x80) == 0) settled_ = true;
      }
      break;  // what follows a packet is padding, or a 1-RTT packet
    }
    any = true;
    if (header->type == QuicPacketType::kHandshake) settled_ = settled_ || opened_;
    if (header->type == QuicPacketType::kZeroRtt && from_client && !has_keys_) {
      keyed_ = keyed(*quic_salt(header->version), header->version, header->destination_id, crypto);
      has_keys_ = true;
    }
    if (header->type != QuicPacketType::kInitial || found) continue;
    const auto payload = open(header->packet, header->number_offset, header->version,
                              header->destination_id, from_client, crypto);
    if (!payload) {
      if (!header->cut && from_client) ++failures_;
      continue;
    }
    read_frames(*payload, header->version);
    found = take_hello();
  }
  if (found) return *found;
  if (refused_) return give_up();
  if (any) return QuicNotYet{};
  return QuicNotMine{};
}

std::optional<Bytes> QuicInitialReader::open(Bytes packet, std::size_t number_offset,
                                             std::uint32_t version, Bytes id, bool from_client,
                                             QuicCrypto& crypto) {
  if (has_keys_ && keyed_.version == version) {
    if (const auto payload = crypto.open(keyed_.keys, packet, number_offset)) {
      note_opened(from_client);
      return payload;
    }
  }
  if (has_keys_ && keyed_.made_from(id, version)) return std::nullopt;
  if (!opened_ && !from_client && id.size() < kFirstIdBytesMin) return std::nullopt;

  // The first Initial; or one after Retry, after version negotiation or of another connection,
  // which make their keys anew.
  Keyed own = keyed(*quic_salt(version), version, id, crypto);
  auto payload = crypto.open(own.keys, packet, number_offset);
  if (!payload && is_reserved_quic_version(version)) {
    const Keyed draft = keyed(QuicSalt::kDraft29, version, id, crypto);
    payload = crypto.open(draft.keys, packet, number_offset);
    if (payload) own = draft;
  }
  if (payload) {
    crypto_bytes_.clear();
    message_begin_ = 0;
    settled_ = false;
    note_opened(from_client);
  }
  if (payload || (!has_keys_ && from_client)) {
    keyed_ = own;
    has_keys_ = true;
  }
  return payload;
}

void QuicInitialReader::note_opened(bool from_client) {
  opened_ = true;
  client_is_other_end_ = !from_client;
}

void QuicInitialReader::read_frames(Bytes payload, std::uint32_t version) {
  const bool google = is_google_quic_with_crypto_frames(version);
  ByteReader in{payload};
  while (!in.at_end()) {
    std::uint64_t type = read_quic_integer(in);
    if (google && type == kGoogleCrypto) type = kCrypto;
    if (google && type == kGooglePing) type = kPing;
    switch (type) {
      case kPadding:
        skip_padding(in);
        break;
      case kPing:
        break;
      case kAck:
      case kAckEcn:
        skip_quic_ack(in, type == kAckEcn);
        break;
      case kCrypto: {
        const std::uint64_t offset = read_quic_integer(in);
        const std::uint64_t length = read_quic_integer(in);
        if (length > in.remaining()) return;
        if (!crypto_bytes_.add(offset, in.take(static_cast<std::size_t>(length)))) return;
        break;
      }
      default:  // CONNECTION_CLOSE, which ends it, or what an Initial may not hold
        return;
    }
  }
}

std::optional<QuicClientHello> QuicInitialReader::hello_of(Bytes message, bool whole) const {
  QuicClientHello found;
  found.version = keyed_.version;
  if (message.size() >= kGoogleHelloTag.size() &&
      std::memcmp(message.data(), kGoogleHelloTag.data(), kGoogleHelloTag.size()) == 0) {
    const auto google = parse_google_hello(message);
    if (!google) return std::nullopt;
    found.hello.server_name = google->server_name;
    found.hello.has_server_name = !google->server_name.empty();
    found.user_agent = google->user_agent;
    found.google_handshake = true;
    return found;
  }
  const Bytes body = message.subspan(kHandshakeHeaderBytes);
  std::optional<ClientHello> hello;
  if (whole) hello = parse_client_hello(body);
  if (!hello) hello = parse_partial_client_hello(body);
  if (!hello) return std::nullopt;
  found.hello = *hello;
  return found;
}

std::optional<QuicClientHello> QuicInitialReader::take_hello() {
  const Bytes message = crypto_bytes_.in_order().subspan(message_begin_);
  if (message.size() < kHandshakeHeaderBytes) return std::nullopt;
  if (keyed_.version == kQuicVersionGoogleQ050) {
    if (!parse_google_hello(message)) return std::nullopt;
    auto found = hello_of(message, true);
    message_begin_ += message.size();
    return found;
  }

  ByteReader in{message};
  const bool is_hello = in.u8() == kClientHelloType;
  const std::size_t length = in.u24();
  if (!is_hello || length > kQuicCryptoBytesMax - kHandshakeHeaderBytes - message_begin_) {
    refused_ = true;
    return std::nullopt;
  }
  if (length > in.remaining()) return std::nullopt;
  auto found = hello_of(message.first(kHandshakeHeaderBytes + length), true);
  message_begin_ += kHandshakeHeaderBytes + length;
  if (!found) refused_ = true;
  return found;
}

std::optional<QuicClientHello> QuicInitialReader::partial() const {
  if (!opened_ || refused_) return std::nullopt;
  const Bytes message = crypto_bytes_.in_order().subspan(message_begin_);
  if (message.size() < kHandshakeHeaderBytes || message[0] != kClientHelloType) return std::nullopt;
  return hello_of(message, false);
}

}  // namespace gnomon::message
