#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "host_addresses.h"
#include "ledgers.h"
#include "tally.h"

namespace gnomon::inventory {

// Adds the counters of a run's limits that were felt, by their names ("inventory.file_folded");
// those of the tally in any case, others when they count something.
void add_felt_limits(const Tally& tally, const HostAddresses& addresses, const Ledgers& ledgers,
                     std::uint64_t names_dropped, std::map<std::string, std::uint64_t>& counters);

// What found no place of its own, so that it is told nowhere, or only in a sum.
std::uint64_t without_place(const Tally& tally, const HostAddresses& addresses,
                            const Ledgers& ledgers, std::uint64_t names_dropped);

}  // namespace gnomon::inventory
