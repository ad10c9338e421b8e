#include "day_sums.h"

#include "test_records.h"

namespace gnomon::inventory {
namespace {

constexpr std::int64_t kDay = 86'400;
// at_second(kMorning) is Wednesday 2023-11-15 09:00 UTC.
constexpr std::int64_t kMorning = 38'800;

std::int64_t hour_of(std::int64_t second) {
  return std::chrono::floor<std::chrono::hours>(at_second(second)).time_since_epoch().count();
}

}  // namespace

TEST_CASE("one app's days are read after the other's, and none is held longer") {
  const Scratch scratch;
  for (int day = 0; day < 2; ++day) {
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    const std::int64_t second = kMorning + day * kDay;
    recorder->on_flow(use_of("chat", "chat.example", "10.0.0.1", second, 1));
    recorder->on_flow(use_of("chat", "chat.example", "10.0.0.2", second + 7200, 2));
    if (day == 1) recorder->on_flow(use_of("coder", "coder.example", "10.0.0.3", second, 3));
    REQUIRE(recorder->finish(run_of("day" + std::to_string(day)), {}));
  }
  auto database = Database::open(scratch.path(), Access::kRead);
  REQUIRE(database);
  const WorkingHours hours;
  const DayClock clock{hours};
  const Day first_day = clock.day_of(at_second(kMorning));
  auto reader = AppDaysReader::prepare(*database, clock, hour_of(kMorning - kDay),
                                       hour_of(kMorning + 2 * kDay));
  REQUIRE(reader);

  std::map<Subject, Days> subjects;
  std::map<Subject, Day> first_use;
  REQUIRE(reader->read_days("chat", subjects));
  REQUIRE(reader->read_first_use("chat", first_use));
  REQUIRE(subjects.size() == 3);  // all of its clients, and each
  CHECK(subjects.at({"chat", ""}).at(first_day).flows == 2);
  CHECK(subjects.at({"chat", ""}).at(first_day).first_hour == hour_of(kMorning));
  CHECK(subjects.at({"chat", "10.0.0.2"}).at(first_day + 1).flows == 1);
  CHECK(first_use.at({"chat", ""}) == first_day);

  REQUIRE(reader->read_days("coder", subjects));
  REQUIRE(reader->read_first_use("coder", first_use));
  CHECK(subjects.size() == 2);
  CHECK(first_use.size() == 2);
  CHECK(first_use.at({"coder", "10.0.0.3"}) == first_day + 1);
  REQUIRE(reader->read_days("nothing", subjects));
  CHECK(subjects.empty());
}

}  // namespace gnomon::inventory
