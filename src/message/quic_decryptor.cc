#define OPENSSL_SUPPRESS_DEPRECATED

#include "gnomon/message/quic_decryptor.h"

#include <algorithm>

#include "gnomon/message/quic_version.h"
#include "quic_decryptor_state.h"

namespace gnomon::message {

QuicDecryptor::QuicDecryptor() : state_(std::make_unique<State>()) {}
QuicDecryptor::~QuicDecryptor() { state_->wipe(); }

void QuicDecryptor::reset() {
  state_->wipe();
  state_ = std::make_unique<State>();
}

void QuicDecryptor::feed(unsigned end, Bytes datagram, QuicCrypto& initial_crypto,
                         const TlsCrypto& crypto, KeySource& keys, QuicDecryptCounters& counters,
                         QuicStreams& out) {
  if (state_->given_up) return;
  const State::Call call{initial_crypto, crypto.state(), keys, counters, out};
  if (waits() && (state_->pending_tries == State::kPendingTriesMax ||
                  state_->pending_bytes.size() + datagram.size() > kEarlyBytesMax)) {
    keys.look_now();
    state_->read_pending(call);
  }
  state_->read_datagram(end & 1U, datagram, call);
  state_->read_pending(call);
}

bool QuicDecryptor::waits() const {
  return !state_->counted && state_->sealed_seen && !state_->pending.empty() && !state_->given_up;
}

void QuicDecryptor::retry(QuicCrypto& initial_crypto, const TlsCrypto& crypto, KeySource& keys,
                          QuicDecryptCounters& counters, QuicStreams& out) {
  state_->read_pending({initial_crypto, crypto.state(), keys, counters, out});
}

void QuicDecryptor::close(QuicDecryptCounters& counters, QuicStreams& out) {
  if (state_->sealed_seen && !state_->counted) ++counters.no_keys;
  state_->sealed_seen = false;
  state_->flush_all(counters, out);
}

bool QuicDecryptor::done() const { return state_->given_up; }

std::size_t QuicDecryptor::memory_bytes() const {
  return sizeof(State) + state_->pending_bytes.capacity() + state_->waiting_bytes +
         state_->streams.size() * (sizeof(State::Stream) + 64);
}

void QuicDecryptor::State::ConnectionId::set(Bytes id) {
  size = static_cast<std::uint8_t>(std::min(id.size(), bytes.size()));
  std::copy_n(id.begin(), size, bytes.begin());
  known = true;
}

void QuicDecryptor::State::wipe() {
  for (End& end : ends) {
    end.handshake.wipe();
    end.early.wipe();
    for (QuicPacketKeys& keys : end.traffic) keys.wipe();
  }
}

// Another connection between the same ports.
void QuicDecryptor::State::restart(const Call& call) {
  flush_all(call.counters, call.out);
  wipe();
  *this = State{};
}

void QuicDecryptor::State::read_datagram(unsigned end, Bytes datagram, const Call& call) {
  ByteReader in{datagram};
  while (!in.at_end() && !given_up) {
    const Bytes rest = ByteReader{in}.take(in.remaining());
    const auto header =
        read_quic_long_header(in, client < 0 ? QuicFixedBit::kRequired : QuicFixedBit::kAny);
    if (!header) {
      const bool padding =
          std::all_of(rest.begin(), rest.end(), [](auto byte) { return byte == 0; });
      if ((rest[0] & 0x80) == 0 && !padding && client >= 0 && !read_short(end, rest, call))
        keep(end, rest);
      return;
    }
    if (header->cut) return;
    if (!read_long(end, *header, call)) keep(end, header->packet);
  }
}

// False when what opens the packet is not known yet.
bool QuicDecryptor::State::read_long(unsigned end, const QuicLongHeader& header, const Call& call) {
  switch (header.type) {
    case QuicPacketType::kInitial:
      // A server's that stands before its client's in the capture.
      if (client < 0 && header.destination_id.size() < 8) return false;
      read_initial(end, header, call);
      return true;
    case QuicPacketType::kRetry:
    case QuicPacketType::kVersionNegotiation:
      return true;
    case QuicPacketType::kZeroRtt:
    case QuicPacketType::kHandshake:
      break;
  }
  const bool early = header.type == QuicPacketType::kZeroRtt;
  sealed_seen = true;
  if (client < 0) return false;
  if (early && !is_client(end)) return true;
  End& own = ends[end];
  QuicPacketKeys& keys = early ? own.early : own.handshake;
  const KeyLabel label = early            ? KeyLabel::kClientEarly
                         : is_client(end) ? KeyLabel::kClientHandshake
                                          : KeyLabel::kServerHandshake;
  if (!early) version = header.version;
  // Once anything has opened the secrets are there, and early data's is not among them.
  if (!ready(keys, label, call)) return early && counted;
  const auto plain = keys.unprotect(header.packet, header.number_offset);
  if (!plain) return true;
  const Level level = early ? kEarly : kHandshake;
  const std::size_t space = early ? 2 : 1;
  const auto opened =
      keys.open(*plain, header.packet, own.largest[space], call.crypto.packet.data());
  if (!opened) {
    ++call.counters.failed;
    return true;
  }
  if (!early) own.ids[0].set(header.source_id);
  count_opened(end, level, opened->number, call);
  read_frames(end, level, opened->payload, call);
  return true;
}

void QuicDecryptor::State::read_initial(unsigned end, const QuicLongHeader& header,
                                        const Call& call) {
  const auto salt = quic_salt(header.version);
  if (!salt) return;
  std::optional<Bytes> payload;
  if (client >= 0) {
    payload = call.initial.open(
        call.initial.initial_keys(*salt, original_id.view(),
                                  is_client(end) ? QuicSender::kClient : QuicSender::kServer),
        header.packet, header.number_offset);
  }
  if (!payload && (client < 0 || is_client(end) || suite)) {
    // The first, or one after Retry, or of another connection.
    payload = call.initial.open(call.initial.initial_keys(*salt, header.destination_id),
                                header.packet, header.number_offset);
    if (!payload) return;
    if (suite) restart(call);
    client = static_cast<int>(end);
    original_id.set(header.destination_id);
    call.out.on_client(end);
  }
  if (!payload) return;
  version = header.version;
  ends[end].ids[0].set(header.source_id);
  read_frames(end, kInitial, *payload, call);
}

bool QuicDecryptor::State::ready(QuicPacketKeys& keys, KeyLabel label, const Call& call) {
  if (keys.started()) return true;
  if (!suite || !has_hello) return false;
  Secret secret;
  return call.keys.find_key(label, client_random, secret) &&
         keys.start(call.crypto, *suite, secret, is_quic_version2(version));
}

// How long the connection id of a short header is: its own length is not in the packet.
std::size_t QuicDecryptor::State::id_bytes_of(unsigned end, Bytes packet) const {
  const auto& ids = ends[1 - end].ids;
  for (const ConnectionId& id : ids) {
    if (!id.known || packet.size() < std::size_t{1} + id.size) continue;
    const Bytes there = packet.subspan(1, id.size);
    if (std::equal(there.begin(), there.end(), id.bytes.begin())) return id.size;
  }
  return ids[0].size;  // one that was lost: they are of one length
}

bool QuicDecryptor::State::read_short(unsigned end, Bytes packet, const Call& call) {
  sealed_seen = true;
  const bool of_client = is_client(end);
  QuicPacketKeys& now = ends[end].traffic[1];
  if (!ready(now, of_client ? KeyLabel::kClientTraffic : KeyLabel::kServerTraffic, call))
    return false;
  const auto opened = open_traffic(end, packet, 1 + id_bytes_of(end, packet), call);
  if (!opened) {
    ++call.counters.failed;
    if (++failures > kFailuresMax) given_up = true;
    return true;
  }
  failures = 0;
  pending_tries = 0;
  count_opened(end, kTraffic, opened->number, call);
  read_frames(end, kTraffic, opened->payload, call);
  return true;
}

// By the keys of its phase: the present one's, the next one's, or for one that was late the last.
std::optional<QuicPacketKeys::Opened> QuicDecryptor::State::open_traffic(unsigned end, Bytes packet,
                                                                         std::size_t number_offset,
                                                                         const Call& call) {
  End& own = ends[end];
  auto& [before, now, next] = own.traffic;
  const auto header = now.unprotect(packet, number_offset);
  if (!header) return std::nullopt;
  std::uint8_t* const out = call.crypto.packet.data();
  if (header->key_phase() == own.phase) return now.open(*header, packet, own.largest[2], out);
  if (!next.started() && !next.start_next(call.crypto, now)) return std::nullopt;
  if (const auto opened = next.open(*header, packet, own.largest[2], out)) {
    std::swap(before, now);
    std::swap(now, next);
    next.wipe();
    own.phase = !own.phase;
    ++call.counters.key_updates;
    return opened;
  }
  if (before.started()) return before.open(*header, packet, own.largest[2], out);
  return std::nullopt;
}

void QuicDecryptor::State::count_opened(unsigned end, Level level, std::uint64_t number,
                                        const Call& call) {
  std::optional<std::uint64_t>& largest = ends[end].largest[level == kHandshake ? 1 : 2];
  largest = std::max(largest.value_or(0), number);
  ++call.counters.packets;
  if (!counted) ++call.counters.connections;
  counted = true;
}

void QuicDecryptor::State::keep(unsigned end, Bytes packet) {
  if (pending_bytes.size() + packet.size() > kEarlyBytesMax || pending_tries > kPendingTriesMax) {
    if (!counted) {  // nothing was ever opened: its secrets are not there
      given_up = true;
      pending.clear();
    }
    if (given_up || pending.empty()) std::vector<std::uint8_t>{}.swap(pending_bytes);
    return;
  }
  pending_bytes.insert(pending_bytes.end(), packet.begin(), packet.end());
  pending.push_back({static_cast<std::uint32_t>(packet.size()), static_cast<std::uint8_t>(end)});
}

// Tries the packets that wait, once: those that still lack their keys go on waiting.
void QuicDecryptor::State::read_pending(const Call& call) {
  if (pending.empty() || client < 0 || !suite || given_up) return;
  ++pending_tries;
  std::vector<std::uint8_t> bytes = std::move(pending_bytes);
  const std::vector<Pending> packets = std::move(pending);
  pending_bytes.clear();
  pending.clear();
  Bytes rest{bytes};
  for (const Pending& each : packets) {
    const Bytes packet = rest.first(each.size);
    rest = rest.subspan(each.size);
    read_datagram(each.end, packet, call);
  }
}

}  // namespace gnomon::message
