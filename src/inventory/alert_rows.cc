#include <algorithm>

#include "anomalies.h"
#include "gnomon/bytes/byte_reader.h"
#include "gnomon/bytes/sha256.h"
#include "rows.h"

// Alerts as they are stored, whoever told them.
namespace gnomon::inventory {

std::string lines_of(const std::vector<std::pair<std::string, std::string>>& numbers) {
  std::string lines;
  for (const auto& [name, value] : numbers) lines += name + "=" + value + "\n";
  return lines;
}

std::string id_of(const Alert& alert) {
  constexpr std::size_t kDigits = 16;
  std::string key;
  for (const std::string* part :
       {&alert.kind, &alert.app, &alert.client, &alert.server, &alert.host})
    key += *part + '\0';
  key += std::to_string(alert.period.time_since_epoch().count());
  Sha256 hash;
  hash.start();
  hash.add(Bytes{reinterpret_cast<const std::uint8_t*>(key.data()), key.size()});
  const auto digits = to_hex(hash.finish());
  return {digits.begin(), digits.begin() + kDigits};
}

std::optional<Error> store_day_changes(Database& database, DayChanges& changes, std::int64_t run) {
  auto forget = database.prepare(
      "DELETE FROM alert WHERE is_policy = 0 AND kind = ? AND app = ? AND client = ? AND server = "
      "? AND period_ns = ?");
  if (!forget) return forget.error();
  for (const Alert& alert : changes.gone) {
    forget->bind_all(alert.kind, alert.app, alert.client, alert.server, alert.period);
    if (!forget->run()) return database.error();
  }
  return store_alerts(database, changes.told, run);
}

std::optional<Error> store_alerts(Database& database, std::vector<Alert>& alerts,
                                  std::int64_t run) {
  auto store = database.prepare(
      "INSERT OR IGNORE INTO alert (kind, app, client, server, host, period_ns, run, time_ns, "
      "signature_id, severity, title, explanation, numbers, id, category, tags, is_policy, "
      "evidence_count) VALUES (?,?,?,?,'',?,?,?,?,?,?,?,?,?,?,'',0,0)");
  if (!store) return store.error();
  for (Alert& alert : alerts) {
    alert.run = run;
    alert.id = id_of(alert);
    const std::string numbers = lines_of(alert.numbers);
    store->bind_all(alert.kind, alert.app, alert.client, alert.server, alert.period, run,
                    alert.time, alert.signature_id, alert.severity, alert.title, alert.explanation,
                    numbers, alert.id, alert.category);
    if (!store->run()) return database.error();
  }
  return std::nullopt;
}

Alert read_alert(const Statement& row) {
  Alert alert;
  alert.kind = row.text(0);
  alert.severity = row.text(1);
  alert.app = row.text(2);
  alert.client = row.text(3);
  alert.server = row.text(4);
  alert.time = row.time(5);
  alert.period = row.time(6);
  alert.signature_id = static_cast<std::uint32_t>(row.integer(7));
  alert.title = row.text(8);
  alert.explanation = row.text(9);
  for (const std::string& line : split_lines(row.text(10))) {
    const std::size_t equals = std::min(line.find('='), line.size());
    alert.numbers.emplace_back(line.substr(0, equals),
                               equals < line.size() ? line.substr(equals + 1) : "");
  }
  alert.run = row.integer(11);
  alert.id = row.text(12);
  alert.host = row.text(13);
  alert.policy = row.integer(14) != 0;
  alert.category = row.text(15);
  alert.tags = split_lines(row.text(16));
  alert.evidence_count = row.number(17);
  alert.acked_by = row.text(18);
  alert.acked_at = row.time(19);
  alert.ack_note = row.text(20);
  return alert;
}

Result<std::vector<Alert>> read_alerts(Database& database, std::int64_t run) {
  auto query = database.prepare(
      "SELECT " + std::string{kAlertColumns} +
      " FROM alert a JOIN capture_run r ON r.id = a.run AND r.state = 'finished' "
      "LEFT JOIN alert_ack k ON k.alert = a.id WHERE ?1 = 0 OR a.run = ?1 "
      "ORDER BY a.time_ns, a.signature_id, a.app, a.client, a.server, a.host, a.kind");
  if (!query) return query.error();
  query->bind(1, run);
  std::vector<Alert> alerts;
  while (query->step()) alerts.push_back(read_alert(*query));
  if (!query->ok()) return database.error();
  return alerts;
}

}  // namespace gnomon::inventory
