#pragma once

#include <vector>

#include "database.h"
#include "ledgers.h"

namespace gnomon::inventory {

// Turns ledgers into rows of a run; the statements follow from kLedgers. The caller holds the
// transaction.
class LedgerWriter {
 public:
  static Result<LedgerWriter> prepare(Database& database);

  // False when a statement failed: the database tells why.
  bool write(std::int64_t run, const Ledgers::Changes& ledgers);

 private:
  explicit LedgerWriter(std::vector<Statement> statements) : statements_(std::move(statements)) {}

  std::vector<Statement> statements_;  // one for each of kLedgers
};

}  // namespace gnomon::inventory
