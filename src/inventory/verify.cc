#include "gnomon/inventory/verify.h"

#include <algorithm>
#include <map>

#include "database.h"
#include "schema.h"

namespace gnomon::inventory {
namespace {

constexpr std::size_t kProblemsMax = 10;

// A question whose every row is a problem, told by its first column.
struct Invariant {
  const char* name;
  const char* about;
  const char* sql;
};

// What GNOMON_MORE says of one sum: hours of finished runs must never tell more than sightings do;
// they tell less when they were removed for their age, or when the app was recognised later.
#define GNOMON_MORE(column) "h." column " > coalesce(s." column ", 0)"
constexpr Invariant kInvariants[] = {
    {"runs", "runs end after they began",
     "SELECT 'run ' || id || ' ends before it begins' FROM capture_run "
     "WHERE state = 'finished' AND last_packet_ns < first_packet_ns"},
    {"times", "what was seen was last seen no earlier than first",
     "SELECT 'sighting of ' || app || ' by ' || client FROM sighting "
     "WHERE last_seen_ns < first_seen_ns UNION ALL "
     "SELECT 'unknown host ' || host FROM host_unknown WHERE last_seen_ns < first_seen_ns UNION ALL "
     "SELECT 'finding ' || detector || ' in ' || app FROM finding "
     "WHERE last_seen_ns < first_seen_ns UNION ALL "
     "SELECT 'server ' || address FROM asset WHERE last_seen_ns < first_seen_ns"},
    {"grades", "evidence is one of five grades, and sessions are flows",
     "SELECT 'sighting of ' || app || ' by ' || client || ' at ' || host FROM sighting "
     "WHERE grade NOT BETWEEN 1 AND 5 OR sessions > flows OR flows < 0 OR bytes_to_server < 0 OR "
     "bytes_to_client < 0 OR lookups < 0 OR upload_bytes < 0"},
    {"hours", "hourly sums are within the sums of their apps",
     "SELECT h.app || ' in run ' || h.run || ': hours add up to ' || h.flows || ' flows and ' || "
     "(h.bytes_to_server + h.bytes_to_client) || ' bytes, sightings to ' || coalesce(s.flows, 0) "
     "|| ' and ' || coalesce(s.bytes_to_server + s.bytes_to_client, 0) FROM "
     "(SELECT app, run, sum(flows) AS flows, sum(sessions) AS sessions, sum(upload_events) AS "
     "upload_events, sum(upload_bytes) AS upload_bytes, sum(bytes_to_server) AS bytes_to_server, "
     "sum(bytes_to_client) AS bytes_to_client FROM app_hour GROUP BY app, run) h LEFT JOIN "
     "(SELECT app, run, sum(flows) AS flows, sum(sessions) AS sessions, sum(upload_events) AS "
     "upload_events, sum(upload_bytes) AS upload_bytes, sum(bytes_to_server) AS bytes_to_server, "
     "sum(bytes_to_client) AS bytes_to_client FROM sighting GROUP BY app, run) s "
     "ON s.app = h.app AND s.run = h.run WHERE " GNOMON_MORE("flows") " OR " GNOMON_MORE(
         "sessions") " OR " GNOMON_MORE("upload_events") " OR " GNOMON_MORE("upload_bytes") " OR "
         GNOMON_MORE("bytes_to_server") " OR " GNOMON_MORE("bytes_to_client")},
    {"audit", "no entry of the audit is missing",
     "SELECT 'entries ' || (before + 1) || ' to ' || (id - 1) || ' are missing' FROM "
     "(SELECT id, lag(id, 1, 0) OVER (ORDER BY id) AS before FROM audit) WHERE id > before + 1 "
     "UNION ALL SELECT 'entries up to ' || seq || ' were written, the last of them are missing' "
     "FROM sqlite_sequence WHERE name = 'audit' AND seq > (SELECT coalesce(max(id), 0) FROM audit)"},
};
#undef GNOMON_MORE

void add(Check& check, std::string problem) {
  if (check.problems.size() < kProblemsMax) {
    check.problems.push_back(std::move(problem));
  } else {
    check.more = true;
  }
}

Check ask(Database& database, const Invariant& invariant) {
  Check check{invariant.name, invariant.about, {}, false};
  auto query = database.prepare(invariant.sql);
  if (!query) {
    add(check, query.error().message);
    return check;
  }
  while (!check.more && query->step()) add(check, query->text(0));
  if (!query->ok()) add(check, database.error().message);
  return check;
}

Check integrity(Database& database) {
  Check check{"integrity", "pages, indexes and values of the file", {}, false};
  auto query = database.prepare("PRAGMA integrity_check(" + std::to_string(kProblemsMax + 1) + ")");
  if (!query) {
    add(check, query.error().message);
    return check;
  }
  while (query->step()) {
    std::string said = query->text(0);
    std::replace(said.begin(), said.end(), '\n', ' ');  // SQLite tells of a table and a page in two lines
    if (said != "ok") add(check, std::move(said));
  }
  if (!query->ok()) add(check, database.error().message);
  return check;
}

Check references(Database& database) {
  Check check{"references", "rows that others refer to are there", {}, false};
  std::map<std::string, std::uint64_t> broken;
  auto query = database.prepare("PRAGMA foreign_key_check");
  if (!query) {
    add(check, query.error().message);
    return check;
  }
  while (query->step()) ++broken[query->text(0) + " refers to " + query->text(2)];
  if (!query->ok()) add(check, database.error().message);
  for (const auto& [what, rows] : broken)
    add(check, what + ", which is not there (rows: " + std::to_string(rows) + ")");
  return check;
}

using Objects = std::map<std::string, std::string>;  // "view v_apps", its text

Result<Objects> objects_of(Database& database) {
  Objects objects;
  auto query = database.prepare("SELECT type || ' ' || name, sql FROM sqlite_schema WHERE sql > ''");
  if (!query) return query.error();
  while (query->step()) objects[query->text(0)] = query->text(1);
  if (!query->ok()) return database.error();
  return objects;
}

Check schema_of(Database& database) {
  Check check{"schema", "tables, views and triggers are those of the schema", {}, false};
  auto fresh = Database::open(":memory:", Access::kCreate);
  auto wanted = fresh ? objects_of(*fresh) : Result<Objects>{fresh.error()};
  auto found = objects_of(database);
  if (!wanted || !found) {
    add(check, (!wanted ? wanted.error() : found.error()).message);
    return check;
  }
  for (const auto& [name, sql] : *wanted) {
    const auto at = found->find(name);
    if (at == found->end()) {
      add(check, name + " is missing");
    } else if (at->second != sql) {
      add(check, name + " is not as it was made");
    }
  }
  return check;
}

std::int64_t number_of(Database& database, const char* sql) {
  auto query = database.prepare(sql);
  return query && query->step() ? query->integer(0) : 0;
}

// Whether the schema itself cannot be read: then there is no connection to ask anything of.
bool is_malformed(const std::filesystem::path& path) {
  sqlite3* file = nullptr;
  sqlite3_open_v2(path.c_str(), &file, SQLITE_OPEN_READONLY, nullptr);
  const int failed =
      sqlite3_exec(file, "SELECT count(*) FROM sqlite_schema", nullptr, nullptr, nullptr);
  sqlite3_close(file);
  return (failed & 0xff) == SQLITE_CORRUPT;
}

}  // namespace

bool Verified::sound() const {
  return std::all_of(checks.begin(), checks.end(),
                     [](const Check& check) { return check.problems.empty(); });
}

Result<Verified> verify(const std::filesystem::path& path) {
  auto database = Database::open(path, Access::kInspect);
  if (!database && is_malformed(path)) {
    Verified verified;
    std::error_code ignored;
    verified.bytes = std::filesystem::file_size(path, ignored);
    verified.checks.push_back(
        {"integrity", "pages, indexes and values of the file", {database.error().message}, false});
    return verified;
  }
  if (!database) return database.error();
  if (auto failed = database->run("BEGIN")) return *failed;  // one state for all that is asked
  auto state = schema_state(database->get());
  if (!state) return std::move(state.error()).in(path.string());
  Verified verified;
  verified.schema = state->version;
  verified.schema_newest = newest_version(migrations());
  verified.bytes = static_cast<std::uint64_t>(number_of(*database, "PRAGMA page_count") *
                                              number_of(*database, "PRAGMA page_size"));
  verified.checks.push_back(integrity(*database));
  verified.checks.push_back(references(*database));
  if (verified.schema == verified.schema_newest) {
    verified.checks.push_back(schema_of(*database));
    for (const Invariant& invariant : kInvariants)
      verified.checks.push_back(ask(*database, invariant));
  } else {
    verified.notes.push_back("of an older schema: brought up to date when it is next written to; "
                             "the rest can be checked then");
  }
  if (const auto open = number_of(
          *database, "SELECT count(*) FROM capture_run WHERE state = 'recording'");
      open > 0)
    verified.notes.push_back(std::to_string(open) +
                             " unfinished run: being recorded now, or it was interrupted and will "
                             "be removed when the inventory is next written to");
  return verified;
}

}  // namespace gnomon::inventory
