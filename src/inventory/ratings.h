#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "database.h"
#include "gnomon/inventory/risk.h"

namespace gnomon::inventory {

// Rates every app, or those of `only`, as the inventory is now, and keeps what differs from the last
// time in the history, with the rows that made the difference. In the caller's transaction; nothing
// is done while the database holds no rubric.
std::optional<Error> record_ratings(Database& database,
                                    const std::set<std::string>* only = nullptr);
// Of which of them record_ratings() would keep something now. Reads only.
Result<std::set<std::string>> apps_rated_anew(Database& database,
                                              const std::set<std::string>* only = nullptr);

// Overrides that were not withdrawn, by app, the latest first.
Result<std::map<std::string, std::vector<RiskOverride>>> read_overrides(Database& database);

// The rubric that is kept in the database.
Result<std::optional<RiskRubric>> read_rubric(Database& database);
// Time of the last packet of finished runs.
Result<Time> read_as_of(Database& database);

}  // namespace gnomon::inventory
