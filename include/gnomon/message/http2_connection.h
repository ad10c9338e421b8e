#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gnomon/message/hpack_decoder.h"
#include "gnomon/message/http2_frame.h"
#include "gnomon/message/http_events.h"
#include "gnomon/message/http_stream_table.h"

namespace gnomon::message {

struct Http2Counters {
  std::uint64_t blocks_too_long = 0;  // header blocks that were not kept whole, and so not read
  std::uint64_t continuation_floods =
      0;                             // blocks in more CONTINUATION frames than any sender needs
  std::uint64_t blocks_broken = 0;   // HPACK that could not be decoded
  std::uint64_t fields_dropped = 0;  // blocks that decode to more than is kept
  std::uint64_t lost_step = 0;       // times that the next frame had to be looked for

  void add(const Http2Counters& other) {
    blocks_too_long += other.blocks_too_long;
    continuation_floods += other.continuation_floods;
    blocks_broken += other.blocks_broken;
    fields_dropped += other.fields_dropped;
    lost_step += other.lost_step;
  }
};

// Reads both directions of one HTTP/2 connection (RFC 9113): with prior knowledge, after an h2c
// upgrade, or from somewhere in the middle; interleaved streams, padding, CONTINUATION, pushes,
// trailers, resets. A gap inside DATA is stepped over; after any other the next frames are looked
// for, header tables start anew (HpackDecoder), and the messages that were open are incomplete.
//
// Keeps one header block for each direction (kBlockBytesMax) and nothing of bodies. What is told
// does not depend on how the bytes were cut, except where frames had to be looked for. Meant to be
// pooled. One thread.
class Http2Connection {
 public:
  static constexpr std::size_t kBlockBytesMax = std::size_t{64} * 1024;
  static constexpr unsigned kContinuationsMax = 64;
  static constexpr std::size_t kSeekBytesMax = std::size_t{64} * 1024;
  static constexpr unsigned kLossesMax = 1024;  // of a direction; then it is given up

  enum class Start : std::uint8_t {
    kWhole,     // the client's direction begins with the preface
    kUpgraded,  // likewise, and the answer to an HTTP/1 request comes on stream 1
    kMiddle,    // somewhere; a preface may come all the same
  };
  void reset(Start start);

  void feed(Direction direction, Bytes bytes, HttpEvents& events);
  void gap(Direction direction, std::uint64_t bytes, HttpEvents& events);
  void close(Direction direction, HttpEvents& events);

  [[nodiscard]] bool failed(Direction direction) const {
    return sides_[static_cast<std::size_t>(direction)].state == State::kFailed;
  }
  [[nodiscard]] bool failed() const {
    return failed(Direction::kToServer) && failed(Direction::kToClient);
  }
  // Since reset().
  [[nodiscard]] const Http2Counters& counters() const { return counters_; }
  [[nodiscard]] std::uint64_t streams_dropped() const { return streams_.dropped(); }
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  enum class State : std::uint8_t {
    kPreface,
    kHeader,   // `header_bytes` of a frame's header came
    kPadding,  // DATA: the byte that tells how much padding there is
    kData,     // `remaining` bytes of DATA to come, then `padding`
    kCollect,  // a frame that is read when it is whole: `remaining` bytes to come
    kSkip,     // `remaining` bytes of no interest
    kSeek,     // looking for frames in `frame`
    kFailed,
    kClosed,
  };

  struct Side {
    HpackDecoder hpack;
    std::vector<std::uint8_t> frame;  // kCollect: the payload so far; kSeek: what came
    std::vector<std::uint8_t> block;  // fragments of a block that goes on
    std::array<std::uint8_t, 24> header{};
    std::size_t header_bytes = 0;
    std::uint64_t sought = 0;
    std::uint64_t look_at = 0;  // kSeek: bytes sought before it is worth looking again
    std::uint32_t remaining = 0;
    std::uint32_t padding = 0;
    std::uint32_t length_max = kHttp2FrameBytesDefault;
    std::uint32_t block_stream = 0;  // whose block goes on; 0: none
    std::uint32_t promised = 0;      // by the PUSH_PROMISE whose block goes on
    std::uint32_t highest_stream = 0;
    unsigned continuations = 0;
    unsigned losses = 0;  // times that the step was lost
    Http2FrameHeader current;
    State state = State::kHeader;
    bool block_ends_stream = false;
    bool block_lost = false;
  };

  [[nodiscard]] Side& side(Direction direction) {
    return sides_[static_cast<std::size_t>(direction)];
  }

  void feed_preface(Direction direction, ByteReader& in);
  void feed_header(Direction direction, ByteReader& in, HttpEvents& events);
  void feed_seek(Direction direction, ByteReader& in, HttpEvents& events);
  void begin_frame(Direction direction, HttpEvents& events);
  void end_data(Direction direction, HttpEvents& events);
  void end_frame(Direction direction, HttpEvents& events);
  void take_fragment(Direction direction, Bytes payload, HttpEvents& events);
  void end_block(Direction direction, HttpEvents& events);
  void take_settings(Direction direction, Bytes payload);
  void lose_block(Direction direction);
  void lose_step(Direction direction, HttpEvents& events);

  std::array<Side, 2> sides_;
  HttpStreamTable streams_;
  HttpFieldBlock fields_;
  Http2Counters counters_;
};

}  // namespace gnomon::message
