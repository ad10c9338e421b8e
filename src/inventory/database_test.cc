#include "database.h"

#include "gnomon/inventory/kept_sums.h"
#include "gnomon/inventory/review.h"
#include "schema.h"
#include "test_records.h"
#include "test_review.h"

namespace gnomon::inventory {

std::string why_refused(const Scratch& scratch) {
  auto recorder = Recorder::open(options_for(scratch));
  return recorder ? std::string{} : recorder.error().message;
}

void write_file(const std::filesystem::path& path, std::string_view text) {
  std::ofstream{path, std::ios::binary} << text;
}

TEST_CASE("a new inventory is ours, of the newest schema, in WAL", "[inventory]") {
  const Scratch scratch;
  REQUIRE(Recorder::open(options_for(scratch)));
  CHECK(scratch.ask("PRAGMA application_id") == kApplicationId);
  CHECK(scratch.ask("PRAGMA user_version") == newest_version(migrations()));
  auto database = Database::open(scratch.path(), Access::kEdit);
  REQUIRE(database);
  auto mode = database->prepare("PRAGMA journal_mode");
  REQUIRE(mode);
  REQUIRE(mode->step());
  CHECK(mode->text(0) == "wal");
  auto sync = database->prepare("PRAGMA synchronous");
  REQUIRE(sync);
  REQUIRE(sync->step());
  CHECK(sync->integer(0) == 2);  // FULL
}

TEST_CASE("what is no inventory of ours is refused and left as it is", "[inventory]") {
  const Scratch scratch;
  SECTION("a text") {
    write_file(scratch.path(), std::string(5'000, 'x'));
    CHECK_THAT(why_refused(scratch), Catch::StartsWith(scratch.path().string() + ": ") &&
                                         Catch::Contains("not a database"));
    CHECK(std::filesystem::file_size(scratch.path()) == 5'000);
  }
  SECTION("a database of another program, with an id") {
    REQUIRE(scratch.execute("PRAGMA application_id = 5; CREATE TABLE t (a)"));
    CHECK_THAT(why_refused(scratch), Catch::Contains("another program"));
    CHECK(scratch.ask("SELECT count(*) FROM sqlite_schema") == 1);
  }
  SECTION("a database of another program, without") {
    REQUIRE(scratch.execute("CREATE TABLE app (id)"));
    CHECK_THAT(why_refused(scratch), Catch::Contains("another program"));
  }
  SECTION("an inventory of a newer schema") {
    REQUIRE(Recorder::open(options_for(scratch)));
    REQUIRE(scratch.execute("PRAGMA user_version = 99"));
    CHECK_THAT(why_refused(scratch), Catch::Contains("newer Gnomon (schema 99"));
    auto inventory = Inventory::open(scratch.path());
    REQUIRE_FALSE(inventory);
    CHECK_THAT(inventory.error().message, Catch::Contains("newer Gnomon"));
  }
  SECTION("a folder") {
    std::filesystem::create_directories(scratch.path());
    CHECK_THAT(why_refused(scratch), Catch::Contains("unable to open database file"));
  }
  CHECK_FALSE(std::filesystem::exists(scratch.path().string() + "-lock"));
}

TEST_CASE("a place that cannot be written is told", "[inventory]") {
  Scratch scratch;
  RecorderOptions options = options_for(scratch);
  options.path = scratch.folder() / "missing" / "inventory.db";
  auto recorder = Recorder::open(options);
  REQUIRE_FALSE(recorder);
  CHECK_THAT(recorder.error().message, Catch::Contains("No such file or directory"));

  REQUIRE(Recorder::open(options_for(scratch)));
  std::filesystem::permissions(scratch.path(), std::filesystem::perms::owner_read);
  if (geteuid() != 0) CHECK_THAT(why_refused(scratch), Catch::Contains("no right to write"));
}

TEST_CASE("an empty file is a place for a new inventory", "[inventory]") {
  const Scratch scratch;
  write_file(scratch.path(), "");
  CHECK(why_refused(scratch).empty());
  CHECK(scratch.ask("SELECT count(*) FROM sighting") == 0);
}

TEST_CASE("reading needs an inventory that is there", "[inventory]") {
  const Scratch scratch;
  auto inventory = Inventory::open(scratch.path());
  REQUIRE_FALSE(inventory);
  CHECK_THAT(inventory.error().message, Catch::Contains("no inventory here"));
  CHECK_FALSE(std::filesystem::exists(scratch.path()));

  write_file(scratch.path(), "");
  inventory = Inventory::open(scratch.path());
  REQUIRE_FALSE(inventory);
}

constexpr Migration kThree[] = {
    {1, "CREATE TABLE a (x)"}, {2, "ALTER TABLE a ADD COLUMN y"}, {3, "CREATE TABLE b (z)"}};

TEST_CASE("an older schema is brought up to date one number after another, or not at all",
          "[inventory]") {
  const Scratch scratch;
  sqlite3* raw = nullptr;
  REQUIRE(sqlite3_open(scratch.path().c_str(), &raw) == SQLITE_OK);
  const Handle<sqlite3, sqlite3_close_v2> database{raw};

  REQUIRE_FALSE(migrate(raw, *schema_state(raw), std::span{kThree}.first(1)));
  CHECK(scratch.ask("PRAGMA user_version") == 1);
  CHECK(scratch.ask("SELECT count(*) FROM pragma_table_info('a')") == 1);

  const Migration broken[] = {kThree[0], kThree[1], {3, "CREATE TABLE b (z); nonsense"}};
  auto failed = migrate(raw, *schema_state(raw), broken);
  REQUIRE(failed);
  CHECK_THAT(failed->message, Catch::StartsWith("schema 3: "));
  CHECK(scratch.ask("PRAGMA user_version") == 1);
  CHECK(scratch.ask("SELECT count(*) FROM pragma_table_info('a')") == 1);

  REQUIRE_FALSE(migrate(raw, *schema_state(raw), kThree));
  CHECK(scratch.ask("PRAGMA user_version") == 3);
  CHECK(scratch.ask("SELECT count(*) FROM pragma_table_info('a')") == 2);
  CHECK(scratch.ask("SELECT count(*) FROM b") == 0);
  CHECK_FALSE(refuse(*schema_state(raw), kThree));
  CHECK(refuse(*schema_state(raw), std::span{kThree}.first(2)));
}

TEST_CASE("a new inventory has the schema of one that was brought up number by number",
          "[inventory]") {
  const Scratch at_once;
  const Scratch by_number;
  const auto schema_of = [](const Scratch& scratch, bool whole) {
    sqlite3* raw = nullptr;
    REQUIRE(sqlite3_open(scratch.path().c_str(), &raw) == SQLITE_OK);
    const Handle<sqlite3, sqlite3_close_v2> database{raw};
    for (std::size_t n = whole ? migrations().size() : 1; n <= migrations().size(); ++n)
      REQUIRE_FALSE(migrate(raw, *schema_state(raw), migrations().first(n)));
    std::string schema;
    sqlite3_exec(
        raw, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name",
        [](void* to, int columns, char** values, char**) {
          for (int i = 0; i < columns; ++i)
            *static_cast<std::string*>(to) += (values[i] ? values[i] : "") + std::string{"\n"};
          return 0;
        },
        &schema, nullptr);
    return schema;
  };
  const std::string schema = schema_of(at_once, true);
  CHECK(schema.find("CREATE VIEW v_candidate_clients") != std::string::npos);
  CHECK(schema == schema_of(by_number, false));
}

TEST_CASE("a view that comes again before it was made is made once", "[inventory]") {
  const Scratch scratch;
  sqlite3* raw = nullptr;
  REQUIRE(sqlite3_open(scratch.path().c_str(), &raw) == SQLITE_OK);
  const Handle<sqlite3, sqlite3_close_v2> database{raw};
  const Migration views[] = {
      {1,
       "CREATE TABLE a (x);\n-- of a;\nCREATE VIEW v AS SELECT ';' AS x FROM a;\n"
       "CREATE VIEW vv AS SELECT x FROM v"},
      {2, "ALTER TABLE a ADD COLUMN y;\nDROP VIEW v;\nCREATE VIEW v AS SELECT y AS x FROM a;"}};
  REQUIRE_FALSE(migrate(raw, *schema_state(raw), views));
  CHECK(scratch.ask("SELECT count(*) FROM sqlite_schema WHERE type = 'view'") == 2);
  CHECK(scratch.ask("SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%SELECT y AS x%'") == 1);
  const Migration broken[] = {views[0], views[1], {3, "CREATE VIEW w AS SELECT FROM a"}};
  CHECK(migrate(raw, *schema_state(raw), broken));
  CHECK(scratch.ask("PRAGMA user_version") == 2);
}

TEST_CASE("migrations are numbered from one without a gap", "[inventory]") {
  std::int32_t expected = 0;
  for (const Migration& migration : migrations()) CHECK(migration.version == ++expected);
}

TEST_CASE("a transaction that is not committed never was", "[inventory]") {
  const Scratch scratch;
  auto database = Database::open(scratch.path(), Access::kCreate);
  REQUIRE(database);
  {
    Transaction transaction{*database};
    REQUIRE_FALSE(transaction.error());
    REQUIRE_FALSE(database->run("INSERT INTO capture_run (state) VALUES ('finished')"));
  }
  CHECK(scratch.ask("SELECT count(*) FROM capture_run") == 0);
  {
    Transaction transaction{*database};
    REQUIRE_FALSE(database->run("INSERT INTO capture_run (state) VALUES ('finished')"));
    REQUIRE_FALSE(transaction.commit());
  }
  CHECK(scratch.ask("SELECT count(*) FROM capture_run") == 1);
}

TEST_CASE("every view can be read", "[inventory]") {
  const Scratch scratch;
  REQUIRE(Recorder::open(options_for(scratch)));
  auto database = Database::open(scratch.path(), Access::kRead);
  REQUIRE(database);
  auto views = database->prepare("SELECT name FROM sqlite_schema WHERE type = 'view'");
  REQUIRE(views);
  int count = 0;
  for (; views->step(); ++count) {
    INFO(views->text(0));
    auto rows = database->prepare("SELECT * FROM " + views->text(0));
    REQUIRE(rows);
    CHECK_FALSE(rows->step());
    CHECK(rows->ok());
  }
  CHECK(count == 33);
}

TEST_CASE("a review is stored, and each change of it is in the audit for ever", "[inventory]") {
  const Scratch scratch;
  {
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    recorder->on_flow(use_of("chat", "chat.example", "10.0.0.1", 0, 1));
    REQUIRE(recorder->finish(run_of("aa"), {}));
  }
  Review review;
  review.status = "tolerated";
  review.owner = "Ada";
  REQUIRE(set_review(scratch.path(), "chat", review, "bob", at_second(5)));
  CHECK(scratch.ask("SELECT count(*) FROM audit WHERE actor = 'bob' AND subject = 'chat'") == 2);
  CHECK(scratch.ask("SELECT count(*) FROM audit WHERE field = 'status' AND value_before = "
                    "'unreviewed' AND value_after = 'tolerated'") == 1);
  REQUIRE(set_review(scratch.path(), "chat", review, "bob", at_second(6)));
  CHECK(scratch.ask("SELECT count(*) FROM audit") == 2);

  review.status = "sanctioned";
  review.review_date = "2027-02-28";
  REQUIRE(set_review(scratch.path(), "chat", review, "eve", at_second(7)));
  CHECK(scratch.ask("SELECT count(*) FROM audit") == 4);
  CHECK(scratch.ask("SELECT count(*) FROM review WHERE status = 'sanctioned'") == 1);
  CHECK_FALSE(scratch.execute("DELETE FROM audit"));
  CHECK_FALSE(scratch.execute("UPDATE audit SET actor = 'nobody'"));
  CHECK(scratch.ask("SELECT count(*) FROM audit") == 4);

  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  auto apps = inventory->apps();
  REQUIRE(apps);
  CHECK((*apps)[0].review == review);

  CHECK_FALSE(set_review(scratch.path(), "nothing", review, "bob", at_second(8)));
  review.review_date = "2027-02-29";
  CHECK_FALSE(set_review(scratch.path(), "chat", review, "bob", at_second(8)));
  review.review_date = "";
  review.status = "fine";
  CHECK_FALSE(set_review(scratch.path(), "chat", review, "bob", at_second(8)));
}

TEST_CASE("an inventory of the second schema keeps its decisions and alerts in the third",
          "[inventory]") {
  const Scratch scratch;
  {
    sqlite3* raw = nullptr;
    REQUIRE(sqlite3_open(scratch.path().c_str(), &raw) == SQLITE_OK);
    const Handle<sqlite3, sqlite3_close_v2> database{raw};
    REQUIRE_FALSE(migrate(raw, *schema_state(raw), migrations().first(2)));
  }
  REQUIRE(scratch.execute(
      "INSERT INTO capture_run (id, state) VALUES (1, 'finished');"
      "INSERT INTO app VALUES ('chat', 'Chat', '', '', 'other');"
      "INSERT INTO review VALUES ('chat', 'tolerated', 'Ada', 'p', 'd', 'internal', '2027-01-01', "
      "'because');"
      "INSERT INTO audit (at_ns, actor, action, subject, field, value_before, value_after) VALUES "
      "(1, 'bob', 'review', 'chat', 'status', 'unreviewed', 'tolerated');"
      "INSERT INTO alert VALUES ('new-app', 'chat', '', '', 5, 1, 6, 9100001, 'medium', 'New', "
      "'why', 'sessions=1');"));
  REQUIRE(scratch.ask("PRAGMA user_version") == 2);
  {
    auto inventory = Inventory::open(scratch.path());
    REQUIRE(inventory);
    auto alerts = inventory->alerts();
    REQUIRE(alerts);
    REQUIRE(alerts->size() == 1);
    CHECK(alerts->front().title == "New");
    CHECK(alerts->front().id.size() == 16);
    CHECK(alerts->front().period == Time{std::chrono::nanoseconds{5}});
  }
  CHECK(scratch.ask("PRAGMA user_version") == newest_version(migrations()));
  CHECK(scratch.ask("SELECT count(*) FROM review WHERE app = 'chat' AND status = 'tolerated' AND "
                    "owner = 'Ada' AND review_date = '2027-01-01' AND reason = 'because' AND "
                    "version = 1") == 1);
  CHECK(scratch.ask("SELECT count(*) FROM decision WHERE usage = '' AND client_group = ''") == 1);
  CHECK(scratch.ask("SELECT count(*) FROM audit WHERE actor = 'bob' AND reason = ''") == 1);
  CHECK_FALSE(scratch.execute("UPDATE audit SET reason = 'x'"));
  CHECK_FALSE(scratch.execute("DELETE FROM audit"));
}

TEST_CASE("an inventory of the third schema gets the index it may lack, and keeps what it holds",
          "[inventory]") {
  const Scratch scratch;
  {
    sqlite3* raw = nullptr;
    REQUIRE(sqlite3_open(scratch.path().c_str(), &raw) == SQLITE_OK);
    const Handle<sqlite3, sqlite3_close_v2> database{raw};
    REQUIRE_FALSE(migrate(raw, *schema_state(raw), migrations().first(3)));
  }
  constexpr const char* kIndex = "SELECT count(*) FROM sqlite_schema WHERE name = 'sighting_retro'";
  const bool has_index = GENERATE(true, false);
  REQUIRE(scratch.execute(
      "INSERT INTO capture_run (id, state) VALUES (1, 'finished');"
      "INSERT INTO app VALUES ('chat', 'Chat', '', '', 'other');"
      "INSERT INTO decision VALUES ('chat', '', '', 'tolerated', '', '', '', '', '', "
      "'', '', 1, 0, '')"));
  if (!has_index) REQUIRE(scratch.execute("DROP INDEX sighting_retro"));
  REQUIRE(scratch.ask("PRAGMA user_version") == 3);
  REQUIRE(scratch.ask(kIndex) == (has_index ? 1 : 0));
  REQUIRE(Inventory::open(scratch.path()));
  CHECK(scratch.ask("PRAGMA user_version") == newest_version(migrations()));
  CHECK(scratch.ask(kIndex) == 1);
  CHECK(scratch.ask("SELECT count(*) FROM decision WHERE status = 'tolerated'") == 1);
}

TEST_CASE(
    "an inventory of the fifth schema keeps its findings and artifacts, and says more of new ones",
    "[inventory]") {
  const Scratch scratch;
  {
    sqlite3* raw = nullptr;
    REQUIRE(sqlite3_open(scratch.path().c_str(), &raw) == SQLITE_OK);
    const Handle<sqlite3, sqlite3_close_v2> database{raw};
    REQUIRE_FALSE(migrate(raw, *schema_state(raw), migrations().first(5)));
  }
  REQUIRE(scratch.execute(
      "INSERT INTO capture_run (id, state) VALUES (1, 'finished');"
      "INSERT INTO finding (app, detector, category, severity, confidence, to_server, role, "
      "client, "
      "host, file_name, file_type, value_hash, run, bodies, count, partial_bodies, unique_count, "
      "sample, reference_ids, first_seen_ns, last_seen_ns, proof_weight, proof_time_ns, "
      "proof_number, proof_flow_id, proof_frame, proof_file) VALUES ('', 'iban', 'financial', "
      "'high', 'high', 1, '', '10.0.0.1', 'h', '', '', 'v', 1, 1, 3, 0, 2, 'DE**', '', 5, 6, 0, 5, "
      "1, 7, 8, 'f');"
      "INSERT INTO artifact (app, kind, format, unsafe, repository, file, revision, client, host, "
      "run, times, bytes, first_seen_ns, last_seen_ns, proof_weight, proof_time_ns, proof_number, "
      "proof_flow_id, proof_frame, proof_file) VALUES ('', 'model', 'gguf', 0, 'org/m', 'f', '', "
      "'10.0.0.1', 'hub', 1, 2, 900, 5, 6, 0, 5, 1, 7, 8, 'f');"));
  REQUIRE(scratch.ask("PRAGMA user_version") == 5);
  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  CHECK(scratch.ask("PRAGMA user_version") == newest_version(migrations()));
  const auto findings = inventory->findings();
  REQUIRE(findings);
  REQUIRE(findings->size() == 1);
  CHECK(findings->front().count == 3);
  CHECK(findings->front().sample == "DE**");
  CHECK(findings->front().reasons.empty());
  const auto artifacts = inventory->artifacts();
  REQUIRE(artifacts);
  REQUIRE(artifacts->size() == 1);
  CHECK(artifacts->front().bytes == 900);
  CHECK(artifacts->front().fetched_from.empty());
}

TEST_CASE("who finds the inventory held by another program is told that it passes", "[inventory]") {
  const Scratch scratch;
  auto database = Database::open(scratch.path(), Access::kCreate);
  REQUIRE(database);
  auto other = Database::open(scratch.path(), Access::kEdit);
  REQUIRE(other);
  sqlite3_busy_timeout(other->get(), 0);
  REQUIRE_FALSE(database->run("BEGIN IMMEDIATE"));
  const auto held = other->run("BEGIN IMMEDIATE");
  REQUIRE(held);
  CHECK(is_busy(*held));
  CHECK(is_busy(Error{*held}.in("decision")));
  REQUIRE_FALSE(database->run("ROLLBACK"));
  const auto wrong = other->run("nonsense");
  REQUIRE(wrong);
  CHECK_FALSE(is_busy(*wrong));
}

TEST_CASE("sums of the sixth schema are told who of the clients used an app", "[inventory]") {
  const Scratch scratch;
  {
    sqlite3* raw = nullptr;
    REQUIRE(sqlite3_open(scratch.path().c_str(), &raw) == SQLITE_OK);
    const Handle<sqlite3, sqlite3_close_v2> database{raw};
    REQUIRE_FALSE(migrate(raw, *schema_state(raw), migrations().first(6)));
  }
  std::string sql;
  for (const char* app : {"chat", "coder"})
    sql += "INSERT INTO app_total VALUES ('" + std::string{app} +
           "', 3, 1, 2, 3, '', '', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);";
  for (const char* client : {"10.0.0.1", "10.0.0.2"})
    sql += "INSERT INTO client_total VALUES ('" + std::string{client} +
           "', '', '', '', 2, 3, 1, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0);";
  for (const char* row : {"'chat', '10.0.0.1', 3", "'chat', '10.0.0.2', 1", "'chat', '', 4",
                          "'coder', '10.0.0.1', 5", "'coder', '10.0.0.2', 2"})
    sql += "INSERT INTO app_client_total VALUES (" + std::string{row} +
           ", 1, 2, '', '', 1, 1, 0, 0, 0, 0, 0, 0);";
  REQUIRE(scratch.execute(sql));
  REQUIRE(scratch.ask("PRAGMA user_version") == 6);
  REQUIRE(Inventory::open(scratch.path()));
  CHECK(scratch.ask("SELECT clients_used FROM app_total WHERE app = 'chat'") == 1);
  CHECK(scratch.ask("SELECT clients_used FROM app_total WHERE app = 'coder'") == 1);
  CHECK(scratch.ask("SELECT apps_used FROM client_total WHERE client = '10.0.0.1'") == 2);
  CHECK(scratch.ask("SELECT apps_used FROM client_total WHERE client = '10.0.0.2'") == 0);
}

}  // namespace gnomon::inventory
