#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "gnomon/sensor/exchange_reader.h"
#include "gnomon/sensor/knowledge.h"

namespace gnomon::sensor {

// What exchanges are read by, from one change of knowledge to the next.
struct ExchangeJudge {
  explicit ExchangeJudge(std::shared_ptr<const Knowledge> by)
      : knowledge(std::move(by)), detectors(knowledge->detectors) {
    if (knowledge->api != nullptr) api.emplace(*knowledge->api);
  }

  std::shared_ptr<const Knowledge> knowledge;  // declared first: the others look into it
  std::optional<identify::ApiReader> api;
  DetectorSource detectors;  // empty once it was asked
  std::optional<content::Inspector> inspector;
  std::uint32_t open = 0;  // exchanges
  bool flushed = false;
};

}  // namespace gnomon::sensor
