#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/message/direction.h"
#include "gnomon/message/http1_head.h"

namespace gnomon::message {

// Requests whose response is awaited at once. When more are outstanding the oldest is given up.
// Exchanges are numbered from 0 in order, so a ring of this many slots, indexed by exchange modulo
// the size, holds all that can still be answered.
inline constexpr std::uint32_t kHttp1OutstandingMax = 32;

// The exchange of a response whose request was not seen.
inline constexpr std::uint32_t kHttp1NoExchange = 0xffffffff;

// Bytes of one direction looked through for the next head before that direction is given up:
// when no head has been seen yet, and after one.
inline constexpr std::uint64_t kHttp1SeekBytesFirst = std::uint64_t{64} * 1024;
inline constexpr std::uint64_t kHttp1SeekBytesLater = std::uint64_t{4} * 1024 * 1024;

enum class Http1Tunnel : std::uint8_t { kConnect, kUpgrade };

struct Http1Ending {
  std::uint64_t body_bytes = 0;     // given to on_body
  std::uint64_t missing_bytes = 0;  // known to be missing in between
  bool complete = false;            // head and body came whole, up to the end they announced
};

// Told what a connection says, in the order of the bytes of each direction. Views and bytes are
// valid during the call only.
class Http1Events {
 public:
  virtual ~Http1Events() = default;

  // Once per message: head, then body pieces, then its end. A request is told as soon as its head
  // is whole, whether or not a response is ever seen.
  virtual void on_request(const Http1Request& request) = 0;
  // Interim responses (1xx) are told too, and have neither body nor end.
  virtual void on_response(const Http1Response& response) = 0;
  // After transfer-decoding, before content-decoding.
  virtual void on_body(Direction direction, std::uint32_t exchange, Bytes bytes) = 0;
  virtual void on_body_gap(Direction, std::uint32_t /*exchange*/, std::uint64_t /*bytes*/) {}
  virtual void on_trailer(Direction, std::uint32_t /*exchange*/, std::string_view /*name*/,
                          std::string_view /*value*/) {}
  virtual void on_end(Direction direction, std::uint32_t exchange, const Http1Ending& ending) = 0;

  // CONNECT or Upgrade was granted (or, where responses are not seen, used): what follows in both
  // directions is not HTTP/1 and comes as on_tunnel_data, from its first byte.
  virtual void on_tunnel(Http1Tunnel, std::uint32_t /*exchange*/) {}
  virtual void on_tunnel_data(Direction, Bytes) {}
  virtual void on_tunnel_gap(Direction, std::uint64_t /*bytes*/) {}

  // The direction is not HTTP any more (or never was): its bytes are ignored from here.
  virtual void on_failure(Direction) {}
};

// Reads both directions of one TCP connection as HTTP/1.0 or HTTP/1.1: keep-alive, pipelining,
// chunks with extensions and trailers, bodies that last until close, interim responses, CONNECT and
// Upgrade. Copes with one direction alone, with a start in the middle, and with gaps: a gap inside
// a body whose length is known is stepped over, behind one inside chunks the next chunk is looked
// for, any other ends the message as incomplete, and reading goes on at the next line that is a
// start line. A body whose client waits for 100 (Continue) may not come: where it was not asked for
// its first line tells.
//
// Keeps at most one unfinished head per direction (kHttp1HeadBytesMax, and as many as
// kHttp1LateFieldBytesMax of the fields behind them), and nothing of bodies. What
// is told does not depend on how the bytes were cut into pieces. Meant to be pooled: reset() keeps
// the buffers, so a warm connection allocates nothing. One thread.
class Http1Connection {
 public:
  void reset();

  void feed(Direction direction, Bytes bytes, Http1Events& events);
  // `bytes` of this direction will never come.
  void gap(Direction direction, std::uint64_t bytes, Http1Events& events);
  // Nothing more will come. `finished`: the sender said so (FIN); a body that lasts until close is
  // complete only then.
  void close(Direction direction, bool finished, Http1Events& events);

  [[nodiscard]] bool in_tunnel() const { return tunnel_; }
  [[nodiscard]] bool failed(Direction direction) const {
    return side(direction).state == State::kFailed;
  }
  [[nodiscard]] bool failed() const {
    return failed(Direction::kToServer) && failed(Direction::kToClient);
  }
  [[nodiscard]] std::uint32_t requests() const { return next_exchange_; }
  [[nodiscard]] std::size_t memory_bytes() const {
    return sizeof(*this) + sides_[0].buffer.capacity() + sides_[1].buffer.capacity();
  }

 private:
  enum class State : std::uint8_t {
    kBoundary,    // at the start of a line that may be a start line; `buffer` holds what came of it
    kSkipLine,    // inside a line that is none
    kLongLine,    // inside a request line that is longer than is kept
    kHead,        // after the start line; `buffer` holds the head so far unless it is all in hand
    kSkipHead,    // behind the limit of a head, whose kept lines are in `buffer`
    kLength,      // `remaining` bytes of body to come
    kUntilClose,  // body to the end
    kChunkSize,
    kChunkExtension,
    kChunkData,  // `remaining` bytes of this chunk to come
    kChunkEnd,   // the line end after a chunk's data
    kChunkSeek,  // data, or the line of a chunk's size: `buffer` holds the line end and what
                 // follows
    kWithheld,   // the body, or the next request instead: `buffer` holds what came of a line
    kTrailer,    // `buffer` holds the line so far
    kTunnel,
    kFailed,
    kClosed,
  };

  struct Side {
    std::vector<std::uint8_t> buffer;
    std::size_t scanned = 0;        // in heads: start of the first line that has not ended
    std::uint64_t remaining = 0;    // kLength, kChunkData; kChunkSize: the size so far
    std::uint64_t offset = 0;       // bytes and gaps consumed
    std::uint64_t head_offset = 0;  // where the line or head in hand began
    std::uint64_t sought = 0;       // bytes looked through since the last message
    std::uint64_t line_bytes = 0;   // kLongLine: of the line so far
    std::size_t late_left = 0;      // kSkipHead: room for further lines
    Http1Ending ending;
    std::uint32_t exchange = kHttp1NoExchange;  // of the message being read
    Http1Framing framing = Http1Framing::kNone;
    State state = State::kBoundary;
    std::uint8_t digits = 0;  // kChunkSize: hex digits seen
    std::uint8_t line_end = 0;  // kChunkSeek: bytes of the line end in `buffer`
    bool at_line = false;       // kChunkSeek: at the start of a line, or in one that may be a size
    bool chunk_sought = false;  // a chunk of this message was looked for: sizes may be no sizes
    bool waits = false;         // to server: the client waits to be asked for the body
    bool line_shortened = false;  // of the head in hand: the request line
    bool late_lost = false;       // kSkipHead: a line that is wanted found no room
    bool in_message = false;  // told the head, not yet the end
    bool broken = false;      // something of this message is missing
    bool seen_head = false;
    bool lost = false;           // heads may have been missed since the last one
    bool tunnel_asked = false;   // to server: the last request was CONNECT or Upgrade
    bool tunnel_at_end = false;  // to server: granted, while the request's body was still coming
  };

  // How much of a head is told. Of a shortened one all is known that frames its message.
  enum class Told : std::uint8_t { kWhole, kShortened, kCut };

  // What must be remembered of a request until its response.
  struct Outstanding {
    bool head = false;     // HEAD: its response has no body
    bool connect = false;  // CONNECT: a 2xx response opens a tunnel
  };

  [[nodiscard]] Side& side(Direction direction) {
    return sides_[static_cast<std::size_t>(direction)];
  }
  [[nodiscard]] const Side& side(Direction direction) const {
    return sides_[static_cast<std::size_t>(direction)];
  }

  // Each takes from the front of `in` what belongs to its state.
  void feed_boundary(Direction direction, ByteReader& in, Http1Events& events);
  void feed_skip_line(Direction direction, ByteReader& in, Http1Events& events);
  void feed_long_line(Direction direction, ByteReader& in, Http1Events& events);
  void feed_head(Direction direction, ByteReader& in, Http1Events& events);
  void feed_skip_head(Direction direction, ByteReader& in, Http1Events& events);
  void feed_body(Direction direction, ByteReader& in, Http1Events& events);
  void feed_chunk_line(Direction direction, ByteReader& in, Http1Events& events);
  void feed_trailer(Direction direction, ByteReader& in, Http1Events& events);
  void feed_chunk_seek(Direction direction, ByteReader& in, Http1Events& events);
  void feed_withheld(Direction direction, ByteReader& in, Http1Events& events);

  static void begin_framed(Side& from);
  void miss_chunks(Direction direction, std::uint64_t bytes, Http1Events& events);
  void lose_chunk(Direction direction, Http1Events& events);
  void seek_chunk(Direction direction, bool at_line);
  void tell_sought(Direction direction, std::size_t size, Http1Events& events);
  void begin_withheld_body(Direction direction, Http1Events& events);
  void next_head_found(Direction direction, bool ended, Http1Events& events);
  void not_a_head(Direction direction, Http1Events& events);
  void skip_from(Direction direction);
  void end_head(Direction direction, Bytes head, Told part, Http1Events& events);
  bool tell_head(Direction direction, Bytes head, Told part, Http1Events& events);
  bool tell_request(std::string_view head, Told part, Http1Events& events);
  bool tell_response(std::string_view head, Told part, Http1Events& events);
  static Http1Framing request_framing(const Http1Request& request, Told part);
  static Http1Framing response_framing(const Http1Response& response, const Outstanding& request,
                                       Told part);
  std::uint32_t take_answered(bool interim);
  void start_body(Direction direction, Http1Events& events);
  void end_message(Direction direction, bool complete, Http1Events& events);
  void lose_step(Direction direction, Http1Events& events);
  void cut_short(Direction direction, Http1Events& events);
  void count_sought(Direction direction, std::uint64_t bytes, Http1Events& events);
  void grant_tunnel(Http1Tunnel kind, std::uint32_t exchange, Http1Events& events);
  void announce_tunnel(Http1Tunnel kind, std::uint32_t exchange, Http1Events& events);
  void enter_tunnel(Direction direction, Http1Events& events);

  std::array<Side, 2> sides_;
  std::array<Outstanding, kHttp1OutstandingMax> outstanding_{};
  std::uint32_t oldest_exchange_ = 0;  // not yet answered
  std::uint32_t next_exchange_ = 0;
  bool tunnel_ = false;
};

}  // namespace gnomon::message
