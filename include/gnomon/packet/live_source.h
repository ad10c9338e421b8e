#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "gnomon/packet/capture_reader.h"

namespace gnomon::packet {

// What one input of a running capture took in and lost, since it began.
struct LiveCounters {
  std::uint64_t received = 0;         // frames the kernel handed over, those it dropped included
  std::uint64_t kernel_drops = 0;     // no room in the ring: the sensor was too slow
  std::uint64_t interface_drops = 0;  // by the card or its driver, before anybody saw them
  std::uint64_t softnet_drops = 0;    // by the machine's backlog; of all its interfaces together
  std::uint64_t own_drops = 0;        // by this program, after it had them
  std::uint64_t damaged = 0;          // streams and files of which something could not be read
  std::uint64_t reopened = 0;         // times the input came back after it had gone
  std::uint64_t clock_steps = 0;      // times its clock was put on or back

  [[nodiscard]] std::uint64_t lost() const {
    return kernel_drops + interface_drops + softnet_drops + own_drops;
  }
  // All that was on the wire as far as anybody counted it: shares of loss are of this.
  [[nodiscard]] std::uint64_t came() const { return received + interface_drops + softnet_drops; }
  LiveCounters& operator+=(const LiveCounters& other);
  // What was counted since `before`.
  [[nodiscard]] LiveCounters since(const LiveCounters& before) const;
  bool operator==(const LiveCounters&) const = default;
};

// One input as it is now, for people and for health checks.
struct LiveInput {
  std::string name;  // of the interface, the folder, or the peer
  bool up = false;   // packets can come
  std::string state;  // why not: "is down", "has no carrier", "is gone", "not connected"
  LiveCounters counters;
};

// What the operator should know, in one line.
struct LiveNews {
  std::string text;
  bool trouble = true;  // something is wrong; else it goes as it should
};

// "the clock of its packets was put back by 3600.000 seconds"
std::string clock_step_text(std::chrono::nanoseconds step);

// Where the blocks of a running capture come from. Each worker takes from its own part, without
// waiting for the others.
class LiveSource {
 public:
  enum class Took : std::uint8_t {
    kFrames,   // at least one
    kNothing,  // has come just now
    kEnd,      // will come any more
  };

  LiveSource() = default;
  LiveSource(const LiveSource&) = delete;
  LiveSource& operator=(const LiveSource&) = delete;
  virtual ~LiveSource() = default;

  // The next frames of this worker's part; never waits. Sets everything of the block but its
  // numbers.
  virtual Took take(unsigned worker, FrameBlock& block) = 0;
  // Waits until there may be something to take, `wake` can be read, or the time is up.
  virtual void wait(unsigned worker, int wake, std::chrono::milliseconds at_most) = 0;

  // Of the controlling thread, a few times a second: brings back what has gone, reads counters.
  virtual void tend() = 0;
  // Nothing new is waited for: take() gives what has come so far, then kEnd. From any thread.
  virtual void stop() = 0;

  // Whether frames come when they were sent, so that silence means that time passes. Not so with
  // files that are read when they are finished.
  [[nodiscard]] virtual bool in_real_time() const { return true; }

  // Of the controlling thread, as tend() saw them.
  [[nodiscard]] virtual const std::vector<LiveInput>& inputs() const = 0;
  // Since the last call.
  virtual std::vector<LiveNews> take_news() = 0;
};

}  // namespace gnomon::packet
