#include "app_detail.h"

#include <algorithm>

#include "rows.h"

namespace gnomon::inventory {
namespace {

std::optional<Error> read_clients_of(Database& database, const BestNames& names,
                                     std::string_view id, AppDetail& detail) {
  auto query = database.prepare(
      "SELECT s.client, max(s.grade), min(s.first_seen_ns), max(s.last_seen_ns), "
      "group_concat(DISTINCT s.usage), group_concat(DISTINCT s.client_kind), " +
      std::string{kSightingSums} + " FROM v_sightings s WHERE s.app = ? GROUP BY s.client");
  if (!query) return query.error();
  query->bind(1, id);
  while (query->step()) {
    AppClient& client = detail.clients.emplace_back();
    client.client = query->text(0);
    client.grade = grade_of(query->integer(1));
    client.first_seen = query->time(2);
    client.last_seen = query->time(3);
    client.usages = words_of(query->text(4));
    client.client_kinds = words_of(query->text(5));
    client.counts = read_counts(*query, 6);
    if (const auto known = names.find(client.client); known != names.end())
      client.name = known->second.name;
  }
  std::stable_sort(detail.clients.begin(), detail.clients.end(), [](const auto& a, const auto& b) {
    return all_bytes(a.counts) > all_bytes(b.counts);
  });
  return query->ok() ? std::nullopt : std::optional{database.error()};
}

std::optional<Error> read_sightings_of(Database& database, std::string_view id, AppDetail& detail) {
  auto query =
      database.prepare("SELECT " + std::string{kSightingColumns} +
                       " FROM v_sightings s WHERE s.app = ?" + std::string{kSightingOrder});
  if (!query) return query.error();
  query->bind(1, id);
  while (query->step()) detail.sightings.push_back(read_sighting(*query));
  return query->ok() ? std::nullopt : std::optional{database.error()};
}

std::optional<Error> read_hours_of(Database& database, std::string_view id, AppDetail& detail) {
  auto query = database.prepare(
      "SELECT s.hour, 1, count(DISTINCT nullif(s.client, '')), " + std::string{kHourSums} +
      " FROM v_app_hours s WHERE s.app = ? GROUP BY s.hour ORDER BY s.hour");
  if (!query) return query.error();
  query->bind(1, id);
  while (query->step()) detail.hours.push_back(read_point(*query));
  return query->ok() ? std::nullopt : std::optional{database.error()};
}

}  // namespace

Sighting read_sighting(const Statement& row) {
  Sighting sighting;
  sighting.client = row.text(0);
  sighting.host = row.text(1);
  sighting.host_source = row.text(2);
  sighting.role = row.text(3);
  sighting.usage = row.text(4);
  sighting.client_kind = row.text(5);
  sighting.port = static_cast<std::uint16_t>(row.integer(6));
  sighting.protocol = row.text(7);
  sighting.app_proto = row.text(8);
  sighting.grade = grade_of(row.integer(9));
  sighting.first_seen = row.time(10);
  sighting.last_seen = row.time(11);
  sighting.run = row.integer(12);
  sighting.time = row.time(13);
  sighting.flow_id = row.number(14);
  sighting.file = row.text(15);
  sighting.frame = row.number(16);
  sighting.why = row.text(17);
  sighting.counts = read_counts(row, 18);
  return sighting;
}

std::optional<Error> read_endpoints_of(Database& database, bool kept, std::string_view id,
                                       std::vector<AppEndpoint>& endpoints) {
  const std::string added_up = "(SELECT " + std::string{kEndpointSums} +
                               " FROM v_sightings s WHERE s.app = ?1 GROUP BY " +
                               std::string{kEndpointKey} + ")";
  auto query = database.prepare(
      kept ? "SELECT * FROM endpoint_total WHERE app = ?1 ORDER BY grade DESC, flows DESC, "
             "lookups DESC, host, role, port, protocol, app_proto"
           : "SELECT * FROM " + added_up +
                 " ORDER BY 9 DESC, 12 DESC, 14 DESC, host, role, port, protocol, app_proto");
  if (!query) return query.error();
  query->bind(1, id);
  while (query->step()) {
    AppEndpoint& endpoint = endpoints.emplace_back();
    endpoint.host = query->text(1);
    endpoint.role = query->text(2);
    endpoint.port = static_cast<std::uint16_t>(query->integer(3));
    endpoint.protocol = query->text(4);
    endpoint.app_proto = query->text(5);
    endpoint.host_sources = words_of(query->text(6));
    endpoint.clients = query->number(7);
    endpoint.grade = grade_of(query->integer(8));
    endpoint.first_seen = query->time(9);
    endpoint.last_seen = query->time(10);
    endpoint.counts = read_counts(*query, 11);
  }
  return query->ok() ? std::nullopt : std::optional{database.error()};
}

Result<BestNames> read_client_names(Database& database) {
  auto query = database.prepare(
      "SELECT n.client, n.name, n.source, n.mac FROM client_name n JOIN capture_run r ON "
      "r.id = n.run WHERE r.state = 'finished' "
      "ORDER BY n.client, n.source = 'dhcp' DESC, n.last_seen_ns DESC, n.name, n.mac");
  if (!query) return query.error();
  BestNames names;
  while (query->step()) {
    ClientName& best = names[query->text(0)];
    if (best.name.empty() && !query->text(1).empty()) {
      best.name = query->text(1);
      best.source = query->text(2);
    }
    if (best.mac.empty()) best.mac = query->text(3);
  }
  if (!query->ok()) return database.error();
  return names;
}

std::optional<Error> read_detail(Database& database, const BestNames& names, std::string_view id,
                                 AppDetail& detail) {
  if (auto failed = read_clients_of(database, names, id, detail)) return failed;
  for (const auto read : {read_sightings_of, read_hours_of})
    if (auto failed = read(database, id, detail)) return failed;
  return read_endpoints_of(database, false, id, detail.endpoints);
}

}  // namespace gnomon::inventory
