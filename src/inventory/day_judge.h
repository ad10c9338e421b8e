#pragma once

#include <set>
#include <string>
#include <vector>

#include "database.h"
#include "day_sums.h"
#include "gnomon/inventory/anomaly.h"

namespace gnomon::inventory {

// What on the days `from` to `until` departs from the days before, by the finished runs' hours and
// the sums of hours (hour_total), which are to be there: alerts in order of time. Of all apps or of
// `apps` alone, and of all servers. Reads only, app by app: memory follows what the clients of one
// app did in the days that are compared, and the alerts.
Result<std::vector<Alert>> judge_days(Database& database, const AnomalyRules& rules,
                                      const DayClock& clock, Day from, Day until,
                                      const std::set<std::string>* apps);

}  // namespace gnomon::inventory
