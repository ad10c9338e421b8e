#pragma once

#include <chrono>

#include "gnomon/bytes/time.h"

namespace gnomon::sensor {

// What time it is while no packet has told: the machine's clock once, and from there what has
// passed. The machine's clock may be put on or back meanwhile, as it mostly is when a machine
// starts: then it is looked at anew.
class SilentClock {
 public:
  using Steady = std::chrono::steady_clock;
  // What slewing makes of it in hours is no step.
  static constexpr std::chrono::seconds kStep{5};

  struct Reading {
    Time time;
    std::chrono::nanoseconds step{0};  // by which the machine's clock was put on (back: negative)
  };
  Reading read(Time wall, Steady::time_point now) {
    if (time_ == Time{}) {
      time_ = wall;
      read_ = now;
      return {time_};
    }
    time_ += std::chrono::duration_cast<std::chrono::nanoseconds>(now - read_);
    read_ = now;
    const std::chrono::nanoseconds apart = wall - time_;
    if (apart <= kStep && apart >= -kStep) return {time_};
    time_ = wall;
    return {time_, apart};
  }

 private:
  Time time_;
  Steady::time_point read_;
};

}  // namespace gnomon::sensor
