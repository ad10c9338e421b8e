#include "gnomon/identify/api_scan.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "api_scan_state.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/free_room.h"

namespace gnomon::identify {
namespace {

bool begins(std::string_view text, std::string_view with) {
  if (text.size() < with.size()) return false;
  for (std::size_t i = 0; i < with.size(); ++i)
    if (to_lower(text[i]) != with[i]) return false;
  return true;
}

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::uint64_t kNumberMax = 1'000'000'000;  // that is added to others; more is made up

void append_capped(std::string& text, std::string_view bytes, std::size_t most) {
  if (text.size() < most) text.append(bytes.substr(0, most - text.size()));
}

// What comes before the first character that counts, taken away.
std::string_view without_lead(std::string_view start) {
  if (start.starts_with("\xef\xbb\xbf")) start.remove_prefix(3);
  start.remove_prefix(std::min(start.find_first_not_of(kBlanks), start.size()));
  return start;
}

bool is_json_start(std::string_view start) {
  return start.starts_with('{') || start.starts_with('[') || start.starts_with(")]}'");
}

// More bytes would not change what the first of a response are taken for.
bool tells_format(std::string_view start) {
  if (message::begins_aws_event_stream(start)) return true;
  start = without_lead(start);
  return is_json_start(start) || message::begins_event_stream(start);
}

}  // namespace

struct ApiScan::State::RpcSink final : message::JsonRpcMessages {
  RpcSink(State& to, const Side& of) : state(to), by_server(&of == &to.sides[1]) {}
  void on_json_rpc(const message::JsonRpcMessage& message) override {
    using Kind = message::JsonRpcMessage::Kind;
    if (message.kind != Kind::kRequest && message.kind != Kind::kNotification) return;
    if (state.rpc_calls.size() < kRpcCallsMax)
      state.rpc_calls.push_back({std::string{message.method}, std::string{message.name}, by_server,
                                 message.kind == Kind::kRequest});
  }
  State& state;
  bool by_server;
};

// Events of a response: each is a document of its own.
struct ApiScan::State::EventSink final : message::StreamEvents {
  EventSink(State& to, Side& of) : state(to), side(of) {}
  void on_event_data(std::string_view text) override { state.feed_json(side, text); }
  void on_event(const message::StreamEvent& event) override {
    state.end_json(side);
    for (const TextTest& test : state.contents->events)
      if (glob_match(test.text, event.type, false)) state.set(test.condition);
  }
  State& state;
  Side& side;
};

// Messages of a response: their payloads are documents too.
struct ApiScan::State::AwsSink final : message::AwsEvents {
  AwsSink(State& to, Side& of) : state(to), side(of) {}
  void on_event_data(std::string_view, std::string_view data) override {
    state.feed_json(side, data);
  }
  void on_aws_event(const message::AwsEvent&) override { state.end_json(side); }
  State& state;
  Side& side;
};

ApiScan::ApiScan() : state_(new State) {}
ApiScan::~ApiScan() { delete state_; }
ApiScan::ApiScan(ApiScan&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
ApiScan& ApiScan::operator=(ApiScan&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

void ApiScan::begin(const ApiKnowledge& knowledge) { state_->begin(knowledge.contents()); }

void ApiScan::request(std::string_view bytes, Time) {
  state_->feed(state_->sides[0], false, bytes);
}

void ApiScan::response(std::string_view bytes, Time time) {
  if (bytes.empty()) return;
  if (state_->sides[1].bytes == 0) state_->first_response = time;
  state_->last_response = time;
  state_->feed(state_->sides[1], true, bytes);
}

void ApiScan::request_gap() { state_->gap(state_->sides[0]); }
void ApiScan::response_gap() { state_->gap(state_->sides[1]); }

void ApiScan::let_go() {
  State& state = *state_;
  free_room(state.conditions);
  free_room(state.captured);
  free_room(state.kept);
  free_room(state.rpc_calls);
  for (State::Side& side : state.sides)
    for (std::string* const text : {&side.start, &side.text, &side.line})
      free_room(*text);
}

std::size_t ApiScan::memory_bytes() const {
  std::size_t sum = sizeof(State) + state_->kept.capacity() +
                    state_->captured.capacity() * sizeof(State::Captured) +
                    state_->rpc_calls.capacity() * sizeof(State::RpcCall);
  for (const State::RpcCall& call : state_->rpc_calls)
    sum += call.method.capacity() + call.name.capacity();
  for (const State::Side& side : state_->sides)
    sum += side.start.capacity() + side.text.capacity() + side.line.capacity() +
           side.stream.memory_bytes() + side.aws.memory_bytes();
  return sum;
}

void ApiScan::State::begin(const ApiKnowledge::Contents& all) {
  contents = &all;
  bits.assign(all.condition_count / 64 + 1, 0);
  conditions.clear();
  captured.clear();
  kept.clear();
  rpc_calls.clear();
  finished = false;
  for (std::size_t i = 0; i < 2; ++i) {
    Side& side = sides[i];
    side.walk.begin(all.keys, i == 0 ? KeyTree::kRequest : KeyTree::kResponse);
    side.start.clear();
    side.text.clear();
    side.line.clear();
    side.stream.reset();
    side.aws.reset();
    side.rpc.reset();
    side.bytes = side.consumed = 0;
    side.format = Format::kUnknown;
    side.node = KeyTree::kDead;
    side.phase = 0;
    side.lost = side.html = side.metrics = false;
  }
}

void ApiScan::State::keep(CaptureId id, std::string_view value, bool number) {
  if (value.empty()) return;
  for (Captured& each : captured) {
    if (each.id != id) continue;
    if (number && each.number && value.size() <= each.size) {
      // Counts grow while an answer comes: the last one stands.
      std::copy(value.begin(), value.end(), kept.begin() + each.from);
      each.size = static_cast<std::uint16_t>(value.size());
      return;
    }
    if (number && each.number) {
      each.id = kNoId;  // it no longer fits its place
      continue;
    }
    if (text_of(each) == value) return;
  }
  if (captured.size() >= kCapturesMax || kept.size() + value.size() > kCaptureBytesMax) return;
  captured.push_back({id, number, static_cast<std::uint16_t>(kept.size()),
                      static_cast<std::uint16_t>(value.size())});
  kept += value;
}

void ApiScan::State::add_up(CaptureId id, std::string_view value) {
  std::uint64_t sum = 0;
  std::uint64_t more = 0;
  const auto read = std::from_chars(value.data(), value.data() + value.size(), more);
  if (read.ec != std::errc{} || more > kNumberMax) return;
  for (const Captured& each : captured) {
    if (each.id != id) continue;
    const std::string_view before = text_of(each);
    std::from_chars(before.data(), before.data() + before.size(), sum);
  }
  std::array<char, 20> room;
  const auto end = std::to_chars(room.data(), room.data() + room.size(), sum + more).ptr;
  keep(id, {room.data(), static_cast<std::size_t>(end - room.data())}, true);
}

void ApiScan::State::on_key(NodeId node) {
  for (const ConditionId each : contents->keys.nodes[node].present) set(each);
}

void ApiScan::State::on_value(NodeId node, std::string_view value, bool number) {
  const KeyTree::Node& at = contents->keys.nodes[node];
  for (const KeyTree::ValueTest& test : at.values)
    if ((bits[test.condition / 64] >> test.condition % 64 & 1) == 0 &&
        glob_match(test.glob, value, false))
      set(test.condition);
  if (at.capture != kNoId && value != "null") keep(at.capture, value, number);
  if (at.sum_capture != kNoId && number) add_up(at.sum_capture, value);
}

void ApiScan::State::feed(Side& side, bool response, std::string_view bytes) {
  side.bytes += bytes.size();
  if (side.format == Format::kUnknown) {
    const std::size_t more = std::min(bytes.size(), kStartMax - side.start.size());
    side.start.append(bytes.substr(0, more));
    bytes.remove_prefix(more);
    // The beginning of a stream is looked at as it comes, when it tells what it is: the rest may be
    // long in coming.
    if (side.start.size() < kStartMax && (!response || !tells_format(side.start))) return;
    decide(side, response);
  }
  if (!bytes.empty()) consume(side, response, bytes);
}

void ApiScan::State::gap(Side& side) {
  if (side.format == Format::kUnknown) decide(side, &side == &sides[1]);
  if (side.format == Format::kEvents)
    end_stream(side, true);
  else if (side.format == Format::kAwsEvents)
    end_aws_stream(side, true);
  else
    side.lost = true;
}

void ApiScan::State::finish() {
  if (finished) return;
  finished = true;
  for (std::size_t i = 0; i < 2; ++i) {
    Side& side = sides[i];
    if (side.format == Format::kUnknown && !side.start.empty()) decide(side, i == 1);
    switch (side.format) {
      case Format::kEvents:
        end_stream(side, false);
        break;
      case Format::kAwsEvents:
        end_aws_stream(side, false);
        break;
      case Format::kJson:
        end_json(side);
        break;
      case Format::kForm:
        end_form_pair(side);
        break;
      case Format::kMultipart:
        end_multipart_line(side);
        break;
      case Format::kText:
        end_metric_line(side);
        if (i == 1) read_page(side);
        break;
      case Format::kUnknown:
      case Format::kIgnored:
        break;
    }
  }
  if (sides[1].format == Format::kEvents) set(contents->event_stream);
  if (sides[1].format == Format::kJson && sides[1].walk.documents() > 1) set(contents->ndjson);
}

// By the first bytes alone: what senders declare is often missing or wrong.
void ApiScan::State::decide(Side& side, bool response) {
  const std::string_view start = without_lead(side.start);
  side.format = Format::kIgnored;
  if (start.empty()) {
    side.format = Format::kText;
  } else if (response && message::begins_aws_event_stream(side.start)) {
    side.format = Format::kAwsEvents;
  } else if (is_json_start(start)) {
    side.format = Format::kJson;
  } else if (response && message::begins_event_stream(start)) {
    side.format = Format::kEvents;
  } else if (!response && start.starts_with("--")) {
    side.format = Format::kMultipart;
  } else if (!response) {
    const std::size_t equals = start.find('=');
    if (equals != std::string_view::npos &&
        start.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-%"
                                "[]") == equals)
      side.format = Format::kForm;
  } else if (std::all_of(start.begin(), start.end(), [](char each) {
               return static_cast<unsigned char>(each) >= 0x20 || each == '\n' || each == '\r' ||
                      each == '\t';
             })) {
    side.format = Format::kText;
    side.html = start.front() == '<';
    side.metrics = start.front() == '#';
  }
  if (side.format == Format::kIgnored) return;
  const std::string first{side.start};  // consume() may look at more of it than it changes
  consume(side, response, first);
}

void ApiScan::State::consume(Side& side, bool response, std::string_view bytes) {
  // Where it is given up does not depend on the pieces in which it came.
  if (side.consumed < kIdleBytesMax && bytes.size() > kIdleBytesMax - side.consumed) {
    const auto before = static_cast<std::size_t>(kIdleBytesMax - side.consumed);
    consume(side, response, bytes.substr(0, before));
    bytes.remove_prefix(before);
  }
  if (side.consumed >= kIdleBytesMax && !side.walk.found() && side.format != Format::kMultipart)
    side.format = Format::kIgnored;
  side.consumed += bytes.size();
  if (side.lost) {
    const std::size_t line = bytes.find('\n');
    if (line == std::string_view::npos) return;
    bytes.remove_prefix(line + 1);
    side.lost = false;
    end_json(side);
    side.phase = 0;
    side.line.clear();
  }
  switch (side.format) {
    case Format::kJson:
      feed_json(side, bytes);
      break;
    case Format::kEvents:
      feed_events(side, bytes);
      break;
    case Format::kAwsEvents: {
      AwsSink sink{*this, side};
      side.aws.feed(bytes, sink);
      break;
    }
    case Format::kText:
      if (response) feed_text(side, bytes);
      break;
    case Format::kForm:
      feed_form(side, bytes);
      break;
    case Format::kMultipart:
      feed_multipart(side, bytes);
      break;
    case Format::kUnknown:
    case Format::kIgnored:
      break;
  }
}

void ApiScan::State::feed_json(Side& side, std::string_view bytes) {
  side.walk.feed(bytes, *this);
  RpcSink sink{*this, side};
  side.rpc.feed(bytes, sink);
}

void ApiScan::State::end_json(Side& side) {
  side.walk.end_document(*this);
  RpcSink sink{*this, side};
  side.rpc.finish(sink);
}

void ApiScan::State::feed_events(Side& side, std::string_view bytes) {
  EventSink sink{*this, side};
  side.stream.feed(bytes, sink);
}

void ApiScan::State::end_stream(Side& side, bool gap) {
  EventSink sink{*this, side};
  if (gap)
    side.stream.gap(sink);
  else
    side.stream.close(sink);
  end_json(side);
}

void ApiScan::State::end_aws_stream(Side& side, bool gap) {
  AwsSink sink{*this, side};
  if (gap)
    side.aws.gap(0, sink);
  else
    side.aws.close(sink);
  end_json(side);
}

void ApiScan::State::feed_text(Side& side, std::string_view bytes) {
  append_capped(side.text, bytes, kTextMax);
  if (!side.metrics) return;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::size_t size = std::min(end, bytes.size());
    append_capped(side.line, bytes.substr(0, size), kMetricMax);
    if (end == std::string_view::npos) return;
    end_metric_line(side);
    bytes.remove_prefix(end + 1);
  }
}

// "# HELP vllm:num_requests_running ..." and "vllm:num_requests_running{...} 1".
void ApiScan::State::end_metric_line(Side& side) {
  if (!side.metrics) return;
  std::string_view line = side.line;
  if (line.starts_with("# HELP ") || line.starts_with("# TYPE ")) line.remove_prefix(7);
  for (const TextTest& test : contents->metrics)
    if (line.starts_with(test.text)) set(test.condition);
  side.line.clear();
}

void ApiScan::State::read_page(const Side& side) {
  const std::string_view text = side.text;
  for (const TextTest& test : contents->texts)
    if (text.find(test.text) != std::string_view::npos) set(test.condition);
  if (!side.html) return;
  std::size_t from = text.find("<title");
  if (from == std::string_view::npos) from = text.find("<TITLE");
  if (from == std::string_view::npos) return;
  from = text.find('>', from);
  if (from == std::string_view::npos) return;
  std::string_view title = text.substr(from + 1);
  title = title.substr(0, title.find('<'));
  title.remove_prefix(std::min(title.find_first_not_of(kBlanks), title.size()));
  title = title.substr(0, title.find_last_not_of(kBlanks) + 1);
  if (title.size() > kLineMax) return;
  for (const TextTest& test : contents->titles)
    if (glob_match(test.text, title, true)) set(test.condition);
}

void ApiScan::State::feed_form(Side& side, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('&');
    const std::size_t size = std::min(end, bytes.size());
    append_capped(side.line, bytes.substr(0, size), kLineMax);
    if (end == std::string_view::npos) return;
    end_form_pair(side);
    bytes.remove_prefix(end + 1);
  }
}

void ApiScan::State::end_form_pair(Side& side) {
  const std::string_view pair = side.line;
  const std::size_t equals = pair.find('=');
  if (equals != std::string_view::npos) {
    const NodeId node = contents->keys.child(KeyTree::kRequest, pair.substr(0, equals));
    if (node != KeyTree::kDead) {
      on_key(node);
      on_value(node, pair.substr(equals + 1), false);
    }
  }
  side.line.clear();
}

// RFC 7578. A field's value is its first line; of a file nothing is looked at here.
void ApiScan::State::feed_multipart(Side& side, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::size_t size = std::min(end, bytes.size());
    append_capped(side.line, bytes.substr(0, size), kLineMax);
    if (end == std::string_view::npos) return;
    end_multipart_line(side);
    bytes.remove_prefix(end + 1);
  }
}

void ApiScan::State::end_multipart_line(Side& side) {
  enum : std::uint8_t { kHead, kValue, kBody };
  std::string_view line = side.line;
  while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (line.starts_with("--")) {
    side.phase = kHead;
    side.node = KeyTree::kDead;
  } else if (side.phase == kHead && line.empty()) {
    side.phase = kValue;
  } else if (side.phase == kHead && begins(line, "content-disposition:")) {
    const std::size_t at = line.find("name=\"");
    if (at != std::string_view::npos) {
      const std::string_view rest = line.substr(at + 6);
      side.node = contents->keys.child(KeyTree::kRequest, rest.substr(0, rest.find('"')));
      if (side.node != KeyTree::kDead) on_key(side.node);
    }
  } else if (side.phase == kValue) {
    if (side.node != KeyTree::kDead) on_value(side.node, line, false);
    side.phase = kBody;
  }
  side.line.clear();
}

}  // namespace gnomon::identify
