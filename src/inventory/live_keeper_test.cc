#include "live_keeper.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <thread>

#include "test_live.h"
#include "test_sums.h"

namespace gnomon::inventory {
namespace {

TEST_CASE("sums that a sensor makes beside its batches are what adding up anew gives", "[live]") {
  constexpr std::int64_t kDay = 86'400;
  const Scratch scratch;
  auto pair = std::make_unique<Pair>(scratch);
  Tally tally{RecorderLimits{}};
  std::uint64_t number = 0;
  const auto write = [&](std::int64_t second, bool judge, bool ends, const char* name = "") {
    LiveRunWriter::Batch batch = batch_of(tally, at_second(0), at_second(second));
    if (*name != 0)
      batch.names[{address("10.0.0.1"), "dhcp", name, ""}] = {at_second(0), at_second(second)};
    batch.judge = judge;
    batch.ends_run = ends;
    REQUIRE_FALSE(pair->writer.write(batch, at_second(second)));
  };
  const auto use = [&](const char* app, const char* client, std::int64_t second) {
    tally.add(use_of(app, std::string{app} + ".example", client, second, ++number));
  };
  use("chat", "10.0.0.1", 10);
  use("chat", "10.0.0.2", 20);
  use("coder", "10.0.0.1", 30);
  write(30, true, false);
  REQUIRE_FALSE(pair->judge());
  check_sums(scratch);
  CHECK(scratch.ask("SELECT count(*) FROM risk_history") == 2);
  // Others, of another hour; a name alone; a day that ends.
  use("chat", "10.0.0.3", 7'300);
  write(7'300, false, false, "laptop");
  CHECK(scratch.ask("SELECT fits FROM totals_state") == 2);
  use("coder", "10.0.0.4", 7'400);
  write(7'400, true, false);
  REQUIRE_FALSE(pair->judge());
  check_sums(scratch);
  CHECK(scratch.ask("SELECT count(*) FROM client_total WHERE name = 'laptop'") == 1);
  use("coder", "10.0.0.1", kDay - 1);
  write(kDay - 1, false, true);
  REQUIRE_FALSE(pair->judge());
  check_sums(scratch);

  // One that is killed has told of everything but the sums; the next makes them.
  use("chat", "10.0.0.5", kDay + 10);
  use("draw", "10.0.0.5", kDay + 20);
  write(kDay + 20, false, false);
  pair.reset();
  CHECK(scratch.ask("SELECT fits FROM totals_state") == 2);
  pair = std::make_unique<Pair>(scratch);
  REQUIRE_FALSE(pair->judge());
  check_sums(scratch);
  CHECK(scratch.ask("SELECT count(*) FROM risk_history WHERE app = 'draw'") == 1);

  // What is removed takes its sums along.
  TidyOptions tidying;
  tidying.now = at_second(kDay * 900);
  tidying.rows_max = 2;
  Retention retention;
  retention.sighting_days = retention.hour_days = 899;
  bool more = true;
  while (more) {
    const auto tidied = pair->keeper.tidy(retention, tidying);
    REQUIRE(tidied);
    more = tidied->more;
  }
  REQUIRE_FALSE(pair->judge());
  CHECK(scratch.ask("SELECT count(*) FROM client_total") == 2);  // of five
  check_sums(scratch);
}

TEST_CASE("a judgement that meets a lock is made later, and nothing of it is lost", "[live]") {
  const Scratch scratch;
  Pair pair{scratch};
  Tally tally{RecorderLimits{}};
  tally.add(use_of("chat", "chat.example", "10.0.0.1", 0, 1));
  LiveRunWriter::Batch batch = batch_of(tally, at_second(0), at_second(1));
  batch.judge = true;
  REQUIRE_FALSE(pair.writer.write(batch, at_second(2)));
  sqlite3* other = nullptr;
  sqlite3_open_v2(scratch.path().c_str(), &other, SQLITE_OPEN_READWRITE, nullptr);
  REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  CHECK(pair.judge());
  sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr);
  sqlite3_close_v2(other);
  CHECK(scratch.ask("SELECT count(*) FROM risk_history") == 0);
  pair.keeper.reopen();
  CHECK_FALSE(pair.judge());
  CHECK(scratch.ask("SELECT count(*) FROM risk_history") == 1);
  check_sums(scratch);
}

TEST_CASE("a keeper goes on with the file that batches go into", "[live]") {
  const bool replaced = GENERATE(false, true);
  CAPTURE(replaced);
  const Scratch scratch;
  Pair pair{scratch};
  Tally tally{RecorderLimits{}};
  std::uint64_t number = 0;
  const auto see = [&](const char* app, std::int64_t second) {
    tally.add(use_of(app, std::string{app} + ".example", "10.0.0.1", second, ++number));
    LiveRunWriter::Batch batch = batch_of(tally, at_second(0), at_second(second));
    batch.ends_run = true;
    return batch;
  };
  REQUIRE_FALSE(pair.writer.write(see("chat", 1), at_second(2)));
  REQUIRE_FALSE(pair.judge());
  // Noted, and gone before anybody judged it.
  REQUIRE_FALSE(pair.writer.write(see("chat", 2), at_second(3)));
  for (const char* beside : {"", "-wal", "-shm"})
    std::filesystem::remove(scratch.path().string() + beside);
  if (replaced) {
    auto other = Recorder::open(options_for(scratch));
    REQUIRE(other);
    other->on_flow(use_of("draw", "draw.example", "10.0.0.2", 0, 1));
    REQUIRE(other->finish(run_of("aa"), {}));
  }
  const LiveRunWriter::Batch batch = see("coder", 3);
  REQUIRE(pair.writer.write(batch, at_second(4)));
  REQUIRE_FALSE(pair.writer.write(batch, at_second(5)));
  CHECK_FALSE(pair.judge());
  check_sums(scratch);
  CHECK(scratch.ask("SELECT count(*) FROM risk_history WHERE app = 'coder'") == 1);
  CHECK(scratch.ask("SELECT count(*) FROM risk_history WHERE app = 'chat'") == 0);

  // What is old is removed from it.
  Retention retention;
  retention.sighting_days = retention.hour_days = retention.dns_days = 30;
  TidyOptions options;
  options.now = at_second(86'400 * 40);
  options.rows_max = 100;
  const auto tidied = pair.keeper.tidy(retention, options);
  if (!tidied) FAIL(tidied.error().message);
  CHECK(scratch.ask("SELECT count(*) FROM v_sightings") == 0);
}

// Whatever is done with ratings then takes half a minute, or fails.
constexpr const char* kSlowRatings =
    "CREATE TRIGGER in_the_way AFTER INSERT ON risk_history BEGIN SELECT (WITH RECURSIVE n(i) AS "
    "(SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 30000000) SELECT max(i) FROM n); END";
constexpr const char* kNoRatings =
    "CREATE TRIGGER in_the_way BEFORE INSERT ON risk_history BEGIN SELECT RAISE(ABORT, 'no'); END";

TEST_CASE("who is killed between the sums and the rest has all of it judged at the next start",
          "[live]") {
  const Scratch scratch;
  auto pair = std::make_unique<Pair>(scratch);
  REQUIRE(scratch.execute(kNoRatings));
  Tally tally{RecorderLimits{}};
  tally.add(use_of("chat", "chat.example", "10.0.0.1", 0, 1));
  LiveRunWriter::Batch batch = batch_of(tally, at_second(0), at_second(1));
  batch.ends_run = true;
  REQUIRE_FALSE(pair->writer.write(batch, at_second(2)));
  CHECK(pair->judge());
  CHECK(scratch.ask("SELECT count(*) FROM app_total") == 1);
  CHECK(scratch.ask("SELECT fits FROM totals_state") ==
        static_cast<std::int64_t>(SumsFit::kLastRun));
  pair.reset();
  REQUIRE(scratch.execute("DROP TRIGGER in_the_way"));
  pair = std::make_unique<Pair>(scratch);
  CHECK_FALSE(pair->judge());
  CHECK(scratch.ask("SELECT count(*) FROM risk_history") == 1);
  check_sums(scratch);
}

TEST_CASE("a sensor that stops gives up a judgement that takes too long, and the next one makes it",
          "[live]") {
  const Scratch scratch;
  LiveRecorderOptions options = live_options(scratch);
  options.judge_at_most = std::chrono::milliseconds{200};
  auto opened = LiveRecorder::open(options);
  REQUIRE(opened);
  REQUIRE(scratch.execute(kSlowRatings));
  (*opened)->start();
  (*opened)->on_flow(use_of("chat", "chat.example", "10.0.0.1", 0, 1));
  (*opened)->on_tick(at_second(1));
  CHECK_FALSE((*opened)->finish());
  const std::vector<LiveRecorder::News> news = (*opened)->take_news();
  REQUIRE(news.size() == 1);
  CHECK(news[0].text.find("the next start does it") != std::string::npos);
  opened->reset();
  CHECK(scratch.ask("SELECT count(*) FROM v_sightings") == 1);
  CHECK(scratch.ask("SELECT count(*) FROM risk_history") == 0);

  REQUIRE(scratch.execute("DROP TRIGGER in_the_way"));
  opened = LiveRecorder::open(live_options(scratch));
  REQUIRE(opened);
  (*opened)->start();
  CHECK_FALSE((*opened)->finish());
  CHECK(scratch.ask("SELECT count(*) FROM risk_history") == 1);
  check_sums(scratch);
}

TEST_CASE("sums say what they lack of batches that came while they were made", "[live]") {
  const Scratch scratch;
  auto pair = std::make_unique<Pair>(scratch);
  Tally tally{RecorderLimits{}};
  std::uint64_t number = 0;
  const auto write = [&](const char* app, const char* client, bool ends = false) {
    tally.add(use_of(app, std::string{app} + ".example", client, 10, ++number));
    LiveRunWriter::Batch batch = batch_of(tally, at_second(0), at_second(10));
    batch.judge = true;
    batch.ends_run = ends;
    REQUIRE_FALSE(pair->writer.write(batch, at_second(20)));
  };
  const auto fits = [&] { return scratch.ask("SELECT fits FROM totals_state"); };
  write("chat", "10.0.0.1");
  pair->keeper.note(pair->writer.take_notes());
  write("coder", "10.0.0.2");
  REQUIRE_FALSE(pair->keeper.judge());
  CHECK(fits() == static_cast<std::int64_t>(SumsFit::kLastRun));
  REQUIRE_FALSE(pair->judge());
  check_sums(scratch);

  const auto end_day_while_judged = [&] {
    write("chat", "10.0.0.3", true);
    pair->keeper.note(pair->writer.take_notes());
    write("draw", "10.0.0.4");
    REQUIRE_FALSE(pair->keeper.judge());
    CHECK(fits() == static_cast<std::int64_t>(SumsFit::kLastRuns));
  };
  end_day_while_judged();
  REQUIRE_FALSE(pair->judge());
  check_sums(scratch);

  // Killed then: of the day that began some hours were added up already.
  end_day_while_judged();
  {
    auto database = Database::open(scratch.path(), Access::kRead);
    REQUIRE(database);
    auto lacking = runs_since_sums(*database);
    REQUIRE(lacking);
    CHECK(lacking->size() == 2);
  }
  pair.reset();
  pair = std::make_unique<Pair>(scratch);
  REQUIRE_FALSE(pair->judge());
  check_sums(scratch);

  // Too many notes.
  write("coder", "10.0.0.5");
  LiveJudge::Notes notes = pair->writer.take_notes();
  for (std::size_t i = 0; i <= LiveJudge::Notes::kMax; ++i) notes.clients.insert(std::to_string(i));
  notes.add({});
  CHECK(notes.lost);
  CHECK(notes.pairs.empty());
  pair->keeper.note(notes);
  REQUIRE_FALSE(pair->keeper.judge());
  check_sums(scratch);
  CHECK(scratch.ask("SELECT count(*) FROM client_total") == 5);

  // Killed after a day had ended, and both are unsaid.
  write("chat", "10.0.0.6", true);
  write("draw", "10.0.0.7");
  pair.reset();
  CHECK(fits() == static_cast<std::int64_t>(SumsFit::kLastRuns));
  pair = std::make_unique<Pair>(scratch);
  REQUIRE_FALSE(pair->judge());
  check_sums(scratch);
  CHECK(scratch.ask("SELECT count(*) FROM client_total") == 7);

  // Killed; a replay into the same inventory adds up what is missing.
  write("chat", "10.0.0.8");
  pair.reset();
  CHECK(fits() == static_cast<std::int64_t>(SumsFit::kLastRun));
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  recorder->on_flow(use_of("coder", "coder.example", "10.0.0.9", 0, 1));
  REQUIRE(recorder->finish(run_of("aa"), {}));
  check_sums(scratch);
  CHECK(scratch.ask("SELECT count(*) FROM client_total") == 9);
}

TEST_CASE("batches are written while the sensor is busy with what they mean", "[live]") {
  const Scratch scratch;
  LiveRecorderOptions options = live_options(scratch);
  options.batch_age = std::chrono::milliseconds{5};
  auto opened = LiveRecorder::open(std::move(options));
  REQUIRE(opened);
  LiveRecorder& live = **opened;
  live.start();
  const auto reaches = [&](const char* sql, std::int64_t wanted) {
    for (int i = 0; i < 4'000 && scratch.ask(sql) != wanted; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    return scratch.ask(sql) == wanted;
  };
  live.on_flow(use_of("", "unknown.example", "10.0.0.1", 0, 1));
  live.on_tick(at_second(1));
  REQUIRE(reaches("SELECT count(*) FROM host_unknown", 1));
  std::atomic<bool> asked = false;
  std::atomic<bool> goes_on = false;
  std::atomic<bool> told = false;
  LiveRecorder::Lesson lesson;
  lesson.judge = [&](const observation::FlowRecord&) {
    asked = true;
    for (int i = 0; i < 4'000 && !goes_on; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    return observation::Identity{};
  };
  lesson.told = [&](const Result<std::vector<RetroMatch>>&) { told = true; };
  live.learn(std::move(lesson));
  for (int i = 0; i < 4'000 && !asked; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  live.on_flow(use_of("chat", "chat.example", "10.0.0.1", 2, 2));
  CHECK(reaches("SELECT count(*) FROM v_sightings", 1));
  CHECK_FALSE(told);
  goes_on = true;
  CHECK_FALSE(live.finish());
  CHECK(told);
  check_sums(scratch);
}

}  // namespace
}  // namespace gnomon::inventory
