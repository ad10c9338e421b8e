#include "interrupted.h"

#include <set>
#include <string>
#include <utility>

#include "ledgers.h"

namespace gnomon::inventory {
namespace {

constexpr const char* kTablesOfRuns[] = {
    "run_input",   "run_coverage", "run_counter", "sighting", "app_hour",
    "client_name", "host_unknown", "alert",       "app_flag", "app_hour_total",
    "hour_total",  "health",       "host_address"};

}  // namespace

std::optional<Error> delete_run(Database& database, std::int64_t run) {
  const std::string id = std::to_string(run);
  const auto forget = [&](std::string_view table) {
    const std::string name{table};
    std::string which = "run = " + id;
    // The large tables' keys begin with the app: without it all of them would be read. Apps are
    // asked of the table, since a process that was killed may not have written of them elsewhere.
    if (table == "sighting" || table == "app_hour")
      which = "app IN (WITH RECURSIVE each(app) AS (SELECT min(app) FROM " + name +
              " UNION ALL SELECT (SELECT min(app) FROM " + name +
              " WHERE app > each.app) FROM each WHERE each.app IS NOT NULL) "
              "SELECT app FROM each WHERE app IS NOT NULL) AND " +
              which;
    return database.run(("DELETE FROM " + name + " WHERE " + which).c_str());
  };
  for (const char* table : kTablesOfRuns)
    if (auto failed = forget(table)) return failed;
  for (const LedgerTable& table : kLedgers)
    if (auto failed = forget(table.name)) return failed;
  return database.run(("DELETE FROM capture_run WHERE id = " + id).c_str());
}

std::optional<Error> delete_interrupted(Database& database) {
  std::vector<std::int64_t> runs;
  {
    auto query = database.prepare("SELECT id FROM capture_run WHERE state = 'recording'");
    if (!query) return query.error();
    while (query->step()) runs.push_back(query->integer(0));
    if (!query->ok()) return database.error();
  }
  if (runs.empty()) return std::nullopt;
  Transaction transaction{database};
  if (transaction.error()) return transaction.error();
  for (const std::int64_t run : runs)
    if (auto failed = delete_run(database, run)) return failed;
  return transaction.commit();
}

Result<std::vector<bool>> recorded_before(Database& database, std::span<const RunInput> inputs,
                                          std::string_view filter) {
  auto query = database.prepare(
      "SELECT 1 FROM run_input i JOIN capture_run r ON r.id = i.run WHERE i.sha256 = ? AND "
      "i.bytes = ? AND r.state = 'finished' AND r.filter = ? LIMIT 1");
  if (!query) return query.error();
  std::vector<bool> known;
  for (const RunInput& input : inputs) {
    query->bind(1, input.sha256).bind(2, input.bytes).bind(3, filter);
    known.push_back(!input.sha256.empty() && query->step());
    if (!query->ok()) return database.error();
    query->reset();
  }
  return known;
}

Result<std::vector<EarlierRun>> earlier_runs(Database& database, std::span<const RunInput> inputs,
                                             std::string_view filter) {
  std::set<std::pair<std::string_view, std::int64_t>> ours;
  for (const RunInput& input : inputs)
    if (!input.sha256.empty()) ours.emplace(input.sha256, static_cast<std::int64_t>(input.bytes));
  auto query = database.prepare(
      "SELECT r.id, i.sha256, i.bytes, i.path FROM capture_run r JOIN run_input i ON i.run = r.id "
      "WHERE r.state = 'finished' AND r.filter = ? ORDER BY r.id, i.position");
  if (!query) return query.error();
  query->bind(1, filter);
  std::vector<EarlierRun> runs;
  EarlierRun each;
  bool shares = false;
  const auto take = [&] {
    if (shares) runs.push_back(std::move(each));
    shares = false;
  };
  while (query->step()) {
    if (query->integer(0) != each.run) {
      take();
      each = {query->integer(0), {}};
    }
    if (ours.contains({query->text(1), query->integer(2)})) {
      shares = true;
    } else {
      each.others.emplace_back(query->text(3));
    }
  }
  take();
  if (!query->ok()) return database.error();
  return runs;
}

}  // namespace gnomon::inventory
