#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gnomon/message/http_events.h"
#include "gnomon/message/http_stream_table.h"
#include "gnomon/message/qpack_decoder.h"

namespace gnomon::message {

struct Http3Counters {
  std::uint64_t sections_too_long = 0;  // field sections that were not kept whole
  std::uint64_t sections_broken = 0;    // QPACK that could not be decoded
  std::uint64_t sections_blocked = 0;   // which waited for the encoder stream
  std::uint64_t fields_dropped = 0;     // sections that decode to more than is kept
  std::uint64_t streams_refused = 0;    // beyond those that are read at once
  std::uint64_t streams_lost = 0;       // read no further after a gap or a lie

  void add(const Http3Counters& other) {
    sections_too_long += other.sections_too_long;
    sections_broken += other.sections_broken;
    sections_blocked += other.sections_blocked;
    fields_dropped += other.fields_dropped;
    streams_refused += other.streams_refused;
    streams_lost += other.streams_lost;
  }
};

// Reads the streams of one HTTP/3 connection (RFC 9114), decrypted and each in order: requests and
// their responses, and what of the one-way streams these depend on. Field sections that wait for
// QPACK's encoder stream hold back their own stream only. Pushes and WebTransport's streams are
// passed over. A gap inside DATA is stepped over; after any other the rest of its stream is not
// read. Meant to be pooled. One thread.
class Http3Connection {
 public:
  static constexpr std::size_t kSectionBytesMax = std::size_t{64} * 1024;
  static constexpr std::size_t kReadersMax = 2 * HttpStreamTable::kStreamsMax;
  static constexpr std::size_t kBlockedMax = 16;
  static constexpr std::size_t kWaitingBytesMax = std::size_t{64} * 1024;  // behind one section
  static constexpr std::uint8_t kWaitsMax = 8;  // of one stream; then nothing is waited for

  void reset();

  // The next bytes of a stream; `fin`: its last.
  void feed(Direction direction, std::uint64_t stream, Bytes bytes, bool fin, HttpEvents& events);
  void gap(Direction direction, std::uint64_t stream, std::uint64_t bytes, HttpEvents& events);
  // RESET_STREAM: nothing more comes.
  void reset_stream(Direction direction, std::uint64_t stream, HttpEvents& events);
  void close(HttpEvents& events);

  [[nodiscard]] const Http3Counters& counters() const { return counters_; }
  [[nodiscard]] std::uint64_t streams_dropped() const { return streams_.dropped(); }
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  enum class Kind : std::uint8_t { kRequest, kUntyped, kControl, kEncoder, kIgnored };
  enum class State : std::uint8_t { kType, kLength, kData, kCollect, kSkip };

  // One direction of one stream.
  struct Reader {
    std::uint64_t stream = 0;
    std::uint64_t number = 0;           // the variable-length integer that is coming
    std::uint64_t type = 0;             // of the frame
    std::uint64_t remaining = 0;        // bytes of its payload to come
    std::vector<std::uint8_t> kept;     // kCollect: payload so far; blocked: the section
    std::vector<std::uint8_t> waiting;  // blocked: what came after it
    std::uint8_t number_bytes = 0;      // still to come
    std::uint8_t waits = 0;             // sections that had to wait
    Kind kind = Kind::kRequest;
    State state = State::kType;
    Direction direction = Direction::kToServer;
    bool blocked = false;
    bool finished = false;  // blocked: and then the stream ends
    bool in_use = false;
  };

  Reader* find(Direction direction, std::uint64_t stream, bool open);
  void read(Reader& reader, Bytes bytes, HttpEvents& events);
  bool read_number(Reader& reader, ByteReader& in);
  void begin_frame(Reader& reader, HttpEvents& events);
  void end_frame(Reader& reader, HttpEvents& events);
  void take_section(Reader& reader, HttpEvents& events);
  void take_settings(Reader& reader);
  void unblock(Direction direction, bool at_once, HttpEvents& events);
  void lose(Reader& reader, HttpEvents& events);
  void finish(Reader& reader, HttpEvents& events);
  void release(Reader& reader);
  [[nodiscard]] QpackDecoder& qpack(Direction direction) {
    return qpack_[static_cast<std::size_t>(direction)];
  }

  std::array<QpackDecoder, 2> qpack_;  // of the sections sent in each direction
  std::vector<Reader> readers_;        // keep their buffers' room while the connection lives
  std::size_t latest_ = 0;
  std::size_t blocked_ = 0;
  HttpStreamTable streams_;
  HttpFieldBlock fields_;
  Http3Counters counters_;
};

}  // namespace gnomon::message
