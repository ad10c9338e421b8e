#pragma once

#include <string>

#include "database.h"
#include "sums.h"
#include "test_records.h"
#include "totals.h"

namespace gnomon::inventory {

// What is stored of sums is what adding up all of it gives.
inline void check_sums(const Scratch& scratch) {
  CHECK(scratch.ask("SELECT fits FROM totals_state") == 1);
  for (const SumTable& each : kSumTables) {
    const std::string table{each.name};
    REQUIRE(scratch.execute("DROP TABLE IF EXISTS kept_" + table + "; CREATE TABLE kept_" + table +
                            " AS SELECT * FROM " + table));
  }
  {
    auto database = Database::open(scratch.path(), Access::kEdit);
    REQUIRE(database);
    REQUIRE_FALSE(refresh_totals(*database, 0, true));
  }
  for (const SumTable& each : kSumTables) {
    const std::string table{each.name};
    CAPTURE(table);
    const std::string anew = "SELECT * FROM " + table;
    const std::string kept = "SELECT * FROM kept_" + table;
    CHECK(scratch.ask("SELECT count(*) FROM " + table) > 0);
    CHECK(scratch.ask("SELECT count(*) FROM (" + anew + " EXCEPT " + kept + ")") == 0);
    CHECK(scratch.ask("SELECT count(*) FROM (" + kept + " EXCEPT " + anew + ")") == 0);
    REQUIRE(scratch.execute("DROP TABLE kept_" + table));
  }
}

}  // namespace gnomon::inventory
