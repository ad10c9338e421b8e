#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gnomon::message {

// What is told of one message of an application/vnd.amazon.eventstream at its end.
struct AwsEvent {
  std::string_view type;         // of its ":event-type", or what kind of exception or error it is
  std::uint64_t data_bytes = 0;  // of what was told of its payload
  // False: the stream ended, bytes were missing, or the sum of its bytes is not what it says.
  bool complete = true;
};

// Told the messages of a stream in order. Text is valid during the call.
class AwsEvents {
 public:
  virtual ~AwsEvents() = default;
  // The next bytes of the payload of the message in hand.
  virtual void on_event_data(std::string_view type, std::string_view data) = 0;
  virtual void on_aws_event(const AwsEvent& event) = 0;
};

// True when these first bytes of a body are those of such a stream, whatever is declared: lengths
// that fit each other, and their sum.
bool begins_aws_event_stream(std::string_view start);

// Reads the messages in which Bedrock, SageMaker and others of AWS stream their answers, in pieces
// of any size:
//
//   total length (4), length of headers (4), CRC of these eight bytes (4),
//   headers, payload, CRC of all before (4)
//   header: length of name (1), name, type of value (1), value; texts are of type 7, behind
//           their length (2)
//
// Where the payload of a "chunk" is JSON around what a model wrote ({"bytes": "<base64>"}), what it
// wrote is told. Payloads are never kept, headers to kHeaderBytesMax. Behind what is no message
// nothing is read. One thread.
class AwsEventStreamReader {
 public:
  static constexpr std::size_t kPreludeBytes = 12;
  static constexpr std::size_t kHeaderBytesMax = 2048;  // looked at, of one message
  static constexpr std::size_t kTypeBytesMax = 64;

  void reset();
  void feed(std::string_view bytes, AwsEvents& out);
  // So many bytes are missing here; 0 when nobody knows how many. Inside of a payload they cost the
  // rest of that message, elsewhere the rest of the stream.
  void gap(std::uint64_t bytes, AwsEvents& out);
  // Nothing more will come. May be followed by another stream.
  void close(AwsEvents& out);

  [[nodiscard]] std::uint64_t events() const { return events_; }  // complete
  // What came is no such stream, or not from some place on.
  [[nodiscard]] bool broken() const { return state_ == State::kBroken; }
  [[nodiscard]] std::size_t memory_bytes() const { return held_.capacity() + type_.capacity(); }

 private:
  enum class State : std::uint8_t { kPrelude, kHeaders, kPayload, kSum, kBroken };
  enum class Wrap : std::uint8_t {
    kNone,    // the payload is told as it stands
    kSought,  // "bytes" is looked for
    kColon,   // and was found
    kText,    // in base64
    kOver,
  };

  void begin_message();
  void read_headers();
  void begin_payload();
  void payload(std::string_view bytes, AwsEvents& out);
  void unwrap(std::string_view bytes, AwsEvents& out);
  void tell(std::string_view data, AwsEvents& out);
  void end_message(bool complete, AwsEvents& out);

  std::string held_;  // the prelude, headers or sum in hand
  std::string type_;
  std::uint64_t data_bytes_ = 0;
  std::uint64_t events_ = 0;
  std::uint32_t headers_left_ = 0;
  std::uint32_t payload_left_ = 0;
  std::uint32_t sum_ = 0;   // of what has come of the message
  std::uint32_t bits_ = 0;  // of base64 that is no whole byte yet
  std::uint8_t digits_ = 0;
  std::uint8_t matched_ = 0;  // of what is sought
  State state_ = State::kPrelude;
  Wrap wrap_ = Wrap::kNone;
  bool in_message_ = false;
  bool lost_ = false;  // bytes of it are missing
};

}  // namespace gnomon::message
