#pragma once

#include <string>

#include "database.h"

namespace gnomon::inventory {

// As Inventory::dump().
Result<std::string> dump_tables(Database& database);

}  // namespace gnomon::inventory
