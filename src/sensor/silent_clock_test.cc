#include "silent_clock.h"

#include <catch2/catch.hpp>
#include <initializer_list>

namespace gnomon::sensor {

using std::chrono::seconds;

TEST_CASE("the machine's clock is taken once, and again when it was put on or back") {
  constexpr std::int64_t kMonth = 30 * 86'400;
  struct Look {
    std::int64_t passed;  // since the first
    std::int64_t wall;
    std::int64_t time;
    std::int64_t step = 0;
  };
  struct Row {
    const char* what;
    std::initializer_list<Look> looks;
  };
  for (const Row& row : {
           Row{"goes on", {{0, 0, 0}, {1, 1, 1}, {600, 600, 600}}},
           Row{"put back",
               {{0, 0, 0}, {1, 1 - kMonth, 1 - kMonth, -kMonth}, {2, 2 - kMonth, 2 - kMonth}}},
           Row{"put on",
               {{0, 0, 0}, {1, 1 + kMonth, 1 + kMonth, kMonth}, {2, 2 + kMonth, 2 + kMonth}}},
           Row{"a little apart", {{0, 0, 0}, {10, 5, 10}, {20, 25, 20}, {30, 36, 36, 6}}},
           Row{"slept", {{0, 0, 0}, {1, 3'601, 3'601, 3'600}}},
           Row{"twice", {{0, 0, 0}, {1, 100, 100, 99}, {2, 1, 1, -100}}},
       }) {
    INFO(row.what);
    SilentClock clock;
    constexpr Time kStart{std::chrono::hours{500'000}};
    for (const Look& each : row.looks) {
      CAPTURE(each.passed);
      const auto reading =
          clock.read(kStart + seconds{each.wall},
                     SilentClock::Steady::time_point{std::chrono::hours{1}} + seconds{each.passed});
      CHECK(reading.time == kStart + seconds{each.time});
      CHECK(reading.step == seconds{each.step});
    }
  }
}

}  // namespace gnomon::sensor
