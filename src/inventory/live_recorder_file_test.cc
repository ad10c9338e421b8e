// A live inventory whose file is exchanged, emptied or written over while the sensor runs.
#include <catch2/catch.hpp>
#include <memory>
#include <thread>

#include "gnomon/inventory/live_recorder.h"
#include "test_live.h"
#include "test_sums.h"

namespace gnomon::inventory {
namespace {

TEST_CASE("a file that is taken away or exchanged is noticed, and what comes then is kept",
          "[live]") {
  const bool replaced = GENERATE(false, true);
  const Scratch scratch;
  LiveRunWriter writer = open_writer(scratch);
  Tally tally{RecorderLimits{}};
  const auto see = [&](std::uint64_t number) {
    tally.add(
        use_of("chat", "chat.example", "10.0.0.1", static_cast<std::int64_t>(number), number));
    return batch_of(tally, at_second(0), at_second(static_cast<std::int64_t>(number)));
  };
  REQUIRE_FALSE(writer.write(see(1), at_second(2)));
  for (const char* beside : {"", "-wal", "-shm"})
    std::filesystem::remove(scratch.path().string() + beside);
  if (replaced) {
    auto other = Recorder::open(options_for(scratch));
    REQUIRE(other);
  }
  const LiveRunWriter::Batch batch = see(2);
  const auto failed = writer.write(batch, at_second(3));
  REQUIRE(failed);
  CHECK_THAT(failed->message, Catch::Contains(replaced ? "replaced" : "removed"));
  CHECK_FALSE(writer.write(batch, at_second(4)));
  CHECK_FALSE(writer.write(see(3), at_second(5)));
  CHECK(scratch.ask("SELECT sum(flows) FROM v_sightings") == 2);
  CHECK(scratch.ask("SELECT count(*) FROM capture_run") == 1);
  CHECK(scratch.ask("SELECT count(*) FROM app WHERE name = 'Chat'") == 1);
}

TEST_CASE("a file that is emptied or written over in place is written no further", "[live]") {
  const auto* const what = GENERATE(as<const char*>{}, "", "a text");
  CAPTURE(what);
  const Scratch scratch;
  LiveRunWriter writer = open_writer(scratch);
  Tally tally{RecorderLimits{}};
  const auto see = [&](std::uint64_t number) {
    for (std::uint64_t i = 0; i < 100; ++i)
      tally.add(use_of("chat", std::to_string(number * 100 + i) + ".chat.example", "10.0.0.1",
                       static_cast<std::int64_t>(number), number));
    return batch_of(tally, at_second(0), at_second(static_cast<std::int64_t>(number)));
  };
  const auto content_of = [](const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    return std::string{std::istreambuf_iterator<char>{in}, {}};
  };
  for (std::uint64_t number = 1; number <= 40; ++number) {
    REQUIRE_FALSE(writer.write(see(number), at_second(2)));
    writer.checkpoint();
  }
  const std::string instead = what;
  std::ofstream{scratch.path(), std::ios::binary | std::ios::trunc} << instead;
  const LiveRunWriter::Batch batch = see(41);
  for (int i = 0; i < 2; ++i) {
    const auto failed = writer.write(batch, at_second(3));
    REQUIRE(failed);
    CHECK_THAT(failed->message, Catch::Contains("written over"));
    CHECK_FALSE(writer.reopen());  // as a recorder does after some failures
  }
  CHECK(content_of(scratch.path()) == instead);
  for (const char* beside : {"", "-wal", "-shm"})
    std::filesystem::remove(scratch.path().string() + beside);
  CHECK_THAT(writer.write(batch, at_second(4))->message, Catch::Contains("removed"));
  CHECK_FALSE(writer.write(batch, at_second(5)));
  CHECK(scratch.ask("SELECT sum(flows) FROM v_sightings") == 100);
}

TEST_CASE("a file of another kind of clients does not take the place of one", "[live][privacy]") {
  const Scratch scratch;
  const auto key = PseudonymKey::load(scratch.folder() / "k", true);
  REQUIRE(key);
  PseudonymSink sink{*key, {}, {}};
  const bool hidden = GENERATE(true, false);  // the file that is there first
  CAPTURE(hidden);
  LiveRunWriter writer = open_writer(scratch);
  bool again = false;
  if (hidden)
    writer.keep_pseudonyms(
        *key, [&] { return sink.taken(); }, [&] { again = true; });
  Tally tally{RecorderLimits{}};
  tally.add(use_of("chat", "chat.example", "10.0.0.1", 1, 1));
  REQUIRE_FALSE(writer.write(batch_of(tally, at_second(0), at_second(1)), at_second(2)));
  const auto replace = [&](bool by_hidden) {
    for (const char* beside : {"", "-wal", "-shm"})
      std::filesystem::remove(scratch.path().string() + beside);
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    if (by_hidden) recorder->keep_pseudonyms(*key, [] { return std::vector<MadePseudonym>{}; });
    recorder->on_flow(use_of("draw", "draw.example", "10.0.0.2", 0, 1));
    REQUIRE(recorder->finish(run_of("aa"), {}));
  };
  replace(!hidden);
  tally.add(use_of("chat", "chat.example", "10.0.0.1", 2, 2));
  const LiveRunWriter::Batch batch = batch_of(tally, at_second(0), at_second(2));
  for (int i = 0; i < 2; ++i) {
    const auto failed = writer.write(batch, at_second(3));
    REQUIRE(failed);
    CHECK_THAT(failed->message, Catch::Contains(hidden ? "in clear" : "under pseudonyms"));
  }
  CHECK(scratch.ask("SELECT count(*) FROM capture_run") == 1);
  CHECK_FALSE(again);
  replace(hidden);
  REQUIRE(writer.write(batch, at_second(4)));
  CHECK_FALSE(writer.write(batch, at_second(5)));
  CHECK(again == hidden);
  CHECK(scratch.ask("SELECT count(*) FROM capture_run") == 2);
}

}  // namespace
}  // namespace gnomon::inventory
