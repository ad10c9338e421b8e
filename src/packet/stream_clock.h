#pragma once

#include <algorithm>
#include <chrono>
#include <mutex>

#include "gnomon/packet/capture_reader.h"

namespace gnomon::packet {

// The clock of captures that come one after another. One that is older than what was read before,
// when nothing else has come for a while, puts the clock back: else all of it would be out of time.
class StreamClock {
 public:
  static constexpr std::chrono::seconds kBack{60};
  static constexpr std::chrono::seconds kAlone{5};

  // Of a block, the first of its stream or a later one.
  std::chrono::nanoseconds begin(const FrameBlock& block, bool first) {
    const std::lock_guard lock{mutex_};
    const auto now = std::chrono::steady_clock::now();
    const Time time = block.frames.front().time;
    std::chrono::nanoseconds step{0};
    if (first && latest_ != Time::min() && time < latest_ - kBack && now - heard_ >= kAlone) {
      step = time - latest_;
      latest_ = time;
    }
    for (const Frame& frame : block.frames) latest_ = std::max(latest_, frame.time);
    heard_ = now;
    return step;
  }

 private:
  std::mutex mutex_;
  Time latest_ = Time::min();
  std::chrono::steady_clock::time_point heard_;
};

}  // namespace gnomon::packet
