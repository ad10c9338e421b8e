#pragma once

#include <functional>
#include <string>
#include <vector>

#include "database.h"
#include "gnomon/inventory/recorder.h"

namespace gnomon::inventory {

// Moves what is known now from host_unknown to the sightings of its app, in the caller's
// transaction. `write_app` stores an app's facts before the first row that names it; false when
// that failed.
Result<std::vector<RetroMatch>> rematch_hosts(
    Database& database, const HostJudge& judge, Time at,
    const std::function<bool(const std::string& app)>& write_app);

}  // namespace gnomon::inventory
