#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "database.h"
#include "gnomon/inventory/risk.h"
#include "totals.h"

// How the sums of totals.h are added up, whoever asks: statements that read what was observed and
// fill the tables of sums, or temporary ones of the same columns beside them.
namespace gnomon::inventory {

// Where sums are made: in their tables, or in temporary ones beside them.
enum class Place : std::uint8_t { kHere, kBeside };

inline std::string table_at(Place place, std::string_view name) {
  return (place == Place::kHere ? "" : "temp.new_") + std::string{name};
}

// A table of sums: its key, and which of its rows are made anew when there is a choice.
struct SumTable {
  std::string_view name;
  std::string_view key;
  std::string_view chosen;
};
inline constexpr std::string_view kOfApps = "app IN (SELECT id FROM temp.chosen_app)";
inline constexpr SumTable kSumTables[] = {
    {"app_hour_total", "app, hour, run",
     "app IN (SELECT id FROM temp.chosen_app) AND run IN (SELECT id FROM temp.new_run)"},
    {"hour_total", "hour, run", "run IN (SELECT id FROM temp.new_run)"},
    {"app_total", "app", kOfApps},
    {"endpoint_total", "app, host, role, port, protocol, app_proto", kOfApps},
    {"app_client_total", "app, client",
     "(app, client) IN (SELECT app, client FROM temp.chosen_pair)"},
    {"client_total", "client", "client IN (SELECT id FROM temp.chosen_client)"},
};

// Which rows are made anew stands in temporary tables: chosen_pair (app, client), from which
// chosen_app (id) and chosen_client (id) follow, and new_run (id), of which the hours are.
inline constexpr const char* kChooseParts =
    "INSERT OR IGNORE INTO chosen_app SELECT DISTINCT app FROM chosen_pair; "
    "INSERT OR IGNORE INTO chosen_client SELECT DISTINCT client FROM chosen_pair "
    "WHERE client <> ''";
inline constexpr const char* kForgetChoice =
    "DELETE FROM chosen_pair; DELETE FROM chosen_app; DELETE FROM chosen_client; "
    "DELETE FROM new_run";
// Runs whose hours are to be added up: finished ones that have none yet, this one, and those after
// it, of which some hours may have been added up already.
std::optional<Error> choose_runs(Database& database, std::int64_t run);
std::optional<Error> choose_all(Database& database);

// What the sums are made for.
struct Moment {
  WorkingHours hours;
  Time as_of;
  bool known = false;      // there are sums already
  bool same_hour = false;  // of the same hour and working hours
};
Result<Moment> read_moment(Database& database);

// All tables, of what is chosen; growth of every app where that is asked for. The rows that it makes
// are not there yet.
std::optional<Error> add_sums(Database& database, Place place, const Moment& moment, bool all,
                              bool every_app);

// What totals_state says besides. Counting takes a while: before the transaction that stores it.
struct StateRow {
  bool two_weeks_seen = false;
  std::uint64_t clients = 0, clients_used = 0, sightings = 0;
};
Result<StateRow> count_state(Database& database, Time as_of);
// `run`: the last one that they hold all of, but for what `fit` says.
std::optional<Error> store_state(Database& database, const Moment& moment, const StateRow& row,
                                 SumsFit fit, std::int64_t run = INT64_MAX);

std::string text_of(const WorkingHours& hours);
// One statement with one parameter.
std::optional<Error> run_with(Database& database, std::string_view sql, std::int64_t number);

}  // namespace gnomon::inventory
