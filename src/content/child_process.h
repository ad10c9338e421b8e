#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace gnomon::content {

// A program of ours at work. Ended and waited for when this goes.
class Child {
 public:
  Child() = default;
  Child(Child&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  Child& operator=(Child&& other) noexcept {
    end();
    id_ = std::exchange(other.id_, -1);
    return *this;
  }
  ~Child() { end(); }

  // `output`: its standard output; negative: nobody hears it.
  bool start(const std::vector<std::string>& command, int input, int output);
  [[nodiscard]] bool running() const { return id_ > 0; }
  // Processor time it has had so far.
  [[nodiscard]] std::chrono::nanoseconds worked() const;
  void end();
  // Its exit status, or 255 when it was ended by a signal.
  int wait();

 private:
  pid_t id_ = -1;
};

// How long a document may take: so much processor time, which a document takes anywhere, so that
// what is told of it does not depend on what else the machine does. One that only waits is ended as
// well.
class Patience {
 public:
  Patience(const Child& child, std::uint32_t seconds, const std::atomic<bool>* give_up)
      : child_(child),
        give_up_(give_up),
        work_until_(child.worked() + std::chrono::seconds{seconds}),
        wait_until_(Clock::now() + std::chrono::seconds{seconds} * kWaitFactor) {}

  // Waits until `descriptor` can be read; false when there was enough of it.
  bool wait_readable(int descriptor) const;

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr int kWaitFactor = 5;
  const Child& child_;
  const std::atomic<bool>* give_up_;
  std::chrono::nanoseconds work_until_;
  Clock::time_point wait_until_;
};

}  // namespace gnomon::content
