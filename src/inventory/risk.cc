#include "gnomon/inventory/risk.h"

#include <algorithm>
#include <cctype>

#include "gnomon/bytes/ascii.h"
#include "gnomon/observation/coverage.h"

namespace gnomon::inventory {
namespace {

using Factor = RiskRubric::Factor;

constexpr std::string_view kUnknown = "unknown";

bool is_country_code(std::string_view text) {
  return text.size() == 2 && is_upper(text[0]) && is_upper(text[1]);
}

// What one factor makes of one answer.
struct Judgement {
  std::string value;
  std::optional<std::int32_t> points;  // nothing when the answer is not known
};

std::int32_t step_points(const Factor& factor, std::uint64_t number) {
  std::int32_t points = 0;
  for (const RiskRubric::Step& step : factor.steps)
    if (number >= step.from) points = step.points;
  return points;
}

Judgement judge_words(const Factor& factor, std::string_view answer) {
  for (const auto& [word, points] : factor.values)
    if (word == answer) return {std::string{answer}, points};
  return {std::string{answer}, std::nullopt};
}

void worsen(std::optional<std::int32_t>& points, std::int32_t found) {
  points = std::max(points.value_or(0), found);
}

Judgement judge_retention(const Factor& factor, std::string_view answer) {
  Judgement judgement{std::string{answer}, std::nullopt};
  const std::string text = lowered(answer);
  if (const auto days = retention_days(text)) worsen(judgement.points, step_points(factor, *days));
  for (const auto& [phrase, points] : factor.values)
    if (text.find(phrase) != std::string::npos) worsen(judgement.points, points);
  return judgement;
}

Judgement judge_countries(const Factor& factor, std::string_view answer) {
  Judgement judgement{std::string{answer}, std::nullopt};
  const std::string text = lowered(answer);
  for (const auto& [phrase, points] : factor.values)
    if (!is_country_code(phrase) && text.find(phrase) != std::string::npos)
      worsen(judgement.points, points);
  for (std::size_t at = 0; at < answer.size();) {
    std::size_t end = at;
    while (end < answer.size() && is_letter(answer[end])) ++end;
    const std::string_view word = answer.substr(at, end - at);
    at = end + 1;
    if (!is_country_code(word)) continue;
    const auto listed = std::find_if(factor.values.begin(), factor.values.end(),
                                     [&](const auto& value) { return value.first == word; });
    worsen(judgement.points, listed == factor.values.end() ? factor.other : listed->second);
  }
  return judgement;
}

Judgement judge_text(const Factor& factor, std::string_view answer) {
  const bool nothing = answer == "none" || answer == "no";
  return {std::string{answer}, nothing ? 0 : factor.points_max};
}

Judgement judge_answer(const Factor& factor, std::string_view answer) {
  if (answer.empty() || lowered(answer) == kUnknown) return {std::string{kUnknown}, std::nullopt};
  switch (factor.kind) {
    case RiskRubric::Kind::kWords:
      return judge_words(factor, answer);
    case RiskRubric::Kind::kRetention:
      return judge_retention(factor, answer);
    case RiskRubric::Kind::kCountries:
      return judge_countries(factor, answer);
    case RiskRubric::Kind::kText:
      return judge_text(factor, answer);
    case RiskRubric::Kind::kSteps:
      break;  // of numbers, which attributes are not
  }
  return {std::string{answer}, std::nullopt};
}

std::string_view attribute(const AppFacts& facts, std::string_view key) {
  if (key == "vendor_country") return facts.vendor_country;
  for (const auto& [name, value] : facts.attributes)
    if (name == key) return value;
  return {};
}

Judgement judge_metric(const Factor& factor, const Metric& metric) {
  if (!metric) return {"not visible", std::nullopt};
  std::string value = observation::grouped(*metric);
  if (factor.key.ends_with("_percent")) value += " %";
  if (factor.key.ends_with("bytes")) value += " bytes";
  return {std::move(value), step_points(factor, *metric)};
}

std::string date_of(Time time) { return to_text_time(time).substr(0, 10); }

std::string_view review_state(const RiskInput& input) {
  if (input.status == "unreviewed") return "not reviewed";
  if (input.review_date.empty()) return "no date";
  return input.review_date < date_of(input.as_of) ? "overdue" : "due later";
}

bool is_listed(const std::vector<std::string>& list, std::string_view word) {
  return list.empty() || std::find(list.begin(), list.end(), word) != list.end();
}

// Whether a category is one of those listed, or below one.
bool is_below(const std::vector<std::string>& list, std::string_view category) {
  return list.empty() || std::any_of(list.begin(), list.end(), [&](const std::string& each) {
           return category == each ||
                  (category.starts_with(each) && category.size() > each.size() &&
                   category[each.size()] == '.');
         });
}

Judgement judge_findings(const Factor& factor, const RiskInput& input) {
  if (!input.findings) return {"not visible", std::nullopt};
  std::uint64_t count = 0;
  for (const FindingCount& each : input.findings_by_kind)
    if (is_below(factor.categories, each.category) && is_listed(factor.severities, each.severity) &&
        is_listed(factor.confidences, each.confidence) &&
        is_listed(factor.directions, each.direction))
      count += each.count;
  return {observation::grouped(count), step_points(factor, count)};
}

Judgement judge(const Factor& factor, const RiskInput& input) {
  switch (factor.part) {
    case RiskPart::kVendor:
      return judge_answer(factor, attribute(input.facts, factor.key));
    case RiskPart::kExposure:
      if (factor.of_findings) return judge_findings(factor, input);
      for (const ExposureMetric& metric : kExposureMetrics)
        if (metric.key == factor.key) return judge_metric(factor, input.*metric.member);
      break;
    case RiskPart::kGovernance:
      return judge_words(factor, factor.key == "status" ? input.status : review_state(input));
    case RiskPart::kOverride:
      break;
  }
  return {std::string{kUnknown}, std::nullopt};
}

}  // namespace

std::string_view to_string(RiskLevel level) {
  switch (level) {
    case RiskLevel::kMinimal:
      return "minimal";
    case RiskLevel::kLow:
      return "low";
    case RiskLevel::kMedium:
      return "medium";
    case RiskLevel::kHigh:
      return "high";
    case RiskLevel::kCritical:
      return "critical";
  }
  return "critical";
}

std::string_view to_string(RiskPart part) {
  switch (part) {
    case RiskPart::kVendor:
      return "vendor";
    case RiskPart::kExposure:
      return "exposure";
    case RiskPart::kGovernance:
      return "governance";
    case RiskPart::kOverride:
      return "override";
  }
  return "override";
}

bool WorkingHours::contains(Time time) const {
  const auto local =
      std::chrono::floor<std::chrono::hours>(time + std::chrono::minutes{utc_offset_minutes});
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::weekday weekday{day};
  if (!weekends && (weekday == std::chrono::Saturday || weekday == std::chrono::Sunday))
    return false;
  const auto hour = (local - day).count();
  return hour >= from && hour < to;
}

std::optional<std::uint64_t> retention_days(std::string_view text) {
  constexpr std::uint64_t kCountMax = 100'000;  // of anything: longer is for ever
  struct Unit {
    std::string_view word;
    std::uint64_t hours;
  };
  constexpr Unit kUnits[] = {{"h", 1},       {"hour", 1},    {"hours", 1},    {"d", 24},
                             {"day", 24},    {"days", 24},   {"w", 168},      {"week", 168},
                             {"weeks", 168}, {"month", 720}, {"months", 720}, {"y", 8760},
                             {"year", 8760}, {"years", 8760}};
  std::optional<std::uint64_t> longest;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_digit(text[at])) {
      ++at;
      continue;
    }
    std::uint64_t count = 0;
    for (; at < text.size() && is_digit(text[at]); ++at)
      count = std::min(count * 10 + static_cast<std::uint64_t>(text[at] - '0'), kCountMax);
    if (at < text.size() && text[at] == ' ') ++at;
    const std::size_t from = at;
    while (at < text.size() && is_letter(text[at])) ++at;
    const std::string word = lowered(text.substr(from, at - from));
    std::optional<std::uint64_t> hours;
    if (count == 0) hours = 0;  // needs no unit
    for (const Unit& unit : kUnits)
      if (unit.word == word) hours = count * unit.hours;
    if (hours) longest = std::max(longest.value_or(0), (*hours + 23) / 24);
  }
  return longest;
}

RiskRating RiskRubric::rate(const RiskInput& input) const {
  RiskRating rating;
  std::int32_t unknown = 0;
  for (const Factor& factor : factors_) {
    Judgement judgement = judge(factor, input);
    RiskRow row;
    row.part = factor.part;
    row.key = factor.key;
    row.label = factor.label;
    row.value = std::move(judgement.value);
    row.known = judgement.points.has_value();
    row.points = judgement.points.value_or(0);
    row.points_max = factor.points_max;
    row.why = factor.why;
    if (!row.known) {
      unknown += factor.points_max;
      row.why += " Not known here: no points, and less confidence.";
    }
    rating.score += row.points;
    rating.rows.push_back(std::move(row));
  }
  rating.score_worst = rating.score + unknown;
  rating.confidence = 100 - unknown;

  const std::string today = date_of(input.as_of);
  const auto holds = [&](const auto& each) {
    return each.from <= today && (each.until.empty() || each.until >= today);
  };
  const auto apply = [&](const RiskOverride& each) {
    RiskRow row;
    row.part = RiskPart::kOverride;
    row.key = row.label = "override";
    row.value = std::to_string(each.score) + " from " + each.from +
                (each.until.empty() ? "" : " until " + each.until) +
                (each.by.empty() ? "" : " by " + each.by);
    row.points = each.score - rating.score;
    row.why = each.reason;
    rating.rows.push_back(std::move(row));
    rating.score = rating.score_worst = each.score;
  };
  const auto given = std::find_if(input.overrides.begin(), input.overrides.end(), holds);
  if (given != input.overrides.end()) {
    apply(*given);
  } else {
    for (const Override& each : overrides_) {
      if (each.app != input.app || !holds(each)) continue;
      apply({each.score, each.from, each.until, each.reason, ""});
      break;
    }
  }

  rating.level = level_of(rating.score);
  return rating;
}

RiskLevel RiskRubric::level_of(std::int32_t score) const {
  RiskLevel found = RiskLevel::kMinimal;
  for (std::size_t level = 0; level < kRiskLevels; ++level)
    if (score >= level_from_[level]) found = static_cast<RiskLevel>(level);
  return found;
}

RiskRating RiskRubric::rate_asset(std::span<const std::string> exposures) const {
  constexpr std::int32_t kScoreMax = 100;
  RiskRating rating;
  const auto seen = [&](std::string_view exposure) {
    return std::find(exposures.begin(), exposures.end(), exposure) != exposures.end();
  };
  const auto add = [&](std::string_view key, std::string_view label, std::string_view why,
                       std::int32_t points, std::int32_t points_max, bool is_there) {
    RiskRow row;
    row.part = RiskPart::kExposure;
    row.key = key;
    row.label = label;
    row.value = is_there ? "seen" : "not seen";
    row.points = points;
    row.points_max = points_max;
    row.why = why;
    rating.rows.push_back(std::move(row));
    rating.score += points;
  };
  for (const AssetFactor& factor : asset_factors_) {
    const bool is_there = seen(factor.exposure);
    // Rows add up to the score, which ends at 100.
    const std::int32_t points = is_there ? std::min(factor.points, kScoreMax - rating.score) : 0;
    add(factor.exposure, factor.label, factor.why, points, factor.points, is_there);
  }
  for (const std::string& exposure : exposures)
    if (std::none_of(asset_factors_.begin(), asset_factors_.end(),
                     [&](const AssetFactor& factor) { return factor.exposure == exposure; }))
      add(exposure, exposure, "Seen, but the rubric gives it no weight.", 0, 0, true);
  rating.confidence = kScoreMax;
  rating.score_worst = rating.score;
  rating.level = level_of(rating.score);
  return rating;
}

}  // namespace gnomon::inventory
