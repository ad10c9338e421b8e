#include "felt_limits.h"

#include <iterator>

namespace gnomon::inventory {

void add_felt_limits(const Tally& tally, const HostAddresses& addresses, const Ledgers& ledgers,
                     std::uint64_t names_dropped, std::map<std::string, std::uint64_t>& counters) {
  const Tally::Felt& felt = tally.felt();
  counters["inventory.sightings_folded"] = felt.sightings_folded;
  counters["inventory.unknown_hosts_dropped"] = felt.unknown_hosts_dropped;
  counters["inventory.unknown_clients_folded"] = felt.unknown_clients_folded;
  counters["inventory.client_names_dropped"] = names_dropped;
  const auto add = [&counters](std::string name, std::uint64_t count) {
    if (count > 0) counters["inventory." + std::move(name)] = count;
  };
  add("host_addresses_dropped", addresses.dropped());
  for (std::size_t i = 0; i < std::size(kLedgers); ++i)
    add(std::string{kLedgers[i].name} + (kLedgers[i].kept > 0 ? "_folded" : "_dropped"),
        ledgers.folded(static_cast<LedgerId>(i)));
  add("server_clients_dropped", ledgers.askers_dropped());
  add("minutes_closed_early", ledgers.felt_minutes());
}

std::uint64_t without_place(const Tally& tally, const HostAddresses& addresses,
                            const Ledgers& ledgers, std::uint64_t names_dropped) {
  const Tally::Felt& felt = tally.felt();
  std::uint64_t count = felt.sightings_folded + felt.unknown_hosts_dropped +
                        felt.unknown_clients_folded + felt.hours_dropped + names_dropped +
                        addresses.dropped() + ledgers.askers_dropped();
  for (std::size_t i = 0; i < std::size(kLedgers); ++i)
    count += ledgers.folded(static_cast<LedgerId>(i));
  return count;
}

}  // namespace gnomon::inventory
