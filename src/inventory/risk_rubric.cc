#include <algorithm>
#include <fstream>
#include <iterator>
#include <mutex>

#include "gnomon/bytes/ascii.h"
#include "gnomon/inventory/review.h"
#include "gnomon/inventory/risk.h"
#include "gnomon/yaml/yaml_tree.h"

namespace gnomon::inventory {
namespace {

constexpr std::int32_t kPointsOfAll = 100;
constexpr std::size_t kTextMax = 1 << 20;

struct KindName {
  std::string_view name;
  RiskRubric::Kind kind;
  bool needs_values;
  bool needs_steps;
  bool needs_other;
};
constexpr KindName kKinds[] = {
    {"words", RiskRubric::Kind::kWords, true, false, false},
    {"steps", RiskRubric::Kind::kSteps, false, true, false},
    {"retention", RiskRubric::Kind::kRetention, true, true, false},
    {"countries", RiskRubric::Kind::kCountries, true, false, true},
    {"text", RiskRubric::Kind::kText, false, false, false},
};

std::string in_quotes(std::string_view text) { return "'" + std::string{text} + "'"; }

}  // namespace

// Reads the YAML and remembers the first thing that is wrong, with its line. Nodes that are missing
// or of the wrong shape read as empty, so that every function may read on and be judged once.
class RubricReader {
 public:
  explicit RubricReader(std::string_view name) : name_(name) {}

  Result<RiskRubric> read(const YamlNode& root) {
    allow_keys(
        root, "the rubric",
        {"levels", "working_hours", "vendor", "exposure", "governance", "assets", "overrides"});
    read_levels(need(root, "levels"));
    read_working_hours(need(root, "working_hours"));
    read_part(root, "vendor", RiskPart::kVendor);
    read_part(root, "exposure", RiskPart::kExposure);
    read_part(root, "governance", RiskPart::kGovernance);
    if (const YamlNode* assets = root.find("assets")) read_assets(*assets);
    if (const YamlNode* overrides = root.find("overrides")) read_overrides(*overrides);
    if (!error_) {
      std::int32_t sum = 0;
      for (const RiskRubric::Factor& factor : rubric_.factors_) sum += factor.points_max;
      if (sum != kPointsOfAll)
        fail(root.line, "the points_max of all factors add up to " + std::to_string(sum) +
                            ", but must make 100");
    }
    if (error_) return *error_;
    return std::move(rubric_);
  }

 private:
  using Factor = RiskRubric::Factor;

  void fail(std::size_t line, const std::string& what) {
    if (!error_) error_ = Error{what}.in(name_ + ":" + std::to_string(line));
  }

  // Every key is one of `allowed`.
  void allow_keys(const YamlNode& map, const std::string& what,
                  std::initializer_list<std::string_view> allowed) {
    if (!map.is_map()) return fail(map.line, what + " must be a list of 'key: value' lines");
    for (const auto& [key, node] : map.members)
      if (std::find(allowed.begin(), allowed.end(), key) == allowed.end())
        fail(node.key_line, "unknown key " + in_quotes(key) + " in " + what);
  }

  const YamlNode& need(const YamlNode& map, std::string_view key) {
    static const YamlNode kNothing;
    if (const YamlNode* node = map.find(key)) return *node;
    fail(map.line, "key " + in_quotes(key) + " is missing");
    return kNothing;
  }

  std::string text(const YamlNode& map, std::string_view key) {
    const YamlNode& node = need(map, key);
    if (node.text.empty()) fail(node.line, in_quotes(key) + " must be a text");
    return node.text;
  }

  std::int64_t number(std::string_view digits, std::size_t line, const std::string& what,
                      std::int64_t least, std::int64_t most) {
    const bool negative = digits.starts_with('-');
    const auto first = digits.begin() + (negative ? 1 : 0);
    const bool whole =
        first != digits.end() && digits.size() <= 18 && std::all_of(first, digits.end(), is_digit);
    std::int64_t value = 0;
    if (whole)
      for (auto at = first; at != digits.end(); ++at) value = value * 10 + (*at - '0');
    if (negative) value = -value;
    if (!whole || value < least || value > most)
      fail(line, what + " must be a whole number from " + std::to_string(least) + " to " +
                     std::to_string(most));
    return value;
  }

  std::int32_t small_number(const YamlNode& node, const std::string& what, std::int32_t least,
                            std::int32_t most) {
    return static_cast<std::int32_t>(number(node.text, node.line, what, least, most));
  }

  void read_levels(const YamlNode& levels) {
    if (error_) return;
    allow_keys(levels, "levels", {"minimal", "low", "medium", "high", "critical"});
    for (std::size_t i = 0; i < kRiskLevels && !error_; ++i) {
      const std::string word{to_string(static_cast<RiskLevel>(i))};
      const YamlNode& from = need(levels, word);
      rubric_.level_from_.push_back(
          small_number(from, "level " + in_quotes(word), 0, kPointsOfAll));
      if (i == 0 && rubric_.level_from_[0] != 0) fail(from.line, "level 'minimal' must begin at 0");
      if (i > 0 && rubric_.level_from_[i] <= rubric_.level_from_[i - 1])
        fail(from.line, "level " + in_quotes(word) + " must begin above the one before");
    }
  }

  void read_working_hours(const YamlNode& node) {
    if (error_) return;
    allow_keys(node, "working_hours", {"from", "to", "weekends", "utc_offset_minutes"});
    WorkingHours& hours = rubric_.working_hours_;
    hours.from = small_number(need(node, "from"), "'from'", 0, 23);
    hours.to = small_number(need(node, "to"), "'to'", 1, 24);
    if (hours.to <= hours.from) fail(node.line, "'to' must be after 'from'");
    const std::string weekends = text(node, "weekends");
    if (weekends != "true" && weekends != "false")
      fail(need(node, "weekends").line, "'weekends' must be true or false");
    hours.weekends = weekends == "true";
    hours.utc_offset_minutes =
        small_number(need(node, "utc_offset_minutes"), "'utc_offset_minutes'", -840, 840);
  }

  void read_part(const YamlNode& root, const char* key, RiskPart part) {
    if (error_) return;
    const YamlNode& list = need(root, key);
    if (!error_ && (!list.is_list() || list.items.empty()))
      fail(list.line, in_quotes(key) + " must be a list of factors");
    if (error_) return;
    for (const YamlNode& node : list.items) {
      read_factor(node, part);
      if (error_) return;
    }
  }

  void read_factor(const YamlNode& node, RiskPart part) {
    allow_keys(
        node, "a factor",
        {"key", "label", "kind", "points_max", "findings", "values", "steps", "other", "why"});
    Factor factor;
    factor.part = part;
    factor.key = text(node, "key");
    factor.label = text(node, "label");
    factor.why = text(node, "why");
    const std::string kind = text(node, "kind");
    factor.points_max = small_number(need(node, "points_max"), "'points_max'", 1, kPointsOfAll);
    if (error_) return;

    const auto* known = std::find_if(std::begin(kKinds), std::end(kKinds),
                                     [&](const KindName& each) { return each.name == kind; });
    if (known == std::end(kKinds))
      return fail(need(node, "kind").line, "unknown kind " + in_quotes(kind));
    factor.kind = known->kind;
    if (const YamlNode* findings = node.find("findings")) read_findings(*findings, factor);
    check_key(need(node, "key").line, factor);
    take_or_refuse(node, "values", known->needs_values);
    take_or_refuse(node, "steps", known->needs_steps);
    take_or_refuse(node, "other", known->needs_other);
    if (error_) return;
    if (known->needs_values) read_values(need(node, "values"), factor);
    if (known->needs_steps) read_steps(need(node, "steps"), factor);
    if (known->needs_other) factor.other = points(need(node, "other"), factor);
    check_reach(node, factor);
    rubric_.factors_.push_back(std::move(factor));
  }

  void take_or_refuse(const YamlNode& factor, std::string_view key, bool needed) {
    if (needed) {
      (void)need(factor, key);
    } else if (const YamlNode* node = factor.find(key)) {
      fail(node->line,
           in_quotes(key) + " has no meaning for kind " + in_quotes(need(factor, "kind").text));
    }
  }

  // Exposure and governance are ours to measure: they know their keys. Vendors' are data.
  void check_key(std::size_t line, const Factor& factor) {
    for (const Factor& other : rubric_.factors_)
      if (other.key == factor.key)
        return fail(line, "factor " + in_quotes(factor.key) + " is there twice");
    bool known = true;
    bool fits = factor.kind != RiskRubric::Kind::kSteps;
    if (factor.part == RiskPart::kExposure) {
      known = factor.of_findings ||
              std::any_of(std::begin(kExposureMetrics), std::end(kExposureMetrics),
                          [&](const ExposureMetric& metric) { return metric.key == factor.key; });
      fits = factor.kind == RiskRubric::Kind::kSteps;
    } else if (factor.part == RiskPart::kGovernance) {
      known = factor.key == "status" || factor.key == "review";
      fits = factor.kind == RiskRubric::Kind::kWords;
    }
    if (!known)
      fail(line, "unknown factor " + in_quotes(factor.key) + " of " +
                     std::string{to_string(factor.part)});
    if (!fits)
      fail(line, "factor " + in_quotes(factor.key) + " of " + std::string{to_string(factor.part)} +
                     " cannot be of this kind");
  }

  void read_findings(const YamlNode& node, Factor& factor) {
    if (factor.part != RiskPart::kExposure)
      return fail(node.line, "'findings' has a meaning in exposure only");
    allow_keys(node, "findings", {"categories", "severities", "confidences", "directions"});
    if (error_) return;
    factor.of_findings = true;
    factor.categories = words(node, "categories");
    factor.severities = words(node, "severities");
    factor.confidences = words(node, "confidences");
    factor.directions = words(node, "directions");
  }

  std::vector<std::string> words(const YamlNode& map, std::string_view key) {
    std::vector<std::string> all;
    const YamlNode* list = map.find(key);
    if (list == nullptr) return all;
    if (list->items.empty()) fail(list->line, in_quotes(key) + " must be a list of words");
    for (const YamlNode& node : list->items) {
      if (node.text.empty()) fail(node.line, in_quotes(key) + " must be a list of words");
      all.push_back(node.text);
    }
    return all;
  }

  void read_assets(const YamlNode& list) {
    if (error_) return;  // rubrics kept by older versions have none
    if (!list.is_list()) return fail(list.line, "'assets' must be a list");
    for (const YamlNode& node : list.items) {
      allow_keys(node, "an exposure of assets", {"exposure", "label", "points", "why"});
      RiskRubric::AssetFactor each;
      each.exposure = text(node, "exposure");
      each.label = text(node, "label");
      each.points = small_number(need(node, "points"), "'points'", 0, kPointsOfAll);
      each.why = text(node, "why");
      if (error_) return;
      for (const RiskRubric::AssetFactor& other : rubric_.asset_factors_)
        if (other.exposure == each.exposure)
          return fail(node.line, "exposure " + in_quotes(each.exposure) + " is there twice");
      rubric_.asset_factors_.push_back(std::move(each));
    }
  }

  std::int32_t points(const YamlNode& node, const Factor& factor) {
    return small_number(node, "points of " + in_quotes(factor.key), 0, factor.points_max);
  }

  void read_values(const YamlNode& values, Factor& factor) {
    if (values.members.empty())
      return fail(values.line, "'values' must be a list of 'answer: points'");
    for (const auto& [answer, node] : values.members) {
      if (answer.empty()) fail(node.key_line, "an answer must be a text");
      factor.values.emplace_back(answer, points(node, factor));
    }
  }

  void read_steps(const YamlNode& steps, Factor& factor) {
    if (steps.members.empty()) return fail(steps.line, "'steps' must be a list of 'from: points'");
    for (const auto& [key, node] : steps.members) {
      const std::int64_t from = number(key, node.key_line, "a step", 0, INT64_MAX);
      if (!factor.steps.empty() && static_cast<std::uint64_t>(from) <= factor.steps.back().from)
        fail(node.key_line, "steps must ascend");
      factor.steps.push_back({static_cast<std::uint64_t>(from), points(node, factor)});
    }
  }

  // points_max is what the rows show and the confidence is made of: it must be possible.
  void check_reach(const YamlNode& node, const Factor& factor) {
    if (error_ || factor.kind == RiskRubric::Kind::kText) return;
    std::int32_t most = factor.other;
    for (const auto& value : factor.values) most = std::max(most, value.second);
    for (const RiskRubric::Step& step : factor.steps) most = std::max(most, step.points);
    if (most != factor.points_max)
      fail(node.line, "no answer of " + in_quotes(factor.key) + " gives its points_max of " +
                          std::to_string(factor.points_max));
  }

  void read_overrides(const YamlNode& list) {
    if (error_) return;
    if (!list.is_list()) return fail(list.line, "'overrides' must be a list");
    for (const YamlNode& node : list.items) {
      allow_keys(node, "an override", {"app", "score", "from", "until", "reason"});
      RiskRubric::Override each;
      each.app = text(node, "app");
      each.score = small_number(need(node, "score"), "'score'", 0, kPointsOfAll);
      each.from = date(node, "from");
      if (node.find("until") != nullptr) each.until = date(node, "until");
      each.reason = text(node, "reason");
      if (error_) return;
      if (!each.until.empty() && each.until < each.from)
        fail(need(node, "until").line, "'until' is before 'from'");
      rubric_.overrides_.push_back(std::move(each));
    }
  }

  std::string date(const YamlNode& map, std::string_view key) {
    const std::string value = text(map, key);
    if (!error_ && !is_date(value))
      fail(need(map, key).line, in_quotes(key) + " must be a day as 2026-12-31");
    return value;
  }

  std::string name_;
  RiskRubric rubric_;
  std::optional<Error> error_;
};

Result<RiskRubric> RiskRubric::parse(std::string_view text, std::string_view name) {
  // Each step of a run asks for the same rubric, and to parse it takes milliseconds.
  static std::mutex mutex;
  static std::string last_text;
  static RiskRubric last;
  const std::lock_guard lock{mutex};
  if (!text.empty() && text == last_text) return last;
  YamlNode root;
  if (auto fault = read_yaml(text, root))
    return Error{std::move(fault->what)}.in(std::string{name} + ":" + std::to_string(fault->line));
  auto rubric = RubricReader{name}.read(root);
  if (rubric) {
    last = *rubric;
    last_text = text;
  }
  return rubric;
}

Result<RiskRubric> RiskRubric::load(const std::string& path) {
  std::ifstream file{path};
  if (!file) return Error{"cannot be read"}.in(path);
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (text.size() > kTextMax) return Error{"is too long for a rubric"}.in(path);
  return parse(text, path);
}

}  // namespace gnomon::inventory
