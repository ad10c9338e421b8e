#include "gnomon/message/event_stream.h"

#include <algorithm>
#include <charconv>

namespace gnomon::message {
namespace {

constexpr std::string_view kMark = "\xef\xbb\xbf";
constexpr std::string_view kNames[] = {"data", "event", "id", "retry"};

// What has come of a line's beginning may become one of the four names.
bool may_be_name(std::string_view text) {
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [&](std::string_view name) { return name.starts_with(text); });
}

}  // namespace

bool begins_event_stream(std::string_view start) {
  if (start.starts_with(kMark)) start.remove_prefix(kMark.size());
  start.remove_prefix(std::min(start.find_first_not_of("\r\n"), start.size()));
  if (start.starts_with(':')) return true;
  return std::any_of(std::begin(kNames), std::end(kNames), [&](std::string_view name) {
    return start.starts_with(name) && start.substr(name.size()).starts_with(':');
  });
}

void EventStreamReader::reset() {
  value_.clear();
  type_.clear();
  id_.clear();
  data_bytes_ = events_ = 0;
  state_ = State::kMark;
  field_ = Field::kNone;
  has_data_ = in_event_ = after_return_ = stray_first_ = false;
}

void EventStreamReader::begin_line() {
  state_ = State::kName;
  field_ = Field::kNone;
  value_.clear();
}

void EventStreamReader::take_value(std::string_view bytes) {
  value_.append(bytes.substr(0, std::min(bytes.size(), kEventFieldBytesMax - value_.size())));
}

// The name in value_ has ended, with a colon or with its line.
void EventStreamReader::begin_value(StreamEvents& out) {
  field_ = value_ == "data"    ? Field::kData
           : value_ == "event" ? Field::kEvent
           : value_ == "id"    ? Field::kId
                               : Field::kRetry;
  value_.clear();
  in_event_ = true;
  if (field_ != Field::kData) return;
  if (has_data_) {
    out.on_event_data("\n");
    ++data_bytes_;
  }
  has_data_ = true;
}

// What has come of the line is no field.
void EventStreamReader::stray(StreamEvents& out) {
  state_ = State::kStray;
  if (!value_.empty()) out.on_stray(value_, true);
  stray_first_ = value_.empty();
  value_.clear();
}

void EventStreamReader::feed(std::string_view bytes, StreamEvents& out) {
  while (!bytes.empty()) {
    const char c = bytes.front();
    if (after_return_) {
      after_return_ = false;
      if (c == '\n') {
        bytes.remove_prefix(1);
        continue;
      }
    }
    switch (state_) {
      case State::kMark:
        // The mark is passed over; a part of it is the beginning of some other line.
        if (c == kMark[value_.size()]) {
          value_ += c;
          bytes.remove_prefix(1);
          if (value_ == kMark) begin_line();
        } else if (value_.empty()) {
          begin_line();
        } else {
          stray(out);
        }
        continue;
      case State::kName:
        if (c == '\n' || c == '\r') break;
        if (c == ':' && value_.empty()) {
          state_ = State::kComment;
          continue;
        }
        if (c == ':' && std::find(std::begin(kNames), std::end(kNames), value_) != std::end(kNames)) {
          bytes.remove_prefix(1);
          begin_value(out);
          state_ = State::kBlank;
          continue;
        }
        value_ += c;
        bytes.remove_prefix(1);
        if (!may_be_name(value_)) stray(out);
        continue;
      case State::kBlank:
        if (c == ' ') bytes.remove_prefix(1);
        state_ = field_ == Field::kData ? State::kData : State::kValue;
        continue;
      case State::kData:
      case State::kValue:
      case State::kComment:
      case State::kStray: {
        const std::string_view text = bytes.substr(0, bytes.find_first_of("\r\n"));
        if (text.empty()) break;
        bytes.remove_prefix(text.size());
        if (state_ == State::kData) {
          data_bytes_ += text.size();
          out.on_event_data(text);
        } else if (state_ == State::kValue) {
          take_value(text);
        } else if (state_ == State::kStray) {
          out.on_stray(text, stray_first_);
          stray_first_ = false;
        }
        continue;
      }
    }
    // A line ends here.
    after_return_ = c == '\r';
    bytes.remove_prefix(1);
    end_line(out);
  }
}

void EventStreamReader::end_line(StreamEvents& out) {
  if (state_ == State::kName) {
    if (value_.empty()) {
      end_event(out, true);
      begin_line();
      return;
    }
    // A name alone is a field without a value; a part of one is nothing.
    if (std::find(std::begin(kNames), std::end(kNames), value_) == std::end(kNames))
      stray(out);
    else
      begin_value(out);
  }
  if (state_ == State::kStray) {
    out.on_stray("\n", stray_first_);
  } else if (field_ == Field::kEvent) {
    type_ = value_;
  } else if (field_ == Field::kId) {
    if (value_.find('\0') == std::string::npos) id_ = value_;
  } else if (field_ == Field::kRetry) {
    std::uint64_t number = 0;
    const char* const end = value_.data() + value_.size();
    const auto read = std::from_chars(value_.data(), end, number);
    if (read.ec == std::errc{} && read.ptr == end) out.on_retry(number);
  }
  begin_line();
}

void EventStreamReader::end_event(StreamEvents& out, bool complete) {
  if (in_event_) {
    if (has_data_ && complete) ++events_;
    out.on_event({.type = type_.empty() ? std::string_view{"message"} : std::string_view{type_},
                  .id = id_,
                  .data_bytes = data_bytes_,
                  .has_data = has_data_,
                  .complete = complete});
  }
  type_.clear();
  data_bytes_ = 0;
  has_data_ = in_event_ = false;
}

void EventStreamReader::gap(StreamEvents& out) {
  end_event(out, false);
  value_.clear();
  field_ = Field::kNone;
  state_ = State::kComment;  // up to the line's end nothing is believed
  after_return_ = false;
}

void EventStreamReader::close(StreamEvents& out) {
  // A line that no end has come for is not taken (9.2.5), but its data were told.
  if (state_ == State::kName || state_ == State::kMark)
    if (!value_.empty()) stray(out);
  end_event(out, false);
  id_.clear();
  begin_line();
  state_ = State::kMark;
  after_return_ = false;
}

}  // namespace gnomon::message
