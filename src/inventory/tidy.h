#pragma once

#include "database.h"
#include "gnomon/inventory/retention.h"

namespace gnomon::inventory {

// As tidy() says it, over the connection of who holds the lock of the inventory.
Result<Tidied> tidy_database(Database& database, const Retention& retention,
                             const TidyOptions& options);

}  // namespace gnomon::inventory
