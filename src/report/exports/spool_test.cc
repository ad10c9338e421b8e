#include "spool.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

namespace gnomon::report {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    static int count = 0;
    path_ = fs::temp_directory_path() /
            ("gnomon_spool_test_" + std::to_string(getpid()) + "_" + std::to_string(++count));
    fs::remove_all(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

Spool opened(const fs::path& path, std::uint64_t bytes_max = 100'000'000) {
  auto spool = Spool::open(path, bytes_max);
  REQUIRE(spool);
  return std::move(*spool);
}

// All that is given until the spool is empty, each batch taken.
std::string drained(Spool& spool, std::size_t batch_bytes = 1'000'000) {
  std::string all;
  while (true) {
    auto batch = spool.peek(batch_bytes);
    REQUIRE(batch);
    if (batch->messages == 0) return all;
    all += batch->frames;
    REQUIRE_FALSE(spool.take(*batch));
  }
}

}  // namespace

TEST_CASE("messages come out framed, in order, and again until they are taken") {
  const Folder folder;
  Spool spool = opened(folder.path());
  for (const char* message : {"one", "", "th\nree 3 x"}) REQUIRE_FALSE(spool.put(message));
  CHECK(spool.waiting() == 3);
  for (int i = 0; i < 2; ++i) {
    auto batch = spool.peek(1'000);
    REQUIRE(batch);
    CHECK(batch->frames == "3 one0 10 th\nree 3 x");
    CHECK(batch->messages == 3);
  }
  CHECK(drained(spool) == "3 one0 10 th\nree 3 x");
  CHECK(spool.waiting() == 0);
}

TEST_CASE("what was not taken is there for the next process, what was taken is not") {
  const Folder folder;
  {
    Spool spool = opened(folder.path());
    for (const char* message : {"a", "b", "c"}) REQUIRE_FALSE(spool.put(message));
    auto batch = spool.peek(3);  // "1 a" fits, a second does not
    REQUIRE(batch);
    CHECK(batch->frames == "1 a");
    REQUIRE_FALSE(spool.take(*batch));
    REQUIRE(spool.peek(100));
  }
  {
    Spool spool = opened(folder.path());
    CHECK(spool.waiting() == 2);
    REQUIRE_FALSE(spool.put("d"));
    CHECK(drained(spool) == "1 b1 c1 d");
  }
  Spool spool = opened(folder.path());
  CHECK(spool.waiting() == 0);
}

TEST_CASE("half a message at the end of a file is cut off") {
  for (const char* torn : {"5 ab", "5", "7 ", "x", "99999999999 a"}) {
    const Folder folder;
    {
      Spool spool = opened(folder.path());
      REQUIRE_FALSE(spool.put("whole"));
    }
    for (const auto& each : fs::directory_iterator{folder.path()})
      if (each.path().extension() == ".spool" && fs::file_size(each) > 0)
        std::ofstream{each.path(), std::ios::app} << torn;
    Spool spool = opened(folder.path());
    REQUIRE_FALSE(spool.put("next"));
    CHECK(drained(spool) == "5 whole4 next");
  }
}

TEST_CASE("a full spool drops the oldest, counts, and keeps the order of the rest") {
  const Folder folder;
  Spool spool = opened(folder.path(), 8'000'000);
  const std::string filler(99'990, 'x');
  for (int i = 0; i < 200; ++i) REQUIRE_FALSE(spool.put(std::to_string(1000 + i) + filler));
  CHECK(spool.dropped() > 0);
  CHECK(spool.waiting() + spool.dropped() == 200);
  const std::uint64_t waiting = spool.waiting();
  const std::string all = drained(spool, 300'000);
  std::uint64_t next = 1000 + 200 - waiting;
  std::string_view rest{all};
  std::uint64_t seen = 0;
  while (const auto frame = first_frame(rest)) {
    CHECK(rest.substr(frame->head, 4) == std::to_string(next++));
    rest.remove_prefix(frame->whole);
    ++seen;
  }
  CHECK(seen == waiting);
}

TEST_CASE("a batch whose file was dropped meanwhile takes nothing else along") {
  const Folder folder;
  Spool spool = opened(folder.path(), 8'000'000);
  REQUIRE_FALSE(spool.put("first"));
  auto batch = spool.peek(100);
  REQUIRE(batch);
  const std::string filler(99'990, 'x');
  for (int i = 0; i < 200; ++i) REQUIRE_FALSE(spool.put(filler));
  const std::uint64_t waiting = spool.waiting();
  REQUIRE_FALSE(spool.take(*batch));
  CHECK(spool.waiting() == waiting);
}

TEST_CASE("one process at a time has a spool") {
  const Folder folder;
  Spool spool = opened(folder.path());
  auto second = Spool::open(folder.path(), 1'000'000);
  REQUIRE_FALSE(second);
  CHECK(second.error().message.find("another process") != std::string::npos);
}

TEST_CASE("frames are digits, a space and as many bytes") {
  CHECK(first_frame("3 abc")->whole == 5);
  CHECK(first_frame("0 ")->whole == 2);
  for (const char* text : {"", "3", "3 ab", " abc", "x 1", "-1 a", "12345678 a", "1234567 a"})
    CHECK_FALSE(first_frame(text));
}

}  // namespace gnomon::report
