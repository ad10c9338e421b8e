#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/identify/catalogue.h"
#include "gnomon/inventory/policy.h"

namespace gnomon::cli {

// Files of rules: policies/ of the shipped signatures, then of the local folder, each in order of
// their names.
Result<std::vector<inventory::PolicyFile>> read_policies(const identify::SignatureFolders& folders);
// The same of files that are named.
Result<std::vector<inventory::PolicyFile>> read_policies(const std::vector<std::string>& paths);

// `name` of the local folder where it is there, else of the shipped one; empty when of neither.
std::filesystem::path own_or_shipped(const identify::SignatureFolders& folders, const char* name);

}  // namespace gnomon::cli
