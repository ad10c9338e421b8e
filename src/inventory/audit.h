#pragma once

#include <string_view>

#include "database.h"

namespace gnomon::inventory {

// Appends to the audit, in the caller's transaction: who did what to whom, and when.
class AuditWriter {
 public:
  static Result<AuditWriter> prepare(Database& database, std::string_view actor, Time at) {
    auto insert = database.prepare(
        "INSERT INTO audit (at_ns, actor, action, subject, field, value_before, value_after, "
        "reason) VALUES (?,?,?,?,?,?,?,?)");
    if (!insert) return insert.error();
    return AuditWriter{std::move(*insert), actor, at};
  }

  // False when the statement failed: the database tells why. Texts must outlive the call alone.
  bool append(std::string_view action, std::string_view subject, std::string_view field,
              std::string_view before, std::string_view after, std::string_view reason = {}) {
    return insert_.bind_all(at_, actor_, action, subject, field, before, after, reason).run();
  }

 private:
  AuditWriter(Statement insert, std::string_view actor, Time at)
      : insert_(std::move(insert)), actor_(actor), at_(at) {}

  Statement insert_;
  std::string actor_;
  Time at_;
};

}  // namespace gnomon::inventory
