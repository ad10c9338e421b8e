#include "steps.h"
#include "sums.h"
#include "totals.h"

// Sums that are made beside those that are stored, where nobody waits for them.
namespace gnomon::inventory {
namespace {

std::optional<Error> make_beside(Database& database) {
  for (const SumTable& table : kSumTables) {
    const std::string name{table.name};
    const std::string sql = "DROP TABLE IF EXISTS temp.new_" + name +
                            "; DROP TABLE IF EXISTS temp.gone_" + name +
                            "; CREATE TEMP TABLE new_" + name + " AS SELECT * FROM " + name +
                            " WHERE 0; CREATE TEMP TABLE gone_" + name + " AS SELECT " +
                            std::string{table.key} + " FROM " + name + " WHERE 0";
    if (auto failed = database.run(sql.c_str())) return failed;
  }
  return std::nullopt;
}

// What is stored and is made of nothing any more.
std::optional<Error> find_gone(Database& database) {
  for (const SumTable& table : kSumTables) {
    const std::string name{table.name};
    const std::string key{table.key};
    const std::string sql = "INSERT INTO temp.gone_" + name + " SELECT " + key + " FROM " + name +
                            " WHERE " + std::string{table.chosen} + " EXCEPT SELECT " + key +
                            " FROM temp.new_" + name;
    if (auto failed = database.run(sql.c_str())) return failed;
  }
  return std::nullopt;
}

std::optional<Error> store_beside(Database& database) {
  for (const SumTable& table : kSumTables) {
    const std::string name{table.name};
    const std::string key{table.key};
    auto failed = run_in_steps(database, "temp.gone_" + name, [&](const std::string& rows) {
      return "DELETE FROM " + name + " WHERE (" + key + ") IN (SELECT " + key +
             " FROM temp.gone_" + name + rows + ")";
    });
    if (!failed)
      failed = run_in_steps(database, "temp.new_" + name, [&](const std::string& rows) {
        return "INSERT OR REPLACE INTO " + name + " SELECT * FROM temp.new_" + name + rows;
      });
    if (failed) return failed;
  }
  return std::nullopt;
}

// Of the sums of a run, which another one may have followed while they were made.
Result<SumsFit> fit_since(Database& database, std::int64_t run) {
  auto query = database.prepare("SELECT EXISTS (SELECT 1 FROM capture_run WHERE id > ?)");
  if (!query) return query.error();
  const bool followed = query->bind(1, run).step() && query->integer(0) != 0;
  if (!query->ok()) return database.error();
  return followed ? SumsFit::kLastRuns : SumsFit::kLastRun;
}

}  // namespace

std::optional<Error> renew_totals(Database& database, std::int64_t run, bool all, bool every_app) {
  if (auto failed = prepare_choice(database)) return failed;
  auto moment = read_moment(database);
  if (!moment) return moment.error();
  all |= !moment->known;
  {
    ReadView reading{database};
    if (reading.error()) return reading.error();
    auto failed = make_beside(database);
    if (!failed) failed = all ? choose_all(database) : choose_runs(database, run);
    if (!failed) failed = database.run(kChooseParts);
    if (!failed)
      failed = add_sums(database, Place::kBeside, *moment, all,
                        all || every_app || !moment->same_hour);
    if (!failed) failed = find_gone(database);
    if (!failed) failed = reading.commit();
    if (failed) return failed;
  }
  if (auto failed = store_beside(database)) return failed;
  auto row = count_state(database, moment->as_of);
  if (!row) return row.error();
  Transaction transaction{database};
  auto failed = transaction.error();
  if (failed) return failed;
  auto fit = fit_since(database, run);
  if (!fit) return fit.error();
  failed = store_state(database, *moment, *row, *fit, run);
  if (!failed) failed = database.run(kForgetChoice);
  if (!failed) failed = transaction.commit();
  return failed;
}

std::optional<Error> settle_totals(Database& database, const std::function<bool()>& grown) {
  Transaction transaction{database};
  if (transaction.error()) return transaction.error();
  if (grown()) return std::nullopt;
  // What fits no more for another reason stays so.
  if (auto failed = database.run(
          "UPDATE totals_state SET fits = 1, runs = (SELECT count(*) FROM capture_run WHERE state "
          "= 'finished') WHERE fits > 1"))
    return failed;
  return transaction.commit();
}

}  // namespace gnomon::inventory
