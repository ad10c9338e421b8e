#include "gnomon/inventory/verify.h"

#include <algorithm>

#include "database.h"
#include "test_records.h"
#include "test_review.h"

namespace gnomon::inventory {
namespace {

void record(const Scratch& scratch) {
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  for (std::uint64_t i = 0; i < 20; ++i)
    recorder->on_flow(use_of("chat", "chat.example", "10.0.0.1", 0, i + 1));
  recorder->on_flow(use_of("", "unknown.example", "10.0.0.1", 0, 30));
  recorder->on_finding(finding_of("10.0.0.1", "aws-key", "hash", 0, 31));
  REQUIRE(recorder->finish(run_of("aa"), {}));
  Review review;
  for (const char* status : {"tolerated", "sanctioned", "unsanctioned"}) {
    review.status = status;
    REQUIRE(set_review(scratch.path(), "chat", review, "bob", at_second(5)));
  }
}

TEST_CASE("a sound inventory is called sound, and left as it is", "[inventory]") {
  const Scratch scratch;
  record(scratch);
  const std::string before = dump_of(scratch);
  const auto verified = verify(scratch.path());
  REQUIRE(verified);
  for (const Check& check : verified->checks) {
    INFO(check.name << ": " << (check.problems.empty() ? "" : check.problems[0]));
    CHECK(check.problems.empty());
  }
  CHECK(verified->checks.size() >= 8);
  CHECK(verified->schema == verified->schema_newest);
  CHECK(verified->notes.empty());
  CHECK(dump_of(scratch) == before);
}

TEST_CASE("what is not as it should be is named", "[inventory]") {
  struct Case {
    const char* check;
    const char* damage;
    const char* says;
  };
  const auto given = GENERATE(values<Case>({
      {"hours", "UPDATE app_hour SET flows = flows + 1", "chat in run 1"},
      {"hours", "UPDATE app_hour SET bytes_to_server = bytes_to_server * 3", "chat"},
      {"hours", "DELETE FROM sighting", "0 and 0"},
      {"times", "UPDATE sighting SET last_seen_ns = first_seen_ns - 1", "sighting of chat"},
      {"times", "UPDATE host_unknown SET last_seen_ns = 1", "unknown.example"},
      {"times", "UPDATE finding SET last_seen_ns = 1", "aws-key"},
      {"grades", "UPDATE sighting SET grade = 6", "chat.example"},
      {"grades", "UPDATE sighting SET grade = 0", "chat.example"},
      {"grades", "UPDATE sighting SET sessions = flows + 1", "chat.example"},
      {"runs", "UPDATE capture_run SET last_packet_ns = 1", "run 1"},
      {"references", "DELETE FROM capture_run", "capture_run"},
      {"references", "DELETE FROM app", "refers to app"},
      {"audit", "DROP TRIGGER audit_is_not_deleted; DELETE FROM audit WHERE id = 2", "entries 2 to 2"},
      {"audit", "DROP TRIGGER audit_is_not_deleted; DELETE FROM audit WHERE id = 1", "entries 1 to 1"},
      {"audit", "DROP TRIGGER audit_is_not_deleted; DELETE FROM audit WHERE id = 3", "up to 3"},
      {"schema", "DROP TRIGGER audit_is_not_deleted", "trigger audit_is_not_deleted is missing"},
      {"schema", "DROP VIEW v_apps", "view v_apps is missing"},
      {"schema", "DROP TRIGGER audit_is_not_changed; CREATE TRIGGER audit_is_not_changed BEFORE "
                 "UPDATE ON audit BEGIN SELECT 1; END",
       "trigger audit_is_not_changed is not as it was made"},
  }));
  INFO(given.damage);
  const Scratch scratch;
  record(scratch);
  REQUIRE(scratch.execute(given.damage));
  const auto verified = verify(scratch.path());
  REQUIRE(verified);
  CHECK_FALSE(verified->sound());
  const auto check = std::find_if(verified->checks.begin(), verified->checks.end(),
                                  [&](const Check& each) { return each.name == given.check; });
  REQUIRE(check != verified->checks.end());
  REQUIRE_FALSE(check->problems.empty());
  CHECK_THAT(check->problems[0], Catch::Contains(given.says));
}

TEST_CASE("a user's own index or view is no problem", "[inventory]") {
  const Scratch scratch;
  record(scratch);
  REQUIRE(scratch.execute("CREATE INDEX mine ON sighting (host); CREATE VIEW my AS SELECT 1"));
  const auto verified = verify(scratch.path());
  REQUIRE(verified);
  CHECK(verified->sound());
}

TEST_CASE("damaged pages are found, and many problems are cut short", "[inventory]") {
  const Scratch scratch;
  record(scratch);
  {
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    for (std::uint64_t i = 0; i < 2'000; ++i) {
      const std::string host = "host" + std::to_string(i) + ".example";
      recorder->on_flow(use_of("chat", host, "10.0.0.1", 0, i + 100));
    }
    REQUIRE(recorder->finish(run_of("bb"), {}));
  }
  SECTION("rows") {
    REQUIRE(scratch.execute("UPDATE sighting SET grade = 9"));
    const auto verified = verify(scratch.path());
    REQUIRE(verified);
    const auto grades = std::find_if(verified->checks.begin(), verified->checks.end(),
                                     [](const Check& each) { return each.name == "grades"; });
    CHECK(grades->problems.size() == 10);
    CHECK(grades->more);
  }
  SECTION("pages") {
    REQUIRE(scratch.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
    std::fstream file{scratch.path(), std::ios::in | std::ios::out | std::ios::binary};
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(scratch.path()));
    for (std::streamoff at = size / 2 / 4'096 * 4'096; at < size; at += 4'096) {
      file.seekp(at);
      file.write("\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    }
    file.close();
    const auto verified = verify(scratch.path());
    REQUIRE(verified);
    CHECK_FALSE(verified->sound());
    CHECK_FALSE(verified->checks[0].problems.empty());
  }
}

TEST_CASE("what is no inventory cannot be verified", "[inventory]") {
  const Scratch scratch;
  CHECK_FALSE(verify(scratch.path()));
  std::ofstream{scratch.path()} << std::string(5'000, 'x');
  CHECK_FALSE(verify(scratch.path()));
  std::filesystem::remove(scratch.path());
  REQUIRE(scratch.execute("CREATE TABLE wine (name)"));
  auto foreign = verify(scratch.path());
  REQUIRE_FALSE(foreign);
  CHECK_THAT(foreign.error().message, Catch::Contains("another program"));
  std::filesystem::remove(scratch.path());
  record(scratch);
  REQUIRE(scratch.execute("PRAGMA user_version = 99"));
  auto newer = verify(scratch.path());
  REQUIRE_FALSE(newer);
  CHECK_THAT(newer.error().message, Catch::Contains("newer Gnomon (schema 99"));
}

TEST_CASE("a run being recorded is noted", "[inventory]") {
  const Scratch scratch;
  record(scratch);
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  recorder->on_flow(use_of("chat", "chat.example", "10.0.0.2", 0, 1));
  REQUIRE(recorder->flush());
  const auto verified = verify(scratch.path());
  REQUIRE(verified);
  CHECK(verified->sound());
  REQUIRE(verified->notes.size() == 1);
  CHECK_THAT(verified->notes[0], Catch::Contains("1 unfinished run"));
}

}  // namespace
}  // namespace gnomon::inventory
