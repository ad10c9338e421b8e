#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "batch_writer.h"
#include "database.h"
#include "gnomon/inventory/recorder.h"
#include "tally.h"

namespace gnomon::inventory {

// What a sensor that runs says now and then of what it has stored: sums for pages, groups of
// clients, departures from the days before, ratings, the policy. Whoever decides or reads meanwhile
// does not wait: all is read and worked out without a lock, and stored in transactions of some
// milliseconds. Only apps that changed since the last time are looked at; ratings and rules, in which
// time counts too, look at all of them once an hour. Belongs to the thread and the connection that write the observations.
class LiveJudge {
 public:
  // Of a run, and the packet times that span what it stored.
  struct Due {
    std::int64_t run = 0;
    Time first, last;
  };

  // To be called with a connection that is new: what was noted with another one is noted anew for
  // all of the run.
  static std::optional<Error> prepare(Database& database);
  // What was written: in its transaction.
  std::optional<Error> note(Database& database, const Tally::Changes& changes,
                            const ClientNames& names);
  void ask(const Due& due);
  // A new connection has been made: what was noted is to be found again, of the run alone, or of all
  // that is stored.
  void note_again() { run_lost_ = true; }
  void note_all() { all_lost_ = true; }
  // There are other rules, or weights.
  void note_rules() { judged_ = {}; }

  // Does what was asked for, if anything was. After a failure it is still to be done.
  std::optional<Error> judge(Database& database, const RecorderOptions& options,
                             std::vector<Alert>& alerts);

 private:
  std::optional<Error> judge_run(Database& database, const RecorderOptions& options,
                                 std::vector<Alert>& alerts);
  std::optional<Error> find_again(Database& database);
  std::optional<Error> refresh(Database& database);
  std::optional<Error> sort_clients(Database& database);
  std::optional<Error> find_departures(Database& database, const RecorderOptions& options,
                                       std::vector<Alert>& alerts);
  std::optional<Error> rate(Database& database);
  std::optional<Error> apply_policy(Database& database, const RecorderOptions& options,
                                    std::vector<Alert>& alerts);
  // Apps that somebody decided on, or whose score was set, since the last time.
  Result<std::int64_t> add_decided(Database& database);
  // Whose ratings and rules are looked at.
  [[nodiscard]] const std::set<std::string>* chosen() const {
    return everything_ ? nullptr : &touched_;
  }

  std::vector<Due> due_;   // of a run each
  Due now_;                // of them
  std::set<std::string> touched_;  // apps
  bool everything_ = true;  // an hour has passed
  bool run_lost_ = false;
  bool all_lost_ = false;
  Time judged_;                // time of the last packet then
  std::int64_t audited_ = 0;   // the audit's last entry then
};

}  // namespace gnomon::inventory
