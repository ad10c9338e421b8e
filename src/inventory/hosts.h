#pragma once

#include <vector>

#include "database.h"
#include "gnomon/inventory/hosts.h"

// Queries about hosts, known and unknown, over finished runs.
namespace gnomon::inventory {

Result<std::vector<HostAddress>> read_host_addresses(Database& database);

}  // namespace gnomon::inventory
