#include "live_keeper.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <string>

#include "totals.h"

namespace gnomon::inventory {

Result<std::unique_ptr<LiveKeeper::Connection>> LiveKeeper::connect(const RecorderOptions& options,
                                                                    int busy_timeout_ms,
                                                                    const StopAt& stop) {
  // Not to be made here: opening and closing the file beside SQLite would drop the locks that this
  // process holds on it.
  auto database = Database::open(options.path, Access::kEdit);
  if (!database) return database.error();
  sqlite3_busy_timeout(database->get(), busy_timeout_ms);
  stop.watch(*database);
  auto writer = BatchWriter::prepare(*database);
  if (!writer) return writer.error();
  if (auto failed = LiveJudge::prepare(*database)) return *failed;
  return std::make_unique<Connection>(
      Connection{FileIdentity::at(options.path), std::move(*database), std::move(*writer)});
}

Result<LiveKeeper> LiveKeeper::open(const RecorderOptions& options, AppBookPointer apps,
                                    std::shared_ptr<const std::atomic<std::uint64_t>> batches,
                                    int busy_timeout_ms) {
  auto stop = std::make_unique<StopAt>();
  auto connection = connect(options, busy_timeout_ms, *stop);
  if (!connection) return connection.error();
  LiveKeeper keeper{options,         std::move(apps), std::move(batches),
                    busy_timeout_ms, std::move(stop), std::move(*connection)};
  if (auto failed = keeper.ask_for_unjudged()) return *failed;
  return keeper;
}

void LiveKeeper::learn(AppBookPointer apps, std::string risk_rubric, std::string anomaly_rules,
                       std::vector<PolicyFile> policies) {
  apps_ = std::move(apps);
  options_.risk_rubric = std::move(risk_rubric);
  options_.anomaly_rules = std::move(anomaly_rules);
  options_.policies = std::move(policies);
  judge_.note_rules();
}

void LiveKeeper::reopen() {
  auto connection = connect(options_, busy_timeout_ms_, *stop_);
  if (!connection) return;
  const bool another = (*connection)->file != connection_->file;
  connection_ = std::move(*connection);
  if (!another) {
    judge_.note_again();
    return;
  }
  // The runs that were to be judged are not in it, perhaps others are.
  judge_ = {};
  if (ask_for_unjudged()) judge_.note_all();
}

void LiveKeeper::note(const LiveJudge::Notes& notes) {
  if (notes.file.is_there() && notes.file != connection_->file) {
    reopen();
    if (notes.file != connection_->file) return;  // of what nobody finds any more
  }
  judge_.note(connection_->database, notes);
}

// What a sensor that was killed had not said yet.
std::optional<Error> LiveKeeper::ask_for_unjudged() {
  Database& database = connection_->database;
  auto fit = sums_fit(database);
  if (!fit) return fit.error();
  if (*fit == SumsFit::kWhole) return std::nullopt;
  if (*fit != SumsFit::kLastRun && *fit != SumsFit::kLastRuns) {
    judge_.note_all();
    return ask_for_last();
  }
  judge_.note_again();
  auto runs = runs_since_sums(database);
  if (!runs) return runs.error();
  for (const std::int64_t run : *runs)
    if (auto failed = ask_for(run)) return failed;
  return std::nullopt;
}

std::optional<Error> LiveKeeper::ask_for(std::int64_t run) {
  Database& database = connection_->database;
  auto query = database.prepare(
      "SELECT id, first_packet_ns, last_packet_ns FROM capture_run WHERE id = ?");
  if (!query) return query.error();
  if (query->bind(1, run).step()) judge_.ask({query->integer(0), query->time(1), query->time(2)});
  return query->ok() ? std::nullopt : std::optional{database.error()};
}

std::optional<Error> LiveKeeper::ask_for_last() {
  Database& database = connection_->database;
  auto last = database.prepare(
      "SELECT id FROM capture_run WHERE state = 'finished' ORDER BY id DESC LIMIT 1");
  if (!last) return last.error();
  const bool found = last->step();
  if (!last->ok()) return database.error();
  return found ? ask_for(last->integer(0)) : std::nullopt;
}

std::optional<Error> LiveKeeper::judge() {
  return judge_.judge(connection_->database, options_, *batches_, alerts_);
}

Result<Tidied> LiveKeeper::tidy(const Retention& retention, const TidyOptions& options) {
  auto tidied = tidy_database(connection_->database, retention, options, SumsAfter::kLater);
  if (tidied && !tidied->removed.empty())
    if (auto failed = ask_for_last()) return *failed;
  return tidied;
}

// Some hosts at a time, so that nobody waits long.
Result<std::vector<RetroMatch>> LiveKeeper::rematch(const HostJudge& judge, Time at) {
  constexpr std::size_t kHostsAtOnce = 20;
  Database& database = connection_->database;
  auto hosts = hosts_known_now(database, judge);
  if (!hosts) return hosts.error();
  std::vector<RetroMatch> all;
  for (std::span<const std::string> rest{*hosts}; !rest.empty();) {
    const auto now = rest.first(std::min(kHostsAtOnce, rest.size()));
    Transaction transaction{database};
    if (transaction.error()) return *transaction.error();
    auto matches = rematch_hosts(database, now, judge, at, [this](const std::string& app) {
      return apps_->write(connection_->writer, app);
    });
    if (!matches) return matches.error();
    for (const RetroMatch& match : *matches)
      if (auto failed = choose_app(database, match.app)) return *failed;
    if (!matches->empty())
      if (auto failed = forget_totals(database)) return *failed;
    if (auto failed = transaction.commit()) return *failed;
    if (!matches->empty())
      if (auto failed = ask_for_last()) return *failed;
    std::move(matches->begin(), matches->end(), std::back_inserter(all));
    rest = rest.subspan(now.size());
  }
  return all;
}

}  // namespace gnomon::inventory
