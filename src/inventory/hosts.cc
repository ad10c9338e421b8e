#include "hosts.h"

#include "rows.h"

namespace gnomon::inventory {

std::optional<Error> read_host_clients(Database& database,
                                       const std::function<void(const HostClient&)>& tell) {
  auto query = database.prepare(
      "SELECT app, host, client, grade, flows, sessions, lookups, last_seen_ns FROM v_sightings "
      "UNION ALL "
      "SELECT '', u.host, u.client, 0, u.flows, u.sessions, 0, u.last_seen_ns FROM host_unknown u "
      "JOIN capture_run r ON r.id = u.run WHERE r.state = 'finished'");
  if (!query) return query.error();
  HostClient seen;
  while (query->step()) {
    seen.app = query->text(0);
    seen.host = query->text(1);
    seen.client = query->text(2);
    seen.grade = grade_of(query->integer(3));
    seen.flows = query->number(4);
    seen.sessions = query->number(5);
    seen.lookups = query->number(6);
    seen.last_seen = query->time(7);
    tell(seen);
  }
  return query->ok() ? std::nullopt : std::optional{database.error()};
}

Result<std::vector<HostAddress>> read_host_addresses(Database& database) {
  auto query = database.prepare(
      "SELECT h.host, h.address, sum(h.flows), sum(h.answers), max(h.last_seen_ns) "
      "FROM host_address h JOIN capture_run r ON r.id = h.run AND r.state = 'finished' "
      "GROUP BY h.host, h.address ORDER BY h.host, h.address");
  if (!query) return query.error();
  std::vector<HostAddress> all;
  while (query->step()) {
    HostAddress& each = all.emplace_back();
    each.host = query->text(0);
    each.address = query->text(1);
    each.flows = query->number(2);
    each.answers = query->number(3);
    each.last_seen = query->time(4);
  }
  if (!query->ok()) return database.error();
  return all;
}

}  // namespace gnomon::inventory
