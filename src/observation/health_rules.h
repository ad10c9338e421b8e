#pragma once

#include <cstdint>

#include "gnomon/observation/health.h"

// Within the health checks: which row of the table is which.
namespace gnomon::observation {

enum class Check : std::uint8_t {
  kNoTraffic,
  kWrongInterface,
  kOneSided,
  kDuplicates,
  kGaps,
  kMergedFrames,
  kSnapLength,
  kVlanPerDirection,
  kTunnelNotDecoded,
  kClock,
  kCardDrops,
  kKernelDrops,
  kSensorDrops,
  kNoDns,
  kFewNames,
  kHiddenNames,
  kLimits,
  kCount
};

struct Measured {
  std::uint64_t part = 0;
  std::uint64_t whole = 0;
};

// Frames that are too long to have come over the wire as they are.
std::uint64_t merged_frames(const HealthCounters& c);
std::uint64_t not_decoded(const HealthCounters& c);
std::uint64_t clock_faults(const HealthCounters& c);

// Fills the words of a fault whose numbers are known.
void explain(Check check, const HealthCounters& counters, const HealthPlace& place,
             HealthFault& fault);

}  // namespace gnomon::observation
