#pragma once

#include <chrono>
#include <cstdint>

#include "gnomon/bytes/time.h"

namespace gnomon::flow {

// What the wheel of timeouts counts in.
inline std::int64_t second_of(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace gnomon::flow
