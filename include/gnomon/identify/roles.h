#pragma once

#include <span>

#include "gnomon/identify/catalogue.h"

namespace gnomon::identify {

// Every role that there is; to_string() has its word.
std::span<const Role> all_roles();

}  // namespace gnomon::identify
