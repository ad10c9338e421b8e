#pragma once

#include <optional>
#include <vector>

#include "database.h"
#include "gnomon/inventory/groups.h"

namespace gnomon::inventory {

Result<std::vector<ClientGroup>> read_groups(Database& database);

// Sorts every client that was seen into its group anew. In the caller's transaction.
std::optional<Error> refresh_memberships(Database& database);

}  // namespace gnomon::inventory
