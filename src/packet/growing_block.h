#pragma once

#include <algorithm>
#include <cstring>
#include <memory>

#include "gnomon/packet/capture_reader.h"

namespace gnomon::packet {

// Copies frames into a block. It grows for frames that are longer than most; where the bytes lie is
// settled by finish().
class GrowingBlock {
 public:
  GrowingBlock(FrameBlock& block, std::size_t usual_bytes) : block_(block), usual_(usual_bytes) {
    block_.frames.clear();
    if (block_.capacity > 16 * usual_) {  // giants are rare: their room is not kept
      block_.bytes.reset();
      block_.capacity = 0;
    }
  }

  void add(Frame frame, const std::uint8_t* bytes) {
    if (used_ + frame.captured_bytes > block_.capacity) grow(used_ + frame.captured_bytes);
    std::memcpy(block_.bytes.get() + used_, bytes, frame.captured_bytes);
    used_ += frame.captured_bytes;
    block_.frames.push_back(frame);
  }
  void finish() {
    const std::uint8_t* at = block_.bytes.get();
    for (Frame& frame : block_.frames) {
      frame.data = at;
      at += frame.captured_bytes;
    }
  }
  [[nodiscard]] std::size_t bytes() const { return used_; }
  [[nodiscard]] std::size_t frames() const { return block_.frames.size(); }

 private:
  void grow(std::size_t wanted) {
    const std::size_t capacity = std::max({wanted, 2 * usual_, block_.capacity * 2});
    auto larger = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
    if (used_ != 0) std::memcpy(larger.get(), block_.bytes.get(), used_);
    block_.bytes = std::move(larger);
    block_.capacity = capacity;
  }

  FrameBlock& block_;
  std::size_t usual_;
  std::size_t used_ = 0;
};

}  // namespace gnomon::packet
