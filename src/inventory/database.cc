#include "database.h"

#include <cerrno>
#include <cstring>

#include "gnomon/bytes/folder_owner.h"
#include "gnomon/inventory/kept_sums.h"
#include "schema.h"

namespace gnomon::inventory {
namespace {

// An analyst may look at the inventory while a run is recorded; nobody holds a lock for long.
constexpr int kBusyTimeoutMs = 10'000;

bool is_missing_or_empty(const std::filesystem::path& path) {
  std::error_code code;
  const auto size = std::filesystem::file_size(path, code);
  return code || size == 0;
}

// Characters that mean something in a "file:" name.
std::string uri_of(const std::filesystem::path& path) {
  std::string uri = "file:";
  for (const char c : path.string()) {
    if (c == '%') {
      uri += "%25";
    } else if (c == '?') {
      uri += "%3f";
    } else if (c == '#') {
      uri += "%23";
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

constexpr std::string_view kBusy =
    "another program holds it and has been writing for long; nothing was changed, try again";

}  // namespace

bool is_busy(const Error& error) { return error.message.ends_with(kBusy); }

Error Database::error() const {
  const int code = sqlite3_errcode(handle_.get()) & 0xff;
  std::string what = sqlite3_errmsg(handle_.get());
  if (code == SQLITE_CANTOPEN || code == SQLITE_IOERR) {
    if (const int reason = sqlite3_system_errno(handle_.get()); reason != 0)
      what += std::string{" ("} + std::strerror(reason) + ")";
  }
  if (code == SQLITE_READONLY) what += " (no right to write the file or its folder)";
  // Whoever waited so long is told what that means: the name of a lock helps nobody.
  if (code == SQLITE_BUSY) what = kBusy;
  return Error{std::move(what)}.in(path_);
}

std::optional<Error> Database::run(const char* sql) {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return std::nullopt;
  return error();
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      &statement, nullptr);
  if (code != SQLITE_OK) return error();
  return Statement{statement};
}

Result<Database> Database::connect(const std::filesystem::path& path, Access access) {
  const int flags = access == Access::kCreate ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                    : access == Access::kEdit ? SQLITE_OPEN_READWRITE
                                              : SQLITE_OPEN_READONLY;
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  // Owned before it is judged: SQLite wants even a failed open closed.
  Database database{path.string(), Handle{raw}};
  if (opened != SQLITE_OK) return database.error();
  // SQLite gives the files beside it to whom this one belongs.
  if (access == Access::kCreate) give_to_folder_owner(path);
  sqlite3_busy_timeout(raw, kBusyTimeoutMs);
  sqlite3_extended_result_codes(raw, 0);
  return database;
}

bool Database::holds_nothing(const std::filesystem::path& path) {
  if (is_missing_or_empty(path)) return true;
  auto database = connect(path, Access::kRead);
  if (!database) return false;
  const auto state = schema_state(database->get());
  return state && state->application_id == 0 && state->version == 0 && state->empty;
}

Result<Database> Database::open(const std::filesystem::path& path, Access access) {
  if (access != Access::kCreate) {
    std::error_code code;
    if (!std::filesystem::exists(path, code))
      return Error{"there is no inventory here"}.in(path.string());
  }
  const bool reading = access == Access::kRead || access == Access::kInspect;
  const bool made_now = access == Access::kCreate && is_missing_or_empty(path);
  auto opened = connect(path, access);
  if (!opened) return opened.error();
  Database database = std::move(*opened);

  auto state = schema_state(database.get());
  if (!state && reading && !std::filesystem::exists(path.string() + "-wal")) {
    // A finished inventory in a folder that cannot be written: WAL's index has no place there, but
    // nobody else writes it either.
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(uri_of(path).c_str(), &raw,
                                     SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr);
    Database still{path.string(), Handle{raw}};
    if (code == SQLITE_OK) {
      if (auto second = schema_state(raw); second) {
        state = second;
        database = std::move(still);
      }
    }
  }
  if (!state) {
    if ((sqlite3_errcode(database.get()) & 0xff) == SQLITE_NOTADB)
      return Error{"this is not a database; give another file for the inventory"}.in(path.string());
    return database.error();
  }
  if (auto refused = refuse(*state, migrations())) return std::move(*refused).in(path.string());

  const bool outdated = state->version < newest_version(migrations());
  // SQLite opens what it may not write without a word, and fails at the first write.
  if (!reading && sqlite3_db_readonly(database.get(), "main") == 1)
    return Error{"no right to write this file"}.in(path.string());
  if (reading) {
    if (state->version == 0)
      return Error{"this file is empty; `gnomon replay` makes an inventory"}.in(path.string());
    if (outdated && access == Access::kRead) {
      // Whoever may write it brings it up to date by looking at it; the views are not there before.
      auto upgraded = open(path, Access::kEdit);
      if (!upgraded)
        return Error{
            "the inventory was made by an older Gnomon and cannot be brought up to date (" +
            upgraded.error().message + ")"};
    }
    return database;
  }
  // Making one waits for no disk: before it holds anything there is nothing to lose, and what is
  // recorded into it is checkpointed, which syncs the whole file, before it is called finished.
  if (made_now) {
    if (auto failed = database.run("PRAGMA synchronous = OFF")) return *failed;
    // So that what retention removes is given back to the file system; to be said before all else.
    if (auto failed = database.run("PRAGMA auto_vacuum = INCREMENTAL")) return *failed;
  }
  if (auto failed = database.run("PRAGMA journal_mode = WAL")) return *failed;
  // What a long reader made the log grow to is given back once it is begun anew.
  if (auto failed = database.run("PRAGMA journal_size_limit = 67108864")) return *failed;
  if (outdated) {
    if (auto failed = migrate(database.get(), *state, migrations()))
      return std::move(*failed).in(path.string());
  }
  if (auto failed = database.run("PRAGMA synchronous = FULL")) return *failed;
  return database;
}

}  // namespace gnomon::inventory
