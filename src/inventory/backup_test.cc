#include "gnomon/inventory/backup.h"

#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "database.h"
#include "gnomon/inventory/verify.h"
#include "schema.h"
#include "test_records.h"

namespace gnomon::inventory {
namespace {

void record(const Scratch& scratch, std::uint64_t flows, std::string_view sha256 = "aa") {
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  for (std::uint64_t i = 0; i < flows; ++i) {
    const std::string host = "host" + std::to_string(i) + ".example";
    recorder->on_flow(use_of("chat", host, "10.0.0.1", 0, i + 1));
  }
  REQUIRE(recorder->finish(run_of(sha256), {}));
}

bool sound(const std::filesystem::path& path) {
  const auto verified = verify(path);
  return verified && verified->sound();
}

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator{folder}, std::filesystem::directory_iterator{}));
}

TEST_CASE("a backup holds what the inventory holds, for its owner alone", "[inventory]") {
  const Scratch scratch;
  record(scratch, 100);
  const auto copy = scratch.folder() / "copy.db";
  std::uint64_t told = 0;
  auto bytes = back_up(scratch.path(), copy, {.force = false, .progress = [&](auto done, auto all) {
                                                CHECK(done <= all);
                                                told = done;
                                              }});
  REQUIRE(bytes);
  CHECK(told > 0);
  CHECK(*bytes == std::filesystem::file_size(copy));
  struct stat seen {};
  REQUIRE(stat(copy.c_str(), &seen) == 0);
  CHECK((seen.st_mode & 0777) == 0600);
  CHECK(sound(copy));
  auto ours = Inventory::open(scratch.path());
  auto theirs = Inventory::open(copy);
  REQUIRE(ours);
  REQUIRE(theirs);
  CHECK(*ours->dump() == *theirs->dump());
}

TEST_CASE("a backup overwrites nothing unless told to", "[inventory]") {
  const Scratch scratch;
  record(scratch, 1);
  const auto copy = scratch.folder() / "copy.db";
  std::ofstream{copy} << "precious";
  auto refused = back_up(scratch.path(), copy);
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message, Catch::Contains("--force"));
  CHECK(std::filesystem::file_size(copy) == 8);
  REQUIRE(back_up(scratch.path(), copy, {.force = true, .progress = {}}));
  CHECK(sound(copy));

  CHECK_FALSE(back_up(scratch.path(), scratch.path(), {.force = true, .progress = {}}));
  CHECK(sound(scratch.path()));
  for (const char* beside : {"-wal", "-shm", "-journal", "-lock"})
    CHECK_FALSE(
        back_up(scratch.path(), scratch.path().string() + beside, {.force = true, .progress = {}}));
  std::filesystem::create_directory(scratch.folder() / "folder");
  CHECK_FALSE(back_up(scratch.path(), scratch.folder() / "folder", {.force = true, .progress = {}}));
  std::filesystem::create_symlink(scratch.path(), scratch.folder() / "link");
  CHECK_FALSE(back_up(scratch.path(), scratch.folder() / "link", {.force = true, .progress = {}}));
  CHECK_FALSE(back_up(scratch.path(), scratch.folder() / "nowhere" / "copy.db"));
  CHECK_FALSE(back_up(scratch.folder() / "missing.db", scratch.folder() / "other.db"));
  CHECK_FALSE(std::filesystem::exists(scratch.folder() / "other.db"));
}

TEST_CASE("a backup that fails leaves no file", "[inventory]") {
  const Scratch scratch;
  record(scratch, 2'000);
  REQUIRE(scratch.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  // Pages of rows: the copy must not be called one.
  std::fstream file{scratch.path(), std::ios::in | std::ios::out | std::ios::binary};
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(scratch.path()));
  for (std::streamoff at = size / 4 * 3 / 4'096 * 4'096; at < size; at += 4'096) {
    file.seekp(at);
    file.write("\xff\xff\xff\xff\xff\xff\xff\xff", 8);
  }
  file.close();
  const std::size_t files = files_in(scratch.folder());
  auto refused = back_up(scratch.path(), scratch.folder() / "copy.db");
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message, Catch::Contains("damaged"));
  CHECK(files_in(scratch.folder()) <= files + 2);  // at most what SQLite puts beside what it reads
  CHECK_FALSE(std::filesystem::exists(scratch.folder() / "copy.db"));
  for (const auto& entry : std::filesystem::directory_iterator{scratch.folder()})
    CHECK(entry.path().string().find(".part") == std::string::npos);
}

TEST_CASE("backups while somebody records are each of one state", "[inventory]") {
  const Scratch scratch;
  record(scratch, 300, "first");
  std::atomic<bool> stop = false;
  std::atomic<bool> gone = false;
  std::atomic<int> runs = 0;
  std::thread writer{[&] {
    for (int i = 0; !stop && i < 1'000; ++i) {
      auto recorder = Recorder::open(options_for(scratch));
      if (!recorder) break;
      for (std::uint64_t flow = 0; flow < 5; ++flow)
        recorder->on_flow(use_of("chat", "chat.example", "10.0.0.1", 0, flow + 1));
      if (!recorder->finish(run_of("run" + std::to_string(i)), {})) break;
      ++runs;
    }
    gone = true;
  }};
  while (runs == 0 && !gone) std::this_thread::yield();
  int good = 0;
  for (int i = 0; i < 3; ++i) {
    const auto copy = scratch.folder() / ("copy" + std::to_string(i));
    const auto made = back_up(scratch.path(), copy);
    if (made && sound(copy)) ++good;
  }
  stop = true;
  writer.join();
  CHECK(good == 3);
  CHECK(runs > 0);
}

TEST_CASE("an inventory of an older schema is backed up as it is", "[inventory]") {
  const Scratch scratch;
  sqlite3* raw = nullptr;
  REQUIRE(sqlite3_open(scratch.path().c_str(), &raw) == SQLITE_OK);
  const Handle<sqlite3, sqlite3_close_v2> database{raw};
  REQUIRE_FALSE(migrate(raw, *schema_state(raw), migrations().first(1)));
  const auto copy = scratch.folder() / "copy.db";
  REQUIRE(back_up(scratch.path(), copy));
  CHECK(scratch.ask("PRAGMA user_version") == 1);
  const auto verified = verify(copy);
  REQUIRE(verified);
  CHECK(verified->schema == 1);
  CHECK(verified->sound());
  CHECK_FALSE(verified->notes.empty());

  REQUIRE(scratch.execute("PRAGMA user_version = 99"));
  auto refused = back_up(scratch.path(), scratch.folder() / "newer.db");
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message, Catch::Contains("newer Gnomon (schema 99"));
}

}  // namespace
}  // namespace gnomon::inventory
