#include "aws_chunked.h"

#include <algorithm>
#include <charconv>

namespace gnomon::content {

// Content at the front of the bytes, which it takes off them together with what is none.
Bytes AwsChunked::next(Bytes& bytes) {
  const auto take = [&bytes](std::uint64_t most) {
    const Bytes taken =
        bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(most, bytes.size())));
    bytes = bytes.subspan(taken.size());
    return taken;
  };
  switch (state_) {
    case State::kLength:
    case State::kDataEnd: {
      const auto feed = std::find(bytes.begin(), bytes.end(), '\n');
      const Bytes part = take(static_cast<std::uint64_t>(feed - bytes.begin()));
      line_.append(part.begin(), part.end());
      if (!bytes.empty()) {
        take(1);
        end_line();
      } else if (line_.size() > kLineMax) {
        state_ = first_ ? State::kPlain : State::kBroken;
      }
      if (state_ != State::kPlain || line_.empty()) return {};
      // Labelled by mistake, or taken off on the way: what was held back is content.
      return {reinterpret_cast<const std::uint8_t*>(line_.data()), line_.size()};
    }
    case State::kData: {
      const Bytes content = take(left_);
      left_ -= content.size();
      if (left_ == 0) state_ = State::kDataEnd;
      return content;
    }
    case State::kPlain:
      line_.clear();
      return take(bytes.size());
    case State::kTrailer:
    case State::kBroken:
      take(bytes.size());
      return {};
  }
  return {};
}

void AwsChunked::end_line() {
  if (state_ == State::kDataEnd) {
    state_ = line_.empty() || line_ == "\r" ? State::kLength : State::kBroken;
    line_.clear();
    return;
  }
  std::string_view length = line_;
  if (length.ends_with('\r')) length.remove_suffix(1);
  length = length.substr(0, length.find(';'));
  const char* const end = length.data() + length.size();
  const auto [stop, error] = std::from_chars(length.data(), end, left_, 16);
  if (length.empty() || error != std::errc{} || stop != end) {
    state_ = first_ ? State::kPlain : State::kBroken;
    if (first_) line_ += '\n';
    return;
  }
  first_ = false;
  state_ = left_ > 0 ? State::kData : State::kTrailer;
  line_.clear();
}

Bytes AwsChunked::rest() const {
  if (state_ != State::kLength || !first_) return {};
  return {reinterpret_cast<const std::uint8_t*>(line_.data()), line_.size()};
}

std::uint64_t AwsChunked::gap(std::uint64_t bytes) {
  if (state_ == State::kPlain) return bytes;
  if (state_ == State::kData && bytes <= left_) {
    left_ -= bytes;
    if (left_ == 0) state_ = State::kDataEnd;
    return bytes;
  }
  if (state_ != State::kTrailer) state_ = State::kBroken;
  return bytes;
}

}  // namespace gnomon::content
