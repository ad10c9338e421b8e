#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "database.h"
#include "gnomon/inventory/inventory.h"

namespace gnomon::inventory {

struct ClientName {
  std::string name;
  std::string source;
  std::string mac;
};

// The best name of each client: DHCP before mDNS, the latest, then by letters.
using BestNames = std::unordered_map<std::string, ClientName>;
Result<BestNames> read_client_names(Database& database);

// Sightings, best first: columns as read_sighting() takes them, then the eight counts.
inline constexpr std::string_view kSightingColumns =
    "s.client, s.host, s.proof_host_source, s.role, s.usage, s.client_kind, s.port, s.protocol, "
    "s.app_proto, s.grade, s.first_seen_ns, s.last_seen_ns, s.run, s.proof_time_ns, "
    "s.proof_flow_id, s.proof_file, s.proof_frame, s.proof_why, s.flows, s.sessions, s.lookups, "
    "s.requests, s.upload_events, s.upload_bytes, s.bytes_to_server, s.bytes_to_client";
inline constexpr std::string_view kSightingOrder =
    " ORDER BY s.grade DESC, s.proof_time_ns, s.proof_number, s.run, s.client, s.host, s.role, "
    "s.port, s.protocol, s.app_proto, s.usage, s.client_kind";
Sighting read_sighting(const Statement& row);

// Endpoints: what tells them apart, and columns as read_endpoint() takes them after the app.
inline constexpr std::string_view kEndpointKey = "s.host, s.role, s.port, s.protocol, s.app_proto";
inline constexpr std::string_view kEndpointSums =
    "s.app, s.host, s.role, s.port, s.protocol, s.app_proto, "
    "coalesce(group_concat(DISTINCT s.proof_host_source), ''), "
    "count(DISTINCT nullif(s.client, '')), max(s.grade), min(s.first_seen_ns), "
    "max(s.last_seen_ns), sum(s.flows), sum(s.sessions), sum(s.lookups), sum(s.requests), "
    "sum(s.upload_events), sum(s.upload_bytes), sum(s.bytes_to_server), sum(s.bytes_to_client)";

// The rows of an app, one at a time, in the order in which AppDetail holds them. `kept`: from the
// sums of totals.h, where they hold the same.
std::optional<Error> read_clients_of(Database& database, bool kept, const BestNames& names,
                                     std::string_view id,
                                     const std::function<void(AppClient&)>& visit);
std::optional<Error> read_sightings_of(Database& database, std::string_view id,
                                       const std::function<void(Sighting&)>& visit);
std::optional<Error> read_endpoints_of(Database& database, bool kept, std::string_view id,
                                       std::vector<AppEndpoint>& endpoints,
                                       std::string_view client_group = {});
std::optional<Error> read_hours_of(Database& database, bool kept, std::string_view id,
                                   std::vector<TimelinePoint>& hours,
                                   std::string_view client_group = {});

// A condition on `s`, the group being the second parameter; empty: all clients.
inline constexpr std::string_view kOfGroup =
    " AND (?2 = '' OR s.client IN (SELECT client FROM client_membership WHERE client_group = ?2))";

}  // namespace gnomon::inventory
