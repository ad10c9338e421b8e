#include "app_detail.h"

#include "rows.h"

namespace gnomon::inventory {
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
                                       std::vector<AppEndpoint>& endpoints,
                                       std::string_view client_group) {
  const std::string added_up = "(SELECT " + std::string{kEndpointSums} +
                               " FROM v_sightings s WHERE s.app = ?1" + std::string{kOfGroup} +
                               " GROUP BY " + std::string{kEndpointKey} + ")";
  auto query = database.prepare(
      kept ? "SELECT * FROM endpoint_total WHERE app = ?1 ORDER BY grade DESC, flows DESC, "
             "lookups DESC, host, role, port, protocol, app_proto"
           : "SELECT * FROM " + added_up +
                 " ORDER BY 9 DESC, 12 DESC, 14 DESC, host, role, port, protocol, app_proto");
  if (!query) return query.error();
  query->bind(1, id);
  if (!kept) query->bind(2, client_group);
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

std::optional<Error> read_clients_of(Database& database, bool kept, const BestNames& names,
                                     std::string_view id,
                                     const std::function<void(AppClient&)>& visit) {
  auto query = database.prepare(
      kept ? "SELECT s.client, s.grade, s.first_seen_ns, s.last_seen_ns, s.usages, s.client_kinds, " +
                 std::string{kSightingCounts} +
                 " FROM app_client_total s WHERE s.app = ? "
                 "ORDER BY s.bytes_to_server + s.bytes_to_client DESC, s.client"
           : "SELECT s.client, max(s.grade), min(s.first_seen_ns), max(s.last_seen_ns), "
             "group_concat(DISTINCT s.usage), group_concat(DISTINCT s.client_kind), " +
                 std::string{kSightingSums} +
                 " FROM v_sightings s WHERE s.app = ? GROUP BY s.client "
                 "ORDER BY sum(s.bytes_to_server) + sum(s.bytes_to_client) DESC, s.client");
  if (!query) return query.error();
  query->bind(1, id);
  while (query->step()) {
    AppClient client;
    client.client = query->text(0);
    client.grade = grade_of(query->integer(1));
    client.first_seen = query->time(2);
    client.last_seen = query->time(3);
    client.usages = words_of(query->text(4));
    client.client_kinds = words_of(query->text(5));
    client.counts = read_counts(*query, 6);
    if (const auto known = names.find(client.client); known != names.end())
      client.name = known->second.name;
    visit(client);
  }
  return query->ok() ? std::nullopt : std::optional{database.error()};
}

std::optional<Error> read_sightings_of(Database& database, std::string_view id,
                                       const std::function<void(Sighting&)>& visit) {
  auto query =
      database.prepare("SELECT " + std::string{kSightingColumns} +
                       " FROM v_sightings s WHERE s.app = ?" + std::string{kSightingOrder});
  if (!query) return query.error();
  query->bind(1, id);
  while (query->step()) {
    Sighting sighting = read_sighting(*query);
    visit(sighting);
  }
  return query->ok() ? std::nullopt : std::optional{database.error()};
}

std::optional<Error> read_hours_of(Database& database, bool kept, std::string_view id,
                                   std::vector<TimelinePoint>& hours,
                                   std::string_view client_group) {
  if (kept) {
    // Sums are by run: how many clients an hour of two runs had they do not tell.
    auto shared = database.prepare(
        "SELECT count(*) > count(DISTINCT hour) FROM app_hour_total WHERE app = ?");
    if (!shared) return shared.error();
    kept = shared->bind(1, id).step() && shared->integer(0) == 0;
    if (!shared->ok()) return database.error();
  }
  auto query = database.prepare(
      kept ? "SELECT s.hour, 1, s.clients, s.flows, s.sessions, 0, 0, s.upload_events, "
             "s.upload_bytes, s.bytes_to_server, s.bytes_to_client FROM app_hour_total s "
             "WHERE s.app = ? ORDER BY s.hour"
           : "SELECT s.hour, 1, count(DISTINCT nullif(s.client, '')), " + std::string{kHourSums} +
                 " FROM v_app_hours s WHERE s.app = ?1" + std::string{kOfGroup} +
                 " GROUP BY s.hour ORDER BY s.hour");
  if (!query) return query.error();
  query->bind(1, id);
  if (!kept) query->bind(2, client_group);
  while (query->step()) hours.push_back(read_point(*query));
  return query->ok() ? std::nullopt : std::optional{database.error()};
}

}  // namespace gnomon::inventory
