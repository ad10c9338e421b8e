#include <algorithm>

#include "anomalies.h"
#include "audit.h"
#include "decision_rows.h"
#include "policy_judge.h"
#include "ratings.h"

namespace gnomon::inventory {
std::vector<const PolicyRule*> rules_in_force(const Policy& policy) {
  std::vector<const PolicyRule*> rules;
  for (const PolicyRule& rule : policy.rules())
    if (rule.enabled) rules.push_back(&rule);
  return rules;
}

Result<std::vector<Alert>> apply_policy(Database& database, const Policy& policy, Time first,
                                        Time last, std::int64_t run) {
  const auto rules = rules_in_force(policy);
  if (rules.empty()) return std::vector<Alert>{};
  auto hits = judge_policy(database, rules, first, last);
  if (!hits) return hits.error();
  return store_hits(database, *hits, run);
}

Result<std::vector<Alert>> store_hits(Database& database, std::span<PolicyHit> hits,
                                      std::int64_t run) {
  std::vector<Alert> told;
  auto store = database.prepare(
      "INSERT OR IGNORE INTO alert (id, kind, app, client, server, host, period_ns, run, time_ns, "
      "signature_id, severity, category, title, explanation, numbers, tags, is_policy, "
      "evidence_count) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,1,?)");
  if (!store) return store.error();
  auto proof = database.prepare("INSERT OR IGNORE INTO alert_evidence VALUES (?,?,?,?,?,?,?,?)");
  if (!proof) return proof.error();
  auto flag = database.prepare("INSERT OR IGNORE INTO app_flag VALUES (?,?,?,?,?,?)");
  if (!flag) return flag.error();
  for (PolicyHit& hit : hits) {
    const PolicyRule& rule = *hit.rule;
    Alert& alert = hit.alert;
    alert.run = run;
    if (!alert.app.empty()) {
      for (const std::string& tag : rule.tags)
        if (!flag->bind_all(alert.app, std::string_view{"tag"}, tag, rule.id, alert.time, run)
                 .run())
          return database.error();
      if (rule.require_review && !flag->bind_all(alert.app, std::string_view{"require-review"},
                                                 std::string_view{}, rule.id, alert.time, run)
                                      .run())
        return database.error();
    }
    if (!rule.alert) continue;
    const std::string numbers = lines_of(alert.numbers);
    const std::string tags = joined_lines(alert.tags);
    store->bind_all(alert.id, alert.kind, alert.app, alert.client, alert.server, alert.host,
                    alert.period, run, alert.time, alert.signature_id, alert.severity,
                    alert.category, alert.title, alert.explanation, numbers, tags,
                    alert.evidence_count);
    if (!store->run()) return database.error();
    if (sqlite3_changes(database.get()) == 0) continue;  // told before
    std::int64_t position = 0;
    for (const AlertEvidence& each : hit.evidence) {
      proof->bind_all(alert.id, ++position, each.source, each.record, each.flow_id, each.file,
                      each.frame, each.time);
      if (!proof->run()) return database.error();
    }
    told.push_back(std::move(alert));
  }
  return told;
}

Result<std::vector<PolicyHit>> test_rule(const std::filesystem::path& path, const PolicyRule& rule,
                                         std::optional<Time> since) {
  auto database = Database::open(path, Access::kRead);
  if (!database) return database.error();
  auto as_of = read_as_of(*database);
  if (!as_of) return as_of.error();
  Time first = since.value_or(Time{});
  if (!since) {
    auto query = database->prepare(
        "SELECT coalesce(min(nullif(first_packet_ns, 0)), 0) FROM capture_run WHERE "
        "state = 'finished'");
    if (!query) return query.error();
    if (query->step()) first = query->time(0);
    if (!query->ok()) return database->error();
  }
  const PolicyRule* rules[] = {&rule};
  return judge_policy(*database, rules, first, *as_of);
}

Result<std::vector<PolicyFile>> stored_policy(const std::filesystem::path& path) {
  auto database = Database::open(path, Access::kRead);
  if (!database) return database.error();
  auto query = database->prepare("SELECT name, yaml, is_local FROM policy_file ORDER BY name");
  if (!query) return query.error();
  std::vector<PolicyFile> files;
  while (query->step()) files.push_back({query->text(0), query->text(1), query->integer(2) != 0});
  if (!query->ok()) return database->error();
  return files;
}

Result<bool> acknowledge_alert(const std::filesystem::path& path, std::string_view id,
                               std::string_view note, std::string_view actor, Time at) {
  auto database = Database::open(path, Access::kEdit);
  if (!database) return database.error();
  Transaction transaction{*database};
  if (transaction.error()) return *transaction.error();
  std::string title, before;
  {
    auto query = database->prepare(
        "SELECT a.title, coalesce(k.note, '') FROM alert a LEFT JOIN alert_ack k ON k.alert = a.id "
        "WHERE a.id = ?");
    if (!query) return query.error();
    if (!query->bind(1, id).step()) {
      if (!query->ok()) return database->error();
      return false;
    }
    title = query->text(0);
    before = query->text(1);
  }
  auto store = database->prepare("INSERT OR REPLACE INTO alert_ack VALUES (?,?,?,?)");
  if (!store) return store.error();
  auto audit = AuditWriter::prepare(*database, actor, at);
  if (!audit) return audit.error();
  if (!store->bind_all(id, actor, at, note).run() ||
      !audit->append("alert", id, "acknowledged", before, title, note))
    return database->error();
  if (auto failed = transaction.commit()) return *failed;
  return true;
}

Result<std::vector<AlertEvidence>> alert_evidence(const std::filesystem::path& path,
                                                  std::string_view id) {
  auto database = Database::open(path, Access::kRead);
  if (!database) return database.error();
  auto query = database->prepare(
      "SELECT source, record, flow_id, file, frame, time_ns FROM alert_evidence WHERE alert = ? "
      "ORDER BY position");
  if (!query) return query.error();
  query->bind(1, id);
  std::vector<AlertEvidence> all;
  while (query->step())
    all.push_back({query->text(0), query->text(1), query->number(2), query->text(3),
                   query->number(4), query->time(5)});
  if (!query->ok()) return database->error();
  return all;
}

}  // namespace gnomon::inventory
