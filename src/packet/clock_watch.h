#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <vector>

#include "gnomon/packet/capture_reader.h"

namespace gnomon::packet {

// The steps that the clock of several rings took, so that each is told once. Shared by their
// workers.
class ClockSteps {
 public:
  // A ring saw a step, having seen `seen` steps before. The number it has seen now; `step` becomes
  // zero when another ring told it first.
  std::uint32_t tell(std::uint32_t seen, std::chrono::nanoseconds& step) {
    const std::lock_guard lock{mutex_};
    if (seen < told_.load(std::memory_order_relaxed)) {
      step = {};
      return seen + 1;
    }
    latest_ = step;
    return told_.fetch_add(1, std::memory_order_release) + 1;
  }
  [[nodiscard]] std::uint32_t told() const { return told_.load(std::memory_order_acquire); }
  [[nodiscard]] std::chrono::nanoseconds latest() {
    const std::lock_guard lock{mutex_};
    return latest_;
  }

 private:
  std::mutex mutex_;
  std::atomic<std::uint32_t> told_{0};
  std::chrono::nanoseconds latest_{0};
};

// Notices when the clock that stamps the frames of one ring is put on or back. Frames of a ring come
// in the order of their time, but for what several processors make of it.
class ClockWatch {
 public:
  static constexpr std::chrono::seconds kBack{2};
  // Forward only what our own being late does not explain.
  static constexpr std::chrono::seconds kOn{60};

  // By how much the clock of the run has to be put on (back: negative) before these frames, which
  // were taken at `now`. Frames from before the step get the time that they would have after it.
  std::chrono::nanoseconds look_at(std::vector<Frame>& frames, ClockSteps& steps,
                                   std::chrono::steady_clock::time_point now) {
    std::chrono::nanoseconds step{0};
    const std::chrono::nanoseconds late = known_ ? now - taken_ : std::chrono::nanoseconds{0};
    if (!known_) {
      last_ = frames.front().time;
      seen_ = steps.told();
      known_ = true;
    }
    taken_ = now;
    const Time expected = last_ + late;
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const Time time = frames[i].time;
      if (time >= last_ - kBack && time <= last_ + late + kOn) [[likely]] {
        last_ = std::max(last_, time);
        continue;
      }
      step = time < last_ ? time - last_ : time - last_ - late;
      for (std::size_t before = 0; before < i; ++before) frames[before].time += step;
      seen_ = steps.tell(seen_, step);
      last_ = time;
    }
    if (seen_ < steps.told()) {  // another ring is ahead of this one
      const std::chrono::nanoseconds ahead = steps.latest();
      // One that was silent for longer than the step sees nothing of it: its time goes on.
      if (step.count() == 0 && is_nearer(frames.back().time, expected + ahead, expected)) {
        seen_ = steps.told();
        return step;
      }
      for (Frame& frame : frames) frame.time += ahead;
    }
    return step;
  }

 private:
  static bool is_nearer(Time time, Time one, Time other) {
    return std::chrono::abs(time - one) < std::chrono::abs(time - other);
  }

  bool known_ = false;
  Time last_;
  std::uint32_t seen_ = 0;
  std::chrono::steady_clock::time_point taken_;
};

}  // namespace gnomon::packet
