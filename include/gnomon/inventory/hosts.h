#pragma once

#include <cstdint>
#include <string>

#include "gnomon/bytes/time.h"

// Which hosts were seen, with whom and at which addresses: what blocking them would hit.
namespace gnomon::inventory {

// An address that a host was reached at, or that the DNS answered for it.
struct HostAddress {
  std::string host;
  std::string address;
  std::uint64_t flows = 0;    // connections to it that asked for the host
  std::uint64_t answers = 0;  // of the DNS
  Time last_seen;
};

}  // namespace gnomon::inventory
