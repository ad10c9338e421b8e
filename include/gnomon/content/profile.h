#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gnomon/content/detector.h"
#include "gnomon/content/role.h"

// What several detectors mean together: a name is little, a health insurance number is more, both
// with a diagnosis are a patient's file. Profiles are data, beside the detectors
// (docs/detectors.md).
namespace gnomon::content {

// So much of these.
struct ProfileCondition {
  std::vector<std::string> of;                // ids, families or categories of detectors
  std::vector<std::string> except;            // ids or families that do not count
  Severity severity = Severity::kLow;         // of detectors that count, at least
  std::uint32_t count = 1;                    // matches, of all detectors together
  std::uint32_t unique = 1;                   // distinct values
  std::uint32_t kinds = 1;                    // families; a detector without one is its own
  Confidence confidence = Confidence::kHigh;  // kLow: guesses count too
};

struct Profile {
  struct Level {
    std::uint32_t unique = 0;  // distinct values of the first condition
    Severity severity = Severity::kLow;
  };
  Detector detector;  // what a finding of the profile is called
  std::vector<ProfileCondition> conditions;
  std::size_t needed = 1;                // so many of the conditions
  std::optional<bool> to_server;         // holds for what goes that way only
  std::vector<Role> roles;               // for what one of these says; empty: anyone
  std::optional<Confidence> confidence;  // empty: low where it holds by guesses only
  std::vector<Level> levels;             // the most severe that holds counts
  std::vector<std::string> match_examples;
  std::vector<std::string> other_examples;
};

// What one detector found in a file or in what one speaker said.
struct ProfileInput {
  const Detector* detector = nullptr;
  std::uint32_t count = 0;
  std::uint32_t unique = 0;
  std::uint32_t sure_count = 0;  // those of high confidence
  std::uint32_t sure_unique = 0;
};

struct ProfileVerdict {
  Confidence confidence = Confidence::kLow;
  Severity severity = Severity::kLow;
  std::string reason;  // "credit-card 12, person-name 14": detectors and distinct values
};

// Of what was found in a text of `context`. Nothing when the profile does not hold.
std::optional<ProfileVerdict> judge(const Profile& profile, const std::vector<ProfileInput>& found,
                                    const TextContext& context);

}  // namespace gnomon::content
