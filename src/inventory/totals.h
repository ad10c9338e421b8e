#pragma once

#include <cstdint>
#include <optional>

#include "database.h"
#include "gnomon/inventory/risk.h"

// Sums that are kept because adding them up takes too long for a page. They are made when a run is
// finished, in its transaction, and believed as long as totals_state fits what the inventory holds.
namespace gnomon::inventory {

// `run` is the one that was finished just now: its hours are added up. Apps and clients are added
// up anew where the run has some, and everywhere when `all` (a run went away, a host became known).
std::optional<Error> refresh_totals(Database& database, std::int64_t run, bool all);

// What the kept sums were made for; nothing when they do not fit any more.
struct TotalsState {
  bool two_weeks_seen = false;
  std::uint64_t clients = 0;
  std::uint64_t clients_used = 0;
};
Result<std::optional<TotalsState>> totals_state(Database& database, const RiskRubric* rubric);

// Says that they fit no more: something else than a finished run changed what was observed.
std::optional<Error> forget_totals(Database& database);

}  // namespace gnomon::inventory
