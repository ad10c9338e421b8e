#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "gnomon/bytes/handle.h"
#include "gnomon/bytes/result.h"
#include "gnomon/bytes/time.h"

namespace gnomon::inventory {

// A prepared statement. A failure sticks until the database is asked (ok()): a loop over rows ends
// at the first one, and its end is judged once.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  // Parameters count from 1. Text must live until the next step().
  Statement& bind(int index, std::string_view text) {
    // A null pointer would bind NULL, which an empty text is not.
    sqlite3_bind_text64(statement_.get(), index, text.data() ? text.data() : "", text.size(),
                        SQLITE_STATIC, SQLITE_UTF8);
    return *this;
  }
  Statement& bind(int index, std::int64_t number) {
    sqlite3_bind_int64(statement_.get(), index, number);
    return *this;
  }
  Statement& bind(int index, std::uint64_t number) {
    return bind(index, static_cast<std::int64_t>(number));
  }
  Statement& bind(int index, std::uint32_t number) {
    return bind(index, static_cast<std::int64_t>(number));
  }
  Statement& bind(int index, Time time) {
    return bind(index, static_cast<std::int64_t>(time.time_since_epoch().count()));
  }

  // All parameters, in order.
  template <class... Values>
  Statement& bind_all(const Values&... values) {
    int index = 0;
    (bind(++index, values), ...);
    return *this;
  }

  // True while there is a row.
  bool step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    ok_ = code == SQLITE_DONE;
    return false;
  }
  // Runs a statement without rows and makes it ready for the next; false when it failed.
  bool run() {
    while (step()) {
    }
    sqlite3_reset(statement_.get());
    return ok_;
  }
  void reset() { sqlite3_reset(statement_.get()); }
  [[nodiscard]] bool ok() const { return ok_; }

  // Columns count from 0.
  [[nodiscard]] std::string text(int column) const { return std::string{view(column)}; }
  // Until the next step().
  [[nodiscard]] std::string_view view(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return data ? std::string_view{data, static_cast<std::size_t>(size)} : std::string_view{};
  }
  [[nodiscard]] std::int64_t integer(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
  }
  [[nodiscard]] std::uint64_t number(int column) const {
    return static_cast<std::uint64_t>(integer(column));
  }
  [[nodiscard]] double real(int column) const {
    return sqlite3_column_double(statement_.get(), column);
  }
  [[nodiscard]] Time time(int column) const {
    return Time{std::chrono::nanoseconds{integer(column)}};
  }
  [[nodiscard]] int columns() const { return sqlite3_column_count(statement_.get()); }
  [[nodiscard]] std::string_view column_name(int column) const {
    return sqlite3_column_name(statement_.get(), column);
  }
  [[nodiscard]] bool is_integer(int column) const {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_INTEGER;
  }

 private:
  Handle<sqlite3_stmt, sqlite3_finalize> statement_;
  bool ok_ = true;
};

enum class Access : std::uint8_t {
  kRead,     // an existing database, read-only
  kInspect,  // the same, of an older schema too, which is left as it is
  kEdit,     // an existing database
  kCreate,   // made when there is none
};

// One connection. Errors carry the path.
class Database {
 public:
  // Judges what the file is: refuses one that is not SQLite's, belongs to another program, or has a
  // newer schema. With kEdit and kCreate brings an older schema up to date.
  static Result<Database> open(const std::filesystem::path& path, Access access);

  // Whether there is nothing to read yet: no file, an empty one, or one that its maker came no
  // further with, as the disk was full, than to make it SQLite's.
  static bool holds_nothing(const std::filesystem::path& path);

  [[nodiscard]] sqlite3* get() const { return handle_.get(); }
  [[nodiscard]] Error error() const;
  // Nothing when it went well.
  std::optional<Error> run(const char* sql);
  Result<Statement> prepare(std::string_view sql);

 private:
  using Handle = gnomon::Handle<sqlite3, sqlite3_close_v2>;
  Database(std::string path, Handle handle) : path_(std::move(path)), handle_(std::move(handle)) {}
  static Result<Database> connect(const std::filesystem::path& path, Access access);

  std::string path_;
  Handle handle_;
};

// Rolls back unless committed, so no early return can leave half a batch behind.
class Transaction {
 public:
  explicit Transaction(Database& database) : Transaction(database, "BEGIN IMMEDIATE") {}
  ~Transaction() {
    if (open_) (void)database_.run("ROLLBACK");
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // Why it did not begin.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  // Nothing when it went well.
  std::optional<Error> commit() {
    auto failed = database_.run("COMMIT");
    open_ = failed.has_value();
    return failed;
  }

 protected:
  Transaction(Database& database, const char* begin)
      : database_(database), error_(database.run(begin)), open_(!error_) {}

 private:
  Database& database_;
  std::optional<Error> error_;
  bool open_;
};

// One view of the file, for which nobody waits. Temporary tables may be written; they are as they
// were before unless it is ended by commit().
class ReadView final : public Transaction {
 public:
  explicit ReadView(Database& database) : Transaction(database, "BEGIN") {}
};

}  // namespace gnomon::inventory
