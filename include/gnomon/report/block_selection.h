#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "gnomon/report/block_list.h"

namespace gnomon::report {

// For the clients of a group: who is in it, and what was decided for it. The error says which groups
// there are.
std::optional<Error> choose_group(const std::filesystem::path& database, const std::string& group,
                                  const std::vector<inventory::AppSummary>& apps,
                                  BlockSelection& selection);

}  // namespace gnomon::report
