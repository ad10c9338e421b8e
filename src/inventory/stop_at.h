#pragma once

#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <limits>

#include "database.h"

namespace gnomon::inventory {

// When what is being done with a connection is to be given up, which another thread may say while it
// goes on. A statement that runs longer ends as interrupted and its transaction is rolled back;
// what takes less than some thousand steps of SQLite's machine is still done.
class StopAt {
 public:
  using Clock = std::chrono::steady_clock;

  void set(Clock::time_point when) { at_ = when.time_since_epoch().count(); }
  [[nodiscard]] bool passed() const {
    const Clock::rep at = at_.load();
    return at != kNever && Clock::now().time_since_epoch().count() >= at;
  }
  // Of all statements of this connection, which must not outlive this.
  void watch(Database& database) const {
    constexpr int kSteps = 10'000;  // well below a millisecond
    sqlite3_progress_handler(
        database.get(), kSteps,
        [](void* self) { return static_cast<const StopAt*>(self)->passed() ? 1 : 0; },
        const_cast<StopAt*>(this));
  }

 private:
  static constexpr Clock::rep kNever = std::numeric_limits<Clock::rep>::max();
  std::atomic<Clock::rep> at_{kNever};
};

}  // namespace gnomon::inventory
