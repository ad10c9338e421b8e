#pragma once

#include <string>
#include <string_view>

#include "gnomon/content/detector.h"

namespace gnomon::content {

// A sample that tells which of several values was found to who knows them, and nothing else: at
// most four characters stay, the rest becomes dots, and never shows how long it was beyond 12.
std::string masked(std::string_view value, Category category);

}  // namespace gnomon::content
