#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/bytes/time.h"
#include "gnomon/inventory/risk.h"

namespace gnomon::inventory {

// How an app was rated from some time on, until the next one.
struct RiskChange {
  std::string app;
  Time at;  // packet time of the inventory when it changed
  std::int32_t score = 0;
  std::int32_t score_worst = 0;
  std::int32_t confidence = 0;
  std::string level;
  std::vector<std::string> why;  // "Decision: unreviewed -> sanctioned (-10)"
};
// Oldest first; of all apps when `app` is empty.
Result<std::vector<RiskChange>> risk_history(const std::filesystem::path& database,
                                             std::string_view app = {});

// A score of somebody's own for an app, for a time.
struct StoredOverride {
  std::int64_t id = 0;
  std::string app;
  std::int32_t score = 0;
  std::string from;   // YYYY-MM-DD
  std::string until;  // the last day; empty for no end
  std::string reason;
  bool withdrawn = false;
  std::string created_by;
  Time created_at;  // wall clock
};
Result<std::vector<StoredOverride>> risk_overrides(const std::filesystem::path& database,
                                                   std::string_view app = {});
// Audited. Refuses an app that is not there, a day that is none, a reason that is empty; the id.
Result<std::int64_t> add_override(const std::filesystem::path& database,
                                  const StoredOverride& wanted, std::string_view actor, Time at);
Result<bool> withdraw_override(const std::filesystem::path& database, std::int64_t id,
                               std::string_view reason, std::string_view actor, Time at);

// Weights of this inventory's own, checked; empty text gives back those of the last run. Audited.
Result<std::monostate> set_rubric(const std::filesystem::path& database, std::string_view yaml,
                                  std::string_view name, std::string_view actor, Time at);

}  // namespace gnomon::inventory
