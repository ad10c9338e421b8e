#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gnomon/observation/coverage.h"

namespace gnomon::inventory {

// Counters of coverage by kind: rows of run_coverage whose names begin so.
struct CoverageList {
  std::string_view prefix;
  std::vector<std::pair<std::string, std::uint64_t>> observation::Coverage::*list;
};
inline constexpr CoverageList kCoverageLists[] = {
    {"undecoded.", &observation::Coverage::undecoded},
    {"lost.", &observation::Coverage::lost},
};

}  // namespace gnomon::inventory
