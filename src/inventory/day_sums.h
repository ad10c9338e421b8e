#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "database.h"
#include "gnomon/inventory/risk.h"

// What apps and their clients did day by day, as it is read from the hours of finished runs.
namespace gnomon::inventory {

// Days of 24 hours since 1970, which begin when the rubric's clock says so.
using Day = std::int64_t;
struct DayClock {
  const WorkingHours& hours;

  [[nodiscard]] Day day_of_hour(std::int64_t hour) const;  // hours since 1970, UTC
  [[nodiscard]] Day day_of(Time time) const;
  [[nodiscard]] Time beginning_of(Day day) const;
};

inline Time time_of_hour(std::int64_t hour) { return Time{std::chrono::hours{hour}}; }

struct DaySums {
  std::uint64_t sessions = 0, flows = 0, off_flows = 0, bytes = 0, upload_bytes = 0;
  std::int64_t first_hour = 0;  // with traffic
};
struct Subject {
  std::string app;
  std::string client;  // empty: all of them
  auto operator<=>(const Subject&) const = default;
};
using Days = std::map<Day, DaySums>;

// Reads one app after the other, so that no more than one is held in memory. Each call fills its
// map anew; false: the database says why.
class AppDaysReader {
 public:
  // Of the hours from `earliest` to `latest`, since 1970.
  static Result<AppDaysReader> prepare(Database& database, const DayClock& clock,
                                       std::int64_t earliest, std::int64_t latest);

  bool read_days(const std::string& app, std::map<Subject, Days>& subjects);
  // The days on which it, and each client of it, was first used: of all that is kept.
  bool read_first_use(const std::string& app, std::map<Subject, Day>& first_use);

 private:
  AppDaysReader(const DayClock& clock, std::int64_t earliest, std::int64_t latest, Statement hours,
                Statement first)
      : clock_(clock),
        earliest_(earliest),
        latest_(latest),
        hours_(std::move(hours)),
        first_(std::move(first)) {}

  DayClock clock_;
  std::int64_t earliest_, latest_;
  Statement hours_, first_;
};

}  // namespace gnomon::inventory
