#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/message/direction.h"

struct z_stream_s;

namespace gnomon::message {

// permessage-deflate as the server granted it (RFC 7692 §7).
struct WebSocketDeflate {
  bool on = false;
  bool client_forgets = false;  // client_no_context_takeover
  bool server_forgets = false;
  std::uint8_t client_bits = 15;  // of the window, 8 to 15
  std::uint8_t server_bits = 15;
};

// Reads Sec-WebSocket-Extensions of the response to the handshake.
WebSocketDeflate read_websocket_extensions(std::string_view granted);

struct WebSocketCounters {
  std::uint64_t messages = 0;
  std::uint64_t bad_frames =
      0;  // that break the rules of RFC 6455 §5: the direction is sought anew
  std::uint64_t inflate_failed = 0;
  std::uint64_t inflate_limit = 0;  // messages that inflate to more than is read

  void add(const WebSocketCounters& other) {
    messages += other.messages;
    bad_frames += other.bad_frames;
    inflate_failed += other.inflate_failed;
    inflate_limit += other.inflate_limit;
  }
};

// Told the messages of a WebSocket, in pieces, unmasked and inflated. Control frames between the
// fragments of a message are not told. Valid during the call only.
class WebSocketEvents {
 public:
  virtual ~WebSocketEvents() = default;
  virtual void on_ws_message(Direction direction, bool text) = 0;
  virtual void on_ws_data(Direction direction, Bytes bytes) = 0;
  virtual void on_ws_gap(Direction, std::uint64_t /*bytes*/) {}
  virtual void on_ws_end(Direction direction, bool complete) = 0;
  virtual void on_ws_close(Direction, std::uint16_t /*code*/) {}
};

// Reads both directions of one WebSocket (RFC 6455) after its handshake: masking, fragments,
// control frames between them, permessage-deflate. Keeps no payload; zlib's window is the only
// memory that grows. A gap inside a payload is stepped over; after any other, frames are looked for
// at the beginnings of the pieces that follow. Meant to be pooled. One thread.
class WebSocketStream {
 public:
  static constexpr std::uint64_t kInflatedBytesMax = std::uint64_t{64} << 20;  // of one message
  static constexpr unsigned kSeekPiecesMax = 64;

  void reset(const WebSocketDeflate& deflate);
  void feed(Direction direction, Bytes bytes, WebSocketEvents& events);
  void gap(Direction direction, std::uint64_t bytes, WebSocketEvents& events);
  void close(WebSocketEvents& events);

  [[nodiscard]] bool failed() const {
    return sides_[0].state == State::kFailed && sides_[1].state == State::kFailed;
  }
  [[nodiscard]] const WebSocketCounters& counters() const { return counters_; }

 private:
  struct FreeInflater {
    void operator()(z_stream_s* stream) const noexcept;
  };
  enum class State : std::uint8_t { kHeader, kPayload, kSeek, kFailed, kClosed };

  struct Side {
    std::unique_ptr<z_stream_s, FreeInflater> inflater;
    std::array<std::uint8_t, 14> header{};
    std::array<std::uint8_t, 4> mask{};
    std::array<std::uint8_t, 2> close_code{};
    std::uint64_t remaining = 0;
    std::uint64_t at = 0;        // in the frame's payload
    std::uint64_t inflated = 0;  // of the message
    std::size_t header_bytes = 0;
    unsigned pieces_sought = 0;
    std::uint8_t opcode = 0;
    std::uint8_t window_bits = 15;
    State state = State::kHeader;
    bool fin = false;
    bool masked = false;
    bool in_message = false;
    bool compressed = false;  // the message
    bool broken = false;      // something of the message is missing
    bool forgets = false;
    bool ready = false;  // the inflater may be used
  };

  [[nodiscard]] Side& side(Direction direction) {
    return sides_[static_cast<std::size_t>(direction)];
  }
  void feed_header(Direction direction, ByteReader& in, WebSocketEvents& events);
  void feed_payload(Direction direction, ByteReader& in, WebSocketEvents& events);
  [[nodiscard]] bool plausible(Direction direction, std::uint8_t first, std::uint8_t second) const;
  void begin_frame(Direction direction, WebSocketEvents& events);
  void end_frame(Direction direction, WebSocketEvents& events);
  void end_message(Direction direction, WebSocketEvents& events);
  void inflate(Direction direction, Bytes bytes, WebSocketEvents& events);
  void start_inflater(Side& from);
  void lose_step(Direction direction, WebSocketEvents& events);

  std::array<Side, 2> sides_;
  WebSocketCounters counters_;
  bool deflate_ = false;
};

}  // namespace gnomon::message
