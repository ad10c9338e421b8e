#include "gnomon/inventory/live_recorder.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "anomalies.h"
#include "batch_writer.h"
#include "database.h"
#include "felt_limits.h"
#include "gnomon/bytes/idle_memory.h"
#include "gnomon/bytes/wall_clock.h"
#include "gnomon/inventory/risk.h"
#include "ledger_writer.h"
#include "ledgers.h"
#include "live_keeper.h"
#include "live_run.h"
#include "tally.h"
#include "writer_lock.h"

namespace gnomon::inventory {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kBusyTimeoutMs =
    2000;  // a decision takes less; we try again, and what waits is bounded
constexpr std::chrono::milliseconds kBackOffMax{5000};
constexpr std::chrono::seconds kFinishAtMost{8};  // before systemd loses its patience
constexpr std::uint32_t kReopenAfter = 3;         // failures in a row
constexpr std::size_t kOwnAlertsMax = 256;        // that wait to be written
// Of days that are over and wait to be written, with one for each day. Beyond, the day goes on
// under its run, in the memory that it has.
constexpr std::size_t kEndedRowsMax = 100'000;
// Clients, hosts and files come and go over a day; what is remembered is of so long, by the
// packets' clock.
constexpr std::chrono::hours kForgetEvery{1};
constexpr std::chrono::minutes kClockStep{1};  // more than a tick is ever late
constexpr std::uint32_t kTidyRows = 20'000;  // removed in one go

std::int64_t day_of(Time time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

}  // namespace

class LiveRecorder::Impl {
 public:
  Impl(LiveRecorderOptions options, WriterLock lock, LiveRunWriter writer, LiveKeeper keeper)
      : options_(std::move(options)),
        lock_(std::move(lock)),
        writer_(std::move(writer)),
        keeper_(std::move(keeper)),
        day_(make_day()) {}

  ~Impl() {
    {
      const std::lock_guard lock{mutex_};
      ending_ = true;
    }
    join();
  }

  void start() {
    writing_ = std::thread{[this] { write_on(); }};
    keeping_ = std::thread{[this] { keep_on(); }};
  }

  template <class Do>
  void add(Do&& change) {
    const std::lock_guard lock{mutex_};
    change(*day_);
    changed_ = true;
    if (day_->tally.hours_full()) wake_.notify_all();
  }

  void add_name(const observation::ClientNameRecord& record) {
    add([&](Day& day) {
      if (!inventory::add_name(record, options_.recorder.limits.client_names_max, day.names))
        ++day.names_dropped;
    });
  }

  void keep_stats(const observation::StatsRecord& record) {
    const std::lock_guard lock{mutex_};
    stats_.counters.clear();
    for (const auto& [name, value] : record.counters) stats_.counters[std::string{name}] = value;
    if (record.coverage != nullptr) stats_.coverage = *record.coverage;
    stats_changed_ = true;
  }

  void tick(Time clock) {
    const std::lock_guard lock{mutex_};
    if (first_ == Time{}) first_ = remembered_since_ = clock;
    // The machine's clock, which tells the time until a packet does, was put on or back.
    if (!had_packets_ && clock_ != Time{} && (clock < clock_ || clock - clock_ > kClockStep)) {
      first_ += clock - clock_;
      last_ = {};
      remembered_since_ = clock;
      day_->number = 0;
    }
    const Time packets = std::exchange(packets_since_, {});
    // Until the first packet the time was the machine's, not the packets'.
    if (packets != Time{} && !std::exchange(had_packets_, true)) {
      first_ = packets;
      last_ = {};
      day_->number = 0;
    }
    const std::int64_t number = clock == Time{} ? 0 : day_of(clock);
    if (day_->number == 0) day_->number = number;
    if (number > day_->number && ended_rows_ < kEndedRowsMax) {
      end_day();
      day_->number = number;
      first_ = packets != Time{} && day_of(packets) == number ? packets : clock;
      last_ = {};
      remembered_since_ = clock;
      wake_.notify_all();
    }
    clock_ = clock;
    last_ = std::max({last_, clock_, first_});
  }

  // Before the tick that tells how far the clock has come with them.
  void packets(Time first) {
    const std::lock_guard lock{mutex_};
    if (packets_since_ == Time{}) packets_since_ = first;
  }

  void add_alert(Alert alert) {
    const std::lock_guard lock{mutex_};
    if (own_alerts_.size() < kOwnAlertsMax) own_alerts_.push_back(std::move(alert));
  }

  void add_input(RunInput input) {
    const std::lock_guard lock{mutex_};
    inputs_.push_back(std::move(input));
    changed_ = true;
  }

  LiveRunWriter& writer() { return writer_; }
  LiveKeeper& keeper() { return keeper_; }

  void learn(Lesson lesson) {
    {
      const std::lock_guard lock{mutex_};
      auto apps = std::make_shared<const AppBook>(std::exchange(lesson.apps, {}));
      facts_ = Facts{apps, lesson.risk_rubric, lesson.anomaly_rules};
      lesson_ = {std::move(apps), std::move(lesson)};
    }
    keeper_wake_.notify_all();
  }

  LiveRecorderState state() const {
    const std::lock_guard lock{mutex_};
    LiveRecorderState state = state_;
    state.dropped = dropped_before_ + without_place_in(*day_);
    return state;
  }
  std::vector<News> take_news() {
    const std::lock_guard lock{mutex_};
    return std::exchange(news_, {});
  }
  std::vector<Alert> take_alerts() {
    const std::lock_guard lock{mutex_};
    return std::exchange(alerts_, {});
  }

  std::optional<Error> finish() {
    {
      const std::lock_guard lock{mutex_};
      day_->ledgers.close();
      changed_ = true;
      finishing_ = true;
      give_up_at_ = Steady::now() + kFinishAtMost;
    }
    join();
    if (failure_) return failure_;
    // Into the file itself, as far as no reader is in the way.
    writer_.checkpoint();
    return std::nullopt;
  }

 private:
  using Stats = LiveRunWriter::Stats;
  using Batch = LiveRunWriter::Batch;
  // What is added up under one run.
  struct Day {
    Day(const RecorderLimits& limits)
        : tally(limits),
          addresses(limits.host_addresses_max),
          ledgers(limits.ledger_rows_max, limits.minutes_max) {}
    Tally tally;
    HostAddresses addresses;
    Ledgers ledgers;
    ClientNames names;
    HealthBook health;
    bool health_changed = false;
    std::uint64_t names_dropped = 0;
    std::uint64_t failures_before = 0;  // to write
    std::int64_t number = 0;            // 0: no time yet
  };

  std::unique_ptr<Day> make_day() const { return std::make_unique<Day>(options_.recorder.limits); }
  static std::uint64_t without_place_in(const Day& day) {
    return without_place(day.tally, day.addresses, day.ledgers, day.names_dropped);
  }

  // What was learnt, for whoever writes, and for whoever keeps.
  struct Facts {
    AppBookPointer apps;
    std::string risk_rubric;
    std::string anomaly_rules;
  };
  using BookAndLesson = std::pair<AppBookPointer, Lesson>;

  // Those that run. The last batch comes first, then what is to be said of it.
  void join() {
    wake_.notify_all();
    keeper_wake_.notify_all();
    if (writing_.joinable()) writing_.join();
    {
      const std::lock_guard lock{mutex_};
      written_ = true;
      if (finishing_) keeper_.stop_at(Steady::now() + options_.judge_at_most);
    }
    keeper_wake_.notify_all();
    if (keeping_.joinable()) keeping_.join();
  }

  void write_on() {
    auto next = Steady::now() + options_.batch_age;
    std::chrono::milliseconds back_off{0};
    for (;;) {
      bool last = false;
      std::vector<std::unique_ptr<Day>> over;
      {
        std::unique_lock lock{mutex_};
        wake_.wait_until(lock, next, [this] {
          return ending_ || finishing_ ||
                 (!pending_ && (day_->tally.hours_full() || !ended_.empty()));
        });
        if (ending_) return;
        last = finishing_;
        if (!pending_) take(last);
        over.swap(over_);
        if (facts_)
          writer_.learn(std::move(facts_->apps), std::move(facts_->risk_rubric),
                        std::move(facts_->anomaly_rules));
        facts_.reset();
      }
      over.clear();
      if (!pending_ && last) return;
      if (pending_) {
        const auto began = Steady::now();
        auto failed = writer_.write(*pending_, wall_clock());
        const auto took = Steady::now() - began;
        settle(failed, std::chrono::duration_cast<std::chrono::milliseconds>(took), back_off);
        if (!failed && last) {
          const std::lock_guard lock{mutex_};
          if (last_taken_ && !changed_) return;
        }
        if (failed && last && Steady::now() >= give_up_at_) {
          failure_ = std::move(failed);
          return;
        }
      }
      next = Steady::now() + std::max(options_.batch_age, back_off);
      if (last) std::this_thread::sleep_for(std::min(back_off, std::chrono::milliseconds{250}));
    }
  }

  // What may take long, while batches go on: judgements, what was learnt, what is old.
  void keep_on() {
    judge();  // what the last one could not say any more
    for (;;) {
      LiveJudge::Notes notes;
      std::optional<BookAndLesson> lesson;
      bool last = false;
      {
        std::unique_lock lock{mutex_};
        keeper_wake_.wait_until(lock, Steady::now() + options_.batch_age,
                                [this] { return ending_ || written_ || lesson_; });
        if (ending_) return;
        last = written_;
        notes = std::exchange(notes_, {});
        lesson.swap(lesson_);
      }
      keeper_.note(notes);
      if (lesson) learn_now(std::move(*lesson));
      judge();
      if (last) return;
      tidy_when_due();
    }
  }

  // What batches asked for. It is asked for again when it fails.
  void judge() {
    const bool due = keeper_.is_due();
    auto failed = keeper_.judge();
    if (due) give_back_idle_memory();  // the next judgement is minutes away
    {
      const std::lock_guard lock{mutex_};
      auto alerts = keeper_.take_alerts();
      std::move(alerts.begin(), alerts.end(), std::back_inserter(alerts_));
      if (failed && keeper_.stopped())
        news_.push_back(
            {"what was seen last could not be judged in the time there is for stopping; "
             "the next start does it"});
      else if (failed && judge_trouble_ != failed->message)
        news_.push_back({"what was seen could not be judged yet: " + failed->message});
      judge_trouble_ = failed ? failed->message : std::string{};
    }
    judge_failures_ = failed ? judge_failures_ + 1 : 0;
    if (failed && judge_failures_ % kReopenAfter == 0) keeper_.reopen();
  }

  void learn_now(BookAndLesson learnt) {
    auto& [apps, lesson] = learnt;
    keeper_.learn(std::move(apps), std::move(lesson.risk_rubric), std::move(lesson.anomaly_rules),
                  std::move(lesson.policies));
    const auto matches = keeper_.rematch(lesson.judge, wall_clock());
    if (lesson.told) lesson.told(matches);
  }

  // Some at a time.
  void tidy_when_due() {
    if (Steady::now() < tidy_at_) return;
    TidyOptions options;
    options.rows_max = kTidyRows;
    {
      const std::lock_guard lock{mutex_};
      options.now = std::min(wall_clock(), clock_);  // whichever of them runs ahead
    }
    const auto tidied = keeper_.tidy(options_.retention, options);
    const bool more = tidied && tidied->more;
    tidy_at_ = Steady::now() + (more ? options_.batch_age : options_.tidy_every);
    const std::lock_guard lock{mutex_};
    if (!tidied) {
      news_.push_back({"what is old could not be removed: " + tidied.error().message});
      return;
    }
    for (const Removed& each : tidied->removed) state_.rows_tidied += each.rows;
    if (tidied->too_large && !state_.too_large)
      news_.push_back(
          {"the inventory is larger than its limit, though all but the last two days were "
           "removed"});
    state_.too_large = tidied->too_large;
  }

  // With the lock held: what is written next, if anything is to be. Days that are over come first.
  void take(bool last) {
    if (!ended_.empty()) {
      pending_ = std::move(ended_.front());
      ended_.pop_front();
      ended_rows_ -= rows_of(*pending_);
      return;
    }
    const bool judge = last || Steady::now() - judged_ >= options_.judge_every;
    if (!changed_ && !stats_changed_ && !judge && own_alerts_.empty()) return;
    if (first_ == Time{}) return;  // nothing has told the time yet
    pending_ = take_batch(last, judge);
    last_taken_ = last;
    forget_written();
  }

  // With the lock held: what the day has brought since the last one.
  Batch take_batch(bool ends_run, bool judge) {
    Batch batch;
    batch.changes = day_->tally.take_changes();
    batch.addresses = day_->addresses.take_changes();
    batch.ledgers = day_->ledgers.take_changes();
    batch.names = std::exchange(day_->names, {});
    batch.inputs = std::exchange(inputs_, {});
    batch.own_alerts = std::exchange(own_alerts_, {});
    if (std::exchange(day_->health_changed, false)) batch.health = day_->health;
    batch.first_packet = first_;
    batch.last_packet = last_;
    batch.ends_run = ends_run;
    batch.judge = judge;
    if (judge) judged_ = Steady::now();
    if (stats_changed_ || ends_run) {
      batch.stats = stats_;
      auto& counters = batch.stats->counters;
      add_felt_limits(day_->tally, day_->addresses, day_->ledgers, day_->names_dropped, counters);
      counters["inventory.hours_dropped"] = day_->tally.felt().hours_dropped;
      counters["inventory.write_failures"] = state_.failures - day_->failures_before;
    }
    changed_ = stats_changed_ = false;
    return batch;
  }

  // With the lock held, by whoever tells the time: several days may pass between two batches.
  void end_day() {
    day_->ledgers.close();
    ended_.push_back(take_batch(true, true));
    ended_rows_ += rows_of(ended_.back());
    dropped_before_ += without_place_in(*day_);
    over_.push_back(std::exchange(day_, make_day()));
    day_->failures_before = state_.failures;
  }

  static std::size_t rows_of(const Batch& batch) {
    std::size_t rows = 1 + batch.changes.sightings.size() + batch.changes.hours.size() +
                       batch.changes.unknown.size() + batch.addresses.size() + batch.names.size();
    for (const auto& ledger : batch.ledgers) rows += ledger.size();
    return rows;
  }

  // With the lock held, when all of it has just been taken to be written.
  void forget_written() {
    if (clock_ - remembered_since_ < kForgetEvery && clock_ >= remembered_since_) return;
    remembered_since_ = clock_;
    day_->tally.forget_sightings();
    day_->addresses.forget();
    day_->ledgers.forget();
  }

  void settle(const std::optional<Error>& failed, std::chrono::milliseconds took,
              std::chrono::milliseconds& back_off) {
    std::optional<Batch> written;  // declared before the lock, so that nobody waits for its end
    const std::lock_guard lock{mutex_};
    if (!failed) {
      if (state_.failing)
        news_.push_back(
            {"the inventory can be written again; nothing that was kept is lost", false});
      state_.failing = false;
      state_.error.clear();
      ++state_.batches;
      state_.latest_took = took;
      notes_.add(writer_.take_notes());
      written.swap(pending_);
      in_a_row_ = 0;
      back_off = std::chrono::milliseconds{0};
      return;
    }
    ++state_.failures;
    if (!state_.failing || state_.error != failed->message)
      news_.push_back({failed->message +
                       "; the capture goes on, what is seen is kept in memory and written later"});
    state_.failing = true;
    state_.error = failed->message;
    back_off = std::min(std::max(back_off * 2, std::chrono::milliseconds{500}), kBackOffMax);
    if (++in_a_row_ % kReopenAfter == 0) (void)writer_.reopen();  // the next write says why not
  }

  const LiveRecorderOptions options_;
  WriterLock lock_;       // declared before the writer, so given up after it is closed
  LiveRunWriter writer_;  // of the writing thread once that runs
  LiveKeeper keeper_;     // of the keeping thread once that runs

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable keeper_wake_;
  std::unique_ptr<Day> day_;
  std::deque<Batch> ended_;                 // of days that are over, the earliest first
  std::vector<std::unique_ptr<Day>> over_;  // the days themselves, for the writing thread to free
  std::size_t ended_rows_ = 0;
  Stats stats_;
  std::vector<RunInput> inputs_;
  std::vector<Alert> own_alerts_;
  Time first_;          // of the run: its first packet, or the first time while there is none
  Time last_;           // of the run, as far as the clock has come
  Time packets_since_;  // the first of those that came since the last tick
  bool had_packets_ = false;
  Time clock_;
  Time remembered_since_;
  bool changed_ = false;
  bool stats_changed_ = false;
  bool ending_ = false;
  bool finishing_ = false;
  bool last_taken_ = false;  // the last batch is what is written now
  bool written_ = false;     // it was, or as much as could be
  Steady::time_point give_up_at_;
  Steady::time_point judged_ = Steady::now();
  std::uint64_t dropped_before_ = 0;
  LiveRecorderState state_;
  std::vector<News> news_;
  std::vector<Alert> alerts_;
  std::optional<Facts> facts_;
  std::optional<BookAndLesson> lesson_;
  LiveJudge::Notes notes_;

  // Of the writing thread.
  std::optional<Batch> pending_;  // on its way to the database; the same again until it is there
  std::uint32_t in_a_row_ = 0;
  std::optional<Error> failure_;

  // Of the keeping thread.
  Steady::time_point tidy_at_ = Steady::now();
  std::string judge_trouble_;
  std::uint32_t judge_failures_ = 0;  // in a row

  std::thread writing_;
  std::thread keeping_;
};

Result<std::unique_ptr<LiveRecorder>> LiveRecorder::open(LiveRecorderOptions options) {
  if (auto refused = refuse(options.retention)) return *refused;
  auto lock = WriterLock::take(options.recorder.path);
  if (!lock) return lock.error();
  const auto apps = std::make_shared<const AppBook>(std::exchange(options.recorder.apps, {}));
  auto writer =
      LiveRunWriter::open(options.recorder, apps, options.filter, options.inputs, kBusyTimeoutMs);
  if (!writer) return writer.error();
  auto keeper = LiveKeeper::open(options.recorder, apps, writer->batches(), kBusyTimeoutMs);
  if (!keeper) return keeper.error();
  return std::unique_ptr<LiveRecorder>{new LiveRecorder{std::make_unique<Impl>(
      std::move(options), std::move(*lock), std::move(*writer), std::move(*keeper))}};
}

LiveRecorder::LiveRecorder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LiveRecorder::~LiveRecorder() = default;

Result<std::vector<RunInput>> LiveRecorder::recorded_inputs() {
  return impl_->writer().recorded_inputs();
}
Result<std::vector<RetroMatch>> LiveRecorder::rematch(const HostJudge& judge, Time at) {
  return impl_->keeper().rematch(judge, at);
}
void LiveRecorder::keep_pseudonyms(const PseudonymKey& key,
                                   std::function<std::vector<MadePseudonym>()> made,
                                   std::function<void()> again) {
  impl_->writer().keep_pseudonyms(key, std::move(made), std::move(again));
}
void LiveRecorder::start() { impl_->start(); }
void LiveRecorder::learn(Lesson lesson) { impl_->learn(std::move(lesson)); }

void LiveRecorder::on_flow(const observation::FlowRecord& record) {
  impl_->add([&](auto& day) {
    day.tally.add(record);
    day.addresses.add(record);
  });
}
void LiveRecorder::on_dns(const observation::DnsRecord& record) {
  impl_->add([&](auto& day) {
    day.tally.add(record);
    day.addresses.add(record);
  });
}
void LiveRecorder::on_http(const observation::HttpRecord& record) {
  impl_->add([&](auto& day) {
    day.tally.add(record);
    day.ledgers.add(record);
  });
}
void LiveRecorder::on_client_name(const observation::ClientNameRecord& record) {
  impl_->add_name(record);
}
void LiveRecorder::on_stats(const observation::StatsRecord& record) { impl_->keep_stats(record); }
void LiveRecorder::on_finding(const observation::FindingRecord& record) {
  impl_->add([&](auto& day) { day.ledgers.add(record); });
}
void LiveRecorder::on_file(const observation::FileRecord& record) {
  impl_->add([&](auto& day) { day.ledgers.add(record); });
}
void LiveRecorder::on_asset(const observation::AssetRecord& record) {
  impl_->add([&](auto& day) { day.ledgers.add(record); });
}
void LiveRecorder::on_model_call(const observation::ModelCallRecord& record) {
  impl_->add([&](auto& day) { day.ledgers.add(record); });
}
void LiveRecorder::on_artifact(const observation::ArtifactRecord& record) {
  impl_->add([&](auto& day) { day.ledgers.add(record); });
}
void LiveRecorder::on_candidate(const observation::CandidateRecord& record) {
  impl_->add([&](auto& day) { day.ledgers.add(record); });
}
void LiveRecorder::on_health(const observation::HealthRecord& record) {
  impl_->add([&](auto& day) {
    day.health.enter(record);
    day.health_changed = true;
  });
}
void LiveRecorder::on_packets(Time first) { impl_->packets(first); }
void LiveRecorder::on_tick(Time clock) { impl_->tick(clock); }

void LiveRecorder::add_alert(Alert alert) { impl_->add_alert(std::move(alert)); }
void LiveRecorder::add_input(RunInput input) { impl_->add_input(std::move(input)); }
LiveRecorderState LiveRecorder::state() const { return impl_->state(); }
std::vector<LiveRecorder::News> LiveRecorder::take_news() { return impl_->take_news(); }
std::vector<Alert> LiveRecorder::take_alerts() { return impl_->take_alerts(); }
std::optional<Error> LiveRecorder::finish() { return impl_->finish(); }

}  // namespace gnomon::inventory
