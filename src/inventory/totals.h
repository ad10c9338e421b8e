#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "database.h"
#include "gnomon/inventory/risk.h"

// Sums that are kept because adding them up takes too long for a page. A replay makes them when its
// run is finished, in its transaction. A sensor makes them beside the tables, where nobody waits, and
// stores them some rows at a time. They are believed as long as totals_state fits what the inventory
// holds.
namespace gnomon::inventory {

// `run` is the one that was finished, or grew, just now: its hours are added up. Apps and clients
// are added up anew where the run has some, or one that forget_run() was called for had, and
// everywhere when `all` (a host became known). In the caller's transaction.
std::optional<Error> refresh_totals(Database& database, std::int64_t run, bool all);

// To be called before a run is deleted: what it was added to is added up anew by the next
// refresh_totals() of this connection.
std::optional<Error> forget_run(Database& database, std::int64_t run);

// What is to be added up anew by the next renew_totals() of this connection, in temporary tables
// chosen_pair (app, client) and chosen_client (id), which whoever writes observations fills.
std::optional<Error> prepare_choice(Database& database);
std::optional<Error> choose_run(Database& database, std::int64_t run);
std::optional<Error> choose_app(Database& database, std::string_view app);

// As refresh_totals(), of what was chosen and the hours of `run`, or of all, outside of any transaction: reads
// and adds up first, then stores in transactions of some milliseconds each. For the one process that
// records. `every_app`: growth is to be told anew of all of them. After a failure it can be called
// again. The sums then count as lacking `run` and what followed it, as nothing was said of these
// yet: whoever is killed before settle_totals() has them judged at the next start.
std::optional<Error> renew_totals(Database& database, std::int64_t run, bool all, bool every_app);
// All that the sums are made of was judged too: they fit, unless `grown` tells that more was written
// meanwhile.
std::optional<Error> settle_totals(Database& database, const std::function<bool()>& grown);

// What the kept sums were made for; nothing when they do not fit any more. Of an inventory of more
// than kLargeSightings rows they are believed a while longer, as adding up would make every page
// wait: for two hours of packets, and as long as they lack nothing but what a sensor has seen since
// it looked last.
inline constexpr std::int64_t kLargeSightings = 200'000;
struct TotalsState {
  bool two_weeks_seen = false;
  std::uint64_t clients = 0;
  std::uint64_t clients_used = 0;
};
Result<std::optional<TotalsState>> totals_state(Database& database, const RiskRubric* rubric);

// totals_state.fits.
enum class SumsFit : std::int64_t {
  kNot = 0,      // something was written or removed since, no matter what
  kWhole = 1,
  kLastRun = 2,  // the last run has grown since
  kLastRuns = 3,  // that run, and those that followed it
};
// Nothing when there are no sums.
Result<std::optional<SumsFit>> sums_fit(Database& database);
// The run that was the last one when they were made, and those that followed.
Result<std::vector<std::int64_t>> runs_since_sums(Database& database);

// Says that they fit no more: what was observed is more, or less, than they were made of.
std::optional<Error> forget_totals(Database& database);
// The same, when all that was added belongs to the last run.
std::optional<Error> outgrow_totals(Database& database);

}  // namespace gnomon::inventory
