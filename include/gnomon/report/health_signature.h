#pragma once

#include <cstdint>
#include <string_view>

#include "gnomon/observation/health.h"

namespace gnomon::report {

// The signature id of alerts of a health check: from 9200001 on, in the order of the checks.
inline std::uint32_t health_signature_id(std::string_view check) {
  std::uint32_t id = 9'200'001;
  for (const observation::HealthRule& rule : observation::health_rules()) {
    if (rule.id == check) break;
    ++id;
  }
  return id;
}

}  // namespace gnomon::report
