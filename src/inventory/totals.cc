#include "totals.h"

#include <chrono>
#include <string>

#include "gnomon/inventory/kept_sums.h"
#include "ratings.h"
#include "sums.h"

namespace gnomon::inventory {
std::optional<Error> prepare_choice(Database& database) {
  return database.run(
      "CREATE TEMP TABLE IF NOT EXISTS chosen_pair (app TEXT NOT NULL, client TEXT NOT NULL, "
      "PRIMARY KEY (app, client)) WITHOUT ROWID; "
      "CREATE TEMP TABLE IF NOT EXISTS chosen_app (id TEXT PRIMARY KEY); "
      "CREATE TEMP TABLE IF NOT EXISTS chosen_client (id TEXT PRIMARY KEY); "
      "CREATE TEMP TABLE IF NOT EXISTS new_run (id INTEGER PRIMARY KEY)");
}

std::optional<Error> choose_run(Database& database, std::int64_t run) {
  if (auto failed = run_with(database,
                             "INSERT OR IGNORE INTO chosen_pair SELECT s.app, s.client FROM app a "
                             "CROSS JOIN sighting s ON s.app = a.id AND s.run = ?",
                             run))
    return failed;
  return run_with(database,
                  "INSERT OR IGNORE INTO chosen_client SELECT client FROM client_name "
                  "WHERE run = ?",
                  run);
}

std::optional<Error> choose_app(Database& database, std::string_view app) {
  auto choose = database.prepare(
      "INSERT OR IGNORE INTO chosen_pair SELECT app, client FROM sighting WHERE app = ?");
  if (!choose) return choose.error();
  return choose->bind(1, app).run() ? std::nullopt : std::optional{database.error()};
}

std::optional<Error> forget_run(Database& database, std::int64_t run) {
  if (auto failed = prepare_choice(database)) return failed;
  return choose_run(database, run);
}

std::optional<Error> refresh_totals(Database& database, std::int64_t run, bool all) {
  auto moment = read_moment(database);
  if (!moment) return moment.error();
  auto fit = sums_fit(database);
  if (!fit) return fit.error();
  // A sensor may have been killed before it had added up what it wrote.
  all |= !moment->known || *fit != SumsFit::kWhole;
  if (auto failed = prepare_choice(database)) return failed;
  if (all) {
    // Hours too: some may be of a time before these sums were kept.
    for (const SumTable& table : kSumTables)
      if (auto failed = database.run(("DELETE FROM " + std::string{table.name}).c_str()))
        return failed;
    if (auto failed = choose_all(database)) return failed;
  } else {
    if (auto failed = choose_run(database, run)) return failed;
    if (auto failed = database.run(kChooseParts)) return failed;
    if (auto failed = choose_runs(database, run)) return failed;
    for (const SumTable& table : kSumTables) {
      // Of a run all hours go, whoever's they were.
      const std::string_view chosen = table.name == "app_hour_total"
                                          ? "run IN (SELECT id FROM temp.new_run) AND "
                                            "app IN (SELECT id FROM app)"
                                          : table.chosen;
      if (auto failed = database.run(
              ("DELETE FROM " + std::string{table.name} + " WHERE " + std::string{chosen}).c_str()))
        return failed;
    }
  }
  if (auto failed = add_sums(database, Place::kHere, *moment, all, all || !moment->same_hour))
    return failed;
  if (auto failed = database.run(kForgetChoice)) return failed;
  auto row = count_state(database, moment->as_of);
  if (!row) return row.error();
  return store_state(database, *moment, *row, SumsFit::kWhole);
}

Result<std::optional<TotalsState>> totals_state(Database& database, const RiskRubric* rubric) {
  auto as_of = read_as_of(database);
  if (!as_of) return as_of.error();
  auto query = database.prepare(
      "SELECT as_of_ns, working_hours, two_weeks_seen, clients, clients_used, fits = 1 AND runs = "
      "(SELECT count(*) FROM capture_run WHERE state = 'finished'), sightings, fits "
      "FROM totals_state");
  if (!query) return query.error();
  std::optional<TotalsState> state;
  if (query->step()) {
    const bool fits = query->time(0) == *as_of && query->integer(5) == 1;
    const bool recent =
        query->integer(6) > kLargeSightings &&
        (query->integer(7) >= static_cast<std::int64_t>(SumsFit::kLastRun) ||
         *as_of - query->time(0) <= std::chrono::hours{2});
    if ((fits || recent) &&
        (rubric == nullptr || query->text(1) == text_of(rubric->working_hours())))
      state = {query->integer(2) != 0, query->number(3), query->number(4)};
  }
  if (!query->ok()) return database.error();
  return state;
}

Result<std::optional<SumsFit>> sums_fit(Database& database) {
  auto query = database.prepare("SELECT fits FROM totals_state");
  if (!query) return query.error();
  std::optional<SumsFit> fit;
  if (query->step()) fit = static_cast<SumsFit>(query->integer(0));
  if (!query->ok()) return database.error();
  return fit;
}

Result<std::vector<std::int64_t>> runs_since_sums(Database& database) {
  auto query = database.prepare(
      "SELECT id FROM capture_run WHERE state = 'finished' ORDER BY id LIMIT -1 OFFSET "
      "(SELECT max(runs - 1, 0) FROM totals_state)");
  if (!query) return query.error();
  std::vector<std::int64_t> runs;
  while (query->step()) runs.push_back(query->integer(0));
  if (!query->ok()) return database.error();
  return runs;
}

std::optional<Error> forget_totals(Database& database) {
  return database.run("UPDATE totals_state SET fits = 0");
}

std::optional<Error> outgrow_totals(Database& database) {
  return database.run("UPDATE totals_state SET fits = 2 WHERE fits = 1");
}

Result<std::string> kept_sums_stamp(const std::filesystem::path& path) {
  auto database = Database::open(path, Access::kRead);
  if (!database) return database.error();
  auto state = totals_state(*database, nullptr);
  if (!state) return state.error();
  std::string stamp;
  if (!*state) return stamp;
  auto query = database->prepare(
      "SELECT as_of_ns || ' ' || runs || ' ' || clients || ' ' || clients_used || ' ' || sightings "
      "FROM totals_state");
  if (!query) return query.error();
  if (query->step()) stamp = query->text(0);
  if (!query->ok()) return database->error();
  return stamp;
}

}  // namespace gnomon::inventory
