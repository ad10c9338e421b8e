#include "clock_watch.h"

#include <catch2/catch.hpp>

namespace gnomon::packet {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::chrono::steady_clock::time_point kStart{};

std::vector<Frame> frames_at(std::initializer_list<std::int64_t> milliseconds_) {
  std::vector<Frame> frames;
  for (const std::int64_t each : milliseconds_) {
    Frame frame;
    frame.time = time_of(1'000'000, 0) + milliseconds{each};
    frames.push_back(frame);
  }
  return frames;
}

std::vector<std::int64_t> times_of(const std::vector<Frame>& frames) {
  std::vector<std::int64_t> times;
  for (const Frame& frame : frames)
    times.push_back(
        std::chrono::duration_cast<milliseconds>(frame.time - time_of(1'000'000, 0)).count());
  return times;
}

TEST_CASE("a clock that goes on as time does is left alone") {
  struct Row {
    const char* what;
    std::initializer_list<std::int64_t> first, second;
    int seconds_later;
  };
  for (const Row& row : {Row{"the same moment", {0, 0}, {0, 0}, 0},
                         Row{"packets of several processors", {0, 5}, {3, 4, 6}, 0},
                         Row{"a ring that was read late", {5000}, {3500}, 3},
                         Row{"a silent hour", {0}, {3'600'000}, 3600},
                         Row{"less than a minute ahead", {0}, {59'000}, 0}}) {
    ClockSteps steps;
    ClockWatch watch;
    auto first = frames_at(row.first);
    auto second = frames_at(row.second);
    INFO(row.what);
    CHECK(watch.look_at(first, steps, kStart) == seconds{0});
    CHECK(watch.look_at(second, steps, kStart + seconds{row.seconds_later}) == seconds{0});
    CHECK(times_of(second) == std::vector<std::int64_t>{row.second});
    CHECK(steps.told() == 0);
  }
}

TEST_CASE("a step is told, and frames before it get the time after it") {
  ClockSteps steps;
  ClockWatch watch;
  auto first = frames_at({0, 10});
  CHECK(watch.look_at(first, steps, kStart) == seconds{0});
  auto second = frames_at({20, 30, -3'599'970, -3'599'960});
  CHECK(watch.look_at(second, steps, kStart) == -seconds{3600});
  CHECK(times_of(second) ==
        std::vector<std::int64_t>{-3'599'980, -3'599'970, -3'599'970, -3'599'960});
  auto third = frames_at({-3'599'950});
  CHECK(watch.look_at(third, steps, kStart) == seconds{0});
  auto fourth = frames_at({50'000});
  CHECK(watch.look_at(fourth, steps, kStart + seconds{10}) == milliseconds{3'639'950});
  CHECK(steps.told() == 2);
}

TEST_CASE("a ring that was silent for longer than a step is not put back for ever") {
  ClockSteps steps;
  ClockWatch busy;
  ClockWatch quiet;
  const auto see = [&](ClockWatch& watch, int second, std::int64_t stamped) {
    auto frames = frames_at({stamped * 1000});
    (void)watch.look_at(frames, steps, kStart + seconds{second});
    return times_of(frames).front() / 1000;
  };
  see(busy, 0, 0);
  see(quiet, 0, 0);
  see(busy, 10, 10);
  see(busy, 11, 6);  // put back by 5 seconds, of which one had passed
  REQUIRE(steps.told() == 1);
  SECTION("what it brings first is from after the step") {
    CHECK(see(quiet, 13, 8) == 8);
    CHECK(see(quiet, 600, 595) == 595);
  }
  SECTION("from before the step") {
    CHECK(see(quiet, 11, 10) == 6);
    CHECK(see(quiet, 20, 15) == 15);
  }
}

TEST_CASE("rings of one clock tell a step once") {
  ClockSteps steps;
  ClockWatch one;
  ClockWatch two;
  auto first = frames_at({0});
  auto second = frames_at({1});
  CHECK(one.look_at(first, steps, kStart) == seconds{0});
  CHECK(two.look_at(second, steps, kStart) == seconds{0});
  auto stepped = frames_at({-10'000});
  CHECK(one.look_at(stepped, steps, kStart) == -seconds{10});
  // Still in the second ring, from before.
  auto older = frames_at({2});
  CHECK(two.look_at(older, steps, kStart) == seconds{0});
  CHECK(times_of(older) == std::vector<std::int64_t>{-9'998});
  auto newer = frames_at({-9'997});
  CHECK(two.look_at(newer, steps, kStart) == seconds{0});
  CHECK(times_of(newer) == std::vector<std::int64_t>{-9'997});
  CHECK(steps.told() == 1);
}

}  // namespace
}  // namespace gnomon::packet
