#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "database.h"
#include "gnomon/inventory/hosts.h"

// Queries about hosts, known and unknown, over finished runs.
namespace gnomon::inventory {

std::optional<Error> read_host_clients(Database& database,
                                       const std::function<void(const HostClient&)>& tell);
Result<std::vector<HostAddress>> read_host_addresses(Database& database);

}  // namespace gnomon::inventory
