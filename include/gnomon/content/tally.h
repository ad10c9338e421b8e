#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/content/profile.h"
#include "gnomon/content/scanner.h"

namespace gnomon::content {

using InventoryKey = std::array<std::uint8_t, 32>;

// HMAC-SHA256 of a value with the inventory's key, as 32 hex digits: the same value again gives the
// same text in one inventory, and tells nothing without the key.
std::string keyed_hash(const InventoryKey& key, std::string_view value);

// The matches of one body, file or message, added up per detector. Keeps no text but the masked
// sample.
class FindingTally {
 public:
  explicit FindingTally(const InventoryKey& key) : key_(key) {}

  struct Finding {
    const Detector* detector = nullptr;
    Confidence confidence = Confidence::kLow;  // of the best match
    Severity severity = Severity::kLow;  // raised by count: many addresses weigh more than one
    std::uint32_t count = 0;
    std::uint32_t unique_count = 0;
    std::uint32_t sure_count = 0;   // of these, those of high confidence
    std::uint32_t sure_unique = 0;  // their different values
    std::string sample;      // of the first match of the best confidence
    std::string value_hash;  // of the same
    Reason reason = Reason::kNone;  // of the same
    Signs signs = 0;                // of the same

    // How many are as sure as the finding says, and how many different values they have: guesses
    // beside what is sure do not make it more.
    [[nodiscard]] std::uint32_t told_count() const {
      return confidence == Confidence::kHigh ? sure_count : count;
    }
    [[nodiscard]] std::uint32_t told_unique() const {
      return confidence == Confidence::kHigh ? sure_unique : unique_count;
    }
  };

  // Call before the scanner is used again: values of matches are views into it.
  void add(std::span<const Match> matches);
  // Sorted by severity, then id. Low-confidence findings are left out where a high one of the same
  // category covers the same detector family. Profiles that hold are findings too, told once: their
  // sample says what they hold for. They must outlive what is returned. `context` is that of all
  // text.
  [[nodiscard]] std::vector<Finding> findings(std::span<const Profile> profiles = {},
                                              const TextContext& context = {}) const;
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  void clear() { rows_.clear(); }

 private:
  struct Row {
    Finding finding;
    std::vector<std::uint64_t> seen;  // hashes of distinct values, at most kDistinctMax
    std::vector<std::uint64_t> sure;  // those of high confidence
  };
  InventoryKey key_;
  std::map<std::string_view, Row> rows_;
};

}  // namespace gnomon::content
