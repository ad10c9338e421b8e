// Records that are lost: which number the next has, and where it begins.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <algorithm>

#include "tls_decryptor_state.h"

namespace gnomon::message {
namespace {

// A header and an authentication tag: no record with protection is shorter.
constexpr std::uint64_t kSealedRecordBytesMin = kTlsHeaderBytes + 17;

}  // namespace

void TlsDecryptor::State::gap(unsigned end, std::uint64_t bytes, const Call& call) {
  End& own = ends[end];
  if (own.failed || bytes == 0) return;
  own.messages.reset();
  exchange.transcript_whole = false;
  const std::size_t held = own.held.size();
  if (own.waiting) {  // what is held cannot have a hole
    give_up(end, call);
    std::vector<std::uint8_t>{}.swap(own.held);
    return;
  }
  if (own.epoch != Epoch::kClear && !own.ciphers[own.active].lose() && own.keyed == own.epoch) {
    give_up(end, call);
    return;
  }
  if (own.skip > 0) {
    const std::uint64_t inside = std::min(own.skip, bytes);
    own.skip -= inside;
    bytes -= inside;
  } else if (!own.seeking && held >= kTlsHeaderBytes) {
    // The record in hand is lost; how long it is its header says.
    const std::uint64_t size =
        kTlsHeaderBytes + (static_cast<std::uint64_t>(own.held[3]) << 8 | own.held[4]);
    const std::uint64_t inside = std::min(size - std::min<std::uint64_t>(size, held), bytes);
    own.skip = size - held - inside;
    bytes -= inside;
    ++own.lost_records;
    own.lost_bytes += size;
  } else {
    own.lost_unknown += held;
    own.lost_bytes += held;
  }
  own.held.clear();
  if (bytes == 0) return;
  own.lost_unknown += bytes;
  own.lost_bytes += bytes;
  own.seeking = true;
}

auto TlsDecryptor::State::open(unsigned end, TlsRecordCipher& cipher, std::uint64_t number,
                               const TlsRecord& record, const Call& call) -> std::optional<Opened> {
  End& own = ends[end];
  std::uint8_t* const out = opened_into(call);
  const auto attempt = [&](std::uint64_t at) -> std::optional<Opened> {
    if (tried_bytes > kTriedBytesMax) return std::nullopt;
    const auto size = cipher.open(at, record.header, record.fragment, out);
    if (!size) {
      tried_bytes += record.fragment.size() + 64;
      return std::nullopt;
    }
    return Opened{at, *size};
  };
  if (own.lost_bytes == 0) return attempt(number);

  // In TLS 1.2 most programs count the visible part of the nonce up with every record.
  if (const auto nonce = cipher.explicit_nonce(record.fragment); nonce && own.opened) {
    const std::uint64_t step = *nonce - own.explicit_nonce - 1;
    if (step > 0 && step < own.lost_bytes)
      if (const auto opened = attempt(number + step)) return opened;
  }
  const std::uint64_t unknown =
      own.lost_unknown == 0
          ? 0
          : std::min(own.lost_unknown / kSealedRecordBytesMin + 1, kNumbersTriedMax);
  // Another epoch's numbers begin at nought, so of what was lost only a part may be its.
  const std::uint64_t first =
      &cipher == &own.ciphers[own.active] ? number + own.lost_records : number;
  const std::uint64_t last = number + own.lost_records + unknown;
  for (std::uint64_t at = first; at <= last; ++at)
    if (const auto opened = attempt(at)) return opened;
  return std::nullopt;
}

bool TlsDecryptor::State::plausible(unsigned end, Bytes header) const {
  const End& own = ends[end];
  if (header[0] < 20 || header[0] > 23 || header[1] != 3 || header[2] > 4) return false;
  const std::size_t length = static_cast<std::size_t>(header[3]) << 8 | header[4];
  if (length == 0 || length > kTlsRecordBytesMax) return false;
  const RecordType type{header[0]};
  if (own.epoch == Epoch::kClear || own.epoch == Epoch::kSealed)
    return own.record_version == 0 ||
           own.record_version == static_cast<std::uint16_t>(header[1] << 8 | header[2]);
  return type == RecordType::kApplicationData && header[2] == 3 && length >= 17;
}

// Looks for the start of a record: one that opens, or in the clear one that looks like nothing
// else. False when more bytes are wanted.
bool TlsDecryptor::State::seek(unsigned end, Bytes& bytes, const Call& call) {
  End& own = ends[end];
  const auto step_over = [&] {
    bytes = bytes.subspan(1);
    ++own.lost_unknown;
    ++own.lost_bytes;
  };
  while (bytes.size() >= kTlsHeaderBytes) {
    const Bytes header = bytes.first(kTlsHeaderBytes);
    if (!plausible(end, header)) {
      step_over();
      continue;
    }
    const std::size_t length = static_cast<std::size_t>(header[3]) << 8 | header[4];
    const RecordType type{header[0]};
    if (own.epoch == Epoch::kClear) {
      // In the clear only the change to protection is of use.
      if (type == RecordType::kChangeCipherSpec && length == 1) {
        if (bytes.size() < kTlsHeaderBytes + 1) return false;
        if (bytes[kTlsHeaderBytes] == 1) {
          own.seeking = false;
          own.lost_bytes = own.lost_unknown = own.lost_records = 0;
          return true;
        }
      }
      step_over();
      continue;
    }
    if (bytes.size() < kTlsHeaderBytes + length) return false;
    const TlsRecord record{type, header, bytes.subspan(kTlsHeaderBytes, length)};
    const Bytes behind = bytes.subspan(kTlsHeaderBytes + length);
    if (own.ciphers[own.active].chain_lost()) {
      // TLS 1.0: the first record after a gap never opens, so that one follows has to do.
      if (behind.size() < kTlsHeaderBytes) return false;
      if (plausible(end, behind.first(kTlsHeaderBytes))) {
        own.seeking = false;
        return true;
      }
      step_over();
      continue;
    }
    std::optional<Opened> opened;
    if (own.epoch == Epoch::kSealed) {
      opened = open(end, own.ciphers[own.active], own.number, record, call);
    } else {
      bool any_key = false;
      opened = open_tls13(end, record, call, any_key);
      if (!any_key) {  // nothing to try with: what is missing can as well be looked for later
        give_up(end, call);
        return false;
      }
    }
    if (opened) {
      own.seeking = false;
      own.lost_records = opened->number - own.number;
      own.lost_unknown = 0;
      return true;
    }
    if (tried_bytes > kTriedBytesMax) {
      give_up(end, call);
      return false;
    }
    step_over();
  }
  return false;
}

}  // namespace gnomon::message
