#include "gnomon/inventory/retention.h"

#include "database.h"
#include "test_records.h"
#include "test_review.h"
#include "tidy.h"

namespace gnomon::inventory {
namespace {

constexpr std::int64_t kDay = 86'400;

// Use of an app on each of `days` days from at_second(0) on, with what else is kept.
void record_days(const Scratch& scratch, std::int64_t days, std::string_view sha256 = "aa") {
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  for (std::int64_t day = 0; day < days; ++day) {
    const auto number = static_cast<std::uint64_t>(day + 1);
    const std::string client =
        "10.0." + std::to_string(day / 250) + "." + std::to_string(day % 250);
    recorder->on_flow(use_of("chat", "chat.example", client.c_str(), day * kDay, number));
    const std::string host = "host" + std::to_string(day) + ".example";
    recorder->on_flow(use_of("", host, client.c_str(), day * kDay, number));
    const std::string hash = "hash" + std::to_string(day);
    recorder->on_finding(finding_of(client.c_str(), "aws-key", hash, day * kDay, number));
  }
  RunInfo run = run_of(sha256);
  run.last_packet = at_second(days * kDay);
  REQUIRE(recorder->finish(run, {}));
}

Retention for_ever() {
  Retention retention;
  retention.sighting_days = retention.hour_days = retention.finding_days = retention.file_days = 0;
  retention.alert_days = retention.dns_days = retention.unknown_host_days = 0;
  retention.candidate_days = retention.client_name_days = retention.health_days = 0;
  return retention;
}

TidyOptions at_day(std::int64_t day) {
  TidyOptions options;
  options.now = at_second(day * kDay);
  return options;
}

std::uint64_t rows_of(const Tidied& tidied, std::string_view subject) {
  for (const Removed& each : tidied.removed)
    if (each.subject == subject) return each.rows;
  return 0;
}

TEST_CASE("each subject goes by its own age, and nothing else goes", "[inventory]") {
  const Scratch scratch;
  record_days(scratch, 100);
  Retention retention = for_ever();
  std::vector<std::string> tables{"app_hour", "app_hour_total", "hour_total"};
  std::string subject;
  SECTION("hours") {
    retention.hour_days = 40;
    subject = "hours";
  }
  SECTION("findings") {
    retention.finding_days = 40;
    subject = "findings";
    tables = {"finding"};
  }
  SECTION("unknown hosts") {
    retention.unknown_host_days = 40;
    subject = "unknown_hosts";
    tables = {"host_unknown", "host_address"};
  }
  SECTION("sightings") {
    retention.sighting_days = retention.hour_days = retention.dns_days = 40;
    subject = "sightings";
    tables = {"sighting"};
  }
  const auto count = [&] {
    std::int64_t rows = 0;
    for (const std::string& table : tables) rows += scratch.ask("SELECT count(*) FROM " + table);
    return rows;
  };
  const std::int64_t before = count();
  REQUIRE(before >= 100);
  const auto all = [&] {
    return scratch.ask(
        "SELECT (SELECT count(*) FROM sighting) + (SELECT count(*) FROM finding) + "
        "(SELECT count(*) FROM host_unknown) + (SELECT count(*) FROM host_address)");
  };
  const std::int64_t all_before = all();

  auto counted =
      tidy(scratch.path(), retention,
           {.now = at_second(100 * kDay), .rows_max = 0, .dry_run = true, .compact = false});
  REQUIRE(counted);
  CHECK(count() == before);
  CHECK(scratch.ask("SELECT count(*) FROM retention") == 0);

  auto tidied = tidy(scratch.path(), retention, at_day(100));
  REQUIRE(tidied);
  CHECK(rows_of(*tidied, subject) == rows_of(*counted, subject));
  CHECK(rows_of(*tidied, subject) >= 60);
  CHECK(count() == before - static_cast<std::int64_t>(rows_of(*tidied, subject)));
  if (subject != "hours") {
    CHECK(all() == all_before - static_cast<std::int64_t>(rows_of(*tidied, subject)));
    CHECK(scratch.ask("SELECT min(last_seen_ns) FROM " + tables.front()) >=
          at_second(60 * kDay - 3'600).time_since_epoch().count());
  } else {
    CHECK(all() == all_before);
  }
  CHECK(scratch.ask("SELECT rows_removed FROM retention WHERE subject = '" + subject + "'") ==
        static_cast<std::int64_t>(rows_of(*tidied, subject)));
  CHECK_FALSE(tidied->more);

  auto again = tidy(scratch.path(), retention, at_day(100));
  REQUIRE(again);
  CHECK(again->removed.empty());
}

TEST_CASE("a limit of rows leaves the rest for the next call", "[inventory]") {
  const Scratch scratch;
  record_days(scratch, 100);
  Retention retention = for_ever();
  retention.unknown_host_days = 1;
  TidyOptions options = at_day(100);
  options.rows_max = 30;
  std::uint64_t removed = 0;
  int calls = 0;
  for (bool more = true; more && calls < 10; ++calls) {
    auto tidied = tidy(scratch.path(), retention, options);
    REQUIRE(tidied);
    CHECK(rows_of(*tidied, "unknown_hosts") <= 30);
    removed += rows_of(*tidied, "unknown_hosts");
    more = tidied->more;
  }
  CHECK(removed == 198);  // hosts, and their addresses
  CHECK(calls == 7);
  CHECK(scratch.ask("SELECT count(*) FROM host_unknown") == 1);
  CHECK(scratch.ask("SELECT rows_removed FROM v_retention") == 198);
}

TEST_CASE("who records tidies, and what is seen again after comes back", "[inventory]") {
  const Scratch scratch;
  record_days(scratch, 50);
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  recorder->on_flow(use_of("chat", "old.example", "10.1.1.1", 0, 1));
  REQUIRE(recorder->flush());
  Retention retention;
  retention.sighting_days = retention.hour_days = retention.dns_days = 31;
  auto tidied = recorder->tidy(retention, at_day(50));
  REQUIRE(tidied);
  CHECK(rows_of(*tidied, "sightings") > 15);
  CHECK(scratch.ask("SELECT count(*) FROM sighting WHERE host = 'old.example'") == 0);
  recorder->on_flow(use_of("chat", "old.example", "10.1.1.1", 49 * kDay, 2));
  RunInfo run = run_of("bb");
  run.last_packet = at_second(50 * kDay);
  REQUIRE(recorder->finish(run, {}));
  CHECK(scratch.ask("SELECT flows FROM sighting WHERE host = 'old.example'") == 1);

  // Not while somebody else records.
  auto refused = tidy(scratch.path(), retention, at_day(50));
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message, Catch::Contains("another gnomon is recording"));
}

TEST_CASE("a run goes when nothing can be left of it", "[inventory]") {
  const Scratch scratch;
  record_days(scratch, 2);
  record_days(scratch, 400, "bb");
  Retention retention;
  retention.sighting_days = 300;
  retention.hour_days = retention.finding_days = retention.alert_days = 300;
  retention.client_name_days = 300;
  SECTION("all is kept for some time") {
    REQUIRE(tidy(scratch.path(), retention, at_day(400)));
    CHECK(scratch.ask("SELECT count(*) FROM capture_run") == 1);
    CHECK(scratch.ask("SELECT count(DISTINCT run) FROM run_coverage") == 1);
    CHECK(scratch.ask("SELECT count(*) FROM run_input") == 1);
  }
  SECTION("something is kept for ever") {
    retention.alert_days = 0;
    REQUIRE(tidy(scratch.path(), retention, at_day(400)));
    CHECK(scratch.ask("SELECT count(*) FROM capture_run") == 2);
  }
}

TEST_CASE("at a limit of size the oldest days go, what is least missed first", "[inventory]") {
  const Scratch scratch;
  {
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    std::uint64_t number = 0;
    for (std::int64_t day = 0; day < 50; ++day)
      for (int i = 0; i < 200; ++i) {
        const std::string client = "10.0.0." + std::to_string(i);
        const std::string host = "host" + std::to_string(number) + ".example";
        recorder->on_flow(use_of("", host, client.c_str(), day * kDay, ++number));
        if (i < 20) {
          const std::string hash = "hash" + std::to_string(number);
          recorder->on_finding(finding_of(client.c_str(), "aws-key", hash, day * kDay, number));
        }
      }
    RunInfo run = run_of("aa");
    run.last_packet = at_second(49 * kDay);
    REQUIRE(recorder->finish(run, {}));
  }
  const auto hosts = [&] { return scratch.ask("SELECT count(*) FROM host_unknown"); };
  REQUIRE(hosts() == 10'000);
  const auto size = std::filesystem::file_size(scratch.path());
  REQUIRE(size > 1'600'000);
  Retention retention = for_ever();

  SECTION("some") {
    retention.database_bytes_max = size * 7 / 10;
    auto tidied = tidy(scratch.path(), retention, at_day(49));
    REQUIRE(tidied);
    CHECK(tidied->bytes_after <= retention.database_bytes_max);
    CHECK_FALSE(tidied->too_large);
    CHECK(hosts() > 1'000);
    CHECK(hosts() < 8'000);
    CHECK(scratch.ask("SELECT count(*) FROM finding") == 1'000);  // nothing dearer was touched
    const auto addresses = scratch.ask("SELECT count(*) FROM host_address");
    CHECK(scratch.ask("SELECT rows_removed_for_size FROM retention") ==
          20'000 - hosts() - addresses);
    // The file itself is smaller, and the oldest days are those that went.
    CHECK(std::filesystem::file_size(scratch.path()) <= retention.database_bytes_max);
    CHECK(scratch.ask("SELECT count(*) FROM host_unknown WHERE host = 'host9999.example'") == 1);
    CHECK(scratch.ask("SELECT count(*) FROM host_unknown WHERE host = 'host0.example'") == 0);
  }
  SECTION("all but the last two days, and that is not enough") {
    retention.database_bytes_max = 1 << 20;
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    for (std::uint64_t i = 0; i < 10'000; ++i) {
      const std::string host = "new" + std::to_string(i) + ".example";
      recorder->on_flow(use_of("", host, "10.0.0.1", 49 * kDay, i + 20'000));
    }
    RunInfo run = run_of("bb");
    run.last_packet = at_second(49 * kDay);
    REQUIRE(recorder->finish(run, {}));
    recorder = Error{"given up"};
    auto tidied = tidy(scratch.path(), retention, at_day(49));
    REQUIRE(tidied);
    CHECK(tidied->too_large);
    CHECK(scratch.ask("SELECT count(*) FROM host_unknown WHERE host LIKE 'new%'") == 10'000);
    CHECK(scratch.ask("SELECT count(*) FROM finding") <= 60);
  }
}

TEST_CASE("what was removed cannot be read in the file any more", "[inventory]") {
  const Scratch scratch;
  record_days(scratch, 100);
  const auto holds = [&](const std::string& text) {
    std::ifstream file{scratch.path(), std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    return bytes.find(text) != std::string::npos;
  };
  REQUIRE(holds("host7.example"));
  Retention retention = for_ever();
  retention.unknown_host_days = 50;
  REQUIRE(tidy(scratch.path(), retention, at_day(100)));
  CHECK_FALSE(holds("host7.example"));
  CHECK(holds("host97.example"));
}

TEST_CASE("sums, groups and pseudonyms follow what is left", "[inventory]") {
  const Scratch scratch;
  record_days(scratch, 100);
  REQUIRE(scratch.execute(
      "INSERT OR REPLACE INTO client_membership VALUES ('10.0.0.7', 'it'), ('10.0.0.90', 'it');"
      "INSERT INTO pseudonym VALUES ('10.0.0.7', 'address', x'00'), ('10.0.0.90', 'address', "
      "x'00'),"
      "('somebody', 'name', x'00')"));
  Retention retention = for_ever();
  retention.sighting_days = retention.hour_days = retention.dns_days = 50;
  retention.finding_days = retention.unknown_host_days = 50;
  REQUIRE(tidy(scratch.path(), retention, at_day(100)));
  CHECK(scratch.ask("SELECT count(*) FROM client_membership") == 1);
  CHECK(scratch.ask("SELECT count(*) FROM pseudonym") == 1);
  CHECK(scratch.ask("SELECT count(*) FROM client_total WHERE client = '10.0.0.7'") == 0);
  CHECK(scratch.ask("SELECT count(*) FROM client_total WHERE client = '10.0.0.90'") == 1);
  CHECK(scratch.ask("SELECT count(*) FROM totals_state") == 1);
  CHECK(scratch.ask("SELECT sum(flows) FROM hour_total") ==
        scratch.ask("SELECT sum(flows) FROM app_hour"));
  CHECK(scratch.ask("SELECT flows FROM app_total") ==
        scratch.ask("SELECT sum(flows) FROM sighting"));
}

TEST_CASE("decisions and the audit stay", "[inventory]") {
  const Scratch scratch;
  record_days(scratch, 3);
  Review review;
  review.status = "tolerated";
  REQUIRE(set_review(scratch.path(), "chat", review, "bob", at_second(0)));
  REQUIRE(tidy(scratch.path(), Retention{}, at_day(20'000)));
  CHECK(scratch.ask("SELECT count(*) FROM sighting") == 0);
  CHECK(scratch.ask("SELECT count(*) FROM audit") >= 1);
  CHECK(scratch.ask("SELECT count(*) FROM review") == 1);
  CHECK(scratch.ask("SELECT count(*) FROM app") >= 1);
}

TEST_CASE("an inventory of an older version becomes smaller when it is rewritten", "[inventory]") {
  const Scratch scratch;
  REQUIRE(scratch.execute("PRAGMA auto_vacuum = NONE; CREATE TABLE t (a); DROP TABLE t"));
  record_days(scratch, 100);
  REQUIRE(scratch.ask("PRAGMA auto_vacuum") == 0);
  TidyOptions options = at_day(100);
  options.compact = true;
  REQUIRE(tidy(scratch.path(), for_ever(), options));
  CHECK(scratch.ask("PRAGMA auto_vacuum") == 2);
  CHECK(scratch.ask("SELECT count(*) FROM host_unknown") == 100);
}

TEST_CASE("retention that cannot be meant is refused", "[inventory]") {
  struct Case {
    const char* name;
    std::uint32_t Retention::*days;
    std::uint32_t value;
    const char* says;
  };
  const auto given = GENERATE(values<Case>({
      {"fewer hours than alerts need", &Retention::hour_days, 29, "30 days"},
      {"hours longer than sightings", &Retention::hour_days, 801, "longer than the sightings"},
      {"hours for ever, sightings not", &Retention::hour_days, 0, "longer than the sightings"},
      {"look-ups for ever, sightings not", &Retention::dns_days, 0, "looked up"},
      {"more days than there are", &Retention::file_days, 36'501, "36500"},
  }));
  INFO(given.name);
  Retention retention;
  REQUIRE_FALSE(refuse(retention));
  retention.*given.days = given.value;
  const auto refused = refuse(retention);
  REQUIRE(refused);
  CHECK_THAT(refused->message, Catch::Contains(given.says));
  const Scratch scratch;
  CHECK_FALSE(tidy(scratch.path(), retention, {}));

  Retention small;
  small.database_bytes_max = 1'000;
  CHECK(refuse(small));
  CHECK_FALSE(refuse(for_ever()));
}

TEST_CASE("tidying what is not there makes nothing", "[inventory]") {
  const Scratch scratch;
  CHECK_FALSE(tidy(scratch.path(), {}, at_day(1)));
  CHECK_FALSE(
      tidy(scratch.path(), {}, {.now = {}, .rows_max = 0, .dry_run = true, .compact = false}));
  CHECK(std::filesystem::is_empty(scratch.folder()));
}

}  // namespace
}  // namespace gnomon::inventory
