#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "gnomon/observation/observation.h"

namespace gnomon::inventory {

// Client, source, name and MAC to first and last seen.
using ClientNames =
    std::map<std::tuple<IpAddress, std::string, std::string, std::string>, std::pair<Time, Time>>;

// False when it is a new one and there are `most` already.
inline bool add_name(const observation::ClientNameRecord& record, std::size_t most,
                     ClientNames& names) {
  const auto [at, is_new] = names.try_emplace({record.client, std::string{record.source},
                                               std::string{record.name}, std::string{record.mac}},
                                              record.time, record.time);
  if (is_new && names.size() > most) {
    names.erase(at);
    return false;
  }
  at->second.first = std::min(at->second.first, record.time);
  at->second.second = std::max(at->second.second, record.time);
  return true;
}

}  // namespace gnomon::inventory
