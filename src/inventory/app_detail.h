#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "database.h"
#include "gnomon/inventory/inventory.h"

namespace gnomon::inventory {

struct ClientName {
  std::string name;
  std::string source;
  std::string mac;
};

// The best name of each client: DHCP before mDNS, the latest, then by letters.
Result<std::unordered_map<std::string, ClientName>> read_client_names(Database& database);

// Everything of an app but its summary.
std::optional<Error> read_detail(Database& database, std::string_view id, AppDetail& detail);

std::optional<Error> read_endpoints_of(Database& database, std::string_view id, AppDetail& detail);

}  // namespace gnomon::inventory
