#include "totals.h"

#include <string>

#include "app_detail.h"
#include "ratings.h"
#include "rows.h"

namespace gnomon::inventory {
namespace {

constexpr std::int64_t kHoursPerWeek = 168;

std::string text_of(const WorkingHours& hours) {
  return std::to_string(hours.from) + "-" + std::to_string(hours.to) +
         (hours.weekends ? " weekends " : " ") + std::to_string(hours.utc_offset_minutes);
}

std::optional<Error> run_with(Database& database, std::string_view sql, std::int64_t number) {
  auto statement = database.prepare(sql);
  if (!statement) return statement.error();
  if (!statement->bind(1, number).run()) return database.error();
  return std::nullopt;
}

// Of all finished runs that have none yet.
std::optional<Error> add_hours(Database& database) {
  return database.run(
      "CREATE TEMP TABLE IF NOT EXISTS new_run (id INTEGER PRIMARY KEY); DELETE FROM new_run; "
      "INSERT INTO new_run SELECT id FROM capture_run WHERE state = 'finished' AND id NOT IN "
      "(SELECT run FROM hour_total); "
      "INSERT INTO app_hour_total SELECT h.app, h.hour, h.run, count(DISTINCT nullif(h.client, "
      "'')), sum(h.flows), sum(h.sessions), sum(h.upload_events), sum(h.upload_bytes), "
      "sum(h.bytes_to_server), sum(h.bytes_to_client) FROM app a CROSS JOIN new_run r "
      "CROSS JOIN app_hour h ON h.app = a.id AND h.run = r.id GROUP BY h.app, h.hour, h.run; "
      "INSERT INTO hour_total SELECT h.hour, h.run, count(DISTINCT h.app), "
      "count(DISTINCT nullif(h.client, '')), sum(h.flows), sum(h.sessions), "
      "sum(h.upload_events), sum(h.upload_bytes), sum(h.bytes_to_server), "
      "sum(h.bytes_to_client) FROM app a CROSS JOIN new_run r CROSS JOIN app_hour h "
      "ON h.app = a.id AND h.run = r.id GROUP BY h.hour, h.run");
}

// Who is to be added up anew: what a run holds, and what runs held that went away (forget_run).
constexpr const char* kChosenTables =
    "CREATE TEMP TABLE IF NOT EXISTS chosen_pair (app TEXT NOT NULL, client TEXT NOT NULL, "
    "PRIMARY KEY (app, client)) WITHOUT ROWID; "
    "CREATE TEMP TABLE IF NOT EXISTS chosen_app (id TEXT PRIMARY KEY); "
    "CREATE TEMP TABLE IF NOT EXISTS chosen_client (id TEXT PRIMARY KEY); "
    "DELETE FROM chosen_app; DELETE FROM chosen_client";

std::optional<Error> choose_pairs(Database& database, std::int64_t run) {
  return run_with(database,
                  "INSERT OR IGNORE INTO chosen_pair SELECT s.app, s.client FROM app a "
                  "CROSS JOIN sighting s ON s.app = a.id AND s.run = ?",
                  run);
}

std::optional<Error> choose(Database& database, std::int64_t run, bool all) {
  if (auto failed = database.run(kChosenTables)) return failed;
  if (all)
    return database.run(
        "DELETE FROM chosen_pair; INSERT INTO chosen_app SELECT id FROM app; "
        "DELETE FROM app_total; DELETE FROM client_total; DELETE FROM app_client_total; "
        "DELETE FROM endpoint_total; INSERT OR IGNORE INTO chosen_client "
        "SELECT DISTINCT client FROM sighting WHERE client <> ''");
  if (auto failed = choose_pairs(database, run)) return failed;
  return database.run(
      "INSERT INTO chosen_app SELECT DISTINCT app FROM chosen_pair; "
      "INSERT INTO chosen_client SELECT DISTINCT client FROM chosen_pair WHERE client <> ''; "
      "DELETE FROM app_total WHERE app IN (SELECT id FROM chosen_app); "
      "DELETE FROM endpoint_total WHERE app IN (SELECT id FROM chosen_app); "
      "DELETE FROM client_total WHERE client IN (SELECT id FROM chosen_client); "
      "DELETE FROM app_client_total WHERE (app, client) IN (SELECT app, client FROM chosen_pair)");
}

std::optional<Error> add_apps(Database& database) {
  return database.run(
      "INSERT OR REPLACE INTO app_total SELECT s.app, max(s.grade), min(s.first_seen_ns), "
      "max(s.last_seen_ns), count(DISTINCT nullif(s.client, '')), "
      "coalesce(group_concat(DISTINCT s.usage), ''), "
      "coalesce(group_concat(DISTINCT s.client_kind), ''), count(*), "
      "sum(s.flows), sum(s.sessions), sum(s.lookups), sum(s.requests), sum(s.upload_events), "
      "sum(s.upload_bytes), sum(s.bytes_to_server), sum(s.bytes_to_client), "
      "sum(s.flows * (s.client_kind NOT IN ('', 'unknown'))), "
      "sum(s.flows * (s.client_kind NOT IN ('', 'unknown', 'browser'))), "
      "sum(s.flows * (s.app_proto = 'http')), 0, 0, 0, 0 "
      "FROM chosen_app a CROSS JOIN sighting s ON s.app = a.id JOIN capture_run r "
      "ON r.id = s.run AND r.state = 'finished' GROUP BY s.app");
}

// Who uses what.
std::optional<Error> add_app_clients(Database& database, bool all) {
  const std::string sums =
      "max(s.grade), min(s.first_seen_ns), max(s.last_seen_ns), "
      "coalesce(group_concat(DISTINCT s.usage), ''), "
      "coalesce(group_concat(DISTINCT s.client_kind), ''), " +
      std::string{kSightingSums};
  constexpr std::string_view kFinished =
      " JOIN capture_run r ON r.id = s.run AND r.state = 'finished' GROUP BY ";
  if (all)
    return database.run(("INSERT INTO app_client_total SELECT s.app, s.client, " + sums +
                         " FROM sighting s" + std::string{kFinished} + "s.app, s.client")
                            .c_str());
  return database.run(("INSERT INTO app_client_total SELECT k.app, k.client, " + sums +
                       " FROM chosen_pair k CROSS JOIN sighting s ON s.client = k.client AND "
                       "s.app = k.app" +
                       std::string{kFinished} + "k.app, k.client; DELETE FROM chosen_pair")
                          .c_str());
}

std::optional<Error> add_endpoints(Database& database) {
  return database.run(
      ("INSERT OR REPLACE INTO endpoint_total SELECT " + std::string{kEndpointSums} +
       " FROM chosen_app a CROSS JOIN sighting s ON s.app = a.id "
       "JOIN capture_run r ON r.id = s.run AND r.state = 'finished' GROUP BY s.app, " +
       std::string{kEndpointKey})
          .c_str());
}

std::optional<Error> add_clients(Database& database) {
  return database.run(
      "INSERT OR REPLACE INTO client_total SELECT s.client, '', '', '', count(DISTINCT s.app), "
      "max(s.grade), min(s.first_seen_ns), max(s.last_seen_ns), sum(s.flows), sum(s.sessions), "
      "sum(s.lookups), sum(s.requests), sum(s.upload_events), sum(s.upload_bytes), "
      "sum(s.bytes_to_server), sum(s.bytes_to_client), "
      "sum(s.bytes_to_server) + sum(s.bytes_to_client) FROM chosen_client c "
      "CROSS JOIN sighting s ON s.client = c.id JOIN capture_run r ON r.id = s.run AND "
      "r.state = 'finished' GROUP BY s.client");
}

// As read_client_names() tells them.
std::optional<Error> name_clients(Database& database) {
  auto query = database.prepare(
      "SELECT n.client, n.name, n.source, n.mac FROM client_name n JOIN capture_run r ON "
      "r.id = n.run WHERE r.state = 'finished' "
      "ORDER BY n.client, n.source = 'dhcp' DESC, n.last_seen_ns DESC, n.name, n.mac");
  if (!query) return query.error();
  auto update = database.prepare(
      "UPDATE client_total SET name = ?, name_source = ?, mac = ? WHERE client = ?");
  if (!update) return update.error();
  std::string client, name, source, mac;
  bool failed = false;
  const auto store = [&] {
    if (!client.empty()) failed |= !update->bind_all(name, source, mac, client).run();
  };
  while (query->step()) {
    if (query->text(0) != client) {
      store();
      client = query->text(0);
      name.clear();
      source.clear();
      mac.clear();
    }
    if (name.empty() && !query->text(1).empty()) {
      name = query->text(1);
      source = query->text(2);
    }
    if (mac.empty()) mac = query->text(3);
  }
  store();
  return query->ok() && !failed ? std::nullopt : std::optional{database.error()};
}

// Growth moves with the clock, an hour at a time: of every app, or of those that are chosen.
std::optional<Error> add_traffic(Database& database, const WorkingHours& hours, Time as_of,
                                 bool every_app, bool& two_weeks_seen) {
  const std::int64_t last_hour =
      std::chrono::floor<std::chrono::hours>(as_of).time_since_epoch().count();
  {
    auto first = database.prepare("SELECT min(hour) FROM hour_total");
    if (!first) return first.error();
    two_weeks_seen =
        first->step() && first->is_integer(0) && first->integer(0) <= last_hour - 2 * kHoursPerWeek;
    if (!first->ok()) return database.error();
  }
  auto query = database.prepare(
      std::string{"SELECT t.app, t.hour, sum(t.flows), sum(t.bytes_to_server + t.bytes_to_client) "
                  "FROM "} +
      (every_app ? "" : "chosen_app a CROSS JOIN ") + "app_hour_total t " +
      (every_app ? "" : "ON t.app = a.id ") + "GROUP BY t.app, t.hour ORDER BY t.app, t.hour");
  if (!query) return query.error();
  auto update = database.prepare(
      "UPDATE app_total SET hourly_flows = ?, off_hours_flows = ?, last_week_bytes = ?, "
      "week_before_bytes = ? WHERE app = ?");
  if (!update) return update.error();
  std::string app;
  std::uint64_t flows = 0, off = 0, last_week = 0, week_before = 0;
  bool failed = false;
  const auto store = [&] {
    if (!app.empty()) failed |= !update->bind_all(flows, off, last_week, week_before, app).run();
  };
  while (query->step()) {
    if (query->text(0) != app) {
      store();
      app = query->text(0);
      flows = off = last_week = week_before = 0;
    }
    const std::int64_t hour = query->integer(1);
    flows += query->number(2);
    if (!hours.contains(Time{std::chrono::hours{hour}})) off += query->number(2);
    if (hour > last_hour - kHoursPerWeek) {
      last_week += query->number(3);
    } else if (hour > last_hour - 2 * kHoursPerWeek) {
      week_before += query->number(3);
    }
  }
  store();
  return query->ok() && !failed ? std::nullopt : std::optional{database.error()};
}

}  // namespace

std::optional<Error> forget_run(Database& database, std::int64_t run) {
  if (auto failed = database.run(kChosenTables)) return failed;
  return choose_pairs(database, run);
}

std::optional<Error> refresh_totals(Database& database, std::int64_t run, bool all) {
  auto rubric = read_rubric(database);
  if (!rubric) return rubric.error();
  auto as_of = read_as_of(database);
  if (!as_of) return as_of.error();
  const WorkingHours hours = *rubric ? (*rubric)->working_hours() : WorkingHours{};
  bool same_hour = false;
  {
    auto state = database.prepare("SELECT as_of_ns, working_hours FROM totals_state");
    if (!state) return state.error();
    const bool known = state->step();
    if (!state->ok()) return database.error();
    all |= !known;
    same_hour = known && state->text(1) == text_of(hours) &&
                std::chrono::floor<std::chrono::hours>(state->time(0)) ==
                    std::chrono::floor<std::chrono::hours>(*as_of);
  }
  if (!all && run != 0) {
    for (const char* sql :
         {"DELETE FROM app_hour_total WHERE app IN (SELECT id FROM app) AND run = ?",
          "DELETE FROM hour_total WHERE run = ?"})
      if (auto failed = run_with(database, sql, run)) return failed;
  }
  if (all) {
    // Hours too: some may be of a time before these sums were kept.
    if (auto failed = database.run("DELETE FROM app_hour_total; DELETE FROM hour_total"))
      return failed;
  }
  if (auto failed = add_hours(database)) return failed;
  if (auto failed = choose(database, run, all)) return failed;
  if (auto failed = add_apps(database)) return failed;
  if (auto failed = add_app_clients(database, all)) return failed;
  if (auto failed = add_endpoints(database)) return failed;
  if (auto failed = add_clients(database)) return failed;
  if (auto failed = name_clients(database)) return failed;
  bool two_weeks_seen = false;
  if (auto failed = add_traffic(database, hours, *as_of, all || !same_hour, two_weeks_seen))
    return failed;
  auto store = database.prepare(
      "INSERT OR REPLACE INTO totals_state SELECT 1, ?, (SELECT count(*) FROM capture_run WHERE "
      "state = 'finished'), ?, ?, (SELECT count(*) FROM client_total), "
      "(SELECT count(*) FROM client_total WHERE grade >= 3), (SELECT count(*) FROM sighting), 1");
  if (!store) return store.error();
  const std::string working = text_of(hours);
  store->bind_all(*as_of, working, std::int64_t{two_weeks_seen ? 1 : 0});
  if (!store->run()) return database.error();
  return std::nullopt;
}

Result<std::optional<TotalsState>> totals_state(Database& database, const RiskRubric* rubric) {
  auto as_of = read_as_of(database);
  if (!as_of) return as_of.error();
  auto query = database.prepare(
      "SELECT as_of_ns, working_hours, two_weeks_seen, clients, clients_used, fits AND runs = "
      "(SELECT count(*) FROM capture_run WHERE state = 'finished'), sightings FROM totals_state");
  if (!query) return query.error();
  std::optional<TotalsState> state;
  if (query->step()) {
    const bool fits = query->time(0) == *as_of && query->integer(5) == 1;
    const bool recent =
        query->integer(6) > kLargeSightings && *as_of - query->time(0) <= std::chrono::hours{2};
    if ((fits || recent) &&
        (rubric == nullptr || query->text(1) == text_of(rubric->working_hours())))
      state = {query->integer(2) != 0, query->number(3), query->number(4)};
  }
  if (!query->ok()) return database.error();
  return state;
}

std::optional<Error> forget_totals(Database& database) {
  return database.run("UPDATE totals_state SET fits = 0");
}

}  // namespace gnomon::inventory
