#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

#include "gnomon/inventory/anomaly.h"

namespace gnomon::inventory {
namespace {

struct KindName {
  AlertKind kind;
  std::string_view name;
  std::string_view category;
};
// signature_id is kSignatureBase and the place in this table.
constexpr KindName kKinds[] = {
    {AlertKind::kNewApp, "new-app", "Shadow AI"},
    {AlertKind::kNewClient, "new-client", "Shadow AI"},
    {AlertKind::kVolumeGrowth, "volume-growth", "Unusual use of AI"},
    {AlertKind::kUploadGrowth, "upload-growth", "Unusual use of AI"},
    {AlertKind::kOffHours, "off-hours", "Unusual use of AI"},
    {AlertKind::kRequestBurst, "request-burst", "Abuse of a self-hosted AI server"},
    {AlertKind::kTokenBurst, "token-burst", "Abuse of a self-hosted AI server"},
};
static_assert(std::size(kKinds) == kAlertKinds);
constexpr std::uint32_t kSignatureBase = 9'100'001;

struct Threshold {
  std::string_view name;
  std::uint64_t AnomalyRules::Rule::*member;
};
constexpr Threshold kThresholds[] = {
    {"factor", &AnomalyRules::Rule::factor},
    {"least", &AnomalyRules::Rule::least},
    {"always", &AnomalyRules::Rule::always},
    {"active_days_min", &AnomalyRules::Rule::active_days_min},
    {"usual_percent_max", &AnomalyRules::Rule::usual_percent_max},
};
constexpr std::string_view kSeverities[] = {"low", "medium", "high", "critical"};

class RulesReader {
 public:
  explicit RulesReader(std::string_view name) : name_(name) {}

  Result<AnomalyRules> read(const YAML::Node& root) {
    if (!root.IsMap()) return Error{"must be a list of 'key: value' lines"}.in(name_ + ":1");
    std::set<std::string> seen;
    for (const auto& entry : root) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (!seen.insert(key).second) fail(entry.first, "'" + key + "' is there twice");
      const auto* kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                      [&](const KindName& each) { return each.name == key; });
      if (key == "baseline") {
        read_baseline(entry.second);
      } else if (kind == std::end(kKinds)) {
        fail(entry.first, "unknown key '" + key + "'");
      } else {
        read_rule(entry.second, rules_.rules[static_cast<std::size_t>(kind->kind)]);
      }
    }
    for (const KindName& kind : kKinds)
      if (!seen.contains(std::string{kind.name}))
        fail(root, "key '" + std::string{kind.name} + "' is missing");
    if (!seen.contains("baseline")) fail(root, "key 'baseline' is missing");
    if (error_) return *error_;
    return rules_;
  }

 private:
  void fail(const YAML::Node& at, const std::string& what) {
    if (error_) return;
    const YAML::Mark mark = at.Mark();
    error_ = Error{what}.in(name_ + ":" + std::to_string(mark.is_null() ? 1 : mark.line + 1));
  }

  std::uint64_t number(const YAML::Node& node, const std::string& what, std::uint64_t least,
                       std::uint64_t most) {
    const std::string digits = node.IsScalar() ? node.Scalar() : "";
    std::uint64_t value = 0;
    const bool whole =
        !digits.empty() && digits.size() <= 15 &&
        std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (whole)
      for (const char c : digits) value = value * 10 + static_cast<std::uint64_t>(c - '0');
    if (!whole || value < least || value > most)
      fail(node, "'" + what + "' must be a whole number from " + std::to_string(least) + " to " +
                     std::to_string(most));
    return value;
  }

  void read_baseline(const YAML::Node& node) {
    if (!node.IsMap()) return fail(node, "'baseline' must have days and days_min");
    for (const auto& entry : node) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (key == "days") {
        rules_.days = number(entry.second, key, 1, 366);
      } else if (key == "days_min") {
        rules_.days_min = number(entry.second, key, 1, 366);
      } else {
        fail(entry.first, "unknown key '" + key + "' in baseline");
      }
    }
    if (rules_.days_min > rules_.days) fail(node, "'days_min' must not be more than 'days'");
  }

  void read_rule(const YAML::Node& node, AnomalyRules::Rule& rule) {
    if (!node.IsMap()) return fail(node, "must be a list of 'key: value' lines");
    for (const auto& entry : node) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
      const std::string value = entry.second.IsScalar() ? entry.second.Scalar() : "";
      const auto* threshold = std::find_if(std::begin(kThresholds), std::end(kThresholds),
                                           [&](const Threshold& each) { return each.name == key; });
      if (key == "enabled") {
        if (value != "true" && value != "false")
          fail(entry.second, "'enabled' must be true or false");
        rule.enabled = value == "true";
      } else if (key == "severity") {
        if (std::find(std::begin(kSeverities), std::end(kSeverities), value) ==
            std::end(kSeverities))
          fail(entry.second, "'severity' must be low, medium, high or critical");
        rule.severity = value;
      } else if (threshold != std::end(kThresholds)) {
        const std::uint64_t most = key == "usual_percent_max" ? 100 : 999'999'999'999'999;
        rule.*threshold->member = number(entry.second, key, 0, most);
      } else {
        fail(entry.first, "unknown key '" + key + "'");
      }
    }
  }

  std::string name_;
  AnomalyRules rules_;
  std::optional<Error> error_;
};

}  // namespace

std::string_view to_string(AlertKind kind) { return kKinds[static_cast<std::size_t>(kind)].name; }

std::uint32_t signature_id_of(AlertKind kind) {
  return kSignatureBase + static_cast<std::uint32_t>(kind);
}

std::string_view category_of(AlertKind kind) {
  return kKinds[static_cast<std::size_t>(kind)].category;
}

Result<AnomalyRules> AnomalyRules::parse(std::string_view text, std::string_view name) {
  try {  // yaml-cpp's only way to tell
    return RulesReader{name}.read(YAML::Load(std::string{text}));
  } catch (const YAML::Exception& wrong) {
    const int line = wrong.mark.is_null() ? 1 : wrong.mark.line + 1;
    return Error{wrong.msg}.in(std::string{name} + ":" + std::to_string(line));
  }
}

}  // namespace gnomon::inventory
