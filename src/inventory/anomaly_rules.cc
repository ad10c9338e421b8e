#include <algorithm>
#include <iterator>
#include <optional>

#include "gnomon/bytes/ascii.h"
#include "gnomon/inventory/anomaly.h"
#include "gnomon/yaml/yaml_tree.h"

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

  Result<AnomalyRules> read(const YamlNode& root) {
    if (!root.is_map()) return Error{"must be a list of 'key: value' lines"}.in(name_ + ":1");
    for (const auto& [key, node] : root.members) {
      const auto* kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                      [&](const KindName& each) { return each.name == key; });
      if (key == "baseline") {
        read_baseline(node);
      } else if (kind == std::end(kKinds)) {
        fail(node.key_line, "unknown key '" + key + "'");
      } else {
        read_rule(node, rules_.rules[static_cast<std::size_t>(kind->kind)]);
      }
    }
    for (const KindName& kind : kKinds)
      if (root.find(kind.name) == nullptr)
        fail(root.line, "key '" + std::string{kind.name} + "' is missing");
    if (root.find("baseline") == nullptr) fail(root.line, "key 'baseline' is missing");
    if (error_) return *error_;
    return rules_;
  }

 private:
  void fail(std::size_t line, const std::string& what) {
    if (!error_) error_ = Error{what}.in(name_ + ":" + std::to_string(line));
  }

  std::uint64_t number(const YamlNode& node, const std::string& what, std::uint64_t least,
                       std::uint64_t most) {
    const std::string& digits = node.text;
    std::uint64_t value = 0;
    const bool whole = !digits.empty() && digits.size() <= 15 &&
                       std::all_of(digits.begin(), digits.end(), is_digit);
    if (whole)
      for (const char c : digits) value = value * 10 + static_cast<std::uint64_t>(c - '0');
    if (!whole || value < least || value > most)
      fail(node.line, "'" + what + "' must be a whole number from " + std::to_string(least) +
                          " to " + std::to_string(most));
    return value;
  }

  void read_baseline(const YamlNode& baseline) {
    if (!baseline.is_map()) return fail(baseline.line, "'baseline' must have days and days_min");
    for (const auto& [key, node] : baseline.members) {
      if (key == "days") {
        rules_.days = number(node, key, 1, 366);
      } else if (key == "days_min") {
        rules_.days_min = number(node, key, 1, 366);
      } else {
        fail(node.key_line, "unknown key '" + key + "' in baseline");
      }
    }
    if (rules_.days_min > rules_.days)
      fail(baseline.line, "'days_min' must not be more than 'days'");
  }

  void read_rule(const YamlNode& entry, AnomalyRules::Rule& rule) {
    if (!entry.is_map()) return fail(entry.line, "must be a list of 'key: value' lines");
    for (const auto& [key, node] : entry.members) {
      const auto* threshold = std::find_if(std::begin(kThresholds), std::end(kThresholds),
                                           [&](const Threshold& each) { return each.name == key; });
      if (key == "enabled") {
        if (node.text != "true" && node.text != "false")
          fail(node.line, "'enabled' must be true or false");
        rule.enabled = node.text == "true";
      } else if (key == "severity") {
        if (std::find(std::begin(kSeverities), std::end(kSeverities), node.text) ==
            std::end(kSeverities))
          fail(node.line, "'severity' must be low, medium, high or critical");
        rule.severity = node.text;
      } else if (threshold != std::end(kThresholds)) {
        const std::uint64_t most = key == "usual_percent_max" ? 100 : 999'999'999'999'999;
        rule.*threshold->member = number(node, key, 0, most);
      } else {
        fail(node.key_line, "unknown key '" + key + "'");
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
  YamlNode root;
  if (auto fault = read_yaml(text, root))
    return Error{std::move(fault->what)}.in(std::string{name} + ":" + std::to_string(fault->line));
  return RulesReader{name}.read(root);
}

}  // namespace gnomon::inventory
