#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "database.h"
#include "gnomon/inventory/records.h"
#include "gnomon/observation/observation.h"

namespace gnomon::inventory {

// The faults of a run, each once: what was told of it last stands for all before.
class HealthBook {
 public:
  void enter(const observation::HealthRecord& record);
  // Inside the caller's transaction.
  std::optional<Error> write(Database& database, std::int64_t run);

 private:
  std::map<std::string, HealthSummary> faults_;  // there are no more than there are checks
  bool changed_ = false;
};

// Over all finished runs, worst first.
Result<std::vector<HealthSummary>> read_health(Database& database);

}  // namespace gnomon::inventory
