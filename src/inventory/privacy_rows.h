#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "database.h"
#include "gnomon/inventory/privacy.h"

namespace gnomon::inventory {

// As may_record(), of an inventory that is open already.
std::optional<Error> may_record_into(Database& database, const std::filesystem::path& path,
                                     const PseudonymKey* key);

// Keeps pseudonyms that were made, and that this inventory is one of them. In the caller's
// transaction.
std::optional<Error> keep_pseudonyms(Database& database, const PseudonymKey& key, Time since,
                                     const std::vector<MadePseudonym>& made);

}  // namespace gnomon::inventory
