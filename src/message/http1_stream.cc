#include "gnomon/message/http1_stream.h"

#include <algorithm>

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/free_room.h"
#include "http1_lines.h"

namespace gnomon::message {
namespace {

constexpr std::size_t kTrailerLineBytesMax = 4096;  // a longer line is cut
constexpr std::uint8_t kChunkDigitsMax = 15;        // a chunk of 2^60 bytes is a lie

// The position after the blank line that ends a head, 0 when it has not come. Goes on at `scanned`,
// the start of a line, and leaves there the start of the first line that has not ended.
std::size_t find_head_end(Bytes text, std::size_t& scanned) {
  while (scanned < text.size()) {
    const Bytes rest = text.subspan(scanned);
    const std::size_t line_size = find_line_feed(rest);
    if (line_size == rest.size()) break;
    scanned += line_size + 1;
    if (is_blank(rest.first(line_size))) return scanned;
  }
  return 0;
}

}  // namespace

void Http1Connection::reset() {
  for (Side& each : sides_) each = Side{};
  outstanding_.fill({});
  oldest_exchange_ = next_exchange_ = 0;
  tunnel_ = false;
}

void Http1Connection::feed(Direction direction, Bytes bytes, Http1Events& events) {
  Side& from = side(direction);
  ByteReader in{bytes};
  while (!in.at_end()) {
    const std::size_t before = in.remaining();
    switch (from.state) {
      case State::kBoundary:
        feed_boundary(direction, in, events);
        break;
      case State::kSkipLine:
        feed_skip_line(direction, in, events);
        break;
      case State::kLongLine:
        feed_long_line(direction, in, events);
        break;
      case State::kHead:
        feed_head(direction, in, events);
        break;
      case State::kSkipHead:
        feed_skip_head(direction, in, events);
        break;
      case State::kLength:
      case State::kUntilClose:
      case State::kChunkData:
        feed_body(direction, in, events);
        break;
      case State::kChunkSize:
      case State::kChunkExtension:
      case State::kChunkEnd:
        feed_chunk_line(direction, in, events);
        break;
      case State::kTrailer:
        feed_trailer(direction, in, events);
        break;
      case State::kChunkSeek:
        feed_chunk_seek(direction, in, events);
        break;
      case State::kWithheld:
        feed_withheld(direction, in, events);
        break;
      case State::kTunnel:
        events.on_tunnel_data(direction, in.take(in.remaining()));
        break;
      case State::kFailed:
      case State::kClosed:
        in.take(in.remaining());
        break;
    }
    from.offset += before - in.remaining();
  }
}

void Http1Connection::gap(Direction direction, std::uint64_t bytes, Http1Events& events) {
  Side& from = side(direction);
  if (bytes == 0) return;
  from.offset += bytes;
  switch (from.state) {
    case State::kLength:
    case State::kChunkData: {
      const bool chunked = from.state == State::kChunkData;
      if (chunked && bytes > from.remaining) {
        miss_chunks(direction, bytes, events);
        return;
      }
      const std::uint64_t inside = std::min(bytes, from.remaining);
      from.remaining -= inside;
      from.ending.missing_bytes += inside;
      from.broken = true;
      events.on_body_gap(direction, from.exchange, inside);
      if (bytes > inside) {
        lose_step(direction, events);
      } else if (from.remaining == 0) {
        if (chunked)
          from.state = State::kChunkEnd;
        else
          end_message(direction, false, events);
      }
      return;
    }
    case State::kChunkSize:
    case State::kChunkExtension:
    case State::kChunkEnd:
    case State::kChunkSeek:
      miss_chunks(direction, bytes, events);
      return;
    case State::kUntilClose:
      from.ending.missing_bytes += bytes;
      from.broken = true;
      events.on_body_gap(direction, from.exchange, bytes);
      return;
    case State::kHead:
    case State::kSkipHead:
      cut_short(direction, events);
      lose_step(direction, events);
      return;
    case State::kBoundary:
    case State::kSkipLine:
    case State::kLongLine:
    case State::kTrailer:
    case State::kWithheld:
      lose_step(direction, events);
      return;
    case State::kTunnel:
      events.on_tunnel_gap(direction, bytes);
      return;
    case State::kFailed:
    case State::kClosed:
      return;
  }
}

void Http1Connection::close(Direction direction, bool finished, Http1Events& events) {
  Side& from = side(direction);
  if (from.state == State::kFailed || from.state == State::kClosed) return;
  if (from.state == State::kHead || from.state == State::kSkipHead) cut_short(direction, events);
  if (from.state == State::kWithheld && !from.buffer.empty())
    begin_withheld_body(direction, events);
  if (from.state == State::kChunkSeek) tell_sought(direction, from.buffer.size(), events);
  if (from.in_message) {
    const bool whole =
        from.state == State::kTrailer || (from.state == State::kUntilClose && finished);
    end_message(direction, whole, events);
  }
  free_room(from.buffer);
  from.state = State::kClosed;
}

// A line begins here. It is judged when it is whole, so that it does not matter how it was cut;
// what cannot become a start line any more is given up before.
void Http1Connection::feed_boundary(Direction direction, ByteReader& in, Http1Events& events) {
  Side& from = side(direction);
  const Bytes rest = peek(in);
  if (from.buffer.empty()) {
    from.head_offset = from.offset;
    // Empty lines before a start line are ignored (RFC 9112 §2.2).
    if (!from.tunnel_asked && (rest[0] == '\r' || rest[0] == '\n')) {
      in.take(1);
      return;
    }
  }

  const std::size_t had = from.buffer.size();
  const Bytes usable = rest.first(std::min(rest.size(), kHttp1StartLineBytesMax - had));
  const std::size_t line_size = find_line_feed(usable);
  const bool ended = line_size < usable.size();
  const Bytes piece = usable.first(ended ? line_size + 1 : usable.size());

  // Whole in hand: judged where it stands.
  Bytes line = piece;
  if (had != 0) {
    append(from.buffer, in.take(piece.size()));
    line = from.buffer;
  }
  const Likeness likeness = direction == Direction::kToServer ? http1_request_likeness(line)
                                                              : http1_response_likeness(line);
  const bool full = line.size() == kHttp1StartLineBytesMax;
  if (full && !ended && likeness == Likeness::kYes && direction == Direction::kToServer &&
      !from.tunnel_asked) {
    if (had == 0) append(from.buffer, in.take(piece.size()));
    from.line_bytes = kHttp1StartLineBytesMax;
    from.state = State::kLongLine;
    return;
  }
  if (likeness == Likeness::kNo || (likeness == Likeness::kNotYet && (ended || full)) ||
      (full && !ended)) {
    const bool in_line = !ended;
    if (had == 0) {
      not_a_head(direction, events);
      return;
    }
    const std::uint64_t taken = from.buffer.size();
    not_a_head(direction, events);
    if (from.state == State::kTunnel) return;
    free_room(from.buffer);
    if (from.state == State::kSkipLine && !in_line) from.state = State::kBoundary;
    count_sought(direction, taken, events);
    return;
  }
  if (ended) {
    from.scanned = line.size();
    from.line_shortened = false;
    from.state = State::kHead;
  } else if (had == 0) {
    append(from.buffer, in.take(piece.size()));
  }
}

void Http1Connection::not_a_head(Direction direction, Http1Events& events) {
  Side& from = side(direction);
  if (from.tunnel_asked) {  // granted, though the response was not seen
    const std::uint32_t last = next_exchange_ - 1;
    const bool connect = outstanding_[last % kHttp1OutstandingMax].connect;
    announce_tunnel(connect ? Http1Tunnel::kConnect : Http1Tunnel::kUpgrade, last, events);
    enter_tunnel(direction, events);
    return;
  }
  from.lost = true;
  from.state = State::kSkipLine;
}

void Http1Connection::feed_skip_line(Direction direction, ByteReader& in, Http1Events& events) {
  const Bytes rest = peek(in);
  const std::size_t line_size = find_line_feed(rest);
  const std::size_t taken = std::min(rest.size(), line_size + 1);
  if (line_size < rest.size()) side(direction).state = State::kBoundary;
  in.take(taken);
  count_sought(direction, taken, events);
}

void Http1Connection::count_sought(Direction direction, std::uint64_t bytes, Http1Events& events) {
  Side& from = side(direction);
  from.sought += bytes;
  if (from.sought <= (from.seen_head ? kHttp1SeekBytesLater : kHttp1SeekBytesFirst)) return;
  from.state = State::kFailed;
  free_room(from.buffer);
  events.on_failure(direction);
}

void Http1Connection::feed_head(Direction direction, ByteReader& in, Http1Events& events) {
  Side& from = side(direction);
  const std::size_t had = from.buffer.size();
  const Bytes rest = peek(in);
  const Bytes usable = rest.first(std::min(rest.size(), kHttp1HeadBytesMax - had));
  Bytes text = usable;
  if (had != 0) {
    append(from.buffer, usable);
    text = from.buffer;
  }

  const std::size_t end = find_head_end(text, from.scanned);
  const bool too_long = end == 0 && text.size() == kHttp1HeadBytesMax;
  if (end == 0 && !too_long) {
    if (had == 0) append(from.buffer, usable);
    in.take(usable.size());
    return;
  }

  if (too_long) {
    if (had == 0) append(from.buffer, usable);
    in.take(usable.size());
    skip_from(direction);
    return;
  }
  in.take(end - had);
  end_head(direction, text.first(end), from.line_shortened ? Told::kShortened : Told::kWhole,
           events);
}

// `head` is told, and its body begins.
void Http1Connection::end_head(Direction direction, Bytes head, Told part, Http1Events& events) {
  Side& from = side(direction);
  const bool told = tell_head(direction, head, part, events);
  if (from.state != State::kTunnel) free_room(from.buffer);
  if (told) start_body(direction, events);
}

void Http1Connection::feed_body(Direction direction, ByteReader& in, Http1Events& events) {
  Side& from = side(direction);
  std::size_t size = in.remaining();
  if (from.state != State::kUntilClose && from.remaining < size)
    size = static_cast<std::size_t>(from.remaining);
  from.ending.body_bytes += size;
  events.on_body(direction, from.exchange, in.take(size));
  if (from.state == State::kUntilClose) return;
  from.remaining -= size;
  if (from.remaining != 0) return;
  if (from.state == State::kLength)
    end_message(direction, true, events);
  else
    from.state = State::kChunkEnd;
}

// chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF (RFC 9112 §7.1), one byte at a time: these
// lines are short, and are cut anywhere.
void Http1Connection::feed_chunk_line(Direction direction, ByteReader& in, Http1Events& events) {
  Side& from = side(direction);
  if (from.state == State::kChunkExtension) {
    const Bytes rest = peek(in);
    const std::size_t line_size = find_line_feed(rest);
    in.take(line_size);
    if (line_size == rest.size()) return;
  }
  const std::uint8_t byte = in.u8();
  if (from.state == State::kChunkEnd) {
    if (byte == '\n') {
      from.state = State::kChunkSize;
    } else if (byte != '\r') {
      lose_chunk(direction, events);
    }
    return;
  }
  if (byte == '\n' && from.digits != 0) {
    from.state = from.remaining == 0 ? State::kTrailer : State::kChunkData;
    from.digits = 0;
    return;
  }
  if (from.state == State::kChunkSize) {
    if (const int digit = hex_value(static_cast<char>(byte));
        digit >= 0 && from.digits < kChunkDigitsMax) {
      if (from.digits == 0) from.remaining = 0;
      from.remaining = from.remaining * 16 + static_cast<std::uint64_t>(digit);
      ++from.digits;
    } else if (from.digits != 0 && (byte == ';' || byte == ' ' || byte == '\t' || byte == '\r')) {
      from.state = State::kChunkExtension;
    } else {
      lose_chunk(direction, events);
    }
  }
}

void Http1Connection::feed_trailer(Direction direction, ByteReader& in, Http1Events& events) {
  Side& from = side(direction);
  const Bytes rest = peek(in);
  const std::size_t line_size = find_line_feed(rest);
  const Bytes piece = in.take(line_size);
  append(from.buffer,
         piece.first(std::min(piece.size(), kTrailerLineBytesMax - from.buffer.size())));
  if (line_size == rest.size()) return;
  in.take(1);

  std::string_view line = as_text(from.buffer);
  while (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) {
    free_room(from.buffer);
    end_message(direction, true, events);
    return;
  }
  const auto colon = line.find(':');
  if (from.chunk_sought && colon == std::string_view::npos) {  // "0" was a line of the data
    free_room(from.buffer);
    seek_chunk(direction, false);
    return;
  }
  if (colon != std::string_view::npos && colon != 0) {
    std::string_view value = line.substr(colon + 1);
    while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);
    events.on_trailer(direction, from.exchange, line.substr(0, colon), value);
  }
  free_room(from.buffer);
}

}  // namespace gnomon::message
