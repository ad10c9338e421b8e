#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/bytes/time.h"
#include "gnomon/inventory/attributes.h"

namespace gnomon::inventory {

enum class RiskLevel : std::uint8_t { kMinimal, kLow, kMedium, kHigh, kCritical };
inline constexpr std::size_t kRiskLevels = 5;

enum class RiskPart : std::uint8_t { kVendor, kExposure, kGovernance, kOverride };

std::string_view to_string(RiskLevel level);  // "minimal", "low", "medium", "high", "critical"
std::string_view to_string(RiskPart part);    // "vendor", "exposure", "governance", "override"

// Something that was measured or decided about an app; unknown when it could not be looked at.
using Metric = std::optional<std::uint64_t>;

// Sensitive items of one kind that were found.
struct FindingCount {
  std::string category;  // "secrets.cloud"
  std::string severity;
  std::string confidence;
  std::string direction;  // "to_server", "to_client"
  std::uint64_t count = 0;
};

// A score of somebody's own for an app, for a time.
struct RiskOverride {
  std::int32_t score = 0;
  std::string from;   // YYYY-MM-DD
  std::string until;  // last day; empty when open
  std::string reason;
  std::string by;  // who said so; empty when the rubric does
};

// All that a rating looks at. The same input gives the same rating.
struct RiskInput {
  std::string app;
  AppFacts facts;
  // Exposure: what was observed.
  Metric findings;  // sensitive items; unknown when no content was read
  std::vector<FindingCount> findings_by_kind;
  Metric unsafe_artifacts;  // files that run code when they are opened; unknown when none was seen
  Metric upload_events;
  Metric upload_bytes;
  Metric bytes;
  Metric clients;
  Metric non_browser_percent;  // of flows whose kind of client is known
  Metric cleartext_flows;
  Metric off_hours_percent;  // of flows, outside the rubric's working hours
  Metric growth_percent;     // last 7 days over the 7 before; unknown with less than 14 days
  // Governance.
  std::string status = "unreviewed";  // as Review::status
  std::string review_date;            // YYYY-MM-DD, when to look again; empty when none is set
  Time as_of;                         // the inventory's last packet: overdue and overrides are
                                      // judged by it
  std::vector<RiskOverride> overrides;  // the first that holds counts, before the rubric's own
};

struct ExposureMetric {
  std::string_view key;
  Metric RiskInput::*member;
};
// What the exposure part of a rubric may ask for.
inline constexpr ExposureMetric kExposureMetrics[] = {
    {"findings", &RiskInput::findings},
    {"unsafe_artifacts", &RiskInput::unsafe_artifacts},
    {"upload_events", &RiskInput::upload_events},
    {"upload_bytes", &RiskInput::upload_bytes},
    {"bytes", &RiskInput::bytes},
    {"clients", &RiskInput::clients},
    {"non_browser_percent", &RiskInput::non_browser_percent},
    {"cleartext_flows", &RiskInput::cleartext_flows},
    {"off_hours_percent", &RiskInput::off_hours_percent},
    {"growth_percent", &RiskInput::growth_percent},
};

// One line of the explanation. All rows' points add up to the score.
struct RiskRow {
  RiskPart part = RiskPart::kVendor;
  std::string key;    // "retention"
  std::string label;  // for people: "Retention of prompts"
  std::string value;  // as shown: "30d", "unknown", "1,204"
  bool known = true;
  std::int32_t points = 0;
  std::int32_t points_max = 0;
  std::string why;  // one sentence
};

// How risky an app is, and why: each row of the rubric with its points.
struct RiskRating {
  std::int32_t score = 0;  // 0 to 100
  RiskLevel level = RiskLevel::kMinimal;
  std::int32_t confidence = 0;   // percent of all points whose answer is known
  std::int32_t score_worst = 0;  // were every unknown as bad as can be
  std::vector<RiskRow> rows;     // in the rubric's order, parts together
};

// Which hours count as working time, in UTC plus an offset.
struct WorkingHours {
  std::int32_t from = 7;  // first hour
  std::int32_t to = 19;   // first hour after
  bool weekends = false;  // whether Saturday and Sunday are working days
  std::int32_t utc_offset_minutes = 0;

  [[nodiscard]] bool contains(Time time) const;
};

// The weights: signatures/risk.yaml, which describes its own format. Immutable once loaded.
class RiskRubric {
 public:
  // Strict: unknown keys, missing keys, points out of range, parts that do not add up to 100 are
  // errors, told as "NAME:LINE: what". `name` is the file, for messages.
  static Result<RiskRubric> parse(std::string_view text, std::string_view name);
  static Result<RiskRubric> load(const std::string& path);

  [[nodiscard]] RiskRating rate(const RiskInput& input) const;
  // A self-hosted server by what is exposed ("unauthenticated" ...): a row for each exposure that
  // the rubric lists. What it does not list gives a row without points.
  [[nodiscard]] RiskRating rate_asset(std::span<const std::string> exposures) const;
  [[nodiscard]] const WorkingHours& working_hours() const { return working_hours_; }

  // How a factor turns an answer into points.
  enum class Kind : std::uint8_t { kWords, kSteps, kRetention, kCountries, kText };
  struct Step {
    std::uint64_t from = 0;
    std::int32_t points = 0;
  };
  struct Factor {
    RiskPart part = RiskPart::kVendor;
    Kind kind = Kind::kWords;
    std::string key;
    std::string label;
    std::string why;
    std::int32_t points_max = 0;
    std::vector<std::pair<std::string, std::int32_t>> values;  // answer, country or phrase
    std::vector<Step> steps;                                   // ascending
    std::int32_t other = 0;  // a country that is not listed; a text that is there
    // Of exposure: count only findings of these kinds; an empty list takes all.
    bool of_findings = false;
    std::vector<std::string> categories;  // "secrets" also takes "secrets.cloud"
    std::vector<std::string> severities;
    std::vector<std::string> confidences;
    std::vector<std::string> directions;
  };
  struct AssetFactor {
    std::string exposure;
    std::string label;
    std::string why;
    std::int32_t points = 0;
  };
  struct Override {
    std::string app;
    std::int32_t score = 0;
    std::string from;   // YYYY-MM-DD
    std::string until;  // last day; empty when open
    std::string reason;
  };
  [[nodiscard]] const std::vector<Factor>& factors() const { return factors_; }

 private:
  friend class RubricReader;

  [[nodiscard]] RiskLevel level_of(std::int32_t score) const;

  std::vector<std::int32_t> level_from_;  // lowest score of each level
  std::vector<Factor> factors_;
  std::vector<AssetFactor> asset_factors_;
  std::vector<Override> overrides_;
  WorkingHours working_hours_;
};

// The longest time a retention text names, in days rounded up: "30d (less by agreement)" 30, "18
// months" 540. Nothing when it names none.
std::optional<std::uint64_t> retention_days(std::string_view text);

}  // namespace gnomon::inventory
