#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gnomon/bytes/result.h"

namespace gnomon::inventory {

// The apps that the inventory knows to have been used (of grade session and above), by id, sorted.
Result<std::vector<std::string>> used_apps(const std::filesystem::path& path);

}  // namespace gnomon::inventory
