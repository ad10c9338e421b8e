#include "day_sums.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace gnomon::inventory {
namespace {

constexpr std::int64_t kMinutesPerHour = 60;
constexpr std::int64_t kMinutesPerDay = 24 * kMinutesPerHour;

std::int64_t floored(std::int64_t number, std::int64_t by) {
  return number / by - (number % by < 0 ? 1 : 0);
}

}  // namespace

Day DayClock::day_of_hour(std::int64_t hour) const {
  return floored(hour * kMinutesPerHour + hours.utc_offset_minutes, kMinutesPerDay);
}

Day DayClock::day_of(Time time) const {
  return day_of_hour(std::chrono::floor<std::chrono::hours>(time).time_since_epoch().count());
}

Time DayClock::beginning_of(Day day) const {
  return Time{std::chrono::minutes{day * kMinutesPerDay - hours.utc_offset_minutes}};
}

Result<AppDaysReader> AppDaysReader::prepare(Database& database, const DayClock& clock,
                                             std::int64_t earliest, std::int64_t latest) {
  auto hours = database.prepare(
      "SELECT client, hour, sum(sessions), sum(flows), sum(bytes_to_server + bytes_to_client), "
      "sum(upload_bytes) FROM v_app_hours WHERE app = ? AND hour BETWEEN ? AND ? "
      "GROUP BY client, hour");
  if (!hours) return hours.error();
  auto first = database.prepare(
      "SELECT client, min(hour) FROM v_app_hours WHERE app = ? AND sessions > 0 GROUP BY client");
  if (!first) return first.error();
  return AppDaysReader{clock, earliest, latest, std::move(*hours), std::move(*first)};
}

bool AppDaysReader::read_days(const std::string& app, std::map<Subject, Days>& subjects) {
  subjects.clear();
  hours_.bind(1, app).bind(2, earliest_).bind(3, latest_);
  while (hours_.step()) {
    const std::string client = hours_.text(0);
    const std::int64_t hour = hours_.integer(1);
    const Day day = clock_.day_of_hour(hour);
    const bool off = !clock_.hours.contains(time_of_hour(hour));
    // Those beyond the recorder's limit, client '', are in the sum alone.
    std::vector<Subject> of{{app, ""}};
    if (!client.empty()) of.push_back({app, client});
    for (const Subject& subject : of) {
      auto [at, is_new] = subjects[subject].try_emplace(day);
      DaySums& sums = at->second;
      sums.sessions += hours_.number(2);
      sums.flows += hours_.number(3);
      sums.off_flows += off ? hours_.number(3) : 0;
      sums.bytes += hours_.number(4);
      sums.upload_bytes += hours_.number(5);
      sums.first_hour = is_new ? hour : std::min(sums.first_hour, hour);
    }
  }
  if (!hours_.ok()) return false;
  hours_.reset();
  return true;
}

bool AppDaysReader::read_first_use(const std::string& app, std::map<Subject, Day>& first_use) {
  first_use.clear();
  first_.bind(1, app);
  while (first_.step()) {
    const Day day = clock_.day_of_hour(first_.integer(1));
    first_use.insert_or_assign(Subject{app, first_.text(0)}, day);
    const auto [of_app, is_new] = first_use.try_emplace({app, ""}, day);
    if (!is_new) of_app->second = std::min(of_app->second, day);
  }
  if (!first_.ok()) return false;
  first_.reset();
  return true;
}

}  // namespace gnomon::inventory
