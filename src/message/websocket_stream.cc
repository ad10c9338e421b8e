#include "gnomon/message/websocket_stream.h"

#include <zlib.h>

#include <algorithm>

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/text_parts.h"
#include "gnomon/message/http1_head.h"

namespace gnomon::message {
namespace {

constexpr std::uint8_t kFin = 0x80;
constexpr std::uint8_t kCompressed = 0x40;  // RSV1
constexpr std::uint8_t kReserved = 0x30;    // RSV2, RSV3
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint8_t kContinuation = 0;
constexpr std::uint8_t kText = 1;
constexpr std::uint8_t kBinary = 2;
constexpr std::uint8_t kClose = 8;
constexpr std::uint8_t kPong = 10;
constexpr std::size_t kPieceBytes = 4096;
constexpr std::size_t kInflatedPieceBytes = 16384;

constexpr bool is_control(std::uint8_t opcode) { return opcode >= kClose; }

bool is_blank_or_quote(char c) { return is_blank(c) || c == '"'; }

std::string_view take_word(std::string_view& text, char mark) {
  return trimmed(take_until(text, mark), is_blank_or_quote);
}

std::uint8_t window_bits(std::string_view value) {
  unsigned bits = 0;
  for (const char c : value) {
    if (c < '0' || c > '9' || value.size() > 2) return 15;
    bits = bits * 10 + static_cast<unsigned>(c - '0');
  }
  return bits >= 8 && bits <= 15 ? static_cast<std::uint8_t>(bits) : std::uint8_t{15};
}

}  // namespace

WebSocketDeflate read_websocket_extensions(std::string_view granted) {
  WebSocketDeflate deflate;
  while (!granted.empty()) {
    std::string_view extension = take_word(granted, ',');
    if (!same_ignoring_case(take_word(extension, ';'), "permessage-deflate")) continue;
    deflate.on = true;
    while (!extension.empty()) {
      std::string_view value = take_word(extension, ';');
      const std::string_view name = take_word(value, '=');
      value = trimmed(value, is_blank_or_quote);
      if (name == "client_no_context_takeover") deflate.client_forgets = true;
      if (name == "server_no_context_takeover") deflate.server_forgets = true;
      if (name == "client_max_window_bits") deflate.client_bits = window_bits(value);
      if (name == "server_max_window_bits") deflate.server_bits = window_bits(value);
    }
    break;
  }
  return deflate;
}

void WebSocketStream::FreeInflater::operator()(z_stream_s* stream) const noexcept {
  inflateEnd(stream);
  delete stream;
}

void WebSocketStream::reset(const WebSocketDeflate& deflate) {
  for (Side& each : sides_) {
    Side fresh;
    fresh.inflater = std::move(each.inflater);
    each = std::move(fresh);
  }
  deflate_ = deflate.on;
  side(Direction::kToServer).forgets = deflate.client_forgets;
  side(Direction::kToServer).window_bits = deflate.client_bits;
  side(Direction::kToClient).forgets = deflate.server_forgets;
  side(Direction::kToClient).window_bits = deflate.server_bits;
  counters_ = {};
}

void WebSocketStream::feed(Direction direction, Bytes bytes, WebSocketEvents& events) {
  Side& from = side(direction);
  if (from.state == State::kSeek && !bytes.empty()) {
    if (bytes.size() >= 2 && plausible(direction, bytes[0], bytes[1])) {
      from.state = State::kHeader;
    } else if (++from.pieces_sought == kSeekPiecesMax) {
      from.state = State::kFailed;
    }
  }
  ByteReader in{bytes};
  while (!in.at_end()) {
    if (from.state == State::kHeader) {
      feed_header(direction, in, events);
    } else if (from.state == State::kPayload) {
      feed_payload(direction, in, events);
    } else {
      return;
    }
  }
}

// May a frame begin so? Clients mask, servers do not (RFC 6455 §5.1).
bool WebSocketStream::plausible(Direction direction, std::uint8_t first,
                                std::uint8_t second) const {
  const std::uint8_t opcode = first & 0x0f;
  const bool known = opcode <= kBinary || (opcode >= kClose && opcode <= kPong);
  if (!known || (first & kReserved) != 0) return false;
  const bool compressed = (first & kCompressed) != 0;
  if (compressed && (!deflate_ || (opcode != kText && opcode != kBinary))) return false;
  if (is_control(opcode) && ((first & kFin) == 0 || (second & 0x7f) > 125)) return false;
  return ((second & kMasked) != 0) == (direction == Direction::kToServer);
}

void WebSocketStream::feed_header(Direction direction, ByteReader& in, WebSocketEvents& events) {
  Side& from = side(direction);
  from.header[from.header_bytes++] = in.u8();
  if (from.header_bytes < 2) return;
  const std::uint8_t second = from.header[1];
  if (from.header_bytes == 2 && !plausible(direction, from.header[0], second)) {
    ++counters_.bad_frames;
    lose_step(direction, events);
    return;
  }
  const std::size_t length_bytes = (second & 0x7f) == 127 ? 8 : (second & 0x7f) == 126 ? 2 : 0;
  const std::size_t mask_bytes = (second & kMasked) != 0 ? 4 : 0;
  if (from.header_bytes < 2 + length_bytes + mask_bytes) return;

  ByteReader header{Bytes{from.header}.first(from.header_bytes)};
  const std::uint8_t first = header.u8();
  header.u8();
  from.remaining = length_bytes == 8   ? header.u64()
                   : length_bytes == 2 ? header.u16()
                                       : std::uint64_t{second & 0x7fU};
  from.masked = mask_bytes != 0;
  const Bytes mask = header.take(mask_bytes);
  std::copy(mask.begin(), mask.end(), from.mask.begin());
  from.header_bytes = 0;
  from.at = 0;
  from.fin = (first & kFin) != 0;
  from.opcode = first & 0x0f;
  // The highest bit must be 0 (RFC 6455 §5.2); a message goes on only where one is open.
  const bool goes_on = from.opcode == kContinuation;
  if (from.remaining >> 63 != 0) {
    ++counters_.bad_frames;
    lose_step(direction, events);
    return;
  }
  if (!is_control(from.opcode)) {
    if (!goes_on && from.in_message) {
      from.broken = true;
      end_message(direction, events);
    }
    if (!goes_on) from.compressed = (first & kCompressed) != 0;
  }
  begin_frame(direction, events);
}

void WebSocketStream::begin_frame(Direction direction, WebSocketEvents& events) {
  Side& from = side(direction);
  from.state = State::kPayload;
  if (from.opcode == kText || from.opcode == kBinary) {
    ++counters_.messages;
    from.in_message = true;
    from.broken = false;
    from.inflated = 0;
    if (from.compressed && (from.forgets || !from.ready)) start_inflater(from);
    events.on_ws_message(direction, from.opcode == kText);
  }
  if (from.remaining == 0) end_frame(direction, events);
}

void WebSocketStream::feed_payload(Direction direction, ByteReader& in, WebSocketEvents& events) {
  Side& from = side(direction);
  std::array<std::uint8_t, kPieceBytes> room;
  const Bytes piece = in.take(static_cast<std::size_t>(
      std::min<std::uint64_t>({from.remaining, in.remaining(), room.size()})));
  Bytes clear = piece;
  if (from.masked) {
    for (std::size_t i = 0; i < piece.size(); ++i)
      room[i] = piece[i] ^ from.mask[(from.at + i) & 3];
    clear = Bytes{room}.first(piece.size());
  }
  if (from.opcode == kClose) {
    for (std::size_t i = 0; i < clear.size() && from.at + i < 2; ++i)
      from.close_code[from.at + i] = clear[i];
  } else if (!is_control(from.opcode) && from.in_message) {
    if (from.compressed) {
      inflate(direction, clear, events);
    } else {
      events.on_ws_data(direction, clear);
    }
  }
  from.at += piece.size();
  from.remaining -= piece.size();
  if (from.remaining == 0) end_frame(direction, events);
}

void WebSocketStream::end_frame(Direction direction, WebSocketEvents& events) {
  Side& from = side(direction);
  from.state = State::kHeader;
  if (from.opcode == kClose) {
    if (from.in_message) {
      from.broken = true;
      end_message(direction, events);
    }
    const int code = from.at >= 2 ? from.close_code[0] << 8 | from.close_code[1] : 1005;
    events.on_ws_close(direction, static_cast<std::uint16_t>(code));
    from.state = State::kClosed;
    return;
  }
  if (is_control(from.opcode) || !from.fin || !from.in_message) return;
  if (from.compressed) {
    // What the sender took off the end (RFC 7692 §7.2.1).
    constexpr std::array<std::uint8_t, 4> kTail{0x00, 0x00, 0xff, 0xff};
    inflate(direction, kTail, events);
  }
  end_message(direction, events);
}

void WebSocketStream::end_message(Direction direction, WebSocketEvents& events) {
  Side& from = side(direction);
  from.in_message = false;
  events.on_ws_end(direction, !from.broken);
}

void WebSocketStream::start_inflater(Side& from) {
  from.ready = false;
  // zlib cannot read raw streams with a window of 2^8; one of 2^9 serves.
  const int bits = -std::max<int>(from.window_bits, 9);
  if (from.inflater) {
    from.ready = inflateReset2(from.inflater.get(), bits) == Z_OK;
    return;
  }
  auto fresh = std::make_unique<z_stream_s>();
  *fresh = {};
  if (inflateInit2(fresh.get(), bits) != Z_OK) return;
  from.inflater.reset(fresh.release());
  from.ready = true;
}

void WebSocketStream::inflate(Direction direction, Bytes bytes, WebSocketEvents& events) {
  Side& from = side(direction);
  if (!from.ready || bytes.empty()) return;
  z_stream_s& stream = *from.inflater;
  std::array<std::uint8_t, kInflatedPieceBytes> room;
  stream.next_in = const_cast<std::uint8_t*>(bytes.data());
  stream.avail_in = static_cast<unsigned>(bytes.size());
  for (;;) {
    stream.next_out = room.data();
    stream.avail_out = static_cast<unsigned>(room.size());
    const int outcome = ::inflate(&stream, Z_SYNC_FLUSH);
    const std::size_t made = room.size() - stream.avail_out;
    from.inflated += made;
    if (made > 0) events.on_ws_data(direction, Bytes{room}.first(made));
    const bool too_much = from.inflated > kInflatedBytesMax;
    if (too_much || (outcome != Z_OK && outcome != Z_BUF_ERROR && outcome != Z_STREAM_END)) {
      // The next message is tried with an empty window: it may refer to nothing before it.
      ++(too_much ? counters_.inflate_limit : counters_.inflate_failed);
      from.ready = false;
      from.broken = true;
      return;
    }
    // A message may be of several streams, each with its last block (RFC 7692 §7.2.3.4).
    if (outcome == Z_STREAM_END && inflateReset(&stream) != Z_OK) from.ready = false;
    if (!from.ready || (stream.avail_in == 0 && stream.avail_out > 0)) return;
    if (outcome == Z_BUF_ERROR) return;
  }
}

void WebSocketStream::gap(Direction direction, std::uint64_t bytes, WebSocketEvents& events) {
  Side& from = side(direction);
  if (bytes == 0 || from.state == State::kFailed || from.state == State::kClosed) return;
  const std::uint64_t inside =
      from.state == State::kPayload ? std::min(bytes, from.remaining) : std::uint64_t{0};
  if (inside > 0 && from.in_message && !is_control(from.opcode)) {
    from.broken = true;
    if (from.compressed) from.ready = false;
    events.on_ws_gap(direction, inside);
  }
  from.remaining -= inside;
  from.at += inside;
  if (inside < bytes) {
    lose_step(direction, events);
  } else if (from.remaining == 0) {
    end_frame(direction, events);
  }
}

void WebSocketStream::lose_step(Direction direction, WebSocketEvents& events) {
  Side& from = side(direction);
  from.broken = true;
  if (from.in_message) end_message(direction, events);
  from.ready = false;
  from.header_bytes = 0;
  from.state = State::kSeek;
}

void WebSocketStream::close(WebSocketEvents& events) {
  for (const Direction direction : {Direction::kToServer, Direction::kToClient}) {
    Side& from = side(direction);
    from.broken = true;
    if (from.in_message) end_message(direction, events);
    from.state = State::kClosed;
  }
}

}  // namespace gnomon::message
