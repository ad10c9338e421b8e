#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"

namespace gnomon::content {

// Takes off the form (RFC 7578) in which a piece of an upload comes. What all of its fields hold is
// of the piece; what is no form after all is, as it stands. Bytes come in any pieces.
class FormFrame {
 public:
  explicit FormFrame(std::string_view boundary) : mark_("\n--" + std::string{boundary}) {}

  // Calls sink(Bytes) with what is content.
  template <class Sink>
  void feed(Bytes bytes, Sink&& sink) {
    constexpr std::size_t kPiece = std::size_t{8} * 1024;
    while (!bytes.empty()) {
      const Bytes piece = bytes.first(std::min(kPiece, bytes.size()));
      bytes = bytes.subspan(piece.size());
      held_.append(reinterpret_cast<const char*>(piece.data()), piece.size());
      for (std::size_t content = 0; step(content);) {
        if (content > 0) sink(Bytes{reinterpret_cast<const std::uint8_t*>(held_.data()), content});
        held_.erase(0, content);
      }
    }
  }
  // Nothing more comes, or something is missing here: content that looked like the beginning of a
  // mark until now.
  std::string rest();
  // The mark behind the last field came.
  [[nodiscard]] bool whole() const { return state_ == State::kOver; }

 private:
  enum class State : std::uint8_t { kBefore, kMarkLine, kHead, kContent, kOver };
  static constexpr std::size_t kLookedThroughMax = 4096;  // for a mark, and for the end of a head

  // Goes on in what is held: how much of its beginning is content. False when more must come first.
  bool step(std::size_t& content);

  std::string mark_;
  std::string held_ = "\n";  // the first mark may be all that there is before
  State state_ = State::kBefore;
};

}  // namespace gnomon::content
