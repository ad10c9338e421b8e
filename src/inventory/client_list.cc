#include "client_list.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "app_detail.h"
#include "rows.h"

namespace gnomon::inventory {
namespace {

// Of a row that begins with client, apps, grade, first and last use.
ClientSummary summary_of(Statement& query) {
  ClientSummary client;
  client.client = query.text(0);
  client.apps = query.number(1);
  client.grade = grade_of(query.integer(2));
  client.first_seen = query.time(3);
  client.last_seen = query.time(4);
  return client;
}

}  // namespace

Result<std::vector<ClientSummary>> read_kept_clients(Database& database) {
  auto query = database.prepare(
      "SELECT s.client, s.apps, s.grade, s.first_seen_ns, s.last_seen_ns, s.name, s.name_source, "
      "s.mac, " + std::string{kSightingCounts} +
      " FROM client_total s ORDER BY s.bytes DESC, s.client");
  if (!query) return query.error();
  std::vector<ClientSummary> clients;
  while (query->step()) {
    ClientSummary& client = clients.emplace_back(summary_of(*query));
    client.name = query->text(5);
    client.name_source = query->text(6);
    client.mac = query->text(7);
    client.counts = read_counts(*query, 8);
  }
  if (!query->ok()) return database.error();
  std::unordered_map<std::string_view, ClientSummary*> places;
  places.reserve(clients.size());
  for (ClientSummary& client : clients) places.emplace(client.client, &client);
  auto pairs = database.prepare("SELECT client, app FROM app_client_total ORDER BY app, client");
  if (!pairs) return pairs.error();
  while (pairs->step())
    if (const auto at = places.find(pairs->text(0)); at != places.end())
      at->second->app_ids.push_back(pairs->text(1));
  if (!pairs->ok()) return database.error();
  return clients;
}

Result<std::vector<ClientSummary>> add_up_clients(Database& database) {
  auto names = read_client_names(database);
  if (!names) return names.error();
  auto query = database.prepare(
      "SELECT s.client, count(DISTINCT s.app), max(s.grade), min(s.first_seen_ns), "
      "max(s.last_seen_ns), group_concat(DISTINCT s.app), " +
      std::string{kSightingSums} + " FROM v_sightings s WHERE s.client <> '' GROUP BY s.client");
  if (!query) return query.error();
  std::vector<ClientSummary> clients;
  while (query->step()) {
    ClientSummary& client = clients.emplace_back(summary_of(*query));
    client.app_ids = words_of(query->text(5));
    client.counts = read_counts(*query, 6);
    if (const auto known = names->find(client.client); known != names->end()) {
      client.name = known->second.name;
      client.name_source = known->second.source;
      client.mac = known->second.mac;
    }
  }
  if (!query->ok()) return database.error();
  std::stable_sort(clients.begin(), clients.end(), [](const auto& a, const auto& b) {
    return all_bytes(a.counts) > all_bytes(b.counts);
  });
  return clients;
}

}  // namespace gnomon::inventory
