#include "host_use.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace gnomon::report {

Result<HostUse> HostUse::read(inventory::Inventory& inventory) {
  HostUse use;
  std::unordered_map<std::string, std::uint32_t> numbers;
  std::map<std::pair<std::string, std::string>, Row> rows;
  const auto failed = inventory.each_host_client([&](const inventory::HostClient& seen) {
    Row& row = rows[{seen.app, seen.host}];
    row.sessions += seen.sessions;
    row.lookups += seen.lookups;
    row.last_seen = std::max(row.last_seen, seen.last_seen);
    if (seen.client.empty()) return;
    const auto [at, fresh] =
        numbers.try_emplace(seen.client, static_cast<std::uint32_t>(use.clients_.size()));
    if (fresh) use.clients_.push_back(seen.client);
    row.clients.push_back(at->second);
  });
  if (failed) return *failed;
  use.rows_.reserve(rows.size());
  for (auto& [key, row] : rows) {
    row.app = key.first;
    row.host = key.second;
    std::sort(row.clients.begin(), row.clients.end());
    row.clients.erase(std::unique(row.clients.begin(), row.clients.end()), row.clients.end());
    use.rows_.push_back(std::move(row));
  }
  return use;
}

}  // namespace gnomon::report
