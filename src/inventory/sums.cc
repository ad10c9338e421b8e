#include "sums.h"

#include <chrono>

#include "app_detail.h"
#include "ratings.h"
#include "rows.h"

namespace gnomon::inventory {
namespace {

constexpr std::int64_t kHoursPerWeek = 168;

// Of the runs in new_run. `apps`: whose hours are added up, app by app.
std::optional<Error> add_hours(Database& database, Place place, std::string_view apps) {
  return database.run(
      ("INSERT INTO " + table_at(place, "app_hour_total") +
       " SELECT h.app, h.hour, h.run, count(DISTINCT nullif(h.client, '')), sum(h.flows), "
       "sum(h.sessions), sum(h.upload_events), sum(h.upload_bytes), sum(h.bytes_to_server), "
       "sum(h.bytes_to_client) FROM " +
       std::string{apps} +
       " a CROSS JOIN new_run r CROSS JOIN app_hour h ON h.app = a.id AND h.run = r.id "
       "GROUP BY h.app, h.hour, h.run; INSERT INTO " +
       table_at(place, "hour_total") +
       " SELECT h.hour, h.run, count(DISTINCT h.app), count(DISTINCT nullif(h.client, '')), "
       "sum(h.flows), sum(h.sessions), sum(h.upload_events), sum(h.upload_bytes), "
       "sum(h.bytes_to_server), sum(h.bytes_to_client) FROM app a CROSS JOIN new_run r "
       "CROSS JOIN app_hour h ON h.app = a.id AND h.run = r.id GROUP BY h.hour, h.run")
          .c_str());
}

std::optional<Error> add_apps(Database& database, Place place) {
  return database.run(
      ("INSERT INTO " + table_at(place, "app_total") +
       " SELECT s.app, max(s.grade), min(s.first_seen_ns), "
       "max(s.last_seen_ns), count(DISTINCT nullif(s.client, '')), "
       "coalesce(group_concat(DISTINCT s.usage), ''), "
       "coalesce(group_concat(DISTINCT s.client_kind), ''), count(*), "
       "sum(s.flows), sum(s.sessions), sum(s.lookups), sum(s.requests), sum(s.upload_events), "
       "sum(s.upload_bytes), sum(s.bytes_to_server), sum(s.bytes_to_client), "
       "sum(s.flows * (s.client_kind NOT IN ('', 'unknown'))), "
       "sum(s.flows * (s.client_kind NOT IN ('', 'unknown', 'browser'))), "
       "sum(s.flows * (s.app_proto = 'http')), 0, 0, 0, 0, " +
       std::string{kClientsUsed} +
       " "
       "FROM chosen_app a CROSS JOIN sighting s ON s.app = a.id JOIN capture_run r "
       "ON r.id = s.run AND r.state = 'finished' GROUP BY s.app")
          .c_str());
}

// Who uses what.
std::optional<Error> add_app_clients(Database& database, Place place, bool all) {
  const std::string begin =
      "INSERT INTO " + table_at(place, "app_client_total") +
      " SELECT s.app, s.client, max(s.grade), min(s.first_seen_ns), max(s.last_seen_ns), "
      "coalesce(group_concat(DISTINCT s.usage), ''), "
      "coalesce(group_concat(DISTINCT s.client_kind), ''), " +
      std::string{kSightingSums};
  constexpr std::string_view kFinished =
      " JOIN capture_run r ON r.id = s.run AND r.state = 'finished' GROUP BY ";
  return database.run(
      (all ? begin + " FROM sighting s" + std::string{kFinished} + "s.app, s.client"
           : begin + " FROM chosen_pair k CROSS JOIN sighting s ON s.client = k.client AND "
                     "s.app = k.app" +
                 std::string{kFinished} + "k.app, k.client")
          .c_str());
}

std::optional<Error> add_endpoints(Database& database, Place place) {
  return database.run(
      ("INSERT INTO " + table_at(place, "endpoint_total") + " SELECT " +
       std::string{kEndpointSums} +
       " FROM chosen_app a CROSS JOIN sighting s ON s.app = a.id "
       "JOIN capture_run r ON r.id = s.run AND r.state = 'finished' GROUP BY s.app, " +
       std::string{kEndpointKey})
          .c_str());
}

std::optional<Error> add_clients(Database& database, Place place) {
  return database.run(
      ("INSERT INTO " + table_at(place, "client_total") +
       " SELECT s.client, '', '', '', count(DISTINCT s.app), "
       "max(s.grade), min(s.first_seen_ns), max(s.last_seen_ns), sum(s.flows), sum(s.sessions), "
       "sum(s.lookups), sum(s.requests), sum(s.upload_events), sum(s.upload_bytes), "
       "sum(s.bytes_to_server), sum(s.bytes_to_client), "
       "sum(s.bytes_to_server) + sum(s.bytes_to_client), " +
       std::string{kAppsUsed} +
       " FROM chosen_client c "
       "CROSS JOIN sighting s ON s.client = c.id JOIN capture_run r ON r.id = s.run AND "
       "r.state = 'finished' GROUP BY s.client")
          .c_str());
}

// As read_client_names() tells them.
std::optional<Error> name_clients(Database& database, Place place) {
  auto query = database.prepare(
      "SELECT n.client, n.name, n.source, n.mac FROM client_name n JOIN capture_run r ON "
      "r.id = n.run WHERE r.state = 'finished' AND n.client IN (SELECT id FROM chosen_client) "
      "ORDER BY n.client, n.source = 'dhcp' DESC, n.last_seen_ns DESC, n.name, n.mac");
  if (!query) return query.error();
  auto update = database.prepare("UPDATE " + table_at(place, "client_total") +
                                 " SET name = ?, name_source = ?, mac = ? WHERE client = ?");
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
// Beside the tables, hours that are made anew stand for those that are stored.
std::optional<Error> add_traffic(Database& database, Place place, const WorkingHours& hours,
                                 Time as_of, bool every_app) {
  const std::int64_t last_hour =
      std::chrono::floor<std::chrono::hours>(as_of).time_since_epoch().count();
  constexpr std::string_view kSums =
      "SELECT t.app AS app, t.hour AS hour, t.flows AS flows, "
      "t.bytes_to_server + t.bytes_to_client AS bytes FROM ";
  std::string from = std::string{kSums} + (every_app ? "" : "chosen_app a CROSS JOIN ") +
                     "app_hour_total t" + (every_app ? "" : " ON t.app = a.id");
  if (place == Place::kBeside)
    from += " WHERE NOT (" + std::string{kSumTables[0].chosen} + ") UNION ALL " +
            std::string{kSums} + "temp.new_app_hour_total t";
  auto query = database.prepare("SELECT app, hour, sum(flows), sum(bytes) FROM (" + from +
                                ") GROUP BY app, hour ORDER BY app, hour");
  if (!query) return query.error();
  auto update = database.prepare(
      "UPDATE " + table_at(place, "app_total") +
      " SET hourly_flows = ?, off_hours_flows = ?, last_week_bytes = ?, week_before_bytes = ? "
      "WHERE app = ?");
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

std::optional<Error> choose_runs(Database& database, std::int64_t run) {
  return run_with(database,
                  "INSERT OR IGNORE INTO new_run SELECT id FROM capture_run WHERE state = "
                  "'finished' AND (id >= ? OR id NOT IN (SELECT run FROM hour_total))",
                  run);
}

std::optional<Error> choose_all(Database& database) {
  return database.run(
      "INSERT OR IGNORE INTO chosen_app SELECT id FROM app; "
      "INSERT OR IGNORE INTO chosen_pair SELECT DISTINCT app, client FROM sighting; "
      "INSERT OR IGNORE INTO chosen_client SELECT DISTINCT client FROM sighting WHERE client <> "
      "''; INSERT OR IGNORE INTO new_run SELECT id FROM capture_run WHERE state = 'finished'");
}

Result<Moment> read_moment(Database& database) {
  Moment moment;
  auto rubric = read_rubric(database);
  if (!rubric) return rubric.error();
  if (*rubric) moment.hours = (*rubric)->working_hours();
  auto as_of = read_as_of(database);
  if (!as_of) return as_of.error();
  moment.as_of = *as_of;
  auto state = database.prepare("SELECT as_of_ns, working_hours FROM totals_state");
  if (!state) return state.error();
  moment.known = state->step();
  if (!state->ok()) return database.error();
  moment.same_hour = moment.known && state->text(1) == text_of(moment.hours) &&
                     std::chrono::floor<std::chrono::hours>(state->time(0)) ==
                         std::chrono::floor<std::chrono::hours>(*as_of);
  return moment;
}

std::optional<Error> add_sums(Database& database, Place place, const Moment& moment, bool all,
                              bool every_app) {
  // In place all hours of the runs go in; beside, those of the chosen apps.
  if (auto failed = add_hours(database, place, place == Place::kHere ? "app" : "chosen_app"))
    return failed;
  if (auto failed = add_apps(database, place)) return failed;
  if (auto failed = add_app_clients(database, place, all)) return failed;
  if (auto failed = add_endpoints(database, place)) return failed;
  if (auto failed = add_clients(database, place)) return failed;
  if (place == Place::kBeside) {
    // Whatever is looked up by its key is looked up often.
    if (auto failed = database.run(
            "CREATE INDEX IF NOT EXISTS temp.new_client_total_key ON new_client_total (client); "
            "CREATE INDEX IF NOT EXISTS temp.new_app_total_key ON new_app_total (app)"))
      return failed;
    if (every_app)
      if (auto failed = database.run(
              "INSERT INTO temp.new_app_total SELECT * FROM app_total WHERE app NOT IN "
              "(SELECT id FROM chosen_app)"))
        return failed;
  }
  if (auto failed = name_clients(database, place)) return failed;
  return add_traffic(database, place, moment.hours, moment.as_of, every_app);
}

Result<StateRow> count_state(Database& database, Time as_of) {
  const std::int64_t last_hour =
      std::chrono::floor<std::chrono::hours>(as_of).time_since_epoch().count();
  auto query = database.prepare(
      "SELECT coalesce((SELECT min(hour) FROM hour_total) <= ?, 0), "
      "(SELECT count(*) FROM client_total), (SELECT count(*) FROM client_total WHERE grade >= 3), "
      "(SELECT count(*) FROM sighting)");
  if (!query) return query.error();
  query->bind(1, last_hour - 2 * kHoursPerWeek);
  StateRow row;
  if (query->step())
    row = {query->integer(0) != 0, query->number(1), query->number(2), query->number(3)};
  if (!query->ok()) return database.error();
  return row;
}

std::optional<Error> store_state(Database& database, const Moment& moment, const StateRow& row,
                                 SumsFit fit, std::int64_t run) {
  auto store = database.prepare(
      "INSERT OR REPLACE INTO totals_state SELECT 1, ?, (SELECT count(*) FROM capture_run WHERE "
      "state = 'finished' AND id <= ?), ?, ?, ?, ?, ?, ?");
  if (!store) return store.error();
  const std::string working = text_of(moment.hours);
  store->bind_all(moment.as_of, run, working, std::int64_t{row.two_weeks_seen ? 1 : 0}, row.clients,
                  row.clients_used, row.sightings, static_cast<std::int64_t>(fit));
  return store->run() ? std::nullopt : std::optional{database.error()};
}

}  // namespace gnomon::inventory
