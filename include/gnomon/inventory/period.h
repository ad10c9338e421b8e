#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gnomon/bytes/time.h"
#include "gnomon/inventory/inventory.h"

namespace gnomon::inventory {

// A part of the inventory: hours from `since` up to but not with `until`, and the clients of a
// group. Whole hours are looked at, as sums are kept by the hour.
struct UseFilter {
  std::optional<Time> since;
  std::optional<Time> until;
  std::string client_group;  // id; empty: all clients

  [[nodiscard]] bool all() const { return !since && !until && client_group.empty(); }
};

// What one client did with one app within it: no lookups and requests.
struct ClientUse {
  std::string app;
  std::string client;  // empty for those beyond the recorder's limit
  Counts counts;
  Time first_hour;
  Time last_hour;
};

// What proves that a client had to do with an app within it.
struct ClientEvidence {
  std::string app;
  std::string client;
  Grade grade = Grade::kNone;
  // Of what leaves no hours: names that were looked up, and uses from before their host was known.
  // What began or ended outside proves a name at most.
  Grade weak_grade = Grade::kNone;
  Time first;  // of that, within it
  Time last;
  Counts counts;  // of that, as far as all of it is within
};

struct PeriodUse {
  std::vector<ClientUse> uses;           // by app, then client
  std::vector<ClientEvidence> evidence;  // by app, then client
  std::vector<TimelinePoint> hours;      // ascending
  std::vector<std::string> members;      // clients of the group that were seen, sorted
};

}  // namespace gnomon::inventory
