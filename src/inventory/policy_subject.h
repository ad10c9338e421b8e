#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "app_list.h"
#include "database.h"
#include "gnomon/inventory/policy.h"

namespace gnomon::inventory {

// Whether a rule's list of words lets one through: an empty list lets all.
inline bool contains(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}
inline bool lets(const std::vector<std::string>& wanted, std::string_view word) {
  return wanted.empty() || contains(wanted, word);
}
template <class Words>
bool lets_any(const std::vector<std::string>& wanted, const Words& words) {
  return wanted.empty() || std::any_of(words.begin(), words.end(),
                                       [&](const auto& word) { return contains(wanted, word); });
}

std::string day_text(Time time);

// Where periods begin and end; days are those of the rubric's clock.
class Calendar {
 public:
  explicit Calendar(std::int32_t utc_offset_minutes) : offset_(utc_offset_minutes) {}

  // Of the period that holds `time`.
  [[nodiscard]] Time begin(RulePeriod period, Time time) const;
  // Of the period that begins at `begin`.
  [[nodiscard]] Time end(RulePeriod period, Time begin) const;
  [[nodiscard]] std::chrono::nanoseconds offset() const {
    return begin(RulePeriod::kDay, Time{}) - Time{};
  }

 private:
  std::chrono::minutes offset_;
};

// What rules ask of apps, of their decisions, and of who uses them.
class PolicySubjects {
 public:
  explicit PolicySubjects(Database& database) : database_(database) {}
  std::optional<Error> load();

  [[nodiscard]] const std::vector<AppSummary>& apps() const { return apps_; }
  [[nodiscard]] const Calendar& calendar() const { return calendar_; }
  [[nodiscard]] const AppSummary* app_of(std::string_view id) const;
  [[nodiscard]] std::string_view group_of(const std::string& client) const;
  const std::set<std::string>& usages_of(const std::string& app, const std::string& client);

  // What is asked of the app alone. Null: a host of no known app.
  [[nodiscard]] bool app_fits(const PolicyRule& rule, const AppSummary* app) const;
  // What is asked of who uses it and how: whether any of the usages that the rule means has a
  // decision that the rule means.
  [[nodiscard]] bool use_fits(const PolicyRule& rule, const std::string& app,
                              const std::set<std::string>& usages, std::string_view group) const;
  // The app in a sentence of an alert.
  [[nodiscard]] std::string facts_of(const AppSummary& app) const;

 private:
  [[nodiscard]] bool is_overdue(const std::string& app) const;

  Database& database_;
  Time as_of_;
  Calendar calendar_{0};
  std::vector<AppSummary> apps_;  // by id
  std::map<std::string, std::vector<Decision>> decisions_;
  std::unordered_map<std::string, std::string> groups_;
  std::map<std::string, std::set<std::string>> tags_;
  std::set<std::string> to_review_;
  std::map<std::pair<std::string, std::string>, std::set<std::string>> usages_;
};

std::string name_of(const AppSummary& app);
// Whether what was first seen at `first_seen` is as new at `now` as the rule wants it.
bool is_new_enough(const PolicyRule& rule, Time first_seen, Time now);

}  // namespace gnomon::inventory
