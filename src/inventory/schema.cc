#include "schema.h"

#include <sqlite3.h>

#include <string>

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

constexpr Migration kMigrations[] = {
    {1, kVersion1},
    {2, kVersion2},
    {3, kVersion3},
    {4, kVersion4},
    {5, kVersion5},
    {6, kVersion6},
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
  for (const Migration& migration : all) {
    if (migration.version <= state.version) continue;
    if (run(migration.sql) && run("PRAGMA user_version = " + std::to_string(migration.version)))
      continue;
    Error failed = last_error(database);
    run("ROLLBACK");
    return std::move(failed).in("schema " + std::to_string(migration.version));
  }
  if (run("PRAGMA application_id = " + std::to_string(kApplicationId)) && run("COMMIT"))
    return std::nullopt;
  Error failed = last_error(database);
  run("ROLLBACK");
  return failed;
}

}  // namespace gnomon::inventory
