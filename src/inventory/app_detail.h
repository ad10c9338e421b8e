#pragma once

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
Result<std::unordered_map<std::string, ClientName>> read_client_names(Database& database);

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

// Everything of an app but its summary.
std::optional<Error> read_detail(Database& database, std::string_view id, AppDetail& detail);

std::optional<Error> read_endpoints_of(Database& database, std::string_view id, AppDetail& detail);

}  // namespace gnomon::inventory
