#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "batch_writer.h"
#include "database.h"
#include "file_identity.h"
#include "gnomon/inventory/recorder.h"
#include "tally.h"

namespace gnomon::inventory {

// What a sensor that runs says now and then of what it has stored: sums for pages, groups of
// clients, departures from the days before, ratings, the policy. Whoever decides or reads meanwhile
// does not wait: all is read and worked out without a lock, and stored in transactions of some
// milliseconds. Only apps that changed since the last time are looked at; ratings and rules, in which
// time counts too, look at all of them once an hour. Belongs to one thread and its connection;
// another one writes observations, so that no batch waits for it.
class LiveJudge {
 public:
  // Of a run, and the packet times that span what it stored.
  struct Due {
    std::int64_t run = 0;
    Time first, last;
  };
  // What batches wrote, and which runs are to be judged.
  struct Notes {
    static constexpr std::size_t kMax = 100'000;  // pairs and clients each; beyond, they are found again

    std::set<std::pair<std::string, std::string>> pairs;  // app and client
    std::set<std::string> clients;                        // with names
    bool lost = false;
    std::vector<Due> due;
    std::uint64_t batch = 0;  // the last one's number
    FileIdentity file;        // that they were written into

    void add(const Tally::Changes& changes, const ClientNames& names);
    // Those that came later. Of another file: in place of what was noted.
    void add(Notes&& more);
  };

  // To be called with a connection that is new: what was noted with another one is noted anew for
  // all of the run.
  static std::optional<Error> prepare(Database& database);
  // What was written; after its transaction. What cannot be noted is found again.
  void note(Database& database, const Notes& notes);
  void ask(const Due& due);
  [[nodiscard]] bool is_due() const { return !due_.empty(); }
  // A new connection has been made: what was noted is to be found again, of the runs that are to be
  // judged, or of all that is stored.
  void note_again() { run_lost_ = true; }
  void note_all() { all_lost_ = true; }
  // There are other rules, or weights.
  void note_rules() { judged_ = {}; }

  // Does what was asked for, if anything was. After a failure it is still to be done. `batches`: how
  // many were begun, which goes on meanwhile.
  std::optional<Error> judge(Database& database, const RecorderOptions& options,
                             const std::atomic<std::uint64_t>& batches, std::vector<Alert>& alerts);

 private:
  std::optional<Error> judge_run(Database& database, const RecorderOptions& options,
                                 const std::atomic<std::uint64_t>& batches,
                                 std::vector<Alert>& alerts);
  std::optional<Error> find_again(Database& database);
  std::optional<Error> refresh(Database& database);
  std::optional<Error> sort_clients(Database& database);
  std::optional<Error> find_departures(Database& database, const RecorderOptions& options,
                                       std::vector<Alert>& alerts);
  std::optional<Error> rate(Database& database);
  Result<Time> earliest(Database& database) const;
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
  Time since_;             // what of it is judged
  std::set<std::string> touched_;  // apps
  bool everything_ = true;  // an hour has passed
  bool run_lost_ = false;
  bool all_lost_ = false;
  std::uint64_t noted_ = 0;    // batches
  Time judged_;                // time of the last packet then
  std::int64_t audited_ = 0;   // the audit's last entry then
};

}  // namespace gnomon::inventory
