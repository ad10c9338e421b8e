#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gnomon/content/scanner.h"

namespace gnomon::content {

// The shipped detectors for tests, which run in the project's folder; loaded once.
inline const DetectorSet& shipped_detectors() {
  static const DetectorSet set = [] {
    auto loaded = DetectorSet::load("signatures/detectors");
    if (!loaded) FAIL(loaded.error().message);
    return std::move(*loaded);
  }();
  return set;
}

// The ids of what the shipped detectors find in a text and `wanted` lets through, in order: "iban
// us-ssn".
template <class Wanted>
std::string found_ids(std::string_view text, Wanted&& wanted) {
  Scanner scanner{shipped_detectors()};
  std::vector<Match> matches;
  scanner.scan(text, {}, matches);
  std::string ids;
  for (const Match& match : matches)
    if (wanted(match)) ids += (ids.empty() ? "" : " ") + match.detector->id;
  return ids;
}

}  // namespace gnomon::content
