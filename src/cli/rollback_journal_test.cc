#include <sqlite3.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "../report/test_inventory.h"
#include "command.h"

namespace gnomon::cli {
namespace {

// As `vacuum into` and other tools leave a copy: whoever reads it keeps others from writing.
void leave_wal_mode(const std::string& path) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK);
  CHECK(sqlite3_exec(database, "PRAGMA journal_mode = DELETE", nullptr, nullptr, nullptr) ==
        SQLITE_OK);
  sqlite3_close_v2(database);
}

int run(int (*command)(Arguments), std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  return command(arguments);
}

}  // namespace

TEST_CASE("commands that read before they write do not wait for themselves") {
  struct Case {
    int (*command)(Arguments);
    std::vector<std::string> words;
  };
  const auto [command, words] = GENERATE(values<Case>({
      {run_review, {"chatter", "--status", "tolerated"}},
      {run_review, {"--all", "--status", "tolerated"}},
      {run_register, {"chatter", "--set", "eu.literacy=yes"}},
      {run_risk, {"override", "chatter", "--score", "50", "--reason", "seen"}},
  }));
  CAPTURE(words);
  const report::SampleInventory sample;
  sample.make();
  leave_wal_mode(sample.path());
  std::vector<std::string> all = words;
  all.insert(all.end(), {"--db", sample.path(), "--actor", "ann"});
  CHECK(run(command, std::move(all)) == kDone);
}

}  // namespace gnomon::cli
