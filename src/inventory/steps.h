#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "database.h"

namespace gnomon::inventory {

// A pause as long as what was done since `began`: whoever waits for the lock looks for it only now
// and then.
void pause_as_long(std::chrono::steady_clock::time_point began);

// Runs a statement over the rows of a temporary table that holds what is to be done, some hundreds
// at a time, each in a transaction of its own, with a pause after each. `statement` is given the
// condition that chooses the rows of the step, " WHERE rowid BETWEEN 1 AND 500".
std::optional<Error> run_in_steps(Database& database, const std::string& table,
                                  const std::function<std::string(const std::string& rows)>& statement);

}  // namespace gnomon::inventory
