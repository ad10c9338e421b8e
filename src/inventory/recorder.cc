#include "gnomon/inventory/recorder.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "anomalies.h"
#include "batch_writer.h"
#include "coverage_rows.h"
#include "database.h"
#include "felt_limits.h"
#include "gnomon/inventory/risk.h"
#include "health_book.h"
#include "host_addresses.h"
#include "interrupted.h"
#include "ledger_writer.h"
#include "ledgers.h"
#include "memberships.h"
#include "policy_judge.h"
#include "privacy_rows.h"
#include "ratings.h"
#include "rematch.h"
#include "run_judgement.h"
#include "tally.h"
#include "tidy.h"
#include "totals.h"
#include "writer_lock.h"

namespace gnomon::inventory {

class Recorder::Impl {
 public:
  Impl(RecorderOptions options, WriterLock lock, Database database, BatchWriter writer,
       LedgerWriter ledger_writer, Statement address_writer)
      : options_(std::move(options)),
        lock_(std::move(lock)),
        database_(std::move(database)),
        writer_(std::move(writer)),
        ledger_writer_(std::move(ledger_writer)),
        address_writer_(std::move(address_writer)),
        tally_(options_.limits),
        addresses_(options_.limits.host_addresses_max),
        ledgers_(options_.limits.ledger_rows_max, options_.limits.minutes_max) {
    for (std::size_t i = 0; i < options_.apps.size(); ++i) facts_.emplace(options_.apps[i].id, i);
  }

  ~Impl() {
    if (run_ == 0) return;
    Transaction transaction{database_};
    if (!transaction.error() && !delete_run(database_, run_)) (void)transaction.commit();
  }

  template <class Record>
  void add(const Record& record) {
    if (failure_) return;
    tally_.add(record);
    if (tally_.hours_full()) (void)flush();
  }

  template <class Record>
  void add_address(const Record& record) {
    if (!failure_) addresses_.add(record);
  }

  template <class Record>
  void enter(const Record& record) {
    if (!failure_) ledgers_.add(record);
  }

  void add_name(const observation::ClientNameRecord& record) {
    if (failure_) return;
    if (!inventory::add_name(record, options_.limits.client_names_max, names_)) ++names_dropped_;
  }

  void keep_health(const observation::HealthRecord& record) {
    if (!failure_) health_.enter(record);
  }

  void keep_stats(const observation::StatsRecord& record) {
    if (!record.final) return;
    counters_.clear();
    for (const auto& [name, value] : record.counters) counters_[std::string{name}] = value;
  }

  Result<std::vector<bool>> recorded_before(std::span<const RunInput> inputs,
                                            std::string_view filter) {
    return inventory::recorded_before(database_, inputs, filter);
  }

  Result<std::vector<std::string>> recorded_beside(std::span<const RunInput> inputs,
                                                   std::string_view filter) {
    auto earlier = earlier_runs(database_, inputs, filter);
    if (!earlier) return earlier.error();
    std::set<std::string> others;  // runs may share some
    for (const EarlierRun& each : *earlier) others.insert(each.others.begin(), each.others.end());
    return std::vector<std::string>{others.begin(), others.end()};
  }

  Result<std::monostate> flush() {
    if (failure_) return *failure_;
    Transaction transaction{database_};
    failure_ = transaction.error();
    std::int64_t run = run_;
    if (!failure_) failure_ = write_batch(run);
    if (!failure_) failure_ = transaction.commit();
    if (failure_) return *failure_;
    run_ = run;
    tally_.written();
    addresses_.written();
    ledgers_.written();
    return std::monostate{};
  }

  Result<Recorded> finish(const RunInfo& info, const observation::Coverage& coverage) {
    if (failure_) return *failure_;
    auto known = recorded_before(info.inputs, info.filter);
    if (!known) return known.error();
    const bool all_known =
        !info.inputs.empty() && std::find(known->begin(), known->end(), false) == known->end();
    if (all_known && !options_.again) {
      Recorded before;
      before.already_recorded = true;
      return before;
    }

    ledgers_.close();
    Transaction transaction{database_};
    failure_ = transaction.error();
    Recorded recorded;
    recorded.run = run_;
    if (!failure_) failure_ = write_batch(recorded.run);
    if (!failure_) failure_ = settle_earlier(info, recorded);
    if (!failure_) failure_ = write_run(recorded.run, info, coverage);
    if (!failure_) failure_ = write_all_facts();
    if (!failure_) failure_ = refresh_totals(database_, recorded.run, false);
    if (!failure_) failure_ = refresh_memberships(database_);
    if (!failure_ && pseudonym_key_)
      failure_ = inventory::keep_pseudonyms(database_, *pseudonym_key_, info.first_packet, made_());
    if (!failure_)
      failure_ = judge_departures(database_, options_, info.first_packet, info.last_packet,
                                  recorded.run, recorded.alerts);
    if (!failure_) failure_ = record_ratings(database_);
    if (!failure_)
      failure_ = judge_by_policy(database_, options_, info.first_packet, info.last_packet,
                                 recorded.run, recorded.alerts);
    std::stable_sort(recorded.alerts.begin(), recorded.alerts.end(),
                     [](const Alert& a, const Alert& b) { return a.time < b.time; });
    if (!failure_) failure_ = transaction.commit();
    if (failure_) return *failure_;
    run_ = 0;  // finished: not ours to remove any more
    // Into the file itself, as far as no reader is in the way; what is left is done at the close.
    (void)database_.run("PRAGMA wal_checkpoint(PASSIVE)");
    tally_.written();
    addresses_.written();
    ledgers_.written();
    return recorded;
  }

  Result<std::vector<RetroMatch>> rematch(const HostJudge& judge, Time at) {
    if (failure_) return *failure_;
    auto hosts = hosts_known_now(database_, judge);
    if (!hosts) return hosts.error();
    if (hosts->empty()) return std::vector<RetroMatch>{};
    Transaction transaction{database_};
    if (transaction.error()) return *transaction.error();
    auto matches = rematch_hosts(database_, *hosts, judge, at, [this](const std::string& app) {
      const auto known = facts_.find(app);
      return known == facts_.end() ? writer_.write_unknown_app(app)
                                   : writer_.write_facts(options_.apps[known->second]);
    });
    if (!matches) return matches.error();
    if (!matches->empty()) {
      if (auto failed = refresh_totals(database_, 0, true)) return *failed;
      if (auto failed = record_ratings(database_)) return *failed;
    }
    if (auto failed = transaction.commit()) return *failed;
    return matches;
  }

  Result<std::vector<Alert>> alerts_of(std::span<const RunInput> inputs, std::string_view filter) {
    auto query = database_.prepare(
        "SELECT r.id FROM run_input i JOIN capture_run r ON r.id = i.run WHERE i.sha256 = ? AND "
        "i.bytes = ? AND r.state = 'finished' AND r.filter = ?");
    if (!query) return query.error();
    std::set<std::int64_t> runs;
    for (const RunInput& input : inputs) {
      query->bind(1, input.sha256).bind(2, input.bytes).bind(3, filter);
      while (!input.sha256.empty() && query->step()) runs.insert(query->integer(0));
      if (!query->ok()) return database_.error();
      query->reset();
    }
    std::vector<Alert> all;
    for (const std::int64_t run : runs) {
      auto alerts = read_alerts(database_, run);
      if (!alerts) return alerts.error();
      all.insert(all.end(), alerts->begin(), alerts->end());
    }
    return all;
  }

  Result<Tidied> tidy(const Retention& retention, const TidyOptions& options) {
    if (failure_) return *failure_;
    return tidy_database(database_, retention, options);
  }

  const std::optional<Error>& failure() const { return failure_; }

  void keep_pseudonyms(const PseudonymKey& key, std::function<std::vector<MadePseudonym>()> made) {
    pseudonym_key_ = key;
    made_ = std::move(made);
  }

 private:
  // Gives the run its number when it has none yet.
  std::optional<Error> write_batch(std::int64_t& run) {
    if (run == 0) {
      if (auto failed = database_.run("INSERT INTO capture_run (state) VALUES ('recording')"))
        return failed;
      run = sqlite3_last_insert_rowid(database_.get());
    }
    if (!writer_.write(run, tally_.rows(), names_) || !addresses_.write(run, address_writer_) ||
        !ledger_writer_.write(run, ledgers_.all_rows()))
      return database_.error();
    return health_.write(database_, run);
  }

  // Earlier runs whose inputs are all among this run's are replaced by it.
  std::optional<Error> settle_earlier(const RunInfo& info, Recorded& recorded) {
    const auto earlier = earlier_runs(database_, info.inputs, info.filter);
    if (!earlier) return earlier.error();
    for (const EarlierRun& each : *earlier) {
      if (!each.others.empty()) continue;
      if (auto failed = forget_run(database_, each.run)) return failed;
      if (auto failed = delete_run(database_, each.run)) return failed;
      ++recorded.runs_replaced;
    }
    return std::nullopt;
  }

  std::optional<Error> write_run(std::int64_t run, const RunInfo& info,
                                 const observation::Coverage& coverage) {
    auto input = database_.prepare("INSERT INTO run_input VALUES (?,?,?,?,?,?)");
    if (!input) return input.error();
    std::uint32_t position = 0;
    for (const RunInput& each : info.inputs) {
      input->bind(1, run).bind(2, position++).bind(3, each.path).bind(4, each.sha256);
      if (!input->bind(5, each.bytes).bind(6, each.damage).run()) return database_.error();
    }

    auto cover = database_.prepare("INSERT INTO run_coverage VALUES (?,?,?)");
    if (!cover) return cover.error();
    for (const auto& [name, member] : observation::kCoverageCounterNames)
      if (!cover->bind(1, run).bind(2, name).bind(3, coverage.*member).run())
        return database_.error();
    for (const auto& [prefix, list] : kCoverageLists)
      for (const auto& [kind, number] : coverage.*list) {
        const std::string name = std::string{prefix} + kind;
        if (!cover->bind(1, run).bind(2, name).bind(3, number).run()) return database_.error();
      }

    add_felt_limits(tally_, addresses_, ledgers_, names_dropped_, counters_);
    auto counter = database_.prepare("INSERT INTO run_counter VALUES (?,?,?)");
    if (!counter) return counter.error();
    for (const auto& [name, value] : counters_)
      if (!counter->bind(1, run).bind(2, name).bind(3, value).run()) return database_.error();

    if (!options_.risk_rubric.empty()) {
      // Weights that somebody gave this inventory stay.
      auto rubric = database_.prepare(
          "INSERT INTO risk_rubric VALUES (1, ?, '') ON CONFLICT DO UPDATE SET "
          "yaml = excluded.yaml WHERE origin = ''");
      if (!rubric) return rubric.error();
      if (!rubric->bind(1, options_.risk_rubric).run()) return database_.error();
    }

    if (!options_.anomaly_rules.empty()) {
      auto rules = database_.prepare("INSERT OR REPLACE INTO anomaly_rules VALUES (1, ?)");
      if (!rules) return rules.error();
      if (!rules->bind(1, options_.anomaly_rules).run()) return database_.error();
    }

    auto finished = database_.prepare(
        "UPDATE capture_run SET state = 'finished', filter = ?, first_packet_ns = ?, "
        "last_packet_ns = ?, recorded_at_ns = ? WHERE id = ?");
    if (!finished) return finished.error();
    finished->bind(1, info.filter).bind(2, info.first_packet).bind(3, info.last_packet);
    if (!finished->bind(4, info.recorded_at).bind(5, run).run()) return database_.error();
    return std::nullopt;
  }

  // Of the apps seen now and of those seen before: the catalogue may have learnt about them.
  std::optional<Error> write_all_facts() {
    std::vector<std::string> apps;
    for (const Texts::Id id : tally_.apps()) apps.emplace_back(tally_.texts()[id]);
    std::sort(apps.begin(), apps.end());
    const std::size_t seen_now = apps.size();
    {
      auto query = database_.prepare("SELECT id FROM app");
      if (!query) return query.error();
      while (query->step()) {
        std::string id = query->text(0);
        if (!std::binary_search(apps.begin(), apps.begin() + static_cast<std::ptrdiff_t>(seen_now),
                                id))
          apps.push_back(std::move(id));
      }
      if (!query->ok()) return database_.error();
    }
    for (const std::string& app : apps) {
      // One the catalogue has dropped keeps what was said of it before.
      const auto known = facts_.find(app);
      const bool written = known == facts_.end()
                               ? writer_.write_unknown_app(app)
                               : writer_.write_facts(options_.apps[known->second]);
      if (!written) return database_.error();
    }
    return std::nullopt;
  }

  RecorderOptions options_;
  std::optional<PseudonymKey> pseudonym_key_;
  std::function<std::vector<MadePseudonym>()> made_;
  std::unordered_map<std::string_view, std::size_t> facts_;  // into options_.apps, by id
  WriterLock lock_;    // declared before the database, so given up after it is closed
  Database database_;  // declared before the statements, so closed last
  BatchWriter writer_;
  LedgerWriter ledger_writer_;
  Statement address_writer_;
  Tally tally_;
  HostAddresses addresses_;
  Ledgers ledgers_;
  HealthBook health_;
  ClientNames names_;
  std::uint64_t names_dropped_ = 0;
  std::map<std::string, std::uint64_t> counters_;
  std::optional<Error> failure_;
  std::int64_t run_ = 0;  // once something of it is in the database
};

Result<Recorder> Recorder::open(RecorderOptions options) {
  if (!options.risk_rubric.empty())
    if (auto rubric = RiskRubric::parse(options.risk_rubric, "risk.yaml"); !rubric)
      return rubric.error();
  if (!options.anomaly_rules.empty())
    if (auto rules = AnomalyRules::parse(options.anomaly_rules, "anomalies.yaml"); !rules)
      return rules.error();
  if (std::vector<PolicyProblem> problems;
      Policy::parse(options.policies, problems), !problems.empty())
    return Error{problems.front().to_string()};
  auto lock = WriterLock::take(options.path);
  if (!lock) return lock.error();
  auto database = Database::open(options.path, Access::kCreate);
  if (!database) return database.error();
  if (auto failed = delete_interrupted(*database)) return *failed;
  auto writer = BatchWriter::prepare(*database);
  if (!writer) return writer.error();
  auto ledger_writer = LedgerWriter::prepare(*database);
  if (!ledger_writer) return ledger_writer.error();
  auto address_writer = HostAddresses::prepare_writer(*database);
  if (!address_writer) return address_writer.error();
  return Recorder{std::make_unique<Impl>(std::move(options), std::move(*lock), std::move(*database),
                                         std::move(*writer), std::move(*ledger_writer),
                                         std::move(*address_writer))};
}

Recorder::Recorder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Recorder::Recorder(Recorder&&) noexcept = default;
Recorder& Recorder::operator=(Recorder&&) noexcept = default;
Recorder::~Recorder() = default;

Result<std::vector<bool>> Recorder::recorded_before(std::span<const RunInput> inputs,
                                                    std::string_view filter) {
  return impl_->recorded_before(inputs, filter);
}

Result<std::vector<std::string>> Recorder::recorded_beside(std::span<const RunInput> inputs,
                                                           std::string_view filter) {
  return impl_->recorded_beside(inputs, filter);
}

void Recorder::on_flow(const observation::FlowRecord& record) {
  impl_->add(record);
  impl_->add_address(record);
}
void Recorder::on_dns(const observation::DnsRecord& record) {
  impl_->add(record);
  impl_->add_address(record);
}
void Recorder::on_http(const observation::HttpRecord& record) {
  impl_->add(record);
  impl_->enter(record);
}
void Recorder::on_client_name(const observation::ClientNameRecord& record) {
  impl_->add_name(record);
}
void Recorder::on_stats(const observation::StatsRecord& record) { impl_->keep_stats(record); }
void Recorder::on_finding(const observation::FindingRecord& record) { impl_->enter(record); }
void Recorder::on_file(const observation::FileRecord& record) { impl_->enter(record); }
void Recorder::on_asset(const observation::AssetRecord& record) { impl_->enter(record); }
void Recorder::on_model_call(const observation::ModelCallRecord& record) { impl_->enter(record); }
void Recorder::on_artifact(const observation::ArtifactRecord& record) { impl_->enter(record); }
void Recorder::on_candidate(const observation::CandidateRecord& record) { impl_->enter(record); }

void Recorder::on_health(const observation::HealthRecord& record) { impl_->keep_health(record); }

Result<std::vector<RetroMatch>> Recorder::rematch(const HostJudge& judge, Time at) {
  return impl_->rematch(judge, at);
}

Result<Tidied> Recorder::tidy(const Retention& retention, const TidyOptions& options) {
  return impl_->tidy(retention, options);
}

Result<std::vector<Alert>> Recorder::alerts_of(std::span<const RunInput> inputs,
                                               std::string_view filter) {
  return impl_->alerts_of(inputs, filter);
}

void Recorder::keep_pseudonyms(const PseudonymKey& key,
                               std::function<std::vector<MadePseudonym>()> made) {
  impl_->keep_pseudonyms(key, std::move(made));
}

const std::optional<Error>& Recorder::failure() const { return impl_->failure(); }

Result<std::monostate> Recorder::flush() { return impl_->flush(); }

Result<Recorded> Recorder::finish(const RunInfo& run, const observation::Coverage& coverage) {
  return impl_->finish(run, coverage);
}

}  // namespace gnomon::inventory
