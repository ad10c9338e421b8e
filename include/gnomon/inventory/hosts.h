#pragma once

#include <cstdint>
#include <string>

#include "gnomon/bytes/time.h"
#include "gnomon/observation/observation.h"

// Which hosts were seen, with whom and at which addresses: what blocking them would hit.
namespace gnomon::inventory {

// A client's dealings with a host, over all runs.
struct HostClient {
  std::string app;  // id that the host was known by; empty when it was unknown
  std::string host;
  std::string client;  // address; empty for those beyond the recorder's limit
  observation::Grade grade = observation::Grade::kNone;
  std::uint64_t flows = 0;
  std::uint64_t sessions = 0;
  std::uint64_t lookups = 0;
  Time last_seen;
};

// An address that a host was reached at, or that the DNS answered for it.
struct HostAddress {
  std::string host;
  std::string address;
  std::uint64_t flows = 0;    // connections to it that asked for the host
  std::uint64_t answers = 0;  // of the DNS
  Time last_seen;
};

}  // namespace gnomon::inventory
