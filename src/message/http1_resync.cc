// The part of Http1Connection that finds its place again inside a message: behind a gap in chunks,
// and where a body may have been withheld.
#include <algorithm>

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/free_room.h"
#include "http1_lines.h"

namespace gnomon::message {
namespace {

constexpr std::size_t kSizeDigitsMax = 8;  // of a chunk that is looked for
constexpr std::size_t kSizeLineBytesMax = 256;

// Is this the line of a chunk's size: 1*HEXDIG [ chunk-ext ] CRLF?
Likeness size_line_likeness(Bytes line, std::uint64_t& size) {
  size = 0;
  std::size_t digits = 0;
  for (; digits < line.size(); ++digits) {
    const int digit = hex_value(static_cast<char>(line[digits]));
    if (digit < 0) break;
    size = size * 16 + static_cast<std::uint64_t>(digit);
    if (digits == kSizeDigitsMax) return Likeness::kNo;
  }
  if (digits == line.size()) return Likeness::kNotYet;
  const std::string_view rest = as_text(line).substr(digits);
  if (digits == 0 || line.size() > kSizeLineBytesMax) return Likeness::kNo;
  if (rest[0] != ';' && rest[0] != ' ' && rest[0] != '\r') return Likeness::kNo;
  if (rest.back() == '\n') return rest.ends_with("\r\n") ? Likeness::kYes : Likeness::kNo;
  return rest[0] == '\r' && rest.size() > 1 ? Likeness::kNo : Likeness::kNotYet;
}

std::size_t line_end_bytes(Bytes line) {
  if (line.empty() || line.back() != '\n') return 0;
  return line.size() > 1 && line[line.size() - 2] == '\r' ? 2 : 1;
}

}  // namespace

// What is missing of chunks may hold the line of a size: the next one is looked for.
void Http1Connection::miss_chunks(Direction direction, std::uint64_t bytes, Http1Events& events) {
  Side& from = side(direction);
  if (from.state == State::kChunkSeek) tell_sought(direction, from.buffer.size(), events);
  from.ending.missing_bytes += bytes;
  from.broken = true;
  events.on_body_gap(direction, from.exchange, bytes);
  // Senders begin a packet with a chunk more often than not.
  seek_chunk(direction, true);
}

// What should be the line of a chunk's size is none.
void Http1Connection::lose_chunk(Direction direction, Http1Events& events) {
  if (side(direction).chunk_sought) {
    seek_chunk(direction, false);
  } else {
    lose_step(direction, events);
  }
}

void Http1Connection::seek_chunk(Direction direction, bool at_line) {
  Side& from = side(direction);
  from.buffer.clear();
  from.line_end = 0;
  from.at_line = at_line;
  from.chunk_sought = true;
  from.head_offset = from.offset;
  from.state = State::kChunkSeek;
}

// The first `size` bytes of the buffer are data.
void Http1Connection::tell_sought(Direction direction, std::size_t size, Http1Events& events) {
  Side& from = side(direction);
  if (size == 0) return;
  from.ending.body_bytes += size;
  events.on_body(direction, from.exchange, Bytes{from.buffer}.first(size));
  from.buffer.erase(from.buffer.begin(), from.buffer.begin() + static_cast<std::ptrdiff_t>(size));
}

// Line by line: data ends with a line end of its own before the next size. A line end is held back
// with the line behind it until that is known to be neither a size nor a start line.
void Http1Connection::feed_chunk_seek(Direction direction, ByteReader& in, Http1Events& events) {
  Side& from = side(direction);
  const Bytes rest = peek(in);
  const std::size_t before = from.buffer.size();
  const std::size_t room = kHttp1StartLineBytesMax + from.line_end - before;
  const Bytes usable = from.at_line ? rest.first(std::min(rest.size(), room)) : rest;
  const std::size_t line_size = find_line_feed(usable);
  const bool ended = line_size < usable.size();
  const Bytes piece = in.take(ended ? line_size + 1 : usable.size());
  from.sought += piece.size();
  if (from.sought > kHttp1SeekBytesLater) {
    lose_step(direction, events);
    return;
  }

  if (from.at_line) {
    append(from.buffer, piece);
    const Bytes line = Bytes{from.buffer}.subspan(from.line_end);
    const bool full = line.size() == kHttp1StartLineBytesMax && !ended;
    // Behind a gap nothing is known of what stood before.
    const bool after_data = from.line_end != 1;
    std::uint64_t size = 0;
    const Likeness chunk = after_data ? size_line_likeness(line, size) : Likeness::kNo;
    if (chunk == Likeness::kYes) {
      free_room(from.buffer);
      from.remaining = size;
      from.digits = 0;
      from.state = size == 0 ? State::kTrailer : State::kChunkData;
      return;
    }
    const Likeness head = direction == Direction::kToServer ? http1_request_likeness(line)
                                                            : http1_response_likeness(line);
    if (head == Likeness::kYes && ended) {
      from.lost = true;
      from.buffer.erase(from.buffer.begin(), from.buffer.begin() + from.line_end);
      next_head_found(direction, true, events);
      return;
    }
    const bool open = chunk == Likeness::kNotYet || head != Likeness::kNo;
    if (!ended && !full && open) return;
  } else {
    // All but what may be a line end, which is short.
    append(from.buffer, piece.last(std::min<std::size_t>(piece.size(), 2)));
    if (piece.size() > 2) {
      const std::size_t data = piece.size() - 2;
      const Bytes held{from.buffer};
      if (before > 0) tell_sought(direction, held.size() - 2, events);
      from.ending.body_bytes += data;
      events.on_body(direction, from.exchange, piece.first(data));
    }
  }

  // Data, but for a line end, or what may be its beginning.
  const Bytes text{from.buffer};
  std::size_t kept = line_end_bytes(text);
  from.at_line = kept > 0;
  from.line_end = static_cast<std::uint8_t>(kept);
  if (kept == 0 && !text.empty() && text.back() == '\r') kept = 1;
  tell_sought(direction, text.size() - kept, events);
  from.head_offset = from.offset + (rest.size() - in.remaining());
}

// The buffer holds the start of a request, or of a response, where the message's body was awaited.
void Http1Connection::next_head_found(Direction direction, bool ended, Http1Events& events) {
  Side& from = side(direction);
  end_message(direction, false, events);
  if (from.state == State::kTunnel) return;
  if (!ended) return;  // it is read on as any line at a boundary
  from.scanned = from.buffer.size();
  from.line_shortened = false;
  from.state = State::kHead;
}

// What follows a head with Expect: 100-continue whose client was answered otherwise, or of which no
// answer is seen (RFC 9110 §10.1.1).
void Http1Connection::feed_withheld(Direction direction, ByteReader& in, Http1Events& events) {
  Side& from = side(direction);
  const Bytes rest = peek(in);
  if (from.buffer.empty()) from.head_offset = from.offset;
  const Bytes usable =
      rest.first(std::min(rest.size(), kHttp1StartLineBytesMax - from.buffer.size()));
  const std::size_t line_size = find_line_feed(usable);
  const bool ended = line_size < usable.size();
  append(from.buffer, in.take(ended ? line_size + 1 : usable.size()));
  const bool full = from.buffer.size() == kHttp1StartLineBytesMax;
  const Likeness likeness = http1_request_likeness(from.buffer);
  if (likeness == Likeness::kYes && (ended || full)) {
    next_head_found(direction, ended, events);
  } else if (likeness == Likeness::kNo || ended || full) {
    begin_withheld_body(direction, events);
  }
}

// The buffer holds the beginning of the body.
void Http1Connection::begin_withheld_body(Direction direction, Http1Events& events) {
  Side& from = side(direction);
  std::vector<std::uint8_t> start;
  std::swap(start, from.buffer);
  begin_framed(from);
  // These bytes have been counted.
  const std::uint64_t offset = from.offset;
  from.offset = from.head_offset;
  feed(direction, start, events);
  from.offset = offset;
}

}  // namespace gnomon::message
