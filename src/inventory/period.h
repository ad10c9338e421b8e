#pragma once

#include "database.h"
#include "gnomon/inventory/period.h"

namespace gnomon::inventory {

// The error names the groups there are when `filter` names another.
Result<PeriodUse> read_period(Database& database, const UseFilter& filter);

}  // namespace gnomon::inventory
