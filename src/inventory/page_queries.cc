#include "page_queries.h"

#include <map>

#include "anomalies.h"
#include "gnomon/inventory/counts.h"
#include "records.h"
#include "rows.h"

namespace gnomon::inventory {
namespace {

constexpr std::string_view kKeptSums =
    "sum(t.flows), sum(t.sessions), 0, 0, sum(t.upload_events), sum(t.upload_bytes), "
    "sum(t.bytes_to_server), sum(t.bytes_to_client)";

// What neither apps nor clients tell. Of sensitive items those of high confidence count.
std::optional<Error> count_rest(Database& database, Totals& totals) {
  auto rest = database.prepare(
      "SELECT (SELECT count(*) FROM v_unknown_hosts), (SELECT coalesce(sum(t.count), 0) FROM "
      "finding t JOIN capture_run r ON r.id = t.run AND r.state = 'finished' WHERE t.confidence = "
      "'high'), (SELECT count(*) FROM (SELECT DISTINCT t.address, t.port FROM asset t JOIN "
      "capture_run r ON r.id = t.run AND r.state = 'finished')), "
      "(SELECT count(*) FROM alert a JOIN capture_run r ON r.id = a.run AND r.state = 'finished'), "
      "count(*), coalesce(min(nullif(first_packet_ns, 0)), 0), coalesce(max(last_packet_ns), 0) "
      "FROM capture_run WHERE state = 'finished'");
  if (!rest) return rest.error();
  if (rest->step()) {
    totals.unknown_hosts = rest->number(0);
    totals.findings = rest->number(1);
    totals.assets = rest->number(2);
    totals.alerts = rest->number(3);
    totals.runs = rest->number(4);
    totals.first_packet = rest->time(5);
    totals.last_packet = rest->time(6);
  }
  if (!rest->ok()) return database.error();
  auto candidates = read_candidates(database);
  if (!candidates) return candidates.error();
  totals.candidates = static_cast<std::uint64_t>(
      std::count_if(candidates->begin(), candidates->end(),
                    [](const Candidate& each) { return each.status == "new"; }));
  return std::nullopt;
}

// Sums are by run: an hour that several runs have a part of is counted anew. `points` are hours, in
// order.
std::optional<Error> count_shared_hours(Database& database, std::vector<TimelinePoint>& points) {
  constexpr std::string_view kShared =
      "(SELECT hour FROM hour_total GROUP BY hour HAVING count(*) > 1)";
  auto query = database.prepare(
      "SELECT h.hour, count(DISTINCT h.app), count(DISTINCT nullif(h.client, '')) FROM "
      "(SELECT DISTINCT run FROM hour_total WHERE hour IN " +
      std::string{kShared} +
      ") r CROSS JOIN app a CROSS JOIN app_hour h ON h.app = a.id AND h.run = r.run "
      "WHERE h.hour IN " +
      std::string{kShared} + " GROUP BY h.hour ORDER BY h.hour");
  if (!query) return query.error();
  auto point = points.begin();
  while (query->step()) {
    const Time start{std::chrono::hours{query->integer(0)}};
    while (point != points.end() && point->start < start) ++point;
    if (point == points.end()) break;
    point->apps = query->number(1);
    point->clients = query->number(2);
  }
  return query->ok() ? std::nullopt : std::optional{database.error()};
}

}  // namespace

Result<std::vector<TimelinePoint>> timeline_of_all(Database& database, bool kept) {
  auto query = database.prepare(
      kept ? "SELECT t.hour, max(t.apps), max(t.clients), " + std::string{kKeptSums} +
                 " FROM hour_total t GROUP BY t.hour ORDER BY t.hour"
           : "SELECT t.hour, count(DISTINCT t.app), count(DISTINCT nullif(t.client, '')), " +
                 std::string{kKeptSums} + " FROM v_app_hours t GROUP BY t.hour ORDER BY t.hour");
  if (!query) return query.error();
  std::vector<TimelinePoint> points;
  while (query->step()) points.push_back(read_point(*query));
  if (!query->ok()) return database.error();
  if (kept)
    if (auto failed = count_shared_hours(database, points)) return *failed;
  return points;
}

Result<Page<Alert>> read_alerts_page(Database& database, const AlertQuery& wanted, Slice slice) {
  const std::string from =
      " FROM alert a JOIN capture_run r ON r.id = a.run AND r.state = 'finished' "
      "LEFT JOIN alert_ack k ON k.alert = a.id WHERE (?1 = 2 OR (k.alert IS NOT NULL) = ?1) AND "
      "(?2 = '' OR a.app = ?2) AND (?3 = '' OR a.client = ?3) AND (?4 = '' OR a.kind = ?4) AND "
      "(?5 = '' OR a.severity = ?5)";
  const auto bind = [&](Statement& statement) {
    statement.bind(1, static_cast<std::int64_t>(wanted.state));
    statement.bind(2, wanted.app).bind(3, wanted.client).bind(4, wanted.kind);
    statement.bind(5, wanted.severity);
  };
  Page<Alert> page;
  {
    auto count = database.prepare("SELECT count(*)" + from);
    if (!count) return count.error();
    bind(*count);
    if (count->step()) page.total = count->number(0);
    if (!count->ok()) return database.error();
  }
  auto query = database.prepare("SELECT " + std::string{kAlertColumns} + from +
                                " ORDER BY a.time_ns DESC, a.id LIMIT ?6 OFFSET ?7");
  if (!query) return query.error();
  bind(*query);
  query->bind(6, bound(slice.limit)).bind(7, bound(slice.offset));
  while (query->step()) page.rows.push_back(read_alert(*query));
  if (!query->ok()) return database.error();
  return page;
}

Result<Page<AuditEntry>> read_audit_page(Database& database, const AuditQuery& wanted,
                                         Slice slice) {
  const std::string from =
      " FROM audit WHERE (?1 = '' OR actor = ?1) AND (?2 = '' OR action = ?2) AND "
      "(?3 = '' OR subject = ?3)";
  Page<AuditEntry> page;
  {
    auto count = database.prepare("SELECT count(*)" + from);
    if (!count) return count.error();
    count->bind_all(wanted.actor, wanted.action, wanted.subject);
    if (count->step()) page.total = count->number(0);
    if (!count->ok()) return database.error();
  }
  auto query = database.prepare(
      "SELECT id, at_ns, actor, action, subject, field, value_before, value_after, reason" + from +
      " ORDER BY id DESC LIMIT ?4 OFFSET ?5");
  if (!query) return query.error();
  query->bind_all(wanted.actor, wanted.action, wanted.subject, bound(slice.limit),
                  bound(slice.offset));
  while (query->step())
    page.rows.push_back({query->integer(0), query->time(1), query->text(2), query->text(3),
                         query->text(4), query->text(5), query->text(6), query->text(7),
                         query->text(8)});
  if (!query->ok()) return database.error();
  return page;
}

Result<Totals> totals_of(Database& database, const std::vector<AppSummary>& apps,
                         const std::optional<TotalsState>& state) {
  Totals totals;
  totals.apps = apps.size();
  std::map<std::string, std::uint64_t> categories;
  for (const AppSummary& app : apps) {
    if (app.grade >= Grade::kSession) {
      ++totals.apps_used;
      add(totals.counts_used, app.counts);
    }
    if (app.rating) ++totals.apps_by_level[static_cast<std::size_t>(app.rating->level)];
    ++categories[app.facts.category];
    add(totals.counts, app.counts);
  }
  totals.apps_by_category.assign(categories.begin(), categories.end());
  if (auto failed = count_rest(database, totals)) return *failed;
  if (state) {
    totals.clients = state->clients;
    totals.clients_used = state->clients_used;
    return totals;
  }
  auto query = database.prepare(
      "SELECT count(DISTINCT nullif(client, '')), count(DISTINCT CASE WHEN grade >= 3 AND "
      "client <> '' THEN client END) FROM v_sightings");
  if (!query) return query.error();
  if (query->step()) {
    totals.clients = query->number(0);
    totals.clients_used = query->number(1);
  }
  if (!query->ok()) return database.error();
  return totals;
}

}  // namespace gnomon::inventory
