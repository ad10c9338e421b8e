#pragma once

#include "database.h"
#include "gnomon/inventory/period.h"

namespace gnomon::inventory {

Result<AskedBy> read_asked_by(Database& database, const std::string& client);
// The error names the groups there are when `filter` names another.
Result<PeriodUse> read_period(Database& database, const UseFilter& filter);

}  // namespace gnomon::inventory
