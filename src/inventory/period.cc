#include "period.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "rows.h"

namespace gnomon::inventory {
namespace {

constexpr std::chrono::hours kHour{1};

std::optional<Error> check_group(Database& database, const std::string& group) {
  auto query = database.prepare("SELECT id FROM client_group ORDER BY id");
  if (!query) return query.error();
  std::string known;
  while (query->step()) {
    if (query->text(0) == group) return std::nullopt;
    known += (known.empty() ? "" : ", ") + query->text(0);
  }
  if (!query->ok()) return database.error();
  return Error{"there is no client group '" + group + "'" +
               (known.empty() ? "; none is defined" : " (there are " + known + ")")};
}

// Sightings that reach into the hours [from, to).
std::optional<Error> read_evidence(Database& database, std::int64_t from, std::int64_t to,
                                   const std::string& group, std::vector<ClientEvidence>& all) {
  constexpr std::int64_t kHourNs = std::chrono::nanoseconds{kHour}.count();
  constexpr std::int64_t kHoursMax = std::numeric_limits<std::int64_t>::max() / kHourNs;
  const auto ns_of = [=](std::int64_t hour) {
    return std::clamp(hour, -kHoursMax, kHoursMax) * kHourNs;
  };
  // Connections have hours, but for those of before their host was known. Of what has none only the
  // first and the last time are known: between them nothing need have been.
  const std::string weak = "(s.flows = 0 OR s.retro = 1)";
  const std::string first = "(s.first_seen_ns >= ?1 AND s.first_seen_ns < ?2)";
  const std::string last = "(s.last_seen_ns >= ?1 AND s.last_seen_ns < ?2)";
  std::string columns = "s.app, s.client, max(s.grade), max(CASE WHEN " + weak + " AND " + first +
                        " AND " + last + " THEN s.grade WHEN " + weak + " AND (" + first + " OR " +
                        last + ") THEN min(s.grade, 2) ELSE 0 END), min(CASE WHEN " + weak +
                        " AND " + first + " THEN s.first_seen_ns WHEN " + weak + " AND " + last +
                        " THEN s.last_seen_ns END), max(CASE WHEN " + weak + " AND " + last +
                        " THEN s.last_seen_ns WHEN " + weak + " AND " + first +
                        " THEN s.first_seen_ns END)";
  for (const std::string_view count : {"flows", "sessions", "lookups", "requests", "upload_events",
                                       "upload_bytes", "bytes_to_server", "bytes_to_client"})
    columns += ", sum(CASE WHEN " + (count == "requests" ? "" : weak + " AND ") + first + " AND " +
               last + " THEN s." + std::string{count} + " ELSE 0 END)";
  // How many of them were within a part is not kept.
  columns += ", max(s.requests > 0 AND NOT (" + first + " AND " + last + "))";
  auto query = database.prepare(
      "SELECT " + columns +
      " FROM v_sightings s WHERE s.last_seen_ns >= ?1 AND s.first_seen_ns < ?2 "
      "AND (?3 = '' OR s.client IN (SELECT client FROM client_membership WHERE client_group = ?3)) "
      "GROUP BY s.app, s.client ORDER BY s.app, s.client");
  if (!query) return query.error();
  query->bind(1, ns_of(from)).bind(2, ns_of(to)).bind(3, group);
  while (query->step()) {
    all.push_back({query->text(0), query->text(1), grade_of(query->integer(2)),
                   grade_of(query->integer(3)), query->time(4), query->time(5),
                   read_counts(*query, 6)});
    all.back().counts.requests_known = query->integer(14) == 0;
  }
  return query->ok() ? std::nullopt : std::optional{database.error()};
}

// What the lists of servers and candidates hold of them, by whom no row tells.
std::optional<Error> read_asked(Database& database, const std::string& where,
                                const std::string& value, std::set<std::string>& servers_asked,
                                std::set<std::string>& hosts_asked) {
  auto servers = database.prepare("SELECT DISTINCT address, port FROM v_asset_clients" + where);
  if (!servers) return servers.error();
  servers->bind(1, value);
  while (servers->step()) {
    Asset asset;
    asset.address = servers->text(0);
    asset.port = static_cast<std::uint16_t>(servers->integer(1));
    servers_asked.insert(asset.server());
  }
  if (!servers->ok()) return database.error();
  auto hosts = database.prepare("SELECT DISTINCT host FROM v_candidate_clients" + where);
  if (!hosts) return hosts.error();
  hosts->bind(1, value);
  while (hosts->step()) hosts_asked.insert(hosts->text(0));
  return hosts->ok() ? std::nullopt : std::optional{database.error()};
}

}  // namespace

Result<AskedBy> read_asked_by(Database& database, const std::string& client) {
  AskedBy asked;
  if (auto failed =
          read_asked(database, " WHERE client = ?", client, asked.servers, asked.candidates))
    return *failed;
  auto hosts = database.prepare(
      "SELECT DISTINCT u.host FROM host_unknown u JOIN capture_run r ON r.id = u.run AND r.state = "
      "'finished' WHERE u.client = ?");
  if (!hosts) return hosts.error();
  hosts->bind(1, client);
  while (hosts->step()) asked.unknown_hosts.insert(hosts->text(0));
  if (!hosts->ok()) return database.error();
  return asked;
}

Result<PeriodUse> read_period(Database& database, const UseFilter& filter) {
  if (!filter.client_group.empty())
    if (auto failed = check_group(database, filter.client_group)) return *failed;
  const auto hour_of = [](Time time) {
    return std::chrono::floor<std::chrono::hours>(time).time_since_epoch() / kHour;
  };
  std::int64_t from = std::numeric_limits<std::int64_t>::min();
  std::int64_t to = std::numeric_limits<std::int64_t>::max();
  const UseFilter whole = filter.in_whole_hours();
  if (whole.since) from = hour_of(*whole.since);
  if (whole.until) to = hour_of(*whole.until);
  const std::string where =
      " FROM v_app_hours s WHERE s.hour >= ?1 AND s.hour < ?2 AND (?3 = '' OR s.client IN "
      "(SELECT client FROM client_membership WHERE client_group = ?3)) ";
  PeriodUse period;
  auto uses = database.prepare("SELECT s.app, s.client, min(s.hour), max(s.hour), " +
                               std::string{kHourSums} + where +
                               "GROUP BY s.app, s.client ORDER BY s.app, s.client");
  if (!uses) return uses.error();
  uses->bind(1, from).bind(2, to).bind(3, filter.client_group);
  while (uses->step()) {
    ClientUse& use = period.uses.emplace_back();
    use.app = uses->text(0);
    use.client = uses->text(1);
    use.first_hour = Time{kHour * uses->integer(2)};
    use.last_hour = Time{kHour * uses->integer(3)};
    use.counts = read_counts(*uses, 4);
  }
  if (!uses->ok()) return database.error();
  if (auto failed = read_evidence(database, from, to, filter.client_group, period.evidence))
    return *failed;
  auto hours = database.prepare(
      "SELECT s.hour, count(DISTINCT s.app), count(DISTINCT nullif(s.client, '')), " +
      std::string{kHourSums} + where + "GROUP BY s.hour ORDER BY s.hour");
  if (!hours) return hours.error();
  hours->bind(1, from).bind(2, to).bind(3, filter.client_group);
  while (hours->step()) period.hours.push_back(read_point(*hours));
  if (!hours->ok()) return database.error();
  if (filter.client_group.empty()) return period;
  auto members = database.prepare(
      "SELECT client FROM client_membership WHERE client_group = ? ORDER BY client");
  if (!members) return members.error();
  members->bind(1, filter.client_group);
  while (members->step()) period.members.push_back(members->text(0));
  if (!members->ok()) return database.error();
  if (auto failed = read_asked(
          database,
          " WHERE client IN (SELECT client FROM client_membership WHERE client_group = ?)",
          filter.client_group, period.servers, period.candidates))
    return *failed;
  return period;
}

}  // namespace gnomon::inventory
