#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "app_book.h"
#include "batch_writer.h"
#include "database.h"
#include "file_header.h"
#include "file_identity.h"
#include "gnomon/inventory/recorder.h"
#include "health_book.h"
#include "host_addresses.h"
#include "ledger_writer.h"
#include "ledgers.h"
#include "live_judge.h"
#include "tally.h"

namespace gnomon::inventory {

// Writes batches of a sensor that runs, each whole or not at all, under a run that counts from its
// first batch on. Keeps the connection; can open it again. One thread.
class LiveRunWriter {
 public:
  struct Stats {
    std::map<std::string, std::uint64_t> counters;
    observation::Coverage coverage;
  };
  struct Batch {
    Tally::Changes changes;
    std::vector<HostAddresses::Row> addresses;
    Ledgers::Changes ledgers;
    ClientNames names;
    std::vector<RunInput> inputs;  // files that were read to their end
    std::vector<Alert> own_alerts;  // of the sensor itself
    std::optional<HealthBook> health;  // of the run so far
    std::optional<Stats> stats;        // since the sensor began
    Time first_packet;
    Time last_packet;
    bool ends_run = false;  // the next batch is of another run
    bool judge = false;     // say what it means: sums, ratings, alerts
  };

  static Result<LiveRunWriter> open(const RecorderOptions& options, AppBookPointer apps,
                                    std::string filter, std::vector<std::string> inputs,
                                    int busy_timeout_ms);

  std::optional<Error> write(const Batch& batch, Time wall_clock);
  // For the judgement: what was written since the last call, and how many batches were begun.
  LiveJudge::Notes take_notes() { return std::exchange(notes_, {}); }
  std::shared_ptr<const std::atomic<std::uint64_t>> batches() const { return batches_; }
  // After failures: with a new connection, if one can be had. Why not with the file that is there
  // now, where that is one that may not be written.
  std::optional<Error> reopen();
  void checkpoint() { (void)connection_->database.run("PRAGMA wal_checkpoint(PASSIVE)"); }

  Result<std::vector<RunInput>> recorded_inputs();
  // Facts for what is written from now on; those of the run are written again.
  void learn(AppBookPointer apps, std::string risk_rubric, std::string anomaly_rules);
  // As Recorder::keep_pseudonyms(); before the first write().
  // `again` asks to be told also those that went into a file that is gone.
  void keep_pseudonyms(const PseudonymKey& key, std::function<std::vector<MadePseudonym>()> made,
                       std::function<void()> again) {
    pseudonym_key_ = key;
    made_ = std::move(made);
    again_ = std::move(again);
  }

 private:
  struct Connection {
    FileIdentity file;
    bool has_begun = false;  // the file itself began as a database once; before all is in the log
    Database database;  // declared before the statements, so closed last
    BatchWriter writer;
    LedgerWriter ledger_writer;
    Statement address_writer;
  };
  // Whoever removes or replaces the file while it is open leaves what is written nowhere to be
  // found.
  [[nodiscard]] std::optional<Error> lost_file() const;
  // Nor does SQLite notice when the file is written over by something else, and would go on to put
  // pages of the old one into it.
  [[nodiscard]] std::optional<Error> overwritten();
  static Result<std::unique_ptr<Connection>> connect(const RecorderOptions& options,
                                                     int busy_timeout_ms, Access access);

  LiveRunWriter(const RecorderOptions& options, AppBookPointer apps, std::string filter,
                std::vector<std::string> inputs, int busy_timeout_ms,
                std::unique_ptr<Connection> connection);
  std::optional<Error> write_all(const Batch& batch, Time wall_clock, std::int64_t& run,
                                 std::uint32_t& inputs, std::set<std::string>& facts);
  std::optional<Error> begin_run(std::int64_t& run, std::uint32_t& inputs);
  std::optional<Error> write_inputs(std::int64_t run, std::uint32_t& position,
                                    const std::vector<RunInput>& inputs);
  std::optional<Error> write_stats(std::int64_t run, const Stats& stats);

  RecorderOptions options_;  // without apps
  AppBookPointer apps_;
  std::string filter_;
  std::vector<std::string> inputs_;
  int busy_timeout_ms_;
  std::unique_ptr<Connection> connection_;
  std::int64_t run_ = 0;
  std::uint32_t inputs_written_ = 0;
  std::set<std::string> apps_written_;  // of this run
  Stats before_;                        // when the run began
  Stats latest_;
  std::shared_ptr<std::atomic<std::uint64_t>> batches_ =
      std::make_shared<std::atomic<std::uint64_t>>(0);
  LiveJudge::Notes notes_;
  std::optional<PseudonymKey> pseudonym_key_;
  std::function<std::vector<MadePseudonym>()> made_;
  std::function<void()> again_;
  std::vector<MadePseudonym> made_untold_;  // that no batch has taken along yet
};

}  // namespace gnomon::inventory
