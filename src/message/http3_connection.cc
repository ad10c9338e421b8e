#include "gnomon/message/http3_connection.h"

#include <algorithm>
#include <utility>

#include "gnomon/message/quic_packet.h"

namespace gnomon::message {
namespace {

// RFC 9114 §7.2, §6.2.
constexpr std::uint64_t kFrameData = 0x00;
constexpr std::uint64_t kFrameHeaders = 0x01;
constexpr std::uint64_t kFrameSettings = 0x04;
constexpr std::uint64_t kFrameWebTransport = 0x41;  // no frame: the rest of the stream is its own
constexpr std::uint64_t kStreamControl = 0x00;
constexpr std::uint64_t kStreamEncoder = 0x02;
constexpr std::uint64_t kSettingsTableCapacity = 0x01;
constexpr std::size_t kSettingsBytesMax = 4096;

}  // namespace

void Http3Connection::reset() {
  for (QpackDecoder& each : qpack_) each.reset();
  readers_.clear();
  latest_ = 0;
  blocked_ = 0;
  streams_.reset("HTTP/3");
  counters_ = {};
}

std::size_t Http3Connection::memory_bytes() const {
  std::size_t bytes = sizeof(*this) + fields_.memory_bytes() + readers_.capacity() * sizeof(Reader);
  for (const Reader& each : readers_) bytes += each.kept.capacity() + each.waiting.capacity();
  return bytes;
}

Http3Connection::Reader* Http3Connection::find(Direction direction, std::uint64_t stream,
                                               bool open) {
  const auto is = [&](const Reader& reader) {
    return reader.in_use && reader.stream == stream && reader.direction == direction;
  };
  if (latest_ < readers_.size() && is(readers_[latest_])) return &readers_[latest_];
  std::size_t unused = readers_.size();
  for (std::size_t i = 0; i < readers_.size(); ++i) {
    if (is(readers_[i])) {
      latest_ = i;
      return &readers_[i];
    }
    if (!readers_[i].in_use) unused = i;
  }
  if (!open) return nullptr;
  if (unused == readers_.size()) {
    if (readers_.size() == kReadersMax) {
      ++counters_.streams_refused;
      return nullptr;
    }
    readers_.emplace_back();
  }
  latest_ = unused;
  Reader& fresh = readers_[unused];
  release(fresh);
  fresh.in_use = true;
  fresh.stream = stream;
  fresh.direction = direction;
  // Bit 1: one way. The two-way streams that a server opens are none of HTTP's.
  fresh.kind = (stream & 2) != 0   ? Kind::kUntyped
               : (stream & 1) != 0 ? Kind::kIgnored
                                   : Kind::kRequest;
  return &fresh;
}

// Buffers keep their room, up to a point.
void Http3Connection::release(Reader& reader) {
  Reader fresh;
  if (reader.kept.capacity() <= 8192) fresh.kept = std::move(reader.kept);
  fresh.kept.clear();
  reader = std::move(fresh);
}

void Http3Connection::feed(Direction direction, std::uint64_t stream, Bytes bytes, bool fin,
                           HttpEvents& events) {
  Reader* const reader = find(direction, stream, true);
  if (reader == nullptr) return;
  if (!bytes.empty()) read(*reader, bytes, events);
  if (!fin || !reader->in_use) return;
  if (reader->blocked) {
    reader->finished = true;
  } else {
    finish(*reader, events);
  }
}

void Http3Connection::finish(Reader& reader, HttpEvents& events) {
  if (reader.kind == Kind::kRequest) {
    const bool whole = reader.state == State::kType && reader.number_bytes == 0;
    streams_.end(reader.direction, reader.stream, whole, events);
  }
  release(reader);
}

bool Http3Connection::read_number(Reader& reader, ByteReader& in) {
  if (reader.number_bytes == 0) {
    const std::uint8_t first = in.u8();
    reader.number = first & 0x3fU;
    reader.number_bytes = static_cast<std::uint8_t>((1U << (first >> 6)) - 1);
  }
  while (reader.number_bytes > 0 && !in.at_end()) {
    reader.number = reader.number << 8 | in.u8();
    --reader.number_bytes;
  }
  return reader.number_bytes == 0;
}

void Http3Connection::read(Reader& reader, Bytes bytes, HttpEvents& events) {
  ByteReader in{bytes};
  while (!in.at_end()) {
    if (reader.blocked) {
      const Bytes rest = in.take(in.remaining());
      if (reader.waiting.size() + rest.size() > kWaitingBytesMax) {
        unblock(reader.direction, true, events);
        read(reader, rest, events);
        return;
      }
      reader.waiting.insert(reader.waiting.end(), rest.begin(), rest.end());
      return;
    }
    if (reader.kind == Kind::kIgnored) return;
    if (reader.kind == Kind::kUntyped) {
      if (!read_number(reader, in)) return;
      reader.kind = reader.number == kStreamControl   ? Kind::kControl
                    : reader.number == kStreamEncoder ? Kind::kEncoder
                                                      : Kind::kIgnored;
      continue;
    }
    if (reader.kind == Kind::kEncoder) {
      qpack(reader.direction).feed_encoder(in.take(in.remaining()));
      unblock(reader.direction, false, events);
      return;
    }
    switch (reader.state) {
      case State::kType:
        if (!read_number(reader, in)) return;
        reader.type = reader.number;
        reader.state = State::kLength;
        break;
      case State::kLength:
        if (!read_number(reader, in)) return;
        reader.remaining = reader.number;
        begin_frame(reader, events);
        break;
      case State::kData:
      case State::kSkip:
      case State::kCollect: {
        const Bytes piece = in.take(
            static_cast<std::size_t>(std::min<std::uint64_t>(reader.remaining, in.remaining())));
        reader.remaining -= piece.size();
        if (reader.state == State::kData)
          streams_.on_body(reader.direction, reader.stream, piece, events);
        if (reader.state == State::kCollect)
          reader.kept.insert(reader.kept.end(), piece.begin(), piece.end());
        if (reader.remaining == 0) end_frame(reader, events);
        break;
      }
    }
  }
}

void Http3Connection::begin_frame(Reader& reader, HttpEvents& events) {
  reader.kept.clear();
  reader.state = State::kSkip;
  if (reader.kind == Kind::kControl) {
    if (reader.type == kFrameSettings && reader.remaining <= kSettingsBytesMax)
      reader.state = State::kCollect;
  } else if (reader.type == kFrameData) {
    reader.state = State::kData;
  } else if (reader.type == kFrameHeaders) {
    if (reader.remaining > kSectionBytesMax) {
      ++counters_.sections_too_long;
      streams_.on_lost_fields(reader.direction, reader.stream, false, events);
    } else {
      reader.state = State::kCollect;
    }
  } else if (reader.type == kFrameWebTransport) {
    reader.kind = Kind::kIgnored;
    return;
  }
  if (reader.remaining == 0) end_frame(reader, events);
}

void Http3Connection::end_frame(Reader& reader, HttpEvents& events) {
  const bool collected = reader.state == State::kCollect;
  reader.state = State::kType;
  if (!collected) return;
  if (reader.kind == Kind::kControl) {
    take_settings(reader);
  } else {
    take_section(reader, events);
  }
}

void Http3Connection::take_section(Reader& reader, HttpEvents& events) {
  fields_.clear();
  QpackDecoder& decoder = qpack(reader.direction);
  switch (decoder.decode(reader.kept, fields_)) {
    case QpackDecoder::Outcome::kRead:
      break;
    case QpackDecoder::Outcome::kBlocked:
      if (blocked_ < kBlockedMax && reader.waits < kWaitsMax) {
        ++blocked_;
        ++reader.waits;
        ++counters_.sections_blocked;
        reader.blocked = true;
        return;
      }
      ++counters_.sections_broken;
      fields_.clear();
      decoder.decode_static(reader.kept, fields_);
      break;
    case QpackDecoder::Outcome::kBroken:
      ++counters_.sections_broken;
      break;
  }
  if (fields_.overflowed()) ++counters_.fields_dropped;
  reader.kept.clear();
  streams_.on_fields(reader.direction, reader.stream, fields_, false, events);
}

// Sections that waited are tried again; `at_once`: they are read as they are.
void Http3Connection::unblock(Direction direction, bool at_once, HttpEvents& events) {
  for (std::size_t i = 0; i < readers_.size() && blocked_ > 0; ++i) {
    if (!readers_[i].blocked || readers_[i].direction != direction) continue;
    Reader& reader = readers_[i];
    fields_.clear();
    QpackDecoder& decoder = qpack(direction);
    const QpackDecoder::Outcome outcome = decoder.decode(reader.kept, fields_);
    if (outcome == QpackDecoder::Outcome::kBlocked) {
      if (!at_once) continue;
      fields_.clear();
      decoder.decode_static(reader.kept, fields_);
    }
    if (outcome != QpackDecoder::Outcome::kRead) ++counters_.sections_broken;
    if (fields_.overflowed()) ++counters_.fields_dropped;
    reader.blocked = false;
    --blocked_;
    if (at_once) reader.waits = kWaitsMax;
    reader.kept.clear();
    streams_.on_fields(direction, reader.stream, fields_, false, events);
    const std::vector<std::uint8_t> waiting = std::move(reader.waiting);
    reader.waiting.clear();
    read(reader, waiting, events);
    if (reader.finished && !reader.blocked) finish(reader, events);
  }
}

void Http3Connection::take_settings(Reader& reader) {
  // What one end can decode bounds what the other encodes.
  QpackDecoder& decoder = qpack(opposite(reader.direction));
  ByteReader in{reader.kept};
  std::uint64_t capacity = 0;
  while (!in.at_end()) {
    const std::uint64_t name = read_quic_integer(in);
    const std::uint64_t value = read_quic_integer(in);
    if (in.ok() && name == kSettingsTableCapacity) capacity = value;
  }
  decoder.allow_table(capacity);
}

void Http3Connection::gap(Direction direction, std::uint64_t stream, std::uint64_t bytes,
                          HttpEvents& events) {
  Reader* const reader = find(direction, stream, true);
  if (reader == nullptr || bytes == 0) return;
  if (reader->blocked) unblock(direction, true, events);
  if (!reader->in_use) return;
  if (reader->kind == Kind::kEncoder || reader->kind == Kind::kUntyped) {
    // One that began unseen may have been the encoder's.
    qpack(direction).lose();
    reader->kind = Kind::kIgnored;
    unblock(direction, true, events);
    return;
  }
  if (reader->kind != Kind::kRequest) {
    reader->kind = Kind::kIgnored;
    return;
  }
  const bool inside = (reader->state == State::kData || reader->state == State::kSkip) &&
                      bytes <= reader->remaining;
  if (!inside) {
    lose(*reader, events);
    return;
  }
  if (reader->state == State::kData) streams_.on_body_gap(direction, stream, bytes, events);
  reader->remaining -= bytes;
  if (reader->remaining == 0) end_frame(*reader, events);
}

// Where the next frame begins is not known.
void Http3Connection::lose(Reader& reader, HttpEvents& events) {
  ++counters_.streams_lost;
  if (reader.state == State::kData && reader.remaining > 0)
    streams_.on_body_gap(reader.direction, reader.stream, reader.remaining, events);
  streams_.on_lost_fields(reader.direction, reader.stream, true, events);
  reader.kind = Kind::kIgnored;
}

void Http3Connection::reset_stream(Direction direction, std::uint64_t stream, HttpEvents& events) {
  Reader* const reader = find(direction, stream, false);
  if (reader == nullptr) {
    if ((stream & 3) == 0) streams_.end(direction, stream, false, events);
    return;
  }
  if (reader->blocked) unblock(direction, true, events);
  if (!reader->in_use) return;
  if (reader->kind == Kind::kRequest) streams_.end(direction, stream, false, events);
  if (reader->kind == Kind::kEncoder) qpack(direction).lose();
  release(*reader);
}

void Http3Connection::close(HttpEvents& events) {
  for (const Direction direction : {Direction::kToServer, Direction::kToClient}) {
    unblock(direction, true, events);
    streams_.close(direction, events);
  }
  readers_.clear();
  blocked_ = 0;
}

}  // namespace gnomon::message
