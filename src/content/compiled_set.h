#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "detector_rules.h"
#include "gnomon/bytes/handle.h"
#include "gnomon/content/scanner.h"

struct hs_database;
struct hs_scratch;

namespace gnomon::content {

struct FreeDatabase {
  void operator()(hs_database* database) const noexcept;
};
struct FreeScratch {
  void operator()(hs_scratch* scratch) const noexcept;
};

// What a hook of the one Hyperscan pass leads to.
struct Hook {
  enum class Kind : std::uint8_t { kPattern, kVendor, kKeyword, kPhrase };
  struct Target {
    std::uint32_t rule = 0;
    std::uint32_t pattern = 0;  // of kPhrase: which phrase of the rule
  };
  Kind kind = Kind::kPattern;
  std::size_t width = 0;
  std::vector<Target> targets;
};

struct FormTarget {
  std::uint32_t rule = 0;
  std::uint64_t digits = 0;
  std::uint64_t letters = 0;
  const std::string* fixed = nullptr;  // null when nothing is
};

constexpr std::size_t kFormLengthMax = 40;
constexpr std::uint32_t kNoRule = UINT32_MAX;

struct DetectorSet::Compiled {
  std::vector<Rule> rules;                                        // by id
  std::vector<Detector> detectors;                                // the same, for callers
  std::vector<Hook> hooks;                                        // Hyperscan's ids
  std::array<std::vector<FormTarget>, kFormLengthMax + 1> forms;  // by length
  std::unique_ptr<hs_database, FreeDatabase> database;
  std::unordered_map<std::string, std::uint32_t> built_in;  // reader's name: rule
  DetectorOptions options;

  [[nodiscard]] std::uint32_t built_in_rule(const std::string& name) const {
    const auto found = built_in.find(name);
    return found == built_in.end() ? kNoRule : found->second;
  }
};

}  // namespace gnomon::content
