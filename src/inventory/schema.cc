#include "schema.h"

#include <sqlite3.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "database.h"

namespace gnomon::inventory {
namespace {

// A grade as the word that people read.
#define GNOMON_GRADE(rank)                                                                     \
  "CASE " rank                                                                                 \
  " WHEN 1 THEN 'dns' WHEN 2 THEN 'name' WHEN 3 THEN 'session' WHEN 4 THEN 'use' WHEN 5 THEN " \
  "'content' ELSE 'none' END"

constexpr const char* kVersion1 =
#include "schema_v1.inc"
    ;

#undef GNOMON_GRADE

constexpr const char* kVersion2 =
#include "schema_v2.inc"
// A literal of its own for the views, as compilers bound the length of one.
#include "schema_v2_views.inc"
    ;

constexpr const char* kVersion3 =
#include "schema_v3.inc"
    ;

// Inventories of the third schema that were made before its last index.
constexpr const char* kVersion4 =
    "CREATE INDEX IF NOT EXISTS sighting_retro ON sighting (app, host, client) WHERE retro = 1";

constexpr const char* kVersion5 =
#include "schema_v5.inc"
    ;

constexpr const char* kVersion6 =
#include "schema_v6.inc"
    ;

constexpr const char* kVersion7 =
#include "schema_v7.inc"
    ;

constexpr const char* kVersion8 =
#include "schema_v8.inc"
    ;

constexpr Migration kMigrations[] = {
    {1, kVersion1}, {2, kVersion2}, {3, kVersion3}, {4, kVersion4},
    {5, kVersion5}, {6, kVersion6}, {7, kVersion7}, {8, kVersion8},
};

Error last_error(sqlite3* database) { return Error{sqlite3_errmsg(database)}; }

Result<std::int32_t> read_integer(sqlite3* database, const char* sql) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(database, sql, -1, &raw, nullptr) != SQLITE_OK)
    return last_error(database);
  Statement statement{raw};
  if (!statement.step()) return last_error(database);
  return static_cast<std::int32_t>(statement.integer(0));
}

// Takes the first statement off `sql`, with the comments before it.
std::string take_statement(std::string_view& sql) {
  std::string statement;
  while (!sql.empty() && (statement.empty() || sqlite3_complete(statement.c_str()) == 0)) {
    const std::size_t end = std::min(sql.find(';'), sql.size() - 1) + 1;
    statement += sql.substr(0, end);
    sql.remove_prefix(end);
  }
  return statement;
}

// The name behind `keyword`, with which the statement begins; empty when it begins otherwise.
std::string_view named(std::string_view statement, std::string_view keyword) {
  for (;;) {
    statement.remove_prefix(std::min(statement.find_first_not_of(" \n"), statement.size()));
    if (!statement.starts_with("--")) break;
    statement.remove_prefix(std::min(statement.find('\n'), statement.size()));
  }
  if (!statement.starts_with(keyword)) return {};
  statement.remove_prefix(keyword.size());
  return statement.substr(0, statement.find_first_of(" ;\n"));
}

// Runs statements, but views wait in `views`: SQLite reads all of a schema anew at each ALTER
// TABLE, and most of it are views. For a new database, in which nothing refers to them yet.
bool run_but_views(sqlite3* database, std::string_view sql, std::vector<std::string>& views) {
  while (!sql.empty()) {
    std::string statement = take_statement(sql);
    if (const std::string_view dropped = named(statement, "DROP VIEW "); !dropped.empty()) {
      const std::size_t waited = std::erase_if(
          views, [&](const std::string& view) { return named(view, "CREATE VIEW ") == dropped; });
      if (waited > 0) continue;
    }
    if (!named(statement, "CREATE VIEW ").empty()) {
      views.push_back(std::move(statement));
    } else if (sqlite3_exec(database, statement.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

Result<SchemaState> schema_state(sqlite3* database) {
  auto application_id = read_integer(database, "PRAGMA application_id");
  if (!application_id) return application_id.error();
  auto version = read_integer(database, "PRAGMA user_version");
  if (!version) return version.error();
  auto tables = read_integer(database, "SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables.error();
  return SchemaState{*application_id, *version, *tables == 0};
}

std::optional<Error> refuse(const SchemaState& state, std::span<const Migration> all) {
  if (state.application_id != kApplicationId) {
    if (state.empty && state.application_id == 0 && state.version == 0) return std::nullopt;
    return Error{
        "this database belongs to another program and is left as it is; give another file for "
        "the inventory"};
  }
  if (state.version > newest_version(all))
    return Error{"the inventory was made by a newer Gnomon (schema " +
                 std::to_string(state.version) + ", this one knows up to " +
                 std::to_string(newest_version(all)) + "); use that one, or another file"};
  return std::nullopt;
}

std::optional<Error> migrate(sqlite3* database, const SchemaState& state,
                             std::span<const Migration> all) {
  const auto run = [database](const std::string& sql) {
    return sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  };
  if (!run("BEGIN IMMEDIATE")) return last_error(database);
  std::vector<std::string> views;
  for (const Migration& migration : all) {
    if (migration.version <= state.version) continue;
    const bool done =
        state.version == 0 ? run_but_views(database, migration.sql, views) : run(migration.sql);
    if (done && run("PRAGMA user_version = " + std::to_string(migration.version))) continue;
    Error failed = last_error(database);
    run("ROLLBACK");
    return std::move(failed).in("schema " + std::to_string(migration.version));
  }
  if (std::all_of(views.begin(), views.end(), run) &&
      run("PRAGMA application_id = " + std::to_string(kApplicationId)) && run("COMMIT"))
    return std::nullopt;
  Error failed = last_error(database);
  run("ROLLBACK");
  return failed;
}

}  // namespace gnomon::inventory
