#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "anomalies.h"
#include "database.h"
#include "gnomon/inventory/recorder.h"

// What a run's own observations are judged by once they are stored: departures from the days
// before, and the policy. Alerts that were not there before are added to `alerts`.
namespace gnomon::inventory {

// What departs from the days before, of all apps or of `apps` alone; nothing without anomaly rules.
// Reads only.
Result<DayChanges> find_departures_of(Database& database, const RecorderOptions& options,
                                      Time first, Time last, const std::set<std::string>* apps);

// The policy's text, beside the database's rows. In the caller's transaction.
std::optional<Error> keep_policy_files(Database& database, const RecorderOptions& options);

// `first` and `last` are packet times that span what was stored. Nothing without anomaly rules.
std::optional<Error> judge_departures(Database& database, const RecorderOptions& options,
                                      Time first, Time last, std::int64_t run,
                                      std::vector<Alert>& alerts);

// Keeps the policy's text beside the database's rows, and applies it. Nothing without policies.
std::optional<Error> judge_by_policy(Database& database, const RecorderOptions& options, Time first,
                                     Time last, std::int64_t run, std::vector<Alert>& alerts);

}  // namespace gnomon::inventory
