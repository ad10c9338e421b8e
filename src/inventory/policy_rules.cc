#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "gnomon/inventory/policy.h"
#include "gnomon/inventory/review.h"

namespace gnomon::inventory {
namespace {

constexpr std::size_t kRulesMax = 2'000;
constexpr std::size_t kTextMax = 1 << 20;

constexpr std::string_view kSubjects[] = {"app",   "client",   "finding",
                                          "asset", "artifact", "candidate"};
constexpr std::string_view kPeriods[] = {"day", "week", "month", "once"};
constexpr std::string_view kSeverities[] = {"low", "medium", "high", "critical"};
constexpr std::string_view kLevels[] = {"minimal", "low", "medium", "high", "critical"};
constexpr std::string_view kGrades[] = {"dns", "name", "session", "use", "content"};
constexpr std::string_view kConfidences[] = {"low", "medium", "high"};
constexpr std::string_view kDirections[] = {"to_server", "to_client"};
constexpr std::string_view kAuthenticated[] = {"yes", "no", "unknown"};

// Which subjects a condition can be asked of.
constexpr unsigned bit(RuleSubject subject) { return 1U << static_cast<unsigned>(subject); }
constexpr unsigned kUse = bit(RuleSubject::kApp) | bit(RuleSubject::kClient);
constexpr unsigned kOfApp = kUse | bit(RuleSubject::kFinding) | bit(RuleSubject::kArtifact);
constexpr unsigned kOfFinding = bit(RuleSubject::kFinding);
constexpr unsigned kOfAsset = bit(RuleSubject::kAsset);
constexpr unsigned kOfArtifact = bit(RuleSubject::kArtifact);
constexpr unsigned kOfCandidate = bit(RuleSubject::kCandidate);

struct ListField {
  std::string_view name;
  std::vector<std::string> PolicyRule::*member;
  unsigned subjects;
  std::span<const std::string_view> words;  // empty: any
};
constexpr std::string_view kNoWords[] = {""};
constexpr std::string_view kStatuses[] = {"unreviewed", "under-review", "sanctioned", "tolerated",
                                          "unsanctioned"};
const std::span<const std::string_view> kAny{kNoWords, 0};
const ListField kLists[] = {
    {"app", &PolicyRule::apps, kOfApp, kAny},
    {"category", &PolicyRule::categories, kOfApp, kAny},
    {"vendor", &PolicyRule::vendors, kOfApp, kAny},
    {"country", &PolicyRule::countries, kOfApp, kAny},
    {"status", &PolicyRule::statuses, kOfApp, kStatuses},
    {"usage", &PolicyRule::usages, kOfApp, kAny},
    {"client_group", &PolicyRule::client_groups, kOfApp, kAny},
    {"client_kind", &PolicyRule::client_kinds, kUse, kAny},
    {"tag", &PolicyRule::tags_any, kOfApp, kAny},
    {"not_app", &PolicyRule::not_apps, kOfApp, kAny},
    {"not_category", &PolicyRule::not_categories, kOfApp, kAny},
    {"not_country", &PolicyRule::not_countries, kOfApp, kAny},
    {"not_client_group", &PolicyRule::not_client_groups, kOfApp, kAny},
    {"finding_category", &PolicyRule::finding_categories, kOfFinding, kAny},
    {"detector", &PolicyRule::detectors, kOfFinding, kAny},
    {"confidence", &PolicyRule::confidences, kOfFinding, kConfidences},
    {"direction", &PolicyRule::directions, kOfFinding, kDirections},
    {"product", &PolicyRule::products, kOfAsset, kAny},
    {"kind", &PolicyRule::kinds, kOfAsset, kAny},
    {"exposure", &PolicyRule::exposures, kOfAsset, kAny},
    {"authenticated", &PolicyRule::authenticated, kOfAsset, kAuthenticated},
    {"format", &PolicyRule::formats, kOfArtifact, kAny},
    {"artifact_kind", &PolicyRule::artifact_kinds, kOfArtifact, kAny},
};

struct NumberField {
  std::string_view name;
  std::optional<std::uint64_t> PolicyRule::*member;
  unsigned subjects;
};
constexpr NumberField kNumbers[] = {
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
constexpr FlagField kFlags[] = {
    {"decision_overdue", &PolicyRule::overdue, kOfApp},
    {"review_required", &PolicyRule::review_required, kOfApp},
    {"unsafe_format", &PolicyRule::unsafe_format, kOfArtifact},
};

bool is_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && id.front() != '-' && id.back() != '-' &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

std::string in_quotes(std::string_view text) { return "'" + std::string{text} + "'"; }

std::string list_text(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) text += (text.empty() ? "" : ", ") + std::string{word};
  return text;
}

bool holds(std::span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Reads one file; goes on after a mistake, so that all of them are told.
class FileReader {
 public:
  FileReader(std::string_view name, std::vector<PolicyProblem>& problems)
      : name_(name), problems_(problems) {}

  void read(const YAML::Node& root, std::vector<PolicyRule>& rules) {
    if (!root.IsMap()) return fail(root, "must begin with 'rules:'");
    for (const auto& entry : root) {
      const std::string key = scalar(entry.first);
      if (key != "rules") {
        fail(entry.first, "unknown key " + in_quotes(key));
      } else if (!entry.second.IsSequence()) {
        fail(entry.second, "'rules' must be a list");
      } else {
        for (const auto& each : entry.second) read_rule(each, rules);
      }
    }
    if (!root["rules"]) fail(root, "'rules' is missing");
  }

 private:
  void fail(const YAML::Node& at, std::string message) {
    const YAML::Mark mark = at.Mark();
    problems_.push_back(
        {name_, mark.is_null() ? 1 : static_cast<std::size_t>(mark.line) + 1, std::move(message)});
  }
  static std::string scalar(const YAML::Node& node) {
    return node.IsScalar() ? node.Scalar() : std::string{};
  }

  void read_rule(const YAML::Node& node, std::vector<PolicyRule>& rules) {
    if (!node.IsMap()) return fail(node, "a rule must be a list of 'key: value' lines");
    const std::size_t problems_before = problems_.size();
    PolicyRule rule;
    rule.file = name_;
    const YAML::Mark mark = node.Mark();
    rule.line = mark.is_null() ? 1 : static_cast<std::size_t>(mark.line) + 1;
    // What the rule is about decides which conditions there are.
    if (const YAML::Node subject = node["for"]) {
      const auto* at = std::find(std::begin(kSubjects), std::end(kSubjects), scalar(subject));
      if (at == std::end(kSubjects)) {
        fail(subject, "'for' must be one of " + list_text(kSubjects));
      } else {
        rule.subject = static_cast<RuleSubject>(at - std::begin(kSubjects));
      }
    } else {
      fail(node, "'for' is missing: one of " + list_text(kSubjects));
    }
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const std::string key = scalar(entry.first);
      if (!seen.insert(key).second) fail(entry.first, in_quotes(key) + " is there twice");
      read_key(rule, key, entry.first, entry.second);
    }
    for (const char* key : {"id", "sid", "title", "when", "then"})
      if (!seen.contains(key)) fail(node, in_quotes(key) + " is missing");
    if (problems_.size() == problems_before && rules.size() < kRulesMax)
      rules.push_back(std::move(rule));
  }

  void read_key(PolicyRule& rule, const std::string& key, const YAML::Node& name,
                const YAML::Node& value) {
    if (key == "for") return;
    if (key == "id") {
      rule.id = scalar(value);
      if (!is_id(rule.id)) fail(value, "'id' must be small letters, digits and hyphens");
    } else if (key == "sid") {
      rule.sid = static_cast<std::uint32_t>(number(value, key, 99'999));
      if (rule.sid == 0) fail(value, "'sid' must be from 1 to 99999");
    } else if (key == "title") {
      rule.title = scalar(value);
      if (rule.title.empty()) fail(value, "'title' must be a text");
    } else if (key == "description") {
      rule.description = scalar(value);
    } else if (key == "enabled") {
      rule.enabled = flag(value, key);
    } else if (key == "period") {
      const auto* at = std::find(std::begin(kPeriods), std::end(kPeriods), scalar(value));
      if (at == std::end(kPeriods))
        return fail(value, "'period' must be one of " + list_text(kPeriods));
      rule.period = static_cast<RulePeriod>(at - std::begin(kPeriods));
    } else if (key == "when") {
      read_when(rule, value);
    } else if (key == "then") {
      read_then(rule, value);
    } else {
      fail(name, "unknown key " + in_quotes(key));
    }
  }

  std::uint64_t number(const YAML::Node& node, std::string_view key, std::uint64_t most) {
    const std::string text = scalar(node);
    std::uint64_t value = 0;
    const bool digits =
        !text.empty() && text.size() <= 18 &&
        std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (digits)
      for (const char c : text) value = value * 10 + static_cast<std::uint64_t>(c - '0');
    if (!digits || value > most) {
      fail(node, in_quotes(key) + " must be a whole number up to " + std::to_string(most));
      return 0;
    }
    return value;
  }

  bool flag(const YAML::Node& node, std::string_view key) {
    const std::string text = scalar(node);
    if (text != "true" && text != "false") fail(node, in_quotes(key) + " must be true or false");
    return text == "true";
  }

  std::vector<std::string> list(const YAML::Node& node, std::string_view key,
                                std::span<const std::string_view> words) {
    std::vector<std::string> values;
    const auto take = [&](const YAML::Node& each) {
      std::string value = scalar(each);
      if (value.empty()) return fail(each, in_quotes(key) + " holds an empty value");
      if (!words.empty() && !holds(words, value))
        return fail(each, in_quotes(value) + " is not one of " + list_text(words));
      values.push_back(std::move(value));
    };
    if (node.IsScalar()) {
      take(node);
    } else if (node.IsSequence() && node.size() > 0) {
      for (const auto& each : node) take(each);
    } else {
      fail(node, in_quotes(key) + " must be a value or a list of some");
    }
    return values;
  }

  bool fits(const PolicyRule& rule, unsigned subjects, const YAML::Node& at, std::string_view key) {
    if ((subjects & bit(rule.subject)) != 0) return true;
    fail(at, in_quotes(key) + " cannot be asked of 'for: " + std::string{to_string(rule.subject)} +
                 "'");
    return false;
  }

  void read_when(PolicyRule& rule, const YAML::Node& node) {
    if (!node.IsMap()) return fail(node, "'when' must be a list of 'condition: value' lines");
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const std::string key = scalar(entry.first);
      const YAML::Node& value = entry.second;
      if (!seen.insert(key).second) fail(entry.first, in_quotes(key) + " is there twice");
      bool known = false;
      for (const ListField& field : kLists) {
        if (field.name != key) continue;
        known = true;
        if (fits(rule, field.subjects, entry.first, key))
          rule.*field.member = list(value, key, field.words);
      }
      for (const NumberField& field : kNumbers) {
        if (field.name != key) continue;
        known = true;
        if (fits(rule, field.subjects, entry.first, key))
          rule.*field.member = number(value, key, 999'999'999'999'999);
      }
      for (const FlagField& field : kFlags) {
        if (field.name != key) continue;
        known = true;
        if (fits(rule, field.subjects, entry.first, key)) rule.*field.member = flag(value, key);
      }
      if (!known) read_special(rule, key, entry.first, value);
    }
  }

  void read_special(PolicyRule& rule, const std::string& key, const YAML::Node& name,
                    const YAML::Node& value) {
    const std::string word = scalar(value);
    if (key == "grade_min") {
      if (!fits(rule, kUse, name, key)) return;
      const auto* at = std::find(std::begin(kGrades), std::end(kGrades), word);
      if (at == std::end(kGrades))
        return fail(value, "'grade_min' must be session, use or content");
      rule.grade_min = static_cast<observation::Grade>(at - std::begin(kGrades) + 1);
      if (rule.grade_min < observation::Grade::kSession)
        fail(value,
             "'grade_min: " + word +
                 "': a name that was looked up or asked for is no use; it begins at session");
    } else if (key == "risk_level_min") {
      if (!fits(rule, kOfApp, name, key)) return;
      const auto* at = std::find(std::begin(kLevels), std::end(kLevels), word);
      if (at == std::end(kLevels))
        return fail(value, "'risk_level_min' must be one of " + list_text(kLevels));
      rule.risk_level_min = static_cast<RiskLevel>(at - std::begin(kLevels));
    } else if (key == "severity_min") {
      if (!fits(rule, kOfFinding, name, key)) return;
      if (!holds(kSeverities, word))
        return fail(value, "'severity_min' must be one of " + list_text(kSeverities));
      rule.severity_min = word;
    } else if (key == "score_min") {
      if (!fits(rule, kOfCandidate, name, key)) return;
      rule.score_min = static_cast<double>(number(value, key, 100)) / 100;
    } else {
      fail(name, "unknown condition " + in_quotes(key));
    }
  }

  void read_then(PolicyRule& rule, const YAML::Node& node) {
    if (!node.IsMap()) return fail(node, "'then' must be a list of 'action: value' lines");
    rule.alert = false;
    for (const auto& entry : node) {
      const std::string key = scalar(entry.first);
      if (key == "alert") {
        rule.alert = true;
        read_alert(rule, entry.second);
      } else if (key == "tag") {
        if (fits(rule, kOfApp, entry.first, key)) rule.tags = list(entry.second, key, kAny);
      } else if (key == "require_review") {
        if (fits(rule, kOfApp, entry.first, key)) rule.require_review = flag(entry.second, key);
      } else {
        fail(entry.first, "unknown action " + in_quotes(key));
      }
    }
    if (!rule.alert && rule.tags.empty() && !rule.require_review)
      fail(node, "'then' does nothing: it wants alert, tag or require_review");
  }

  void read_alert(PolicyRule& rule, const YAML::Node& node) {
    if (node.IsScalar()) {
      rule.severity = node.Scalar();
    } else if (node.IsMap()) {
      for (const auto& entry : node) {
        const std::string key = scalar(entry.first);
        if (key == "severity") {
          rule.severity = scalar(entry.second);
        } else if (key == "category") {
          rule.alert_category = scalar(entry.second);
        } else {
          fail(entry.first, "unknown key " + in_quotes(key));
        }
      }
    }
    if (!holds(kSeverities, rule.severity))
      fail(node, "'alert' wants a severity: one of " + list_text(kSeverities));
  }

  std::string name_;
  std::vector<PolicyProblem>& problems_;
};

}  // namespace

std::string_view to_string(RuleSubject subject) {
  return kSubjects[static_cast<std::size_t>(subject)];
}

std::string PolicyProblem::to_string() const {
  return file + ":" + std::to_string(line) + ": " + message;
}

Policy Policy::parse(std::span<const PolicyFile> files, std::vector<PolicyProblem>& problems) {
  Policy policy;
  for (const PolicyFile& file : files) {
    if (file.text.size() > kTextMax) {
      problems.push_back({file.name, 1, "is larger than 1 MiB"});
      continue;
    }
    try {  // yaml-cpp's only way to tell
      const std::size_t before = policy.rules_.size();
      FileReader{file.name, problems}.read(YAML::Load(file.text), policy.rules_);
      for (std::size_t i = before; i < policy.rules_.size(); ++i)
        policy.rules_[i].local = file.local;
    } catch (const YAML::Exception& wrong) {
      problems.push_back({file.name,
                          wrong.mark.is_null() ? 1 : static_cast<std::size_t>(wrong.mark.line) + 1,
                          wrong.msg});
    }
  }
  std::set<std::string> replaced;
  for (const PolicyRule& rule : policy.rules_)
    if (rule.local) replaced.insert(rule.id);
  std::erase_if(policy.rules_,
                [&](const PolicyRule& rule) { return !rule.local && replaced.contains(rule.id); });
  std::map<std::string, const PolicyRule*> ids;
  std::map<std::uint32_t, const PolicyRule*> sids;
  std::vector<PolicyRule> unique;
  for (const PolicyRule& rule : policy.rules_) {
    const auto [by_id, new_id] = ids.emplace(rule.id, &rule);
    const auto [by_sid, new_sid] = sids.emplace(rule.sid, &rule);
    const auto place = [](const PolicyRule& other) {
      return " already (" + other.file + ":" + std::to_string(other.line) + ")";
    };
    if (!new_id)
      problems.push_back(
          {rule.file, rule.line, "there is a rule '" + rule.id + "'" + place(*by_id->second)});
    if (!new_sid)
      problems.push_back(
          {rule.file, rule.line,
           "there is a rule with sid " + std::to_string(rule.sid) + place(*by_sid->second)});
    if (new_id && new_sid) unique.push_back(rule);
  }
  policy.rules_ = std::move(unique);
  std::sort(policy.rules_.begin(), policy.rules_.end(),
            [](const PolicyRule& a, const PolicyRule& b) { return a.id < b.id; });
  return policy;
}

const PolicyRule* Policy::find(std::string_view id) const {
  for (const PolicyRule& rule : rules_)
    if (rule.id == id) return &rule;
  return nullptr;
}

}  // namespace gnomon::inventory
