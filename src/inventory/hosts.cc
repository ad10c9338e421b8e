#include "hosts.h"

namespace gnomon::inventory {

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
