#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "database.h"
#include "gnomon/inventory/anomaly.h"

namespace gnomon::inventory {

// What differs, on the days from `first` to `last`, from the alerts of those days that are stored: of
// all apps or of `apps` alone. Those that are there already stay as they are, those that no longer
// hold (a capture of earlier days was read since) go, and new ones come, in order of time. Reads
// only, for whoever does so without the lock that writing takes.
struct DayChanges {
  std::vector<Alert> gone;  // their keys
  std::vector<Alert> told;
};
Result<DayChanges> find_day_changes(Database& database, const AnomalyRules& rules,
                                    const WorkingHours& hours, Time first, Time last,
                                    const std::set<std::string>* apps);
// In the caller's transaction; new ones as told by `run`.
std::optional<Error> store_day_changes(Database& database, DayChanges& changes, std::int64_t run);

// Stores alerts that no rule made, as told by `run`; gives them their ids. Those that are there
// already stay as they are. In the caller's transaction.
std::optional<Error> store_alerts(Database& database, std::vector<Alert>& alerts, std::int64_t run);

// What tells of the sensor itself: not judged by days.
inline constexpr std::string_view kSensorAlerts = "sensor-";

// "name=value", one a line.
std::string lines_of(const std::vector<std::pair<std::string, std::string>>& numbers);

// Columns in the order in which read_alert() takes them: `a` is the alert, `k` its acknowledgement.
inline constexpr std::string_view kAlertColumns =
    "a.kind, a.severity, a.app, a.client, a.server, a.time_ns, a.period_ns, a.signature_id, "
    "a.title, a.explanation, a.numbers, a.run, a.id, a.host, a.is_policy, a.category, a.tags, "
    "a.evidence_count, k.acked_by, k.at_ns, k.note";
Alert read_alert(const Statement& row);

// Of finished runs, in order of time; those of `run` alone when it is not 0.
Result<std::vector<Alert>> read_alerts(Database& database, std::int64_t run = 0);

}  // namespace gnomon::inventory
