#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "database.h"
#include "gnomon/inventory/inventory.h"

namespace gnomon::inventory {

// Every client, most bytes first: from the sums of totals.h, or added up.
std::optional<Error> each_kept_client(Database& database,
                                      const std::function<void(ClientSummary&)>& visit);
Result<std::vector<ClientSummary>> add_up_clients(Database& database);

}  // namespace gnomon::inventory
