#include "gnomon/message/http2_connection.h"

#include <algorithm>
#include <utility>

namespace gnomon::message {
namespace {

constexpr std::uint16_t kSettingsHeaderTableSize = 1;
constexpr std::uint16_t kSettingsMaxFrameSize = 5;
// The largest that a peer may allow (RFC 9113 §4.2): gRPC's core does, and sends DATA of many
// megabytes. Payloads are read as they come; of other frames the rules and kBlockBytesMax bound
// what is kept.
constexpr std::uint32_t kFrameBytesMax = (1U << 24) - 1;

void append(std::vector<std::uint8_t>& to, Bytes bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

}  // namespace

void Http2Connection::reset(Start start) {
  for (Side& each : sides_) {
    Side fresh;
    fresh.frame = std::move(each.frame);
    fresh.block = std::move(each.block);
    fresh.frame.clear();
    fresh.block.clear();
    fresh.hpack.reset(start != Start::kMiddle);
    // What was agreed upon before is not known.
    if (start == Start::kMiddle) fresh.length_max = kFrameBytesMax;
    each = std::move(fresh);
  }
  side(Direction::kToServer).state = State::kPreface;
  if (start == Start::kMiddle) side(Direction::kToClient).state = State::kSeek;
  streams_.reset("HTTP/2");
  if (start == Start::kUpgraded) streams_.expect_response(1);
  counters_ = {};
}

std::size_t Http2Connection::memory_bytes() const {
  std::size_t bytes = sizeof(*this) + fields_.memory_bytes();
  for (const Side& each : sides_) bytes += each.frame.capacity() + each.block.capacity();
  return bytes;
}

void Http2Connection::feed(Direction direction, Bytes bytes, HttpEvents& events) {
  Side& from = side(direction);
  ByteReader in{bytes};
  while (!in.at_end()) {
    switch (from.state) {
      case State::kPreface:
        feed_preface(direction, in);
        break;
      case State::kHeader:
        feed_header(direction, in, events);
        break;
      case State::kPadding: {
        const std::uint32_t padding = in.u8();
        --from.remaining;
        if (padding > from.remaining) {
          lose_step(direction, events);
          break;
        }
        from.padding = padding;
        from.remaining -= padding;
        from.state = State::kData;
        if (from.remaining == 0) end_data(direction, events);
        break;
      }
      case State::kData: {
        const Bytes piece = in.take(std::min<std::size_t>(from.remaining, in.remaining()));
        from.remaining -= static_cast<std::uint32_t>(piece.size());
        streams_.on_body(direction, from.current.stream, piece, events);
        if (from.remaining == 0) end_data(direction, events);
        break;
      }
      case State::kCollect: {
        const Bytes piece = in.take(std::min<std::size_t>(from.remaining, in.remaining()));
        from.remaining -= static_cast<std::uint32_t>(piece.size());
        append(from.frame, piece);
        if (from.remaining == 0) end_frame(direction, events);
        break;
      }
      case State::kSkip: {
        const Bytes piece = in.take(std::min<std::size_t>(from.remaining, in.remaining()));
        from.remaining -= static_cast<std::uint32_t>(piece.size());
        if (from.remaining == 0) from.state = State::kHeader;
        break;
      }
      case State::kSeek:
        feed_seek(direction, in, events);
        break;
      case State::kFailed:
      case State::kClosed:
        in.take(in.remaining());
        break;
    }
  }
}

void Http2Connection::feed_preface(Direction direction, ByteReader& in) {
  Side& from = side(direction);
  const Bytes piece = in.take(std::min(kHttp2Preface.size() - from.header_bytes, in.remaining()));
  std::copy(piece.begin(), piece.end(),
            from.header.begin() + static_cast<std::ptrdiff_t>(from.header_bytes));
  from.header_bytes += piece.size();
  const Bytes so_far = Bytes{from.header}.first(from.header_bytes);
  switch (http2_preface_likeness(so_far)) {
    case Likeness::kNotYet:
      return;
    case Likeness::kYes:
      from.hpack.start_over();
      from.state = State::kHeader;
      from.header_bytes = 0;
      return;
    case Likeness::kNo:
      ++counters_.lost_step;
      from.hpack.lose();
      from.length_max = kFrameBytesMax;
      from.state = State::kSeek;
      from.frame.assign(so_far.begin(), so_far.end());
      from.header_bytes = 0;
      return;
  }
}

void Http2Connection::feed_header(Direction direction, ByteReader& in, HttpEvents& events) {
  Side& from = side(direction);
  const Bytes piece = in.take(std::min(kHttp2FrameHeaderBytes - from.header_bytes, in.remaining()));
  std::copy(piece.begin(), piece.end(),
            from.header.begin() + static_cast<std::ptrdiff_t>(from.header_bytes));
  from.header_bytes += piece.size();
  if (from.header_bytes < kHttp2FrameHeaderBytes) return;
  from.header_bytes = 0;
  from.current = read_http2_frame_header(from.header);
  begin_frame(direction, events);
}

void Http2Connection::begin_frame(Direction direction, HttpEvents& events) {
  Side& from = side(direction);
  const Http2FrameHeader& frame = from.current;
  from.remaining = frame.length;
  from.padding = 0;
  const bool defined = frame.type <= static_cast<std::uint8_t>(Http2FrameType::kContinuation);
  // Undefined flags and types must be ignored (RFC 9113 §4.1), lengths and streams may not be.
  Http2FrameHeader judged = frame;
  judged.flags &= static_cast<std::uint8_t>(kHttp2EndStream & (frame.type == 4 ? 1 : 0));
  if (frame.length > from.length_max ||
      (defined && !plausible_http2_frame(judged, from.length_max))) {
    lose_step(direction, events);
    return;
  }
  if (from.block_stream != 0 && !frame.is(Http2FrameType::kContinuation)) lose_block(direction);
  from.highest_stream = std::max(from.highest_stream, frame.stream);

  from.frame.clear();
  from.state = frame.length == 0 ? State::kHeader : State::kSkip;
  switch (static_cast<Http2FrameType>(frame.type)) {
    case Http2FrameType::kData:
      from.state = State::kData;
      if (frame.has(kHttp2Padded) && frame.length > 0) {
        from.state = State::kPadding;
      } else if (frame.length == 0) {
        end_data(direction, events);
      }
      return;
    case Http2FrameType::kContinuation:
      if (from.block_stream == 0 || from.block_stream != frame.stream) {  // its start was missed
        if (from.block_stream != 0) lose_block(direction);
        from.hpack.lose();
        return;
      }
      if (++from.continuations == kContinuationsMax) {
        ++counters_.continuation_floods;
        from.block_lost = true;
      }
      [[fallthrough]];
    case Http2FrameType::kHeaders:
    case Http2FrameType::kPushPromise:
      if (!frame.is(Http2FrameType::kContinuation)) {
        from.block.clear();
        from.block_lost = false;
        from.continuations = 0;
        from.block_stream = frame.stream;
        from.block_ends_stream = frame.is(Http2FrameType::kHeaders) && frame.has(kHttp2EndStream);
        from.promised = 0;
      }
      if (!from.block_lost && from.block.size() + frame.length > kBlockBytesMax) {
        ++counters_.blocks_too_long;
        from.block_lost = true;
      }
      if (from.block_lost) {
        from.block.clear();
        if (frame.has(kHttp2EndHeaders)) end_block(direction, events);
        return;
      }
      from.state = State::kCollect;
      if (frame.length == 0) end_frame(direction, events);
      return;
    case Http2FrameType::kSettings:
    case Http2FrameType::kRstStream:
      from.state = State::kCollect;
      if (frame.length == 0) end_frame(direction, events);
      return;
    case Http2FrameType::kPriority:
    case Http2FrameType::kPing:
    case Http2FrameType::kGoaway:
    case Http2FrameType::kWindowUpdate:
      return;
  }
}

void Http2Connection::end_data(Direction direction, HttpEvents& events) {
  Side& from = side(direction);
  from.remaining = from.padding;
  from.state = from.padding == 0 ? State::kHeader : State::kSkip;
  if (from.current.has(kHttp2EndStream)) streams_.end(direction, from.current.stream, true, events);
}

void Http2Connection::end_frame(Direction direction, HttpEvents& events) {
  Side& from = side(direction);
  from.state = State::kHeader;
  switch (static_cast<Http2FrameType>(from.current.type)) {
    case Http2FrameType::kRstStream:
      streams_.abort(from.current.stream, events);
      break;
    case Http2FrameType::kSettings:
      take_settings(direction, from.frame);
      break;
    default:
      take_fragment(direction, from.frame, events);
      break;
  }
  // What grew for one long block does not keep that room for ever.
  if (from.frame.capacity() > kHttp2FrameBytesDefault) from.frame.shrink_to_fit();
}

// HEADERS: [Pad Length] [Stream Dependency(32) Weight(8)] fragment [Padding].
// PUSH_PROMISE: [Pad Length] Promised Stream(32) fragment [Padding]. CONTINUATION: fragment.
void Http2Connection::take_fragment(Direction direction, Bytes payload, HttpEvents& events) {
  Side& from = side(direction);
  const Http2FrameHeader& frame = from.current;
  ByteReader in{payload};
  if (!frame.is(Http2FrameType::kContinuation)) {
    const std::size_t padding = frame.has(kHttp2Padded) ? in.u8() : 0;
    if (frame.is(Http2FrameType::kPushPromise)) from.promised = in.u32() & 0x7fffffffU;
    if (frame.is(Http2FrameType::kHeaders) && frame.has(kHttp2Priority)) in.take(5);
    if (!in.ok() || padding > in.remaining()) {
      ++counters_.blocks_broken;
      from.block_lost = true;
    } else {
      append(from.block, in.take(in.remaining() - padding));
    }
  } else {
    append(from.block, payload);
  }
  if (frame.has(kHttp2EndHeaders)) end_block(direction, events);
}

void Http2Connection::end_block(Direction direction, HttpEvents& events) {
  Side& from = side(direction);
  const std::uint32_t stream = std::exchange(from.block_stream, 0);
  if (from.block_lost) {
    from.hpack.lose();
    streams_.on_lost_fields(direction, stream, from.block_ends_stream, events);
    return;
  }
  fields_.clear();
  if (!from.hpack.decode(from.block, fields_)) ++counters_.blocks_broken;
  if (fields_.overflowed()) ++counters_.fields_dropped;
  if (from.promised != 0) {
    streams_.on_push(from.promised, fields_, events);
  } else {
    streams_.on_fields(direction, stream, fields_, from.block_ends_stream, events);
  }
  from.block.clear();
  if (from.block.capacity() > kHttp2FrameBytesDefault) from.block.shrink_to_fit();
}

// A block was begun and does not go on.
void Http2Connection::lose_block(Direction direction) {
  Side& from = side(direction);
  from.block_stream = 0;
  from.block.clear();
  from.hpack.lose();
}

void Http2Connection::take_settings(Direction direction, Bytes payload) {
  // What the sender can take bounds what the other side sends.
  Side& other = side(opposite(direction));
  ByteReader in{payload};
  while (!in.at_end()) {
    const std::uint16_t name = in.u16();
    const std::uint32_t value = in.u32();
    if (!in.ok()) return;
    if (name == kSettingsHeaderTableSize) other.hpack.allow_table(value);
    if (name == kSettingsMaxFrameSize)
      other.length_max = std::max(other.length_max, std::min(value, kFrameBytesMax));
  }
}

void Http2Connection::gap(Direction direction, std::uint64_t bytes, HttpEvents& events) {
  Side& from = side(direction);
  if (bytes == 0 || from.state == State::kFailed || from.state == State::kClosed) return;
  const bool body = from.state == State::kData;
  const bool skippable = body || from.state == State::kSkip;
  if (skippable && bytes <= std::uint64_t{from.remaining} + (body ? from.padding : 0)) {
    const auto inside = static_cast<std::uint32_t>(std::min<std::uint64_t>(bytes, from.remaining));
    from.remaining -= inside;
    if (body) {
      streams_.on_body_gap(direction, from.current.stream, inside, events);
      from.padding -= static_cast<std::uint32_t>(bytes - inside);
    }
    if (from.remaining > 0) return;
    if (body) {
      end_data(direction, events);
    } else {
      from.state = State::kHeader;
    }
    return;
  }
  if (body) streams_.on_body_gap(direction, from.current.stream, from.remaining, events);
  lose_step(direction, events);
}

// Where the next frame begins is not known any more.
void Http2Connection::lose_step(Direction direction, HttpEvents& events) {
  Side& from = side(direction);
  ++counters_.lost_step;
  lose_block(direction);
  streams_.break_all(direction);
  from.frame.clear();
  from.header_bytes = 0;
  from.state = State::kSeek;
  if (++from.losses < kLossesMax) return;
  from.state = State::kFailed;
  streams_.close(direction, events);
}

void Http2Connection::feed_seek(Direction direction, ByteReader& in, HttpEvents& events) {
  Side& from = side(direction);
  const Bytes piece = in.take(in.remaining());
  append(from.frame, piece);
  from.sought += piece.size();
  // Looking is not worth it for every few bytes, of which a sender may make many pieces.
  if (from.sought < from.look_at) return;
  const std::size_t searched = std::min(from.frame.size(), kHttp2SoughtBytesMax);
  from.look_at = from.sought + std::max<std::size_t>(16, searched / 16);
  const std::size_t start = find_http2_frames(Bytes{from.frame}.last(searched), from.length_max);
  if (start < searched) {
    const std::vector<std::uint8_t> rest(
        from.frame.end() - static_cast<std::ptrdiff_t>(searched - start), from.frame.end());
    from.frame.clear();
    from.state = State::kHeader;
    from.sought = from.look_at = 0;
    feed(direction, rest, events);
    return;
  }
  if (from.frame.size() > kHttp2SoughtBytesMax)
    from.frame.erase(from.frame.begin(),
                     from.frame.end() - static_cast<std::ptrdiff_t>(kHttp2SoughtBytesMax));
  if (from.sought <= kSeekBytesMax) return;
  from.frame.clear();
  from.state = State::kFailed;
  streams_.close(direction, events);
}

void Http2Connection::close(Direction direction, HttpEvents& events) {
  Side& from = side(direction);
  streams_.close(direction, events);
  if (from.state != State::kFailed) from.state = State::kClosed;
}

}  // namespace gnomon::message
