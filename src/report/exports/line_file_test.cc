#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "gnomon/report/event_writer.h"

namespace gnomon::report {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/gnomon-lines-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  fs::path path;
};

// Stands in for a full disk: what goes beyond is not written, the rest of a write is.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) {
    old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &old_) == 0);
    const rlimit less{bytes, old_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &less) == 0);
  }
  ~FileLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int) = nullptr;
};

std::string content_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

TEST_CASE(
    "a disk that is full leaves whole lines, counts the others, and is told until one is written") {
  const Folder folder;
  const fs::path path = folder.path / "events.json";
  const auto start = GENERATE(FileStart::kAnew, FileStart::kGoOn);
  struct Case {
    rlim_t room;
    std::string left;
    std::uint64_t lost;
  };
  // "first\n" is there before, "second\nthird\n" is what comes.
  const auto each = GENERATE(values<Case>({
      {6, "first\n", 2},
      {7, "first\n", 2},
      {12, "first\n", 2},
      {13, "first\nsecond\n", 1},
      {15, "first\nsecond\n", 1},
      {18, "first\nsecond\n", 1},
  }));
  auto opened = open_line_file(path.string(), start);
  REQUIRE(opened);
  LineOutput& file = **opened;
  file.keep_going();
  file.take({}, "first");
  file.flush();
  CHECK_FALSE(file.failing());
  {
    const FileLimit full{each.room};
    file.take({}, "second");
    file.take({}, "third");
    file.flush();
  }
  CAPTURE(each.room);
  CHECK(content_of(path) == each.left);
  CHECK(file.dropped() == each.lost);
  REQUIRE(file.failing());
  CHECK(file.failing()->message.starts_with(path.string()));
  file.take({}, "fourth");
  file.flush();
  CHECK_FALSE(file.failing());
  CHECK(content_of(path) == each.left + "fourth\n");
  CHECK(file.dropped() == each.lost);
  CHECK_FALSE(file.close());
}

TEST_CASE("a file that cannot be opened anew is told, written on while it lasts, and tried again") {
  const Folder folder;
  fs::create_directory(folder.path / "log");
  const fs::path path = folder.path / "log/events.json";
  const fs::path moved = folder.path / "events.json.1";
  auto opened = open_line_file(path.string());
  REQUIRE(opened);
  LineOutput& file = **opened;
  file.keep_going();
  file.take({}, "first");
  file.flush();
  fs::rename(path, moved);
  fs::create_directory(path);  // stands in for a file that somebody else may write
  file.take({}, "second");
  REQUIRE(file.reopen());
  REQUIRE(file.failing());
  CHECK(file.failing()->message.find("cannot be opened anew") != std::string::npos);
  file.take({}, "third");
  file.flush();
  CHECK(content_of(moved) == "first\nsecond\nthird\n");
  CHECK(file.dropped() == 0);
  REQUIRE(file.failing());
  SECTION("and what is written into none is counted") {
    fs::remove(moved);
    file.take({}, "fourth");
    file.take({}, "fifth");
    file.flush();
    CHECK(file.dropped() == 2);
    CHECK(file.failing());
  }
  const std::uint64_t lost = file.dropped();
  fs::remove(path);
  file.take({}, "last");
  file.flush();
  CHECK_FALSE(file.failing());
  CHECK(content_of(path) == "last\n");
  CHECK(file.dropped() == lost);
  CHECK_FALSE(file.close());
}

TEST_CASE("what is no file of its own is not cut, and its failure is told as well") {
  auto opened = open_line_file("/dev/full");
  REQUIRE(opened);
  LineOutput& file = **opened;
  file.keep_going();
  file.take({}, "first");
  file.flush();
  CHECK(file.dropped() == 1);
  CHECK(file.failing());
}

TEST_CASE("a pipe that nobody reads is not waited for when it is to be opened again") {
  const Folder folder;
  const fs::path path = folder.path / "events";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  REQUIRE(reader >= 0);
  auto file = open_line_file(path, FileStart::kGoOn);
  REQUIRE(file);
  (*file)->keep_going();
  const auto come = [&](const char* line) {
    (*file)->take({}, line);
    (*file)->flush();
    char room[64];
    const ssize_t count = ::read(reader, room, sizeof room);
    return std::string{room, count > 0 ? static_cast<std::size_t>(count) : 0};
  };
  CHECK(come("a") == "a\n");
  CHECK_FALSE((*file)->reopen());
  CHECK(come("b") == "b\n");
  ::close(reader);
  const auto failed = (*file)->reopen();
  REQUIRE(failed);
  CHECK_THAT(failed->message, Catch::Contains("nobody reads"));
  reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  CHECK(come("c") == "c\n");
  ::close(reader);
}

}  // namespace
}  // namespace gnomon::report
