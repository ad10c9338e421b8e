#pragma once

#include <optional>
#include <vector>

#include "database.h"
#include "gnomon/inventory/privacy.h"

namespace gnomon::inventory {

// Keeps pseudonyms that were made, and that this inventory is one of them. In the caller's
// transaction.
std::optional<Error> keep_pseudonyms(Database& database, const PseudonymKey& key, Time since,
                                     const std::vector<MadePseudonym>& made);

}  // namespace gnomon::inventory
