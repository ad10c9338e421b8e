#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "database.h"
#include "gnomon/inventory/policy.h"

namespace gnomon::inventory {

// What the rules say of the time from `first` to `last`, in order of time. Reads only. Of each rule
// at most kHitsMax, the earliest. `apps`: whose use is judged, if not that of all.
inline constexpr std::size_t kHitsMax = 10'000;
Result<std::vector<PolicyHit>> judge_policy(Database& database,
                                            std::span<const PolicyRule* const> rules, Time first,
                                            Time last,
                                            const std::set<std::string>* apps = nullptr);

// The rules that are on.
std::vector<const PolicyRule*> rules_in_force(const Policy& policy);

// Stores what was not told before: alerts with their evidence, tags, and what is to be reviewed. In
// the caller's transaction; the new alerts, in order of time.
Result<std::vector<Alert>> store_hits(Database& database, std::span<PolicyHit> hits,
                                      std::int64_t run);

// Both: judges the time of a run and stores what was not told before.
Result<std::vector<Alert>> apply_policy(Database& database, const Policy& policy, Time first,
                                        Time last, std::int64_t run);

}  // namespace gnomon::inventory
