#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../config/config.h"
#include "gnomon/bytes/time.h"
#include "gnomon/inventory/anomaly.h"

namespace gnomon::cli {

// What the sensor knows about itself at the end of an interval.
struct SelfFacts {
  Time now{};                  // by the machine's clock: there may be no packets to tell the time
  std::uint64_t received = 0;  // of the interval, what was lost included
  std::uint64_t lost = 0;
  std::chrono::seconds silent{0};            // since the last packet, or the start
  std::optional<std::uint64_t> disk_free{};  // of the inventory's disk
  std::optional<std::string> write_failure{};   // why the inventory cannot be written
  std::optional<std::string> events_failure{};  // why the file of events cannot
  std::optional<std::chrono::seconds> signatures_age{};
};

// Tells when something is wrong with the sensor itself, and when it is right again. One alert when
// it begins; the same again only after it has ended for as long as kCalm intervals.
class SelfAlerts {
 public:
  static constexpr unsigned kCalm = 10;

  struct Change {
    bool began = true;  // false: it is over
    inventory::Alert alert;
  };
  [[nodiscard]] std::vector<Change> judge(const SelfFacts& facts, const Config& config);
  // The kinds that are so now: "sensor-loss", "sensor-stall", "sensor-disk", "sensor-signatures".
  [[nodiscard]] std::vector<std::string> active() const;

 private:
  struct Condition {
    bool active = false;
    unsigned calm = 0;
    const char* title = "";  // as it was told when it began
  };
  static constexpr std::size_t kKinds = 4;
  Condition conditions_[kKinds];
};

}  // namespace gnomon::cli
