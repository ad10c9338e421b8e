#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "database.h"
#include "gnomon/inventory/inventory.h"

// What several queries of the read model share.
namespace gnomon::inventory {

// Columns in the order in which read_counts() takes them; `s` is the table.
inline constexpr std::string_view kSightingSums =
    "sum(s.flows), sum(s.sessions), sum(s.lookups), sum(s.requests), sum(s.upload_events), "
    "sum(s.upload_bytes), sum(s.bytes_to_server), sum(s.bytes_to_client)";
// Who used an app, and what a client used: what was only looked up or asked for is no use.
inline constexpr std::string_view kClientsUsed =
    "count(DISTINCT CASE WHEN s.grade >= 3 THEN nullif(s.client, '') END)";
inline constexpr std::string_view kAppsUsed =
    "count(DISTINCT CASE WHEN s.grade >= 3 THEN s.app END)";
inline constexpr std::string_view kSightingCounts =
    "s.flows, s.sessions, s.lookups, s.requests, s.upload_events, s.upload_bytes, "
    "s.bytes_to_server, s.bytes_to_client";
inline constexpr std::string_view kHourSums =
    "sum(s.flows), sum(s.sessions), 0, 0, sum(s.upload_events), sum(s.upload_bytes), "
    "sum(s.bytes_to_server), sum(s.bytes_to_client)";

Counts read_counts(const Statement& row, int from);
TimelinePoint read_point(const Statement& row);  // hour, apps, clients, counts
Grade grade_of(std::int64_t rank);

// "b,a,,b" as {"a", "b"}.
std::vector<std::string> words_of(const std::string& joined);
std::vector<std::string> split_lines(std::string_view text);  // without empty ones

// "10.0.0.9:11434", "[2001:db8::9]:11434".
std::string server_text(const std::string& address, std::uint16_t port);

inline std::uint64_t all_bytes(const Counts& counts) {
  return counts.bytes_to_server + counts.bytes_to_client;
}

}  // namespace gnomon::inventory
