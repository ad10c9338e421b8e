#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "batch_writer.h"
#include "database.h"
#include "gnomon/inventory/recorder.h"
#include "health_book.h"
#include "host_addresses.h"
#include "ledger_writer.h"
#include "ledgers.h"
#include "live_judge.h"
#include "tally.h"
#include "tidy.h"

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

  static Result<LiveRunWriter> open(const RecorderOptions& options, std::string filter,
                                    std::vector<std::string> inputs, int busy_timeout_ms);

  std::optional<Error> write(const Batch& batch, Time wall_clock);
  // What is due of a judgement: after a batch that asks for one, of itself. What fails is tried again
  // with the next batch.
  std::optional<Error> judge();
  // After failures: with a new connection, if one can be had.
  void reopen();
  void checkpoint() { (void)connection_->database.run("PRAGMA wal_checkpoint(PASSIVE)"); }

  Result<Tidied> tidy(const Retention& retention, const TidyOptions& options);

  Result<std::vector<RunInput>> recorded_inputs();
  Result<std::vector<RetroMatch>> rematch(const HostJudge& judge, Time at);
  // Facts for what is written from now on; those of the run are written again.
  void learn(std::vector<AppFacts> apps, std::string risk_rubric, std::string anomaly_rules,
             std::vector<PolicyFile> policies);
  // As Recorder::keep_pseudonyms(); before the first write().
  void keep_pseudonyms(const PseudonymKey& key, std::function<std::vector<MadePseudonym>()> made) {
    pseudonym_key_ = key;
    made_ = std::move(made);
  }
  std::vector<Alert> take_alerts() { return std::exchange(alerts_, {}); }

 private:
  struct Connection {
    Database database;  // declared before the statements, so closed last
    BatchWriter writer;
    LedgerWriter ledger_writer;
    Statement address_writer;
  };
  static Result<std::unique_ptr<Connection>> connect(const RecorderOptions& options,
                                                     int busy_timeout_ms);

  LiveRunWriter(const RecorderOptions& options, std::string filter,
                std::vector<std::string> inputs, int busy_timeout_ms,
                std::unique_ptr<Connection> connection);
  std::optional<Error> write_all(const Batch& batch, Time wall_clock, std::int64_t& run,
                                 std::uint32_t& inputs, std::set<std::string>& facts);
  // That the last run is judged: if its sums do not fit; whatever they are.
  std::optional<Error> ask_for_last_run();
  std::optional<Error> ask_for_last(Database& database);
  std::optional<Error> begin_run(std::int64_t& run, std::uint32_t& inputs);
  std::optional<Error> write_inputs(std::int64_t run, std::uint32_t& position,
                                    const std::vector<RunInput>& inputs);
  std::optional<Error> write_stats(std::int64_t run, const Stats& stats);

  RecorderOptions options_;
  std::string filter_;
  std::vector<std::string> inputs_;
  int busy_timeout_ms_;
  std::unique_ptr<Connection> connection_;
  std::unordered_map<std::string, std::size_t> facts_;  // into options_.apps, by id
  std::int64_t run_ = 0;
  std::uint32_t inputs_written_ = 0;
  std::set<std::string> apps_written_;  // of this run
  Stats before_;                        // when the run began
  Stats latest_;
  std::vector<Alert> alerts_;
  LiveJudge judge_;
  std::optional<PseudonymKey> pseudonym_key_;
  std::function<std::vector<MadePseudonym>()> made_;
  std::vector<MadePseudonym> made_untold_;  // that no batch has taken along yet
};

}  // namespace gnomon::inventory
