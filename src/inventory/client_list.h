#pragma once

#include <vector>

#include "database.h"
#include "gnomon/inventory/inventory.h"

namespace gnomon::inventory {

// Every client, most bytes first: from the sums of totals.h, or added up.
Result<std::vector<ClientSummary>> read_kept_clients(Database& database);
Result<std::vector<ClientSummary>> add_up_clients(Database& database);

}  // namespace gnomon::inventory
