#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "gnomon/message/http_events.h"
#include "gnomon/message/http_field_block.h"

namespace gnomon::message {

// The exchanges of one HTTP/2 or HTTP/3 connection: which message each stream is in, and how it
// ends. The connection's reader knows frames, this knows messages. Bounded: when too many streams
// are open the oldest is ended as incomplete, and counted.
class HttpStreamTable {
 public:
  static constexpr std::size_t kStreamsMax = 256;

  // `protocol` is a literal: "HTTP/2", "HTTP/3".
  void reset(std::string_view protocol);

  // A section of fields: request head, response head (interim ones too) or trailers, as the stream
  // stands. `end`: nothing follows it in its direction.
  void on_fields(Direction direction, std::uint64_t stream, HttpFieldBlock& fields, bool end,
                 HttpEvents& events);
  // A section was there, and could not be read.
  void on_lost_fields(Direction direction, std::uint64_t stream, bool end, HttpEvents& events);
  // The server announces a stream, and says for it what the client would have asked.
  void on_push(std::uint64_t stream, HttpFieldBlock& fields, HttpEvents& events);
  void on_body(Direction direction, std::uint64_t stream, Bytes bytes, HttpEvents& events);
  void on_body_gap(Direction direction, std::uint64_t stream, std::uint64_t bytes,
                   HttpEvents& events);
  void end(Direction direction, std::uint64_t stream, bool complete, HttpEvents& events);
  // Both directions of the stream are over, at once.
  void abort(std::uint64_t stream, HttpEvents& events);
  // Something was missed that may have belonged to any open message of the direction.
  void break_all(Direction direction);
  void close(Direction direction, HttpEvents& events);
  // Stream 1 of an upgraded connection: its request came before, whole.
  void expect_response(std::uint64_t stream);

  [[nodiscard]] std::size_t open() const { return streams_.size(); }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  struct Side {
    bool told = false;    // a head was
    bool missed = false;  // a head was there, and could not be read
    bool ended = false;
    bool broken = false;
    HttpEnding ending;
  };
  struct Stream {
    std::uint64_t id = 0;
    std::array<Side, 2> sides;
    [[nodiscard]] Side& side(Direction direction) {
      return sides[static_cast<std::size_t>(direction)];
    }
  };

  Stream* find(std::uint64_t id);
  Stream& open_stream(std::uint64_t id, HttpEvents& events);
  void end_side(Stream& stream, Direction direction, bool complete, HttpEvents& events);
  void drop_if_over(Stream& stream);

  std::vector<Stream> streams_;  // oldest first
  std::size_t latest_ = 0;       // position of the stream that was last found
  std::uint64_t dropped_ = 0;
  std::string_view protocol_;
};

}  // namespace gnomon::message
