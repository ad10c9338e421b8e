#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "database.h"
#include "gnomon/inventory/recorder.h"

namespace gnomon::inventory {

// The unknown hosts that `judge` knows now. Each is asked about, for which nobody need wait.
Result<std::vector<std::string>> hosts_known_now(Database& database, const HostJudge& judge);

// Moves what is known of them from host_unknown to the sightings of its app, in the caller's
// transaction. `write_app` stores an app's facts before the first row that names it; false when
// that failed.
Result<std::vector<RetroMatch>> rematch_hosts(
    Database& database, std::span<const std::string> hosts, const HostJudge& judge, Time at,
    const std::function<bool(const std::string& app)>& write_app);

}  // namespace gnomon::inventory
