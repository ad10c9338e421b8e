#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "app_book.h"
#include "database.h"
#include "file_identity.h"
#include "gnomon/inventory/recorder.h"
#include "live_judge.h"
#include "rematch.h"
#include "stop_at.h"
#include "tidy.h"

namespace gnomon::inventory {

// Whatever a sensor that runs does with its inventory besides writing batches: says what it means,
// removes what is old, asks again about hosts. Over a connection of its own and in transactions of
// some milliseconds, so that it can be done while batches are written. Can open the connection again.
// One thread.
class LiveKeeper {
 public:
  // `batches`: how many were begun.
  static Result<LiveKeeper> open(const RecorderOptions& options, AppBookPointer apps,
                                 std::shared_ptr<const std::atomic<std::uint64_t>> batches,
                                 int busy_timeout_ms);

  // What batches wrote. Where that went into another file than ours, which was removed or replaced,
  // that one is kept from now on.
  void note(const LiveJudge::Notes& notes);
  // What is due of a judgement. What fails is tried again the next time.
  std::optional<Error> judge();
  [[nodiscard]] bool is_due() const { return judge_.is_due(); }
  Result<Tidied> tidy(const Retention& retention, const TidyOptions& options);
  Result<std::vector<RetroMatch>> rematch(const HostJudge& judge, Time at);
  void learn(AppBookPointer apps, std::string risk_rubric, std::string anomaly_rules,
             std::vector<PolicyFile> policies);
  // After failures: with a new connection, if one can be had.
  void reopen();
  // Whatever is done then fails. From any thread.
  void stop_at(StopAt::Clock::time_point when) { stop_->set(when); }
  [[nodiscard]] bool stopped() const { return stop_->passed(); }
  // Of judgements.
  std::vector<Alert> take_alerts() { return std::exchange(alerts_, {}); }

 private:
  struct Connection {
    FileIdentity file;
    Database database;  // declared before the statements, so closed last
    BatchWriter writer;
  };
  static Result<std::unique_ptr<Connection>> connect(const RecorderOptions& options,
                                                     int busy_timeout_ms, const StopAt& stop);
  LiveKeeper(const RecorderOptions& options, AppBookPointer apps,
             std::shared_ptr<const std::atomic<std::uint64_t>> batches, int busy_timeout_ms,
             std::unique_ptr<StopAt> stop, std::unique_ptr<Connection> connection)
      : options_(options),
        apps_(std::move(apps)),
        batches_(std::move(batches)),
        busy_timeout_ms_(busy_timeout_ms),
        stop_(std::move(stop)),
        connection_(std::move(connection)) {}
  std::optional<Error> ask_for_unjudged();
  std::optional<Error> ask_for(std::int64_t run);
  std::optional<Error> ask_for_last();

  RecorderOptions options_;  // without apps
  AppBookPointer apps_;
  std::shared_ptr<const std::atomic<std::uint64_t>> batches_;
  int busy_timeout_ms_;
  std::unique_ptr<StopAt> stop_;  // declared before the connection, which asks it
  std::unique_ptr<Connection> connection_;
  LiveJudge judge_;
  std::vector<Alert> alerts_;
};

}  // namespace gnomon::inventory
