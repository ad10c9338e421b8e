#pragma once

#include <string_view>

namespace gnomon::observation {

// Of the counters in stats: whether it says how things are now, or were lately. All others only
// grow.
bool is_gauge(std::string_view name);

}  // namespace gnomon::observation
