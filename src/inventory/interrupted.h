#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "database.h"
#include "gnomon/inventory/recorder.h"

namespace gnomon::inventory {

// Forgets a run and everything recorded under it. Inside the caller's transaction.
std::optional<Error> delete_run(Database& database, std::int64_t run);

// Runs that were interrupted. For whoever holds the lock: nobody is still recording them.
std::optional<Error> delete_interrupted(Database& database);

// For each input: whether a finished run holds its bytes, read through the same filter.
Result<std::vector<bool>> recorded_before(Database& database, std::span<const RunInput> inputs,
                                          std::string_view filter);

// A finished run, read through the same filter, that holds some of these inputs.
struct EarlierRun {
  std::int64_t run = 0;
  std::vector<std::string> others;  // its inputs that are not among these
};
Result<std::vector<EarlierRun>> earlier_runs(Database& database, std::span<const RunInput> inputs,
                                             std::string_view filter);

}  // namespace gnomon::inventory
