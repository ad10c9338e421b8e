#pragma once

#include "database.h"
#include "gnomon/inventory/retention.h"

namespace gnomon::inventory {

// Whether the sums that are kept are made anew at once, or by a renew_totals() of this connection.
enum class SumsAfter : std::uint8_t { kNow, kLater };

// As tidy() says it, over the connection of who holds the lock of the inventory.
Result<Tidied> tidy_database(Database& database, const Retention& retention,
                             const TidyOptions& options, SumsAfter sums = SumsAfter::kNow);

}  // namespace gnomon::inventory
