#include "live_run.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <utility>

#include "anomalies.h"
#include "coverage_rows.h"
#include "gnomon/inventory/risk.h"
#include "gnomon/observation/counters.h"
#include "interrupted.h"
#include "privacy_rows.h"
#include "totals.h"

namespace gnomon::inventory {
namespace {

// Told as they are: numbers of the moment, and those of the recorder, which counts each day anew.
bool is_whole(std::string_view name) {
  return observation::is_gauge(name) || name.starts_with("inventory.");
}

std::uint64_t grown(std::uint64_t now, std::uint64_t before) {
  return now >= before ? now - before : now;
}

}  // namespace

Result<std::unique_ptr<LiveRunWriter::Connection>> LiveRunWriter::connect(
    const RecorderOptions& options, int busy_timeout_ms, Access access) {
  auto database = Database::open(options.path, access);
  if (!database) return database.error();
  sqlite3_busy_timeout(database->get(), busy_timeout_ms);
  auto writer = BatchWriter::prepare(*database);
  if (!writer) return writer.error();
  auto ledger_writer = LedgerWriter::prepare(*database);
  if (!ledger_writer) return ledger_writer.error();
  auto address_writer = HostAddresses::prepare_writer(*database);
  if (!address_writer) return address_writer.error();
  return std::make_unique<Connection>(
      Connection{FileIdentity::at(options.path), false, std::move(*database), std::move(*writer),
                 std::move(*ledger_writer), std::move(*address_writer)});
}

Result<LiveRunWriter> LiveRunWriter::open(const RecorderOptions& options, AppBookPointer apps,
                                          std::string filter, std::vector<std::string> inputs,
                                          int busy_timeout_ms) {
  if (!options.risk_rubric.empty())
    if (auto rubric = RiskRubric::parse(options.risk_rubric, "risk.yaml"); !rubric)
      return rubric.error();
  if (!options.anomaly_rules.empty())
    if (auto rules = AnomalyRules::parse(options.anomaly_rules, "anomalies.yaml"); !rules)
      return rules.error();
  auto connection = connect(options, busy_timeout_ms, Access::kCreate);
  if (!connection) return connection.error();
  // What an interrupted replay left behind; we hold the lock.
  if (auto failed = delete_interrupted((*connection)->database)) return *failed;
  // A file that was just made is synced: SQLite throws the log beside an empty file away.
  if (auto failed = (*connection)->database.run("PRAGMA wal_checkpoint(PASSIVE)")) return *failed;
  return LiveRunWriter{options,           std::move(apps), std::move(filter),
                       std::move(inputs), busy_timeout_ms, std::move(*connection)};
}

LiveRunWriter::LiveRunWriter(const RecorderOptions& options, AppBookPointer apps,
                             std::string filter, std::vector<std::string> inputs,
                             int busy_timeout_ms, std::unique_ptr<Connection> connection)
    : options_(options),
      apps_(std::move(apps)),
      filter_(std::move(filter)),
      inputs_(std::move(inputs)),
      busy_timeout_ms_(busy_timeout_ms),
      connection_(std::move(connection)) {}

void LiveRunWriter::learn(AppBookPointer apps, std::string risk_rubric,
                          std::string anomaly_rules) {
  apps_ = std::move(apps);
  options_.risk_rubric = std::move(risk_rubric);
  options_.anomaly_rules = std::move(anomaly_rules);
  apps_written_.clear();
}

std::optional<Error> LiveRunWriter::lost_file() const {
  const auto now = FileIdentity::at(options_.path);
  if (now == connection_->file) return std::nullopt;
  return Error{!now.is_there()
                   ? "the inventory was removed while it was written; what it held is gone, "
                     "and another one is begun"
                   : "the inventory was replaced by another file while it was written; "
                     "what is new goes into that one"}
      .in(options_.path.string());
}

std::optional<Error> LiveRunWriter::overwritten() {
  if (begins_as_database(connection_->database)) {
    connection_->has_begun = true;
    return std::nullopt;
  }
  if (!connection_->has_begun) return std::nullopt;
  return Error{
      "the inventory was written over by something else while it was in use, and is written no "
      "further; once it is removed, with the -wal and -shm beside it, another one is begun"}
      .in(options_.path.string());
}

std::optional<Error> LiveRunWriter::reopen() {
  // As for the keeper: what is there is not to be made again while others of this process hold it.
  std::error_code code;
  const bool is_there = std::filesystem::exists(options_.path, code);
  auto connection = connect(options_, busy_timeout_ms_, is_there ? Access::kEdit : Access::kCreate);
  if (!connection) return std::nullopt;
  const bool another = (*connection)->file != connection_->file;
  if (!another) (*connection)->has_begun = connection_->has_begun;
  if (another)
    if (auto refused = may_record_into((*connection)->database, options_.path,
                                       pseudonym_key_ ? &*pseudonym_key_ : nullptr))
      return refused;
  connection_ = std::move(*connection);
  if (!another) return std::nullopt;
  if (again_) again_();
  // It knows nothing of the run.
  run_ = 0;
  inputs_written_ = 0;
  apps_written_.clear();
  before_ = latest_;
  return std::nullopt;
}

std::optional<Error> LiveRunWriter::write(const Batch& batch, Time wall_clock) {
  if (auto lost = lost_file()) {
    auto refused = reopen();
    return refused ? refused : lost;
  }
  if (auto failed = overwritten()) return failed;
  std::int64_t run = run_;
  std::uint32_t inputs = inputs_written_;
  std::set<std::string> facts;
  const std::uint64_t number = ++*batches_;
  {
    Transaction transaction{connection_->database};
    auto failed = transaction.error();
    if (!failed) failed = write_all(batch, wall_clock, run, inputs, facts);
    if (!failed) failed = transaction.commit();
    if (failed) return failed;
  }
  made_untold_.clear();
  if (batch.stats) latest_ = *batch.stats;
  LiveJudge::Notes notes;
  notes.batch = number;
  notes.file = connection_->file;
  notes.add(batch.changes, batch.names);
  if (batch.judge || batch.ends_run)
    notes.due.push_back({run, batch.first_packet, batch.last_packet});
  notes_.add(std::move(notes));
  if (batch.ends_run) {
    run_ = 0;
    inputs_written_ = 0;
    apps_written_.clear();
    before_ = latest_;
    return std::nullopt;
  }
  run_ = run;
  inputs_written_ = inputs;
  apps_written_.merge(facts);
  return std::nullopt;
}

std::optional<Error> LiveRunWriter::write_all(const Batch& batch, Time wall_clock,
                                              std::int64_t& run, std::uint32_t& inputs,
                                              std::set<std::string>& facts) {
  Database& database = connection_->database;
  if (run == 0)
    if (auto failed = begin_run(run, inputs)) return failed;
  if (!connection_->writer.write(run, batch.changes.rows(), batch.names) ||
      !HostAddresses::write(run, batch.addresses, connection_->address_writer) ||
      !connection_->ledger_writer.write(run, batch.ledgers))
    return database.error();
  for (const Tally::SightingRow& row : batch.changes.sightings) {
    std::string app{(*batch.changes.texts)[row.app]};
    if (apps_written_.contains(app) || facts.contains(app)) continue;
    if (!apps_->write(connection_->writer, app)) return database.error();
    facts.insert(std::move(app));
  }
  if (auto failed = write_inputs(run, inputs, batch.inputs)) return failed;
  if (batch.stats)
    if (auto failed = write_stats(run, *batch.stats)) return failed;
  auto update = database.prepare(
      "UPDATE capture_run SET first_packet_ns = ?, last_packet_ns = ?, "
      "recorded_at_ns = ? WHERE id = ?");
  if (!update) return update.error();
  update->bind(1, batch.first_packet).bind(2, batch.last_packet).bind(3, wall_clock);
  if (!update->bind(4, run).run()) return database.error();
  if (!batch.own_alerts.empty()) {
    std::vector<Alert> own = batch.own_alerts;
    if (auto failed = store_alerts(database, own, run)) return failed;
  }
  if (batch.health) {
    HealthBook health = *batch.health;
    if (auto failed = health.write(database, run)) return failed;
  }
  if (pseudonym_key_) {
    auto made = made_();
    made_untold_.insert(made_untold_.end(), std::make_move_iterator(made.begin()),
                        std::make_move_iterator(made.end()));
    if (auto failed = inventory::keep_pseudonyms(database, *pseudonym_key_, batch.first_packet,
                                                 made_untold_))
      return failed;
  }
  // Sums that were made of what was there before.
  return outgrow_totals(database);
}

std::optional<Error> LiveRunWriter::begin_run(std::int64_t& run, std::uint32_t& inputs) {
  Database& database = connection_->database;
  auto insert = database.prepare("INSERT INTO capture_run (state, filter) VALUES ('finished', ?)");
  if (!insert) return insert.error();
  if (!insert->bind(1, filter_).run()) return database.error();
  run = sqlite3_last_insert_rowid(database.get());
  // More than one run has grown: the run before was not judged yet.
  if (auto failed = database.run("UPDATE totals_state SET fits = 3 WHERE fits = 2")) return failed;
  std::vector<RunInput> named;
  for (const std::string& input : inputs_) named.push_back({input, {}, 0, {}});
  inputs = 0;
  if (auto failed = write_inputs(run, inputs, named)) return failed;
  const auto keep = [&](const char* sql, const std::string& text) -> std::optional<Error> {
    if (text.empty()) return std::nullopt;
    auto statement = database.prepare(sql);
    if (!statement) return statement.error();
    if (!statement->bind(1, text).run()) return database.error();
    return std::nullopt;
  };
  if (auto failed = keep("INSERT INTO risk_rubric VALUES (1, ?, '') ON CONFLICT DO UPDATE SET "
                         "yaml = excluded.yaml WHERE origin = ''",
                         options_.risk_rubric))
    return failed;
  return keep("INSERT OR REPLACE INTO anomaly_rules VALUES (1, ?)", options_.anomaly_rules);
}

std::optional<Error> LiveRunWriter::write_inputs(std::int64_t run, std::uint32_t& position,
                                                 const std::vector<RunInput>& inputs) {
  if (inputs.empty()) return std::nullopt;
  auto input = connection_->database.prepare("INSERT INTO run_input VALUES (?,?,?,?,?,?)");
  if (!input) return input.error();
  for (const RunInput& each : inputs) {
    input->bind(1, run).bind(2, position++).bind(3, each.path).bind(4, each.sha256);
    if (!input->bind(5, each.bytes).bind(6, each.damage).run()) return connection_->database.error();
  }
  return std::nullopt;
}

std::optional<Error> LiveRunWriter::write_stats(std::int64_t run, const Stats& stats) {
  Database& database = connection_->database;
  auto cover = database.prepare("INSERT OR REPLACE INTO run_coverage VALUES (?,?,?)");
  if (!cover) return cover.error();
  for (const auto& [name, member] : observation::kCoverageCounterNames) {
    const std::uint64_t value = grown(stats.coverage.*member, before_.coverage.*member);
    if (!cover->bind(1, run).bind(2, name).bind(3, value).run()) return database.error();
  }
  for (const auto& [prefix, list] : kCoverageLists)
    for (const auto& [kind, number] : stats.coverage.*list) {
      std::uint64_t earlier = 0;
      for (const auto& [name, value] : before_.coverage.*list)
        if (name == kind) earlier = value;
      const std::string name = std::string{prefix} + kind;
      if (!cover->bind(1, run).bind(2, name).bind(3, grown(number, earlier)).run())
        return database.error();
    }
  auto counter = database.prepare("INSERT OR REPLACE INTO run_counter VALUES (?,?,?)");
  if (!counter) return counter.error();
  std::map<std::string, std::uint64_t> earlier = before_.counters;
  if (!earlier.empty())  // these two groups come at the end alone
    for (const auto& [name, member] : observation::kCoverageCounterNames)
      earlier["coverage." + std::string{name}] = before_.coverage.*member;
  for (const auto& [name, value] : stats.counters) {
    const auto was = earlier.find(name);
    // What all of the sensor's days came to is not this one's.
    if (was == earlier.end() && !earlier.empty() && name.starts_with("reassembly.")) continue;
    const std::uint64_t told =
        was == earlier.end() || is_whole(name) ? value : grown(value, was->second);
    if (!counter->bind(1, run).bind(2, name).bind(3, told).run()) return database.error();
  }
  return std::nullopt;
}

Result<std::vector<RunInput>> LiveRunWriter::recorded_inputs() {
  auto query = connection_->database.prepare(
      "SELECT DISTINCT i.sha256, i.bytes FROM run_input i JOIN capture_run r ON r.id = i.run "
      "WHERE i.sha256 != '' AND r.state = 'finished' AND r.filter = ?");
  if (!query) return query.error();
  query->bind(1, filter_);
  std::vector<RunInput> inputs;
  while (query->step()) inputs.push_back({{}, query->text(0), query->number(1), {}});
  if (!query->ok()) return connection_->database.error();
  return inputs;
}

}  // namespace gnomon::inventory
