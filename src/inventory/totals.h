#pragma once

#include <cstdint>
#include <optional>

#include "database.h"
#include "gnomon/inventory/risk.h"

// Sums that are kept because adding them up takes too long for a page. They are made when a run is
// finished, in its transaction, and believed as long as totals_state fits what the inventory holds.
namespace gnomon::inventory {

// `run` is the one that was finished, or grew, just now: its hours are added up. Apps and clients
// are added up anew where the run has some, or one that forget_run() was called for had, and
// everywhere when `all` (a host became known).
std::optional<Error> refresh_totals(Database& database, std::int64_t run, bool all);

// To be called before a run is deleted: what it was added to is added up anew by the next
// refresh_totals() of this connection.
std::optional<Error> forget_run(Database& database, std::int64_t run);

// What the kept sums were made for; nothing when they do not fit any more. Of an inventory of more
// than kLargeSightings rows they are believed for two hours of packets longer: adding up would make
// every page wait.
inline constexpr std::int64_t kLargeSightings = 200'000;
struct TotalsState {
  bool two_weeks_seen = false;
  std::uint64_t clients = 0;
  std::uint64_t clients_used = 0;
};
Result<std::optional<TotalsState>> totals_state(Database& database, const RiskRubric* rubric);

// Says that they fit no more: what was observed is more, or less, than they were made of.
std::optional<Error> forget_totals(Database& database);

}  // namespace gnomon::inventory
