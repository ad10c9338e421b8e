#define OPENSSL_SUPPRESS_DEPRECATED

#include "gnomon/message/tls_decryptor.h"

#include <algorithm>

#include "tls_decryptor_state.h"

namespace gnomon::message {

TlsDecryptor::TlsDecryptor() : state_(std::make_unique<State>()) {}
TlsDecryptor::~TlsDecryptor() { state_->wipe(); }

void TlsDecryptor::State::wipe() {
  for (End& end : ends) {
    for (TlsRecordCipher& cipher : end.ciphers) cipher.wipe();
    end.secret.wipe();
  }
}

void TlsDecryptor::reset(unsigned depth) {
  State& state = *state_;
  state.wipe();
  for (State::End& end : state.ends) {
    std::vector<std::uint8_t> held = std::move(end.held);
    held.clear();
    std::array<TlsRecordCipher, 2> ciphers = std::move(end.ciphers);
    HandshakeMessages messages = std::move(end.messages);
    messages.reset();
    end = State::End{};
    end.held = std::move(held);
    end.ciphers = std::move(ciphers);
    end.messages = std::move(messages);
  }
  state.exchange.transcript.clear();
  std::vector<std::uint8_t> transcript = std::move(state.exchange.transcript);
  state.exchange = KeyExchange{};
  state.exchange.transcript = std::move(transcript);
  state.choice = ServerChoice{};
  state.suite.reset();
  state.tried_bytes = 0;
  state.client = -1;
  state.depth = std::min(depth, kDepthMax - 1);
  state.early_offered = state.has_choice = state.retried = state.told_alpn = false;
  state.counted = state.sealed_seen = false;
}

void TlsDecryptor::feed(unsigned end, Bytes bytes, const TlsCrypto& crypto, KeySource& keys,
                        TlsDecryptCounters& counters, TlsPlaintext& out) {
  state_->feed(end & 1U, bytes, {crypto.state(), keys, counters, out});
}

void TlsDecryptor::gap(unsigned end, std::uint64_t bytes, const TlsCrypto& crypto, KeySource& keys,
                       TlsDecryptCounters& counters, TlsPlaintext& out) {
  state_->gap(end & 1U, bytes, {crypto.state(), keys, counters, out});
}

bool TlsDecryptor::waits() const { return state_->waits_for_keys(); }

void TlsDecryptor::retry(const TlsCrypto& crypto, KeySource& keys, TlsDecryptCounters& counters,
                         TlsPlaintext& out) {
  const State::Call call{crypto.state(), keys, counters, out};
  for (unsigned end = 0; end < 2; ++end) {
    if (state_->ends[end].waiting_for_keys) state_->drain_held(end, call);
    state_->drain_in_turn(1 - end, call);
  }
}

void TlsDecryptor::close(TlsDecryptCounters& counters) {
  if (state_->sealed_seen && !state_->counted) ++counters.no_keys;
  state_->sealed_seen = false;
}

bool TlsDecryptor::done(unsigned end) const { return state_->ends[end & 1U].failed; }

std::size_t TlsDecryptor::memory_bytes() const {
  std::size_t bytes = sizeof(State) + state_->exchange.transcript.capacity();
  for (const State::End& end : state_->ends)
    bytes += end.held.capacity() + end.messages.memory_bytes();
  return bytes;
}

void TlsDecryptor::State::feed(unsigned end, Bytes bytes, const Call& call) {
  End& own = ends[end];
  if (own.failed) return;
  if (own.held.empty()) {
    drain(end, bytes, call);
    if (!own.failed) own.held.assign(bytes.begin(), bytes.end());
  } else {
    own.held.insert(own.held.end(), bytes.begin(), bytes.end());
    drain_held(end, call);
  }
  drain_in_turn(1 - end, call);
  if (waits_for_keys() && std::max(ends[0].held.size(), ends[1].held.size()) > kWaitBytesMax) {
    call.keys.look_now();
    for (const unsigned each : {end, 1 - end})
      if (ends[each].waiting) drain_held(each, call);
    drain_in_turn(end, call);
  }
  for (unsigned at = 0; at < 2; ++at) {
    if (!ends[at].waiting || ends[at].held.size() <= kWaitBytesMax) continue;
    ends[at].failed = true;
    if (ends[at].waiting_for_keys) ends[1 - at].failed = true;
  }
  for (End& each : ends)
    if (each.failed) std::vector<std::uint8_t>{}.swap(each.held);
}

// What one end said may be what the other waited for, and the other way round: `end` first.
void TlsDecryptor::State::drain_in_turn(unsigned end, const Call& call) {
  for (unsigned at = end, turns = 0; turns < 4; ++turns, at = 1 - at) {
    End& own = ends[at];
    if (!own.waiting) break;
    const std::size_t before = own.held.size();
    drain_held(at, call);
    if (own.held.size() == before) break;
  }
}

void TlsDecryptor::State::drain_held(unsigned end, const Call& call) {
  std::vector<std::uint8_t>& held = ends[end].held;
  Bytes bytes{held};
  drain(end, bytes, call);
  held.erase(held.begin(), held.end() - static_cast<std::ptrdiff_t>(bytes.size()));
}

// Takes from the front of `bytes` the records that are whole.
bool TlsDecryptor::State::drain(unsigned end, Bytes& bytes, const Call& call) {
  End& own = ends[end];
  own.waiting = own.waiting_for_keys = false;
  while (!bytes.empty() && !own.failed) {
    if (own.skip > 0) {
      const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(own.skip, bytes.size()));
      own.skip -= step;
      bytes = bytes.subspan(step);
      continue;
    }
    if (own.seeking) {
      if (!seek(end, bytes, call)) return false;
      continue;
    }
    if (bytes.size() < kTlsHeaderBytes) return false;
    const Bytes header = bytes.first(kTlsHeaderBytes);
    const std::size_t length = static_cast<std::size_t>(header[3]) << 8 | header[4];
    if (header[0] < 20 || header[0] > 24 || header[1] != 3 || length > kTlsRecordBytesMax) {
      // No record begins here: the stream is not what it was taken for, or something is missing
      // that nobody told of.
      if (!own.opened) {
        give_up(end, call);
        return false;
      }
      own.seeking = true;
      if (!own.ciphers[own.active].lose()) give_up(end, call);
      continue;
    }
    if (bytes.size() - kTlsHeaderBytes < length) return false;
    const TlsRecord record{RecordType{header[0]}, header, bytes.subspan(kTlsHeaderBytes, length)};
    if (read_record(end, record, call) == Step::kWait) {
      own.waiting = true;
      return false;
    }
    own.record_version = static_cast<std::uint16_t>(header[1] << 8 | header[2]);
    bytes = bytes.subspan(kTlsHeaderBytes + length);
  }
  if (own.failed) bytes = {};
  return true;
}

auto TlsDecryptor::State::wait_for_keys(unsigned end) -> Step {
  ends[end].waiting_for_keys = true;
  return Step::kWait;
}

void TlsDecryptor::State::give_up(unsigned end, const Call& call) {
  if (ends[end].failed) return;
  ends[end].failed = true;
  if (sealed_seen) ++call.counters.failed;
}

// Nothing of this connection can be opened, whatever secrets there are.
void TlsDecryptor::State::refuse(const Call& call) {
  ++call.counters.unsupported;
  ends[0].failed = ends[1].failed = true;
  sealed_seen = false;
}

auto TlsDecryptor::State::read_record(unsigned end, const TlsRecord& record, const Call& call)
    -> Step {
  switch (ends[end].epoch) {
    case Epoch::kClear:
      return read_clear(end, record, call);
    case Epoch::kSealed:
      return read_sealed(end, record, call);
    case Epoch::kEarly:
    case Epoch::kHandshake:
    case Epoch::kTraffic:
      break;
  }
  return read_tls13(end, record, call);
}

auto TlsDecryptor::State::read_clear(unsigned end, const TlsRecord& record, const Call& call)
    -> Step {
  End& own = ends[end];
  switch (record.type) {
    case RecordType::kHandshake:
      // The client's hello may stand behind the server's in the capture.
      if (client < 0 && own.messages.at_boundary() && !record.fragment.empty() &&
          HandshakeType{record.fragment[0]} == HandshakeType::kServerHello)
        return Step::kWait;
      read_handshake(end, record.fragment, call);
      return Step::kGoOn;
    case RecordType::kChangeCipherSpec:
      if (retried || (has_choice && choice.tls13())) return Step::kGoOn;  // means nothing any more
      sealed_seen = true;
      if (!has_choice) return Step::kWait;
      if (!key_sealed(end, call)) return own.failed ? Step::kGoOn : wait_for_keys(end);
      own.messages.reset();
      return Step::kGoOn;
    case RecordType::kApplicationData:
      sealed_seen = true;
      if (!has_choice) return Step::kWait;
      give_up(end, call);
      return Step::kGoOn;
    case RecordType::kAlert:
      break;
  }
  return Step::kGoOn;
}

auto TlsDecryptor::State::read_sealed(unsigned end, const TlsRecord& record, const Call& call)
    -> Step {
  End& own = ends[end];
  const auto opened = open(end, own.ciphers[own.active], own.number, record, call);
  if (!opened) {
    fail_to_open(end, record, call);
    return Step::kGoOn;
  }
  count_opened(end, opened->number, record, call);
  take_text(end, record.type, Bytes{opened_into(call), opened->size}, call);
  return Step::kGoOn;
}

// By the keys of the epoch, else by those of the next: its start may be lost, and a server may
// refuse early data without the client saying so.
auto TlsDecryptor::State::open_tls13(unsigned end, const TlsRecord& record, const Call& call,
                                     bool& any_key) -> std::optional<Opened> {
  End& own = ends[end];
  any_key = own.keyed == own.epoch;
  if (!any_key && key_epoch(end, own.epoch, own.ciphers[own.active], call)) {
    own.keyed = own.epoch;
    own.number = 0;
    any_key = true;
  }
  if (any_key) {
    const auto opened = open(end, own.ciphers[own.active], own.number, record, call);
    if (opened || own.epoch == Epoch::kTraffic) return opened;
  }
  if (own.epoch == Epoch::kTraffic) return std::nullopt;

  const Epoch next = own.epoch == Epoch::kEarly ? Epoch::kHandshake : Epoch::kTraffic;
  TlsRecordCipher& other = own.ciphers[1 - own.active];
  if (own.candidate != next) {
    if (!key_epoch(end, next, other, call)) return std::nullopt;
    own.candidate = next;
  }
  any_key = true;
  const auto opened = open(end, other, 0, record, call);
  if (!opened) return std::nullopt;
  own.active = 1 - own.active;
  own.epoch = own.keyed = next;
  own.candidate = Epoch::kClear;
  own.number = 0;
  own.messages.reset();
  return opened;
}

auto TlsDecryptor::State::read_tls13(unsigned end, const TlsRecord& record, const Call& call)
    -> Step {
  End& own = ends[end];
  if (record.type != RecordType::kApplicationData) {
    // A second hello follows early data that the server did not want.
    if (record.type == RecordType::kHandshake && own.epoch == Epoch::kEarly)
      own.epoch = Epoch::kHandshake;
    return Step::kGoOn;
  }
  sealed_seen = true;
  bool any_key = false;
  const auto opened = open_tls13(end, record, call, any_key);
  if (own.failed) return Step::kGoOn;
  if (!opened) {
    if (!any_key) return wait_for_keys(end);
    if (own.epoch == Epoch::kEarly || (own.epoch == Epoch::kHandshake && own.keyed != own.epoch)) {
      // Of these epochs the secret is missing, and the next has not begun.
      if (own.epoch == Epoch::kEarly) own.lost_bytes += kTlsHeaderBytes + record.fragment.size();
      if (++own.passed > kPassedMax) give_up(end, call);
      return Step::kGoOn;
    }
    fail_to_open(end, record, call);
    return Step::kGoOn;
  }
  count_opened(end, opened->number, record, call);
  Bytes text{opened_into(call), opened->size};
  while (!text.empty() && text.back() == 0) text = text.first(text.size() - 1);  // padding
  if (text.empty()) return Step::kGoOn;
  take_text(end, RecordType{text.back()}, text.first(text.size() - 1), call);
  return Step::kGoOn;
}

void TlsDecryptor::State::take_text(unsigned end, RecordType type, Bytes text, const Call& call) {
  switch (type) {
    case RecordType::kApplicationData:
      if (text.empty()) return;
      call.counters.bytes += text.size();
      call.out.on_plaintext(end, text);
      return;
    case RecordType::kHandshake:
      read_handshake(end, text, call);
      return;
    case RecordType::kChangeCipherSpec:  // of a renegotiation
      if (!key_sealed(end, call)) give_up(end, call);
      return;
    case RecordType::kAlert:
      return;
  }
}

void TlsDecryptor::State::count_opened(unsigned end, std::uint64_t number, const TlsRecord& record,
                                       const Call& call) {
  End& own = ends[end];
  const std::uint64_t lost = number - own.number;
  if (own.lost_bytes > 0) {
    const std::uint64_t around = lost * (kTlsHeaderBytes + own.ciphers[own.active].overhead());
    ++call.counters.resynced;
    call.counters.records_lost += lost;
    // What lies between hides at least one byte, or there would have been no record.
    if (own.epoch == Epoch::kTraffic || own.epoch == Epoch::kSealed || own.epoch == Epoch::kEarly)
      call.out.on_plaintext_gap(end, own.lost_bytes > around ? own.lost_bytes - around : 1);
  }
  own.lost_bytes = own.lost_unknown = own.lost_records = 0;
  own.failures = 0;
  own.number = number + 1;
  own.opened = true;
  if (const auto nonce = own.ciphers[own.active].explicit_nonce(record.fragment))
    own.explicit_nonce = *nonce;
  ++call.counters.records;
  if (!counted) ++call.counters.connections;
  counted = true;
}

void TlsDecryptor::State::fail_to_open(unsigned end, const TlsRecord& record, const Call& call) {
  End& own = ends[end];
  own.ciphers[own.active].pass(record.fragment);
  own.lost_bytes += kTlsHeaderBytes + record.fragment.size();
  ++own.lost_records;
  if (++own.failures > (own.opened ? kFailuresMax : kFailuresFirstMax)) give_up(end, call);
}

}  // namespace gnomon::message
