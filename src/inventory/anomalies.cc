#include "anomalies.h"

#include <set>
#include <tuple>

#include "day_judge.h"

namespace gnomon::inventory {
namespace {

using AlertKey = std::tuple<std::string, std::string, std::string, std::string, std::int64_t>;

AlertKey key_of(const Alert& alert) {
  return {alert.kind, alert.app, alert.client, alert.server,
          alert.period.time_since_epoch().count()};
}

}  // namespace

Result<DayChanges> find_day_changes(Database& database, const AnomalyRules& rules,
                                    const WorkingHours& hours, Time first, Time last,
                                    const std::set<std::string>* apps) {
  const DayClock clock{hours};
  const Day from = clock.day_of(first);
  const Day until = clock.day_of(last);
  auto alerts = judge_days(database, rules, clock, from, until, apps);
  if (!alerts) return alerts.error();

  std::set<AlertKey> found;
  for (const Alert& alert : *alerts) found.insert(key_of(alert));
  DayChanges changes;
  std::set<AlertKey> stored;
  auto query = database.prepare(
      "SELECT kind, app, client, server, period_ns FROM alert "
      "WHERE is_policy = 0 AND period_ns BETWEEN ? AND ? AND kind NOT LIKE ?");
  if (!query) return query.error();
  query->bind(1, clock.beginning_of(from)).bind(2, clock.beginning_of(until));
  const std::string sensor_alerts = std::string{kSensorAlerts} + "%";
  query->bind(3, sensor_alerts);
  while (query->step()) {
    Alert alert;
    alert.kind = query->text(0);
    alert.app = query->text(1);
    alert.client = query->text(2);
    alert.server = query->text(3);
    alert.period = query->time(4);
    const auto [at, is_new] = stored.insert(key_of(alert));
    // Of servers all are judged, of apps perhaps not.
    const bool judged = apps == nullptr || alert.app.empty() || apps->contains(alert.app);
    if (is_new && judged && !found.contains(*at)) changes.gone.push_back(std::move(alert));
  }
  if (!query->ok()) return database.error();
  for (Alert& alert : *alerts)
    if (!stored.contains(key_of(alert))) changes.told.push_back(std::move(alert));
  return changes;
}

}  // namespace gnomon::inventory
