#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "gnomon/bytes/ascii.h"
#include "gnomon/inventory/policy.h"
#include "gnomon/yaml/yaml_tree.h"
#include "policy_fields.h"

namespace gnomon::inventory {
namespace {

constexpr std::size_t kRulesMax = 2'000;
constexpr std::size_t kTextMax = 1 << 20;

bool is_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && id.front() != '-' && id.back() != '-' &&
         std::all_of(id.begin(), id.end(),
                     [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
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

  void read(const YamlNode& root, std::vector<PolicyRule>& rules) {
    if (!root.is_map()) return fail(root.line, "must begin with 'rules:'");
    for (const auto& [key, node] : root.members) {
      if (key != "rules") {
        fail(node.key_line, "unknown key " + in_quotes(key));
      } else if (!node.is_list()) {
        fail(node.line, "'rules' must be a list");
      } else {
        for (const YamlNode& each : node.items) read_rule(each, rules);
      }
    }
    if (root.find("rules") == nullptr) fail(root.line, "'rules' is missing");
  }

 private:
  void fail(std::size_t line, std::string message) {
    problems_.push_back({name_, line, std::move(message)});
  }

  void read_rule(const YamlNode& entry, std::vector<PolicyRule>& rules) {
    if (!entry.is_map()) return fail(entry.line, "a rule must be a list of 'key: value' lines");
    const std::size_t problems_before = problems_.size();
    PolicyRule rule;
    rule.file = name_;
    rule.line = entry.line;
    // What the rule is about decides which conditions there are.
    if (const YamlNode* subject = entry.find("for")) {
      const auto* at = std::find(std::begin(kSubjects), std::end(kSubjects), subject->text);
      if (at == std::end(kSubjects)) {
        fail(subject->line, "'for' must be one of " + list_text(kSubjects));
      } else {
        rule.subject = static_cast<RuleSubject>(at - std::begin(kSubjects));
      }
    } else {
      fail(entry.line, "'for' is missing: one of " + list_text(kSubjects));
    }
    for (const auto& [key, node] : entry.members) read_key(rule, key, node);
    for (const char* key : {"id", "sid", "title", "when", "then"})
      if (entry.find(key) == nullptr) fail(entry.line, in_quotes(key) + " is missing");
    if (problems_.size() == problems_before && rules.size() < kRulesMax)
      rules.push_back(std::move(rule));
  }

  void read_key(PolicyRule& rule, const std::string& key, const YamlNode& node) {
    if (key == "for") return;
    if (key == "id") {
      rule.id = node.text;
      if (!is_id(rule.id)) fail(node.line, "'id' must be small letters, digits and hyphens");
    } else if (key == "sid") {
      rule.sid = static_cast<std::uint32_t>(number(node, key, 99'999));
      if (rule.sid == 0) fail(node.line, "'sid' must be from 1 to 99999");
    } else if (key == "title") {
      rule.title = node.text;
      if (rule.title.empty()) fail(node.line, "'title' must be a text");
    } else if (key == "description") {
      rule.description = node.text;
    } else if (key == "enabled") {
      rule.enabled = flag(node, key);
    } else if (key == "period") {
      const auto* at = std::find(std::begin(kPeriods), std::end(kPeriods), node.text);
      if (at == std::end(kPeriods))
        return fail(node.line, "'period' must be one of " + list_text(kPeriods));
      rule.period = static_cast<RulePeriod>(at - std::begin(kPeriods));
    } else if (key == "when") {
      read_when(rule, node);
    } else if (key == "then") {
      read_then(rule, node);
    } else {
      fail(node.key_line, "unknown key " + in_quotes(key));
    }
  }

  std::uint64_t number(const YamlNode& node, std::string_view key, std::uint64_t most) {
    const std::string& text = node.text;
    std::uint64_t value = 0;
    const bool digits =
        !text.empty() && text.size() <= 18 && std::all_of(text.begin(), text.end(), is_digit);
    if (digits)
      for (const char c : text) value = value * 10 + static_cast<std::uint64_t>(c - '0');
    if (!digits || value > most) {
      fail(node.line, in_quotes(key) + " must be a whole number up to " + std::to_string(most));
      return 0;
    }
    return value;
  }

  bool flag(const YamlNode& node, std::string_view key) {
    const std::string& text = node.text;
    if (text != "true" && text != "false")
      fail(node.line, in_quotes(key) + " must be true or false");
    return text == "true";
  }

  std::vector<std::string> list(const YamlNode& node, std::string_view key,
                                std::span<const std::string_view> words, bool with_parts = false) {
    std::vector<std::string> values;
    const auto take = [&](const YamlNode& each) {
      if (each.text.empty()) return fail(each.line, in_quotes(key) + " holds an empty value");
      std::string_view word = each.text;
      if (with_parts) word = word.substr(0, word.find('.'));
      if (!words.empty() && !holds(words, word))
        return fail(each.line, in_quotes(each.text) + " is not one of " + list_text(words));
      values.push_back(each.text);
    };
    if (node.is_text()) {
      take(node);
    } else if (node.is_list() && !node.items.empty()) {
      for (const YamlNode& each : node.items) take(each);
    } else {
      fail(node.line, in_quotes(key) + " must be a value or a list of some");
    }
    return values;
  }

  bool fits(const PolicyRule& rule, unsigned subjects, const YamlNode& node, std::string_view key) {
    if ((subjects & bit(rule.subject)) != 0) return true;
    fail(node.key_line, in_quotes(key) + " cannot be asked of 'for: " +
                            std::string{to_string(rule.subject)} + "'");
    return false;
  }

  void read_when(PolicyRule& rule, const YamlNode& when) {
    if (!when.is_map()) return fail(when.line, "'when' must be a list of 'condition: value' lines");
    for (const auto& [key, node] : when.members) {
      bool known = false;
      for (const ListField& field : kLists) {
        if (field.name != key) continue;
        known = true;
        if (fits(rule, field.subjects, node, key))
          rule.*field.member = list(node, key, field.words, field.with_parts);
      }
      for (const NumberField& field : kNumbers) {
        if (field.name != key) continue;
        known = true;
        if (fits(rule, field.subjects, node, key))
          rule.*field.member = number(node, key, 999'999'999'999'999);
      }
      for (const FlagField& field : kFlags) {
        if (field.name != key) continue;
        known = true;
        if (fits(rule, field.subjects, node, key)) rule.*field.member = flag(node, key);
      }
      if (!known) read_special(rule, key, node);
    }
  }

  void read_special(PolicyRule& rule, const std::string& key, const YamlNode& node) {
    const std::string& word = node.text;
    if (key == "grade_min") {
      if (!fits(rule, kUse, node, key)) return;
      const auto* at = std::find(std::begin(kGrades), std::end(kGrades), word);
      if (at == std::end(kGrades))
        return fail(node.line, "'grade_min' must be session, use or content");
      rule.grade_min = static_cast<observation::Grade>(at - std::begin(kGrades) + 1);
      if (rule.grade_min < observation::Grade::kSession)
        fail(node.line,
             "'grade_min: " + word +
                 "': a name that was looked up or asked for is no use; it begins at session");
    } else if (key == "risk_level_min") {
      if (!fits(rule, kOfApp, node, key)) return;
      const auto* at = std::find(std::begin(kLevels), std::end(kLevels), word);
      if (at == std::end(kLevels))
        return fail(node.line, "'risk_level_min' must be one of " + list_text(kLevels));
      rule.risk_level_min = static_cast<RiskLevel>(at - std::begin(kLevels));
    } else if (key == "severity_min") {
      if (!fits(rule, kOfFinding, node, key)) return;
      if (!holds(kSeverities, word))
        return fail(node.line, "'severity_min' must be one of " + list_text(kSeverities));
      rule.severity_min = word;
    } else if (key == "score_min") {
      if (!fits(rule, kOfCandidate, node, key)) return;
      rule.score_min = static_cast<double>(number(node, key, 100)) / 100;
    } else {
      fail(node.key_line, "unknown condition " + in_quotes(key));
    }
  }

  void read_then(PolicyRule& rule, const YamlNode& then) {
    if (!then.is_map()) return fail(then.line, "'then' must be a list of 'action: value' lines");
    rule.alert = false;
    for (const auto& [key, node] : then.members) {
      if (key == "alert") {
        rule.alert = true;
        read_alert(rule, node);
      } else if (key == "tag") {
        if (fits(rule, kOfApp, node, key)) rule.tags = list(node, key, kAny);
      } else if (key == "require_review") {
        if (fits(rule, kOfApp, node, key)) rule.require_review = flag(node, key);
      } else {
        fail(node.key_line, "unknown action " + in_quotes(key));
      }
    }
    if (!rule.alert && rule.tags.empty() && !rule.require_review)
      fail(then.line, "'then' does nothing: it wants alert, tag or require_review");
  }

  void read_alert(PolicyRule& rule, const YamlNode& alert) {
    if (alert.is_text()) rule.severity = alert.text;
    for (const auto& [key, node] : alert.members) {
      if (key == "severity") {
        rule.severity = node.text;
      } else if (key == "category") {
        rule.alert_category = node.text;
      } else {
        fail(node.key_line, "unknown key " + in_quotes(key));
      }
    }
    if (!holds(kSeverities, rule.severity))
      fail(alert.line, "'alert' wants a severity: one of " + list_text(kSeverities));
  }

  std::string name_;
  std::vector<PolicyProblem>& problems_;
};

}  // namespace

std::string_view to_string(RuleSubject subject) {
  return kSubjects[static_cast<std::size_t>(subject)];
}

std::span<const std::string_view> finding_categories() { return kFindingCategories; }

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
    YamlNode root;
    if (auto fault = read_yaml(file.text, root)) {
      problems.push_back({file.name, fault->line, std::move(fault->what)});
      continue;
    }
    const std::size_t before = policy.rules_.size();
    FileReader{file.name, problems}.read(root, policy.rules_);
    for (std::size_t i = before; i < policy.rules_.size(); ++i) policy.rules_[i].local = file.local;
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
