#include <algorithm>

#include "app_detail.h"
#include "page_queries.h"
#include "rows.h"

// What a page on one app shows, and one on one client.
namespace gnomon::inventory {
namespace {

// Columns: client or app, grade, first and last seen, usages, kinds, eight counts, name.
std::vector<AppClient> read_uses(Statement& query) {
  std::vector<AppClient> uses;
  while (query.step()) {
    AppClient& use = uses.emplace_back();
    use.client = query.text(0);
    use.grade = grade_of(query.integer(1));
    use.first_seen = query.time(2);
    use.last_seen = query.time(3);
    use.usages = words_of(query.text(4));
    use.client_kinds = words_of(query.text(5));
    use.counts = read_counts(query, 6);
    use.name = query.text(14);
  }
  return uses;
}

const std::string kAddedUp =
    "max(s.grade) AS grade, min(s.first_seen_ns) AS first_seen_ns, max(s.last_seen_ns) AS "
    "last_seen_ns, group_concat(DISTINCT s.usage) AS usages, group_concat(DISTINCT s.client_kind) "
    "AS client_kinds, sum(s.flows) AS flows, sum(s.sessions) AS sessions, sum(s.lookups) AS "
    "lookups, sum(s.requests) AS requests, sum(s.upload_events) AS upload_events, "
    "sum(s.upload_bytes) AS upload_bytes, sum(s.bytes_to_server) AS bytes_to_server, "
    "sum(s.bytes_to_client) AS bytes_to_client";
const std::string kUse =
    "s.grade, s.first_seen_ns, s.last_seen_ns, s.usages, s.client_kinds, " +
    std::string{kSightingCounts};
constexpr std::string_view kMostBytes = "s.bytes_to_server + s.bytes_to_client DESC";

}  // namespace

std::int64_t bound(std::size_t number) {
  return static_cast<std::int64_t>(std::min<std::size_t>(number, 1'000'000'000));
}

Result<Page<AppClient>> clients_of_app(Database& database, bool kept, std::string_view app,
                                       Slice slice) {
  const std::string from =
      kept ? std::string{" FROM app_client_total s WHERE s.app = ?1 AND s.client <> ''"}
           : " FROM (SELECT s.client AS client, " + kAddedUp +
                 " FROM v_sightings s WHERE s.app = ?1 AND s.client <> '' GROUP BY s.client) s";
  Page<AppClient> page;
  {
    auto count = database.prepare("SELECT count(*)" + from);
    if (!count) return count.error();
    count->bind(1, app);
    if (count->step()) page.total = count->number(0);
    if (!count->ok()) return database.error();
  }
  if (slice.limit == 0) return page;
  // Names are asked for after the page was cut out.
  auto query = database.prepare(
      "SELECT k.*, (SELECT t.name FROM client_total t WHERE t.client = k.client) FROM "
      "(SELECT s.client, " + kUse + from + " ORDER BY " + std::string{kMostBytes} +
      ", s.client LIMIT ?2 OFFSET ?3) k");
  if (!query) return query.error();
  query->bind(1, app).bind(2, bound(slice.limit)).bind(3, bound(slice.offset));
  page.rows = read_uses(*query);
  if (!query->ok()) return database.error();
  return page;
}

Result<std::vector<AppClient>> read_apps_of_client(Database& database, std::string_view client) {
  auto query = database.prepare(
      "SELECT s.app, " + kUse + ", a.name FROM (SELECT s.app AS app, " + kAddedUp +
      " FROM v_sightings s WHERE s.client = ? GROUP BY s.app) s JOIN app a ON a.id = s.app "
      "ORDER BY " + std::string{kMostBytes} + ", s.app");
  if (!query) return query.error();
  query->bind(1, client);
  std::vector<AppClient> apps = read_uses(*query);
  if (!query->ok()) return database.error();
  return apps;
}

Result<Page<Sighting>> evidence_of_app(Database& database, bool kept, std::string_view app,
                                       std::string_view client, Slice slice) {
  const std::string from = " FROM v_sightings s WHERE s.app = ?1" +
                           std::string{client.empty() ? "" : " AND s.client = ?2"};
  const auto bind = [&](Statement& statement) {
    statement.bind(1, app);
    if (!client.empty()) statement.bind(2, client);
  };
  Page<Sighting> page;
  {
    auto count =
        database.prepare(kept && client.empty() ? "SELECT sightings FROM app_total WHERE app = ?1"
                                                : "SELECT count(*)" + from);
    if (!count) return count.error();
    bind(*count);
    if (count->step()) page.total = count->number(0);
    if (!count->ok()) return database.error();
  }
  if (slice.limit == 0) return page;
  auto query = database.prepare(
      "SELECT " + std::string{kSightingColumns} + from + std::string{kSightingOrder} + " LIMIT " +
      std::to_string(bound(slice.limit)) + " OFFSET " + std::to_string(bound(slice.offset)));
  if (!query) return query.error();
  bind(*query);
  while (query->step()) page.rows.push_back(read_sighting(*query));
  if (!query->ok()) return database.error();
  return page;
}

}  // namespace gnomon::inventory
