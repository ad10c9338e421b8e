#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api_contents.h"
#include "api_walk.h"
#include "gnomon/identify/api_scan.h"
#include "gnomon/message/aws_event_stream.h"
#include "gnomon/message/event_stream.h"
#include "gnomon/message/json_rpc.h"

namespace gnomon::identify {

// What the bodies of one exchange have shown so far.
struct ApiScan::State final : WalkSink {
  static constexpr std::size_t kStartMax = 64;        // first bytes kept of any body
  static constexpr std::size_t kTextMax = 16 * 1024;  // of a page or plain text
  static constexpr std::size_t kCapturesMax = 256;    // values kept
  static constexpr std::size_t kCaptureBytesMax = 12 * 1024;
  static constexpr std::size_t kIdleBytesMax = 1024 * 1024;  // read without finding anything
  static constexpr std::size_t kRpcCallsMax = 32;
  static constexpr std::size_t kLineMax = 256;
  static constexpr std::size_t kMetricMax = 64;  // of a line of metrics

  enum class Format : std::uint8_t {
    kUnknown,
    kJson,
    kEvents,     // text/event-stream
    kAwsEvents,  // application/vnd.amazon.eventstream
    kText,
    kForm,
    kMultipart,
    kIgnored,
  };

  struct Side {
    JsonWalk walk;
    message::EventStreamReader stream;
    message::AwsEventStreamReader aws;
    message::JsonRpcReader rpc;
    std::string start;  // first bytes
    std::string text;   // of pages and plain text, of the response
    std::string line;   // the line, field or pair in hand, as far as it is wanted
    std::uint64_t bytes = 0;
    std::uint64_t consumed = 0;  // of them, behind the first ones held back
    Format format = Format::kUnknown;
    NodeId node = KeyTree::kDead;  // of the form field in hand
    std::uint8_t phase = 0;        // of the line-wise formats
    bool lost = false;             // bytes are missing: nothing is believed up to a line's end
    bool html = false;
    bool metrics = false;
  };

  // A request or notification of JSON-RPC, of either side.
  struct RpcCall {
    std::string method;
    std::string name;  // the tool
    bool by_server = false;
    bool wants_answer = false;
  };

  struct Captured {
    CaptureId id = kNoId;
    bool number = false;
    std::uint16_t from = 0;
    std::uint16_t size = 0;
  };

  void begin(const ApiKnowledge::Contents& contents);
  void feed(Side& side, bool response, std::string_view bytes);
  void gap(Side& side);
  // Nothing more will come: what waits is decided.
  void finish();

  void set(ConditionId condition) {
    if (condition == kNoId) return;
    std::uint64_t& word = bits[condition / 64];
    const std::uint64_t bit = std::uint64_t{1} << condition % 64;
    if ((word & bit) != 0) return;
    word |= bit;
    conditions.push_back(condition);
  }
  void keep(CaptureId id, std::string_view value, bool number);
  // What is kept becomes the sum of all numbers that came.
  void add_up(CaptureId id, std::string_view value);
  [[nodiscard]] std::string_view text_of(const Captured& value) const {
    return std::string_view{kept}.substr(value.from, value.size);
  }

  void on_key(NodeId node) override;
  void on_value(NodeId node, std::string_view value, bool number) override;

  const ApiKnowledge::Contents* contents = nullptr;
  std::array<Side, 2> sides;  // request, response
  std::vector<std::uint64_t> bits;
  std::vector<ConditionId> conditions;  // those that are true, as they were found
  std::vector<Captured> captured;
  std::string kept;
  std::vector<RpcCall> rpc_calls;
  Time first_response, last_response;
  bool finished = false;

 private:
  struct EventSink;
  struct AwsSink;
  struct RpcSink;

  void decide(Side& side, bool response);
  void consume(Side& side, bool response, std::string_view bytes);
  void feed_json(Side& side, std::string_view bytes);
  void end_json(Side& side);
  void feed_events(Side& side, std::string_view bytes);
  void end_stream(Side& side, bool gap);
  void end_aws_stream(Side& side, bool gap);
  void feed_text(Side& side, std::string_view bytes);
  void feed_form(Side& side, std::string_view bytes);
  void feed_multipart(Side& side, std::string_view bytes);
  void end_form_pair(Side& side);
  void end_multipart_line(Side& side);
  void end_metric_line(Side& side);
  void read_page(const Side& side);
};

}  // namespace gnomon::identify
