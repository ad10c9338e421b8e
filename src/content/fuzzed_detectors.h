#pragma once

#include <cstdlib>
#include <utility>

#include "gnomon/content/scanner.h"

namespace gnomon::content {

// The shipped detectors for fuzz targets, loaded once: from GNOMON_DETECTORS, or from where the program
// is run (the project, or a build folder).
inline const DetectorSet& fuzzed_detectors() {
  static const DetectorSet* set = [] {
    const char* folder = std::getenv("GNOMON_DETECTORS");
    auto loaded = DetectorSet::load(folder != nullptr ? folder : "signatures/detectors");
    if (!loaded) loaded = DetectorSet::load("../../signatures/detectors");
    if (!loaded) std::abort();
    return new DetectorSet{std::move(*loaded)};
  }();
  return *set;
}

}  // namespace gnomon::content
