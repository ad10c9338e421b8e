#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gnomon/bytes/time.h"
#include "gnomon/inventory/inventory.h"

namespace gnomon::inventory {

// A part of the inventory: hours from `since` up to but not with `until`, and the clients of a
// group. Whole hours are looked at, as sums are kept by the hour: one that is cut counts whole.
struct UseFilter {
  std::optional<Time> since;
  std::optional<Time> until;
  std::string client_group;  // id; empty: all clients

  [[nodiscard]] UseFilter in_whole_hours() const {
    UseFilter whole = *this;
    if (since) whole.since = std::chrono::floor<std::chrono::hours>(*since);
    if (until) whole.until = std::chrono::ceil<std::chrono::hours>(*until);
    return whole;
  }
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
  // Of that, as far as all of it is within; requests of connections too.
  Counts counts;
};

struct PeriodUse {
  std::vector<ClientUse> uses;           // by app, then client
  std::vector<ClientEvidence> evidence;  // by app, then client
  std::vector<TimelinePoint> hours;      // ascending
  std::vector<std::string> members;      // clients of the group that were seen, sorted
  // Whom they talked to, as Asset::server(), and asked for of what may be AI; of a group alone.
  std::set<std::string> servers;
  std::set<std::string> candidates;
};

// What a client had to do with beside apps, of which no row names it.
struct AskedBy {
  std::set<std::string> servers;     // as Asset::server()
  std::set<std::string> candidates;  // hosts
  std::set<std::string> unknown_hosts;
};

}  // namespace gnomon::inventory
