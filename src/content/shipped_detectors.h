#pragma once

#include <catch2/catch.hpp>
#include <utility>

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

}  // namespace gnomon::content
