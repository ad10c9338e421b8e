#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "gnomon/bytes/byte_reader.h"

namespace gnomon::content {

// Takes off the frame that S3's clients put around a body which they sign or sum up as they send it
// ("Content-Encoding: aws-chunked"): chunks of a length in hex, with a signature each, and trailers
// behind the last. Bytes come in any pieces.
class AwsChunked {
 public:
  // Calls sink(Bytes) with what is content.
  template <class Sink>
  void feed(Bytes bytes, Sink&& sink) {
    while (!bytes.empty()) {
      const Bytes content = next(bytes);
      if (content.empty()) continue;
      sink(content);
    }
  }
  // How many bytes of content are lost with these; a hole that reaches over a chunk's end loses the
  // place, and all that follows.
  std::uint64_t gap(std::uint64_t bytes);
  // Nothing more comes: content that looked like the beginning of a frame until now.
  [[nodiscard]] Bytes rest() const;
  // The last chunk came; also of what has no such frame at all.
  [[nodiscard]] bool whole() const {
    return state_ == State::kTrailer || state_ == State::kPlain ||
           (state_ == State::kLength && first_);
  }
  // It has a frame that breaks.
  [[nodiscard]] bool broken() const { return state_ == State::kBroken; }

 private:
  enum class State : std::uint8_t { kLength, kData, kDataEnd, kTrailer, kPlain, kBroken };
  static constexpr std::size_t kLineMax = 512;  // a signature has 64 digits

  Bytes next(Bytes& bytes);
  void end_line();

  std::string line_;
  std::uint64_t left_ = 0;  // of the chunk
  State state_ = State::kLength;
  bool first_ = true;
};

}  // namespace gnomon::content
