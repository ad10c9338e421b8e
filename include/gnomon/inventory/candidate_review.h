#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>

#include "gnomon/bytes/result.h"
#include "gnomon/bytes/time.h"

namespace gnomon::inventory {

struct CandidateDecision {
  std::string host;
  std::string status;  // "new", "accepted", "dismissed"
  std::string app;     // the id it was accepted as
  std::string reason;
};

// Stores what was decided about a candidate, with its evidence as it is now, and appends to the
// audit who (`actor`) decided it at `at` (the wall clock, told by the caller). Refuses a host that
// is no candidate.
Result<std::monostate> decide_candidate(const std::filesystem::path& database,
                                        const CandidateDecision& decision, std::string_view actor,
                                        Time at);

}  // namespace gnomon::inventory
