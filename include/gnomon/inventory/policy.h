#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/bytes/time.h"
#include "gnomon/inventory/anomaly.h"
#include "gnomon/inventory/risk.h"
#include "gnomon/observation/observation.h"

namespace gnomon::inventory {

// What a rule looks at, one at a time.
enum class RuleSubject : std::uint8_t { kApp, kClient, kFinding, kAsset, kArtifact, kCandidate };
std::string_view to_string(RuleSubject subject);  // "app", "client", "finding" ...

// What `finding_category` may say, before a dot if there is one.
std::span<const std::string_view> finding_categories();

enum class RulePeriod : std::uint8_t { kDay, kWeek, kMonth, kOnce };

// One rule of signatures/policies. docs/policy.md describes the fields; an empty list and an unset
// value ask for nothing.
struct PolicyRule {
  std::string id;
  std::uint32_t sid = 0;
  std::string title;
  std::string description;
  bool enabled = true;
  RuleSubject subject = RuleSubject::kApp;
  RulePeriod period = RulePeriod::kDay;
  // when
  std::vector<std::string> apps, categories, vendors, countries, statuses, usages, client_groups,
      client_kinds, tags_any;
  std::vector<std::string> not_apps, not_categories, not_countries, not_client_groups;
  observation::Grade grade_min = observation::Grade::kSession;
  std::optional<RiskLevel> risk_level_min;
  std::optional<std::uint64_t> risk_score_min, bytes_up_min, bytes_down_min, uploads_min,
      upload_bytes_min, sessions_min, clients_min, first_seen_days_max;
  std::optional<bool> overdue, review_required;
  std::vector<std::string> finding_categories, detectors, confidences, directions;
  std::string severity_min;
  std::optional<bool> with_ai;  // the other side is AI: an app, or a host that is known to be some
  std::optional<std::uint64_t> count_min;
  std::vector<std::string> products, kinds, exposures, authenticated;
  std::vector<std::string> formats, artifact_kinds;
  std::optional<bool> unsafe_format;
  std::optional<double> score_min;
  // then
  bool alert = true;
  std::string severity = "medium";
  std::string alert_category = "AI policy";
  std::vector<std::string> tags;
  bool require_review = false;

  bool local = false;
  std::string file;  // where it stands
  std::size_t line = 0;
};

struct PolicyProblem {
  std::string file;
  std::size_t line = 0;
  std::string message;
  [[nodiscard]] std::string to_string() const;  // "FILE:LINE: message"
};

struct PolicyFile {
  std::string name;
  std::string text;
  bool local = false;  // of this network: its rules stand for shipped ones of the same id
};

// The rules of all files, put together. Immutable.
class Policy {
 public:
  // Takes what can be taken; everything that is wrong goes to `problems`: unknown fields, words
  // that are none, an id or sid that is there twice.
  static Policy parse(std::span<const PolicyFile> files, std::vector<PolicyProblem>& problems);
  [[nodiscard]] const std::vector<PolicyRule>& rules() const { return rules_; }
  [[nodiscard]] const PolicyRule* find(std::string_view id) const;

 private:
  std::vector<PolicyRule> rules_;  // by id
};

// An observation behind an alert: the row it is in, and the packet that proves it.
struct AlertEvidence {
  std::string source;  // "sighting", "finding", "asset", "artifact", "candidate"
  std::string record;  // "app=chat client=10.0.0.1 host=chat.example usage=web-chat"
  std::uint64_t flow_id = 0;
  std::string file;
  std::uint64_t frame = 0;
  Time time;
};

// What a rule says of one subject in one period. Nothing of it is stored yet.
struct PolicyHit {
  const PolicyRule* rule = nullptr;
  Alert alert;
  std::vector<AlertEvidence> evidence;  // the first ones; alert.evidence_count tells how many
};

// Runs a rule against the stored past, from `since` on (packet time), and says what it would have
// raised, in order of time. Reads only.
Result<std::vector<PolicyHit>> test_rule(const std::filesystem::path& database,
                                         const PolicyRule& rule, std::optional<Time> since);

// The rules in force at the last run.
Result<std::vector<PolicyFile>> stored_policy(const std::filesystem::path& database);

// Says that an alert was looked at; audited. False when there is no such alert.
Result<bool> acknowledge_alert(const std::filesystem::path& database, std::string_view id,
                               std::string_view note, std::string_view actor, Time at);
Result<std::vector<AlertEvidence>> alert_evidence(const std::filesystem::path& database,
                                                  std::string_view id);

}  // namespace gnomon::inventory
