#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/inventory/inventory.h"

namespace gnomon::cli {

// The apps of an inventory, which is closed again: one that is not in WAL mode, as other tools copy
// it, is locked for whoever writes while it is being read, our own command too.
Result<std::vector<inventory::AppSummary>> read_apps(const std::string& database);

// The app that somebody means: its id, or else its name when only one app is called so, both in
// any case of letters. The error names what was close, or who shares the name.
Result<const inventory::AppSummary*> find_app(std::span<const inventory::AppSummary> apps,
                                              std::string_view word);

// How many letters must be added, dropped, replaced or swapped with their neighbour to get from one
// to the other, capitals and small letters being the same.
std::size_t edits_between(std::string_view a, std::string_view b);

}  // namespace gnomon::cli
