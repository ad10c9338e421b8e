#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "database.h"

namespace gnomon::inventory {

using ServerKey = std::pair<std::string, std::uint16_t>;  // address and port

// What each server of one's own exposes: what was seen in an exchange, and then "public-clients",
// which is seen in who they are with.
Result<std::map<ServerKey, std::vector<std::string>>> read_exposures(Database& database);

}  // namespace gnomon::inventory
