#include "policy_subject.h"

#include "decision_rows.h"
#include "policy_facts.h"
#include "ratings.h"
#include "rows.h"

namespace gnomon::inventory {
namespace {

constexpr std::int64_t kNsPerDay = 86'400'000'000'000;

}  // namespace

std::string day_text(Time time) { return to_text_time(time).substr(0, 10); }

Time Calendar::begin(RulePeriod period, Time time) const {
  const auto day = std::chrono::floor<std::chrono::days>(time + offset_);
  switch (period) {
    case RulePeriod::kDay:
      break;
    case RulePeriod::kWeek: {
      const std::chrono::weekday weekday{day};
      return Time{(day - (weekday - std::chrono::Monday)).time_since_epoch()} - offset_;
    }
    case RulePeriod::kMonth: {
      const std::chrono::year_month_day date{day};
      return Time{std::chrono::sys_days{date.year() / date.month() / 1}.time_since_epoch()} -
             offset_;
    }
    case RulePeriod::kOnce:
      break;
  }
  return Time{day.time_since_epoch()} - offset_;
}

Time Calendar::end(RulePeriod period, Time begin) const {
  switch (period) {
    case RulePeriod::kWeek:
      return begin + std::chrono::days{7};
    case RulePeriod::kMonth:
      return this->begin(RulePeriod::kMonth, begin + std::chrono::days{35});
    case RulePeriod::kDay:
    case RulePeriod::kOnce:
      break;
  }
  return begin + std::chrono::days{1};
}

std::optional<Error> PolicySubjects::load() {
  auto rubric = read_rubric(database_);
  if (!rubric) return rubric.error();
  if (*rubric) calendar_ = Calendar{(*rubric)->working_hours().utc_offset_minutes};
  auto as_of = read_as_of(database_);
  if (!as_of) return as_of.error();
  as_of_ = *as_of;
  auto apps = read_apps(database_, *rubric, *as_of);
  if (!apps) return apps.error();
  apps_ = std::move(*apps);
  auto decisions = read_decisions(database_, {});
  if (!decisions) return decisions.error();
  for (Decision& each : *decisions) decisions_[each.scope.app].push_back(std::move(each));
  auto groups = read_memberships(database_);
  if (!groups) return groups.error();
  groups_ = std::move(*groups);
  auto flags = database_.prepare("SELECT app, flag, value FROM app_flag");
  if (!flags) return flags.error();
  while (flags->step()) {
    if (flags->text(1) == "tag") tags_[flags->text(0)].insert(flags->text(2));
    if (flags->text(1) == "require-review") to_review_.insert(flags->text(0));
  }
  if (!flags->ok()) return database_.error();
  return std::nullopt;
}

const AppSummary* PolicySubjects::app_of(std::string_view id) const {
  const auto at = std::lower_bound(
      apps_.begin(), apps_.end(), id,
      [](const AppSummary& app, std::string_view wanted) { return app.facts.id < wanted; });
  return at != apps_.end() && at->facts.id == id ? &*at : nullptr;
}

std::string_view PolicySubjects::group_of(const std::string& client) const {
  const auto at = groups_.find(client);
  return at == groups_.end() ? std::string_view{} : std::string_view{at->second};
}

bool PolicySubjects::app_fits(const PolicyRule& rule, const AppSummary* app) const {
  static const AppSummary kNone;
  const AppSummary& asked = app == nullptr ? kNone : *app;
  const AppFacts& facts = asked.facts;
  if (!lets(rule.apps, facts.id) || !lets(rule.categories, facts.category) ||
      !lets(rule.vendors, facts.vendor) || !lets(rule.countries, facts.vendor_country) ||
      contains(rule.not_apps, facts.id) || contains(rule.not_categories, facts.category) ||
      contains(rule.not_countries, facts.vendor_country))
    return false;
  if (rule.risk_level_min && (!asked.rating || asked.rating->level < *rule.risk_level_min))
    return false;
  if (rule.risk_score_min && (!asked.rating || static_cast<std::uint64_t>(std::max(
                                                   asked.rating->score, 0)) < *rule.risk_score_min))
    return false;
  if (rule.overdue) {
    const bool overdue = is_overdue(facts.id);
    if (overdue != *rule.overdue) return false;
  }
  if (rule.review_required && to_review_.contains(facts.id) != *rule.review_required) return false;
  if (!rule.tags_any.empty()) {
    const auto at = tags_.find(facts.id);
    if (at == tags_.end() || !lets_any(rule.tags_any, at->second)) return false;
  }
  return true;
}

bool PolicySubjects::is_overdue(const std::string& app) const {
  const auto at = decisions_.find(app);
  if (at == decisions_.end()) return false;
  const std::string today = day_text(as_of_);
  return std::any_of(at->second.begin(), at->second.end(), [&](const Decision& each) {
    return each.review.status != "unreviewed" && !each.review.review_date.empty() &&
           each.review.review_date < today;
  });
}

bool PolicySubjects::use_fits(const PolicyRule& rule, const std::string& app,
                              const std::set<std::string>& usages, std::string_view group) const {
  if (!lets(rule.client_groups, group) || contains(rule.not_client_groups, group)) return false;
  if (!lets_any(rule.usages, usages)) return false;
  if (rule.statuses.empty()) return true;
  const auto at = decisions_.find(app);
  const auto status_of = [&](std::string_view usage) -> std::string_view {
    const Decision* decision =
        at == decisions_.end() ? nullptr : effective_decision(at->second, usage, group);
    return decision == nullptr ? std::string_view{"unreviewed"}
                               : std::string_view{decision->review.status};
  };
  if (usages.empty()) return contains(rule.statuses, status_of({}));
  return std::any_of(usages.begin(), usages.end(), [&](const std::string& usage) {
    return lets(rule.usages, usage) && contains(rule.statuses, status_of(usage));
  });
}

bool is_new_enough(const PolicyRule& rule, Time first_seen, Time now) {
  if (!rule.first_seen_days_max) return true;
  const auto days =
      static_cast<std::int64_t>(std::min<std::uint64_t>(*rule.first_seen_days_max, 100'000));
  return now - first_seen <= std::chrono::nanoseconds{days * kNsPerDay};
}

std::string name_of(const AppSummary& app) {
  return app.facts.name.empty() ? app.facts.id : app.facts.name;
}

std::string PolicySubjects::facts_of(const AppSummary& app) const {
  std::string text = name_of(app) + " (" + app.facts.id + ") is " + app.review.status;
  if (app.rating)
    text += ", risk " + std::to_string(app.rating->score) + " " +
            std::string{to_string(app.rating->level)};
  if (is_overdue(app.facts.id)) text += ", its review is overdue";
  return text + ".";
}

const std::set<std::string>& PolicySubjects::usages_of(const std::string& app,
                                                       const std::string& client) {
  const auto [at, is_new] = usages_.try_emplace({app, client});
  if (!is_new || app.empty()) return at->second;
  auto query = database_.prepare(
      "SELECT DISTINCT usage FROM v_sightings WHERE app = ? AND client = ? AND usage <> ''");
  if (!query) return at->second;
  query->bind(1, app).bind(2, client);
  while (query->step()) at->second.insert(query->text(0));
  return at->second;
}

}  // namespace gnomon::inventory
