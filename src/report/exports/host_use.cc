#include "host_use.h"

#include <algorithm>
#include <utility>

namespace gnomon::report {

Result<HostUse> HostUse::read(const std::filesystem::path& database) {
  auto uses = inventory::HostUses::open(database);
  if (!uses) return uses.error();
  auto sums = uses->sums();
  if (!sums) return sums.error();
  HostUse use{std::move(*uses)};
  use.rows_.reserve(sums->size());
  for (inventory::HostSum& each : *sums) use.rows_.push_back({std::move(each), {}});
  return use;
}

const std::vector<std::uint32_t>& HostUse::clients(const Row& row) {
  if (read_.insert(row.app).second) read_clients(row.app);
  return row.clients;
}

void HostUse::read_clients(const std::string& app) {
  auto pairs = uses_.clients_of(app);
  if (!pairs) {
    failure_ = pairs.error();
    return;
  }
  // Both are by host.
  auto row = std::partition_point(rows_.begin(), rows_.end(),
                                  [&](const Row& each) { return each.app < app; });
  for (const auto& [host, client] : *pairs) {
    while (row != rows_.end() && row->app == app && row->host < host) ++row;
    if (row == rows_.end() || row->app != app) return;
    if (row->host != host) continue;  // came between the two readings
    const auto [at, fresh] =
        numbers_.try_emplace(client, static_cast<std::uint32_t>(clients_.size()));
    if (fresh) clients_.push_back(client);
    row->clients.push_back(at->second);
  }
}

}  // namespace gnomon::report
