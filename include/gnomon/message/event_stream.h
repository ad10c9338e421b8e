#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gnomon::message {

// What is told of one event of a text/event-stream at its end.
struct StreamEvent {
  std::string_view type;  // of its "event" field; "message" where there was none
  std::string_view id;    // the last one that the stream has set, by this event or an earlier one
  std::uint64_t data_bytes = 0;  // with a line end between lines
  bool has_data = false;  // receivers pass over events without, but not over the id that they set
  bool complete = true;   // false: the stream ended, or bytes were missing, before the empty line
};

// Told the events of a stream in order. Text is valid during the call.
class StreamEvents {
 public:
  virtual ~StreamEvents() = default;
  // The next bytes of the data of the event in hand; lines are joined by line ends.
  virtual void on_event_data(std::string_view text) = 0;
  virtual void on_event(const StreamEvent& event) = 0;
  // Milliseconds after which the receiver shall connect again.
  virtual void on_retry(std::uint64_t) {}
  // A line that is neither a field nor a comment, in pieces, its line end included: receivers pass
  // over it. `first`: its beginning.
  virtual void on_stray(std::string_view, bool first) { static_cast<void>(first); }
};

// True when these first bytes of a body are those of an event stream, whatever is declared.
bool begins_event_stream(std::string_view start);

// Reads text/event-stream (WHATWG HTML, 9.2.5 and 9.2.6) that comes in pieces of any size: lines end
// with CR, LF or both; a mark of byte order may stand before the first. What is told does not depend
// on how the bytes were cut. Data are never kept; types and ids to kEventFieldBytesMax. One thread.
class EventStreamReader {
 public:
  static constexpr std::size_t kEventFieldBytesMax = 256;

  void reset();
  void feed(std::string_view bytes, StreamEvents& out);
  // Bytes are missing here: the event in hand ends incomplete, reading goes on at the next line.
  void gap(StreamEvents& out);
  // Nothing more will come. May be followed by another stream.
  void close(StreamEvents& out);

  [[nodiscard]] std::uint64_t events() const { return events_; }  // with data, complete
  [[nodiscard]] std::size_t memory_bytes() const {
    return value_.capacity() + type_.capacity() + id_.capacity();
  }

 private:
  enum class State : std::uint8_t { kMark, kName, kBlank, kData, kValue, kComment, kStray };
  enum class Field : std::uint8_t { kNone, kData, kEvent, kId, kRetry };

  void begin_line();
  void end_line(StreamEvents& out);
  void begin_value(StreamEvents& out);
  void stray(StreamEvents& out);
  void end_event(StreamEvents& out, bool complete);
  void take_value(std::string_view bytes);

  std::string value_;  // of the line in hand: its field's name, then its value where that is kept
  std::string type_;
  std::string id_;
  std::uint64_t data_bytes_ = 0;
  std::uint64_t events_ = 0;
  State state_ = State::kMark;
  Field field_ = Field::kNone;
  bool has_data_ = false;
  bool in_event_ = false;      // a field has come since the last empty line
  bool after_return_ = false;  // a line feed that comes now belongs to the line that has ended
  bool stray_first_ = false;
};

}  // namespace gnomon::message
