#pragma once

#include <optional>
#include <vector>

#include "database.h"
#include "gnomon/inventory/inventory.h"

namespace gnomon::inventory {

// Every app of the inventory in the order of their ids, rated when there is a rubric. `as_of` is
// the last packet's time.
Result<std::vector<AppSummary>> read_apps(Database& database,
                                          const std::optional<RiskRubric>& rubric, Time as_of);

}  // namespace gnomon::inventory
