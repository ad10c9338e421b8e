#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gnomon/packet/live_source.h"
#include "gnomon/sensor/health_tally.h"
#include "gnomon/sensor/knowledge.h"
#include "gnomon/sensor/replay.h"

namespace gnomon::sensor {

// What others may ask of a sensor that runs. From any thread, and from signal handlers.
class SensorControl {
 public:
  // End cleanly: what has come is read, every flow is ended, everything is written.
  void stop() noexcept { stop_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool stopping() const noexcept { return stop_.load(std::memory_order_relaxed); }
  // Read the configuration again (SIGHUP): CaptureHooks::on_reload is called soon after, once for
  // any number of requests.
  void request_reload() noexcept { reload_.store(true, std::memory_order_relaxed); }
  // What a reload has loaded and checked: the sensor judges by it from the next block of packets
  // on. Not for signal handlers.
  void hand_over(KnowledgePointer knowledge) {
    const std::lock_guard lock{mutex_};
    knowledge_ = std::move(knowledge);
  }
  KnowledgePointer take_knowledge() {
    const std::lock_guard lock{mutex_};
    return std::exchange(knowledge_, nullptr);
  }
  bool take_reload() noexcept { return reload_.exchange(false, std::memory_order_relaxed); }

 private:
  static_assert(std::atomic<bool>::is_always_lock_free, "signal handlers may use it");
  std::atomic<bool> stop_{false};
  std::atomic<bool> reload_{false};
  std::mutex mutex_;
  KnowledgePointer knowledge_;
};

// A stretch of the capture, and what was lost in it.
struct CaptureInterval {
  Time end;                               // by the packets' clock
  std::chrono::milliseconds length{0};    // by the machine's
  packet::LiveCounters counters;          // of this interval alone, over all inputs
  packet::LiveCounters total;             // since the start
  std::vector<packet::LiveInput> inputs;  // with counters since the start
  std::uint64_t frames = 0;               // handled in this interval
  std::uint64_t frames_total = 0;
};

struct CaptureOptions {
  ReplayOptions sensor;                      // inputs are not used: the source gives them
  std::vector<int> cpus;                     // worker i is bound to cpus[i % size]; empty: to none
  std::chrono::milliseconds interval{1000};  // between two calls of on_interval
  std::chrono::seconds health_interval = kHealthInterval;
  std::chrono::milliseconds duration{0};  // ends by itself after; 0: never
};

// All but the last are called from the thread that runs the sensor, between packets and not in
// their way.
struct CaptureHooks {
  std::function<void(const CaptureInterval&)> on_interval;
  std::function<void()> on_reload;
  std::function<void(const packet::LiveNews&)> on_news;
  // Packets came since the last tick of the sinks, the earliest at this time. Called as the sinks
  // are, before their tick.
  std::function<void(Time)> on_packets;
};

// Reads from the source until it ends or is told to stop, through the same pipeline as a replay.
// The packets' clock is what time is told by; where no packet comes it goes on with the machine's,
// so that flows end all the same.
Result<ReplayResult> run_capture(const CaptureOptions& options, packet::LiveSource& source,
                                 const identify::Catalogue& catalogue,
                                 std::span<observation::Sink* const> sinks, SensorControl& control,
                                 const CaptureHooks& hooks);

}  // namespace gnomon::sensor
