#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/inventory/policy.h"

// What a rule can be asked, and in which words.
namespace gnomon::inventory {

inline constexpr std::string_view kSubjects[] = {"app",   "client",   "finding",
                                                 "asset", "artifact", "candidate"};
inline constexpr std::string_view kPeriods[] = {"day", "week", "month", "once"};
inline constexpr std::string_view kSeverities[] = {"low", "medium", "high", "critical"};
inline constexpr std::string_view kLevels[] = {"minimal", "low", "medium", "high", "critical"};
inline constexpr std::string_view kGrades[] = {"dns", "name", "session", "use", "content"};
inline constexpr std::string_view kConfidences[] = {"low", "medium", "high"};
inline constexpr std::string_view kDirections[] = {"to_server", "to_client"};
inline constexpr std::string_view kAuthenticated[] = {"yes", "no", "unknown"};

// Which subjects a condition can be asked of.
constexpr unsigned bit(RuleSubject subject) { return 1U << static_cast<unsigned>(subject); }
inline constexpr unsigned kUse = bit(RuleSubject::kApp) | bit(RuleSubject::kClient);
inline constexpr unsigned kOfApp = kUse | bit(RuleSubject::kFinding) | bit(RuleSubject::kArtifact);
inline constexpr unsigned kOfFinding = bit(RuleSubject::kFinding);
inline constexpr unsigned kOfAsset = bit(RuleSubject::kAsset);
inline constexpr unsigned kOfArtifact = bit(RuleSubject::kArtifact);
inline constexpr unsigned kOfCandidate = bit(RuleSubject::kCandidate);

struct ListField {
  std::string_view name;
  std::vector<std::string> PolicyRule::*member;
  unsigned subjects;
  std::span<const std::string_view> words;  // empty: any
  bool with_parts = false;                  // a word may be followed by what is below it
};
inline constexpr std::span<const std::string_view> kAny;
inline constexpr std::string_view kClientKinds[] = {"browser", "app", "sdk",   "library",
                                                    "cli",     "ide", "agent", "crawler"};
// As content has them (a test compares them). Each also stands for those below it: "secret.cloud".
inline constexpr std::string_view kFindingCategories[] = {
    "secret",         "pii",         "financial",      "health",       "tax-business",
    "network-device", "source-code", "infrastructure", "confidential", "customer-data",
    "prompt-attack",  "misuse"};
inline constexpr std::string_view kExposures[] = {"unauthenticated", "admin-api", "public-clients",
                                                  "cleartext-prompt"};
inline constexpr std::string_view kArtifactKinds[] = {"model",     "dataset",    "package",
                                                      "container", "mcp-server", "app"};
inline constexpr std::string_view kStatuses[] = {"unreviewed", "under-review", "sanctioned",
                                                 "tolerated", "unsanctioned"};
inline constexpr ListField kLists[] = {
    {"app", &PolicyRule::apps, kOfApp, kAny},
    {"category", &PolicyRule::categories, kOfApp, kAny},
    {"vendor", &PolicyRule::vendors, kOfApp, kAny},
    {"country", &PolicyRule::countries, kOfApp, kAny},
    {"status", &PolicyRule::statuses, kOfApp, kStatuses},
    {"usage", &PolicyRule::usages, kOfApp, kAny},
    {"client_group", &PolicyRule::client_groups, kOfApp, kAny},
    {"client_kind", &PolicyRule::client_kinds, kUse, kClientKinds},
    {"tag", &PolicyRule::tags_any, kOfApp, kAny},
    {"not_app", &PolicyRule::not_apps, kOfApp, kAny},
    {"not_category", &PolicyRule::not_categories, kOfApp, kAny},
    {"not_country", &PolicyRule::not_countries, kOfApp, kAny},
    {"not_client_group", &PolicyRule::not_client_groups, kOfApp, kAny},
    {"finding_category", &PolicyRule::finding_categories, kOfFinding, kFindingCategories, true},
    {"detector", &PolicyRule::detectors, kOfFinding, kAny},
    {"confidence", &PolicyRule::confidences, kOfFinding, kConfidences},
    {"direction", &PolicyRule::directions, kOfFinding, kDirections},
    {"product", &PolicyRule::products, kOfAsset, kAny},
    {"kind", &PolicyRule::kinds, kOfAsset, kAny},
    {"exposure", &PolicyRule::exposures, kOfAsset, kExposures},
    {"authenticated", &PolicyRule::authenticated, kOfAsset, kAuthenticated},
    {"format", &PolicyRule::formats, kOfArtifact, kAny},
    {"artifact_kind", &PolicyRule::artifact_kinds, kOfArtifact, kArtifactKinds},
};

struct NumberField {
  std::string_view name;
  std::optional<std::uint64_t> PolicyRule::*member;
  unsigned subjects;
};
inline constexpr NumberField kNumbers[] = {
    {"risk_score_min", &PolicyRule::risk_score_min, kOfApp},
    {"bytes_up_min", &PolicyRule::bytes_up_min, kUse},
    {"bytes_down_min", &PolicyRule::bytes_down_min, kUse},
    {"uploads_min", &PolicyRule::uploads_min, kUse},
    {"upload_bytes_min", &PolicyRule::upload_bytes_min, kUse},
    {"sessions_min", &PolicyRule::sessions_min, kUse},
    {"clients_min", &PolicyRule::clients_min, bit(RuleSubject::kApp) | kOfAsset | kOfCandidate},
    {"first_seen_days_max", &PolicyRule::first_seen_days_max, kOfApp | kOfAsset | kOfCandidate},
    {"count_min", &PolicyRule::count_min, kOfFinding | kOfArtifact},
};

struct FlagField {
  std::string_view name;
  std::optional<bool> PolicyRule::*member;
  unsigned subjects;
};
inline constexpr FlagField kFlags[] = {
    {"decision_overdue", &PolicyRule::overdue, kOfApp},
    {"review_required", &PolicyRule::review_required, kOfApp},
    {"unsafe_format", &PolicyRule::unsafe_format, kOfArtifact},
    {"with_ai", &PolicyRule::with_ai, kOfFinding},
};

}  // namespace gnomon::inventory
