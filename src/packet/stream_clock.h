#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "gnomon/packet/capture_reader.h"

namespace gnomon::packet {

// The clock of captures that come one after another. One that is older than what was read before,
// when nothing else has come for a while, puts the clock back: else all of it would be out of time.
// So does the clock of a sender that is put back while it sends.
class StreamClock {
 public:
  using Steady = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kBack{60};
  static constexpr std::chrono::seconds kAlone{5};
  // A stream whose time goes on again within so long mixes packets of several clocks.
  static constexpr std::chrono::seconds kMixed{60};

  // What is known of one of them.
  struct Stream {
    std::uint64_t number = 0;  // from 1; 0: nothing has come of it
    bool mixed = false;
    bool behind = false;  // it began older than what others sent just then
    Time latest = Time::min();
    Time before = Time::min();  // where it was put back from
    Steady::time_point put_back;
  };

  // Of a block, the first of its file or a later one.
  std::chrono::nanoseconds begin(const FrameBlock& block, bool first,
                                 Steady::time_point now = Steady::now()) {
    const std::lock_guard lock{mutex_};
    const auto step = first ? begin_at(block.frames.front().time, now) : kNoStep;
    go_on(block, now);
    return step;
  }

  // Of a block of a stream that is followed while it is sent. Frames from before a step get the
  // time that they would have after it.
  std::chrono::nanoseconds follow(FrameBlock& block, Stream& stream,
                                  Steady::time_point now = Steady::now()) {
    const std::lock_guard lock{mutex_};
    std::chrono::nanoseconds step = kNoStep;
    if (stream.number == 0) {
      stream.number = ++streams_;
      step = begin_at(block.frames.front().time, now);
      stream.behind = is_behind(block.frames.front().time);
    } else {
      watch_for_several_clocks(block, stream, now);
      const bool others = now - (latest_of_ == stream.number ? heard_other_ : heard_) < kAlone;
      if (!stream.mixed && !others) step = put_back(block, stream, now);
      if (step == kNoStep && !others) step = wait_no_longer(block, stream);
    }
    if (latest_of_ != stream.number) heard_other_ = std::exchange(heard_, now);
    latest_of_ = stream.number;
    for (const Frame& frame : block.frames) stream.latest = std::max(stream.latest, frame.time);
    go_on(block, now);
    return step;
  }

 private:
  static constexpr std::chrono::nanoseconds kNoStep{0};

  [[nodiscard]] bool is_behind(Time time) const {
    return latest_ != Time::min() && time < latest_ - kBack;
  }
  std::chrono::nanoseconds begin_at(Time time, Steady::time_point now) {
    if (!is_behind(time) || now - heard_ < kAlone) return kNoStep;
    const auto step = time - latest_;
    latest_ = time;
    return step;
  }
  void go_on(const FrameBlock& block, Steady::time_point now) {
    for (const Frame& frame : block.frames) latest_ = std::max(latest_, frame.time);
    heard_ = now;
  }
  // What began while others were heard, most often the same sender over the connection that it had
  // before, and is alone by now. Once, so that two who pause by turns do not pull the clock about.
  std::chrono::nanoseconds wait_no_longer(const FrameBlock& block, Stream& stream) {
    if (!std::exchange(stream.behind, false)) return kNoStep;
    const Time time = std::max(stream.latest, block.frames.front().time);
    if (!is_behind(time)) return kNoStep;
    const auto step = time - latest_;
    latest_ = time;
    return step;
  }
  static void watch_for_several_clocks(const FrameBlock& block, Stream& stream,
                                       Steady::time_point now) {
    if (stream.before == Time::min() || now - stream.put_back >= kMixed) return;
    for (const Frame& frame : block.frames) stream.mixed |= frame.time >= stream.before - kBack;
  }
  // Where all from a frame on are of another time than those before.
  std::chrono::nanoseconds put_back(FrameBlock& block, Stream& stream, Steady::time_point now) {
    std::vector<Frame>& frames = block.frames;
    Time latest = stream.latest;
    std::size_t at = 0;
    for (; at < frames.size() && frames[at].time >= latest - kBack; ++at)
      latest = std::max(latest, frames[at].time);
    if (at == frames.size()) return kNoStep;
    for (std::size_t after = at; after < frames.size(); ++after)
      if (frames[after].time >= latest - kBack) return kNoStep;
    const auto step = frames[at].time - latest;
    for (std::size_t before = 0; before < at; ++before) frames[before].time += step;
    stream.before = latest;
    stream.put_back = now;
    stream.latest = latest_ = frames[at].time;
    return step;
  }

  std::mutex mutex_;
  Time latest_ = Time::min();
  Steady::time_point heard_;
  Steady::time_point heard_other_;  // than the one that was heard last
  std::uint64_t streams_ = 0;
  std::uint64_t latest_of_ = 0;  // the number of the one that was heard last
};

}  // namespace gnomon::packet
