#include "run_judgement.h"

#include "anomalies.h"
#include "gnomon/inventory/risk.h"
#include "policy_judge.h"

namespace gnomon::inventory {
namespace {

void append(std::vector<Alert>& alerts, const std::vector<Alert>& found) {
  alerts.insert(alerts.end(), found.begin(), found.end());
}

}  // namespace

Result<DayChanges> find_departures_of(Database& database, const RecorderOptions& options,
                                      Time first, Time last, const std::set<std::string>* apps) {
  if (options.anomaly_rules.empty()) return DayChanges{};
  auto rules = AnomalyRules::parse(options.anomaly_rules, "anomalies.yaml");
  if (!rules) return rules.error();
  WorkingHours hours;
  if (!options.risk_rubric.empty()) {
    auto rubric = RiskRubric::parse(options.risk_rubric, "risk.yaml");
    if (!rubric) return rubric.error();
    hours = rubric->working_hours();
  }
  return find_day_changes(database, *rules, hours, first, last, apps);
}

std::optional<Error> judge_departures(Database& database, const RecorderOptions& options,
                                      Time first, Time last, std::int64_t run,
                                      std::vector<Alert>& alerts) {
  auto found = find_departures_of(database, options, first, last, nullptr);
  if (!found) return found.error();
  if (auto failed = store_day_changes(database, *found, run)) return failed;
  append(alerts, found->told);
  return std::nullopt;
}

std::optional<Error> keep_policy_files(Database& database, const RecorderOptions& options) {
  if (auto failed = database.run("DELETE FROM policy_file")) return failed;
  auto store = database.prepare("INSERT OR REPLACE INTO policy_file VALUES (?, ?, ?)");
  if (!store) return store.error();
  for (const PolicyFile& file : options.policies)
    if (!store->bind_all(file.name, file.text, std::int64_t{file.local ? 1 : 0}).run())
      return database.error();
  return std::nullopt;
}

std::optional<Error> judge_by_policy(Database& database, const RecorderOptions& options, Time first,
                                     Time last, std::int64_t run, std::vector<Alert>& alerts) {
  if (options.policies.empty()) return std::nullopt;
  if (auto failed = keep_policy_files(database, options)) return failed;
  std::vector<PolicyProblem> problems;
  const Policy policy = Policy::parse(options.policies, problems);
  auto found = apply_policy(database, policy, first, last, run);
  if (!found) return found.error();
  append(alerts, *found);
  return std::nullopt;
}

}  // namespace gnomon::inventory
