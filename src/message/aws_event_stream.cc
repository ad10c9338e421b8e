#include "gnomon/message/aws_event_stream.h"

#include <zlib.h>

#include <algorithm>
#include <optional>

#include "gnomon/bytes/byte_reader.h"

namespace gnomon::message {
namespace {

// What the senders' own libraries refuse.
constexpr std::uint32_t kHeadersMax = 128 * 1024;
constexpr std::uint32_t kPayloadMax = 24 * 1024 * 1024;
constexpr std::uint32_t kSumBytes = 4;
constexpr std::uint32_t kAroundBytes = AwsEventStreamReader::kPreludeBytes + kSumBytes;
constexpr std::size_t kPieceBytes = 3 * 256;  // of what is unwrapped, told at once
constexpr std::string_view kWrapped = "\"bytes\"";

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::uint32_t sum_of(std::uint32_t before, std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32(before, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

struct Prelude {
  std::uint32_t headers = 0;
  std::uint32_t payload = 0;
};

std::optional<Prelude> read_prelude(std::string_view bytes) {
  ByteReader in{bytes_of(bytes)};
  const std::uint32_t total = in.u32();
  const std::uint32_t headers = in.u32();
  const std::uint32_t sum = in.u32();
  if (!in.ok() || total < kAroundBytes || headers > kHeadersMax || headers > total - kAroundBytes)
    return std::nullopt;
  const std::uint32_t payload = total - kAroundBytes - headers;
  if (payload > kPayloadMax || sum != sum_of(0, bytes.substr(0, 8))) return std::nullopt;
  return Prelude{headers, payload};
}

// How many bytes a value takes whose length its type tells.
std::optional<std::size_t> fixed_size(std::uint8_t type) {
  constexpr std::array<std::uint8_t, 6> kSizes{0, 0, 1, 2, 4, 8};  // true, false, integers
  if (type < kSizes.size()) return kSizes[type];
  if (type == 8) return 8;   // a time
  if (type == 9) return 16;  // a UUID
  return std::nullopt;
}

int digit_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

}  // namespace

bool begins_aws_event_stream(std::string_view start) {
  return start.size() >= AwsEventStreamReader::kPreludeBytes &&
         read_prelude(start.substr(0, AwsEventStreamReader::kPreludeBytes)).has_value();
}

void AwsEventStreamReader::reset() {
  begin_message();
  events_ = 0;
}

void AwsEventStreamReader::begin_message() {
  held_.clear();
  type_.clear();
  data_bytes_ = 0;
  headers_left_ = payload_left_ = sum_ = 0;
  state_ = State::kPrelude;
  wrap_ = Wrap::kNone;
  in_message_ = lost_ = false;
}

void AwsEventStreamReader::feed(std::string_view bytes, AwsEvents& out) {
  const auto take = [&](std::size_t most) {
    const std::string_view taken = bytes.substr(0, most);
    bytes.remove_prefix(taken.size());
    return taken;
  };
  while (!bytes.empty()) {
    switch (state_) {
      case State::kPrelude: {
        in_message_ = true;
        held_.append(take(kPreludeBytes - held_.size()));
        if (held_.size() < kPreludeBytes) return;
        const std::optional<Prelude> prelude = read_prelude(held_);
        if (!prelude) {
          end_message(false, out);
          state_ = State::kBroken;
          return;
        }
        sum_ = sum_of(0, held_);
        held_.clear();
        headers_left_ = prelude->headers;
        payload_left_ = prelude->payload;
        state_ = State::kHeaders;
        if (headers_left_ == 0) begin_payload();
        break;
      }
      case State::kHeaders: {
        const std::string_view some = take(headers_left_);
        sum_ = sum_of(sum_, some);
        headers_left_ -= static_cast<std::uint32_t>(some.size());
        held_.append(some.substr(0, kHeaderBytesMax - held_.size()));
        if (headers_left_ > 0) break;
        read_headers();
        begin_payload();
        break;
      }
      case State::kPayload: {
        const std::string_view some = take(payload_left_);
        sum_ = sum_of(sum_, some);
        payload_left_ -= static_cast<std::uint32_t>(some.size());
        if (!lost_) payload(some, out);
        if (payload_left_ == 0) state_ = State::kSum;
        break;
      }
      case State::kSum:
        held_.append(take(kSumBytes - held_.size()));
        if (held_.size() < kSumBytes) return;
        end_message(ByteReader{bytes_of(held_)}.u32() == sum_, out);
        break;
      case State::kBroken:
        return;
    }
  }
}

// Of the headers only what the message is: the others speak of how its payload is packed.
void AwsEventStreamReader::read_headers() {
  ByteReader in{bytes_of(held_)};
  while (!in.at_end()) {
    const std::string_view name = text_of(in.take(in.u8()));
    const std::uint8_t type = in.u8();
    if (const auto size = fixed_size(type)) {
      in.take(*size);
      continue;
    }
    if (type != 6 && type != 7) break;  // bytes, text
    const std::string_view value = text_of(in.take(in.u16()));
    if (!in.ok() || type != 7) continue;
    if (name == ":event-type" || name == ":exception-type" || name == ":error-code")
      type_ = value.substr(0, kTypeBytesMax);
  }
}

void AwsEventStreamReader::begin_payload() {
  held_.clear();
  state_ = payload_left_ > 0 ? State::kPayload : State::kSum;
  wrap_ = type_ == "chunk" ? Wrap::kSought : Wrap::kNone;
  bits_ = 0;
  digits_ = matched_ = 0;
}

void AwsEventStreamReader::payload(std::string_view bytes, AwsEvents& out) {
  if (wrap_ == Wrap::kNone) {
    tell(bytes, out);
  } else {
    unwrap(bytes, out);
  }
}

// The value of "bytes", wherever it stands: beside it there may be padding, which hides how long it
// is, and what it was cited from.
void AwsEventStreamReader::unwrap(std::string_view bytes, AwsEvents& out) {
  std::array<char, kPieceBytes> piece;
  std::size_t size = 0;
  for (const char c : bytes) {
    switch (wrap_) {
      case Wrap::kNone:
      case Wrap::kOver:
        break;
      case Wrap::kSought:
        // Its quote alone can begin it anew.
        matched_ = c == kWrapped[matched_] ? static_cast<std::uint8_t>(matched_ + 1)
                   : c == '"'              ? std::uint8_t{1}
                                           : std::uint8_t{0};
        if (matched_ == kWrapped.size()) wrap_ = Wrap::kColon;
        break;
      case Wrap::kColon:
        if (c == ':' || c == ' ' || c == '\t' || c == '\r' || c == '\n') {
          matched_ = c == ':' ? 0 : matched_;
        } else if (c == '"' && matched_ == 0) {
          wrap_ = Wrap::kText;
        } else {
          wrap_ = Wrap::kSought;  // a text, and no key
          matched_ = c == '"' ? 1 : 0;
        }
        break;
      case Wrap::kText: {
        if (c == '"') {
          wrap_ = Wrap::kOver;
          break;
        }
        const int digit = digit_of(c);
        if (digit < 0) break;  // padding, or the backslash that some write before a slash
        bits_ = bits_ << 6 | static_cast<std::uint32_t>(digit);
        if (++digits_ == 1) break;
        // Of four digits the second, third and fourth make a byte whole.
        piece[size++] = static_cast<char>(bits_ >> (6 - 2 * (digits_ - 1)) & 0xff);
        if (digits_ == 4) digits_ = 0;
        if (size < piece.size()) break;
        tell({piece.data(), size}, out);
        size = 0;
        break;
      }
    }
  }
  if (size > 0) tell({piece.data(), size}, out);
}

void AwsEventStreamReader::tell(std::string_view data, AwsEvents& out) {
  data_bytes_ += data.size();
  out.on_event_data(type_, data);
}

void AwsEventStreamReader::end_message(bool complete, AwsEvents& out) {
  if (!in_message_) return;
  complete = complete && !lost_;
  if (complete) ++events_;
  out.on_aws_event({.type = type_, .data_bytes = data_bytes_, .complete = complete});
  begin_message();
}

void AwsEventStreamReader::gap(std::uint64_t bytes, AwsEvents& out) {
  if (state_ == State::kBroken) return;
  if (state_ == State::kPayload && bytes > 0 && bytes <= payload_left_) {
    payload_left_ -= static_cast<std::uint32_t>(bytes);
    lost_ = true;
    if (payload_left_ == 0) state_ = State::kSum;
    return;
  }
  end_message(false, out);
  state_ = State::kBroken;
}

void AwsEventStreamReader::close(AwsEvents& out) {
  if (state_ != State::kBroken) end_message(false, out);
  begin_message();
}

}  // namespace gnomon::message
