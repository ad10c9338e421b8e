#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "database.h"
#include "gnomon/inventory/inventory.h"

namespace gnomon::inventory {

using AppIds = std::set<std::string>;

// Every app of the inventory, or those of `only`, in the order of their ids, rated when there is a
// rubric. `as_of` is the last packet's time.
Result<std::vector<AppSummary>> read_apps(Database& database,
                                          const std::optional<RiskRubric>& rubric, Time as_of,
                                          const AppIds* only = nullptr);

// Those that fit the filter, of which `of_client` holds the ids of its client's, in order.
std::vector<AppSummary> choose_apps(const std::vector<AppSummary>& apps, const AppFilter& filter,
                                    AppOrder order,
                                    const std::optional<std::set<std::string>>& of_client);

}  // namespace gnomon::inventory
