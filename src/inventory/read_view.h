#pragma once

#include "database.h"

namespace gnomon::inventory {

// One view of the file, for which nobody waits. Temporary tables may be written; they are as they
// were before unless it is ended by commit().
class ReadView {
 public:
  explicit ReadView(Database& database)
      : database_(database), error_(database.run("BEGIN")), open_(!error_) {}
  ~ReadView() {
    if (open_) (void)database_.run("ROLLBACK");
  }
  ReadView(const ReadView&) = delete;
  ReadView& operator=(const ReadView&) = delete;

  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  std::optional<Error> commit() {
    auto failed = database_.run("COMMIT");
    open_ = failed.has_value();
    return failed;
  }

 private:
  Database& database_;
  std::optional<Error> error_;
  bool open_;
};

}  // namespace gnomon::inventory
