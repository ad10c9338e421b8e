#include "client_list.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "app_detail.h"
#include "rows.h"

namespace gnomon::inventory {
namespace {

// Of a row that begins with client, apps, grade, first and last use, apps that it used.
ClientSummary summary_of(Statement& query) {
  ClientSummary client;
  client.client = query.text(0);
  client.apps = query.number(1);
  client.grade = grade_of(query.integer(2));
  client.first_seen = query.time(3);
  client.last_seen = query.time(4);
  client.apps_used = query.number(5);
  return client;
}

}  // namespace

std::optional<Error> each_kept_client(Database& database,
                                      const std::function<void(ClientSummary&)>& visit) {
  // Apps of all clients are more than the clients: of each a number.
  std::vector<std::string> apps;
  std::unordered_map<std::string, std::vector<std::uint32_t>> used;
  {
    auto pairs =
        database.prepare("SELECT app, client FROM app_client_total ORDER BY app, client");
    if (!pairs) return pairs.error();
    while (pairs->step()) {
      if (apps.empty() || pairs->view(0) != apps.back()) apps.push_back(pairs->text(0));
      used[pairs->text(1)].push_back(static_cast<std::uint32_t>(apps.size() - 1));
    }
    if (!pairs->ok()) return database.error();
  }
  auto query = database.prepare(
      "SELECT s.client, s.apps, s.grade, s.first_seen_ns, s.last_seen_ns, s.apps_used, s.name, "
      "s.name_source, s.mac, " +
      std::string{kSightingCounts} + " FROM client_total s ORDER BY s.bytes DESC, s.client");
  if (!query) return query.error();
  while (query->step()) {
    ClientSummary client = summary_of(*query);
    client.name = query->text(6);
    client.name_source = query->text(7);
    client.mac = query->text(8);
    client.counts = read_counts(*query, 9);
    if (const auto at = used.find(client.client); at != used.end())
      for (const std::uint32_t app : at->second) client.app_ids.push_back(apps[app]);
    visit(client);
  }
  return query->ok() ? std::nullopt : std::optional{database.error()};
}

Result<std::vector<ClientSummary>> add_up_clients(Database& database) {
  auto names = read_client_names(database);
  if (!names) return names.error();
  auto query = database.prepare(
      "SELECT s.client, count(DISTINCT s.app), max(s.grade), min(s.first_seen_ns), "
      "max(s.last_seen_ns), " +
      std::string{kAppsUsed} + ", group_concat(DISTINCT s.app), " + std::string{kSightingSums} +
      " FROM v_sightings s WHERE s.client <> '' GROUP BY s.client");
  if (!query) return query.error();
  std::vector<ClientSummary> clients;
  while (query->step()) {
    ClientSummary& client = clients.emplace_back(summary_of(*query));
    client.app_ids = words_of(query->text(6));
    client.counts = read_counts(*query, 7);
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
