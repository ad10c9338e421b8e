#include "write_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "status_file.h"

namespace gnomon::cli {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() { fs::create_directories(path_); }
  ~Folder() { fs::remove_all(path_); }
  [[nodiscard]] fs::path operator/(const char* name) const { return path_ / name; }

 private:
  fs::path path_ = fs::temp_directory_path() / ("gnomon_write_" + std::to_string(getpid()));
};

std::string text_of(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

TEST_CASE("what a link leads to is replaced, and the link stays") {
  const Folder in;
  std::ofstream{in / "real"} << "before";
  fs::create_symlink("real", in / "link");
  fs::create_symlink("link", in / "far");
  REQUIRE_FALSE(write_whole(in / "far", "now"));
  CHECK(fs::is_symlink(in / "far"));
  CHECK(fs::is_symlink(in / "link"));
  CHECK(text_of(in / "real") == "now");
  fs::create_symlink("new", in / "to-be-made");
  REQUIRE_FALSE(write_whole(in / "to-be-made", "made"));
  CHECK(fs::is_symlink(in / "to-be-made"));
  CHECK(text_of(in / "new") == "made");
  fs::create_symlink("round", in / "round");
  CHECK(write_whole(in / "round", "x"));
  for (const auto& each : fs::directory_iterator{in / ""})
    CHECK(each.path().extension() != ".part");
}

TEST_CASE("a descriptor is written as it is, and what was written to it before stays") {
  const Folder in;
  std::FILE* const file = std::fopen((in / "f").c_str(), "wb");
  REQUIRE(file != nullptr);
  REQUIRE(std::fputs("before ", file) >= 0);
  REQUIRE(std::fflush(file) == 0);
  const std::string number = std::to_string(::fileno(file));
  REQUIRE_FALSE(write_whole("/proc/self/fd/" + number, "one "));
  fs::create_symlink("/proc/self/fd/" + number, in / "stdout");  // as /dev/stdout is
  REQUIRE_FALSE(write_whole(in / "stdout", "two"));
  std::fclose(file);
  CHECK(fs::is_symlink(in / "stdout"));
  CHECK(text_of(in / "f") == "before one two");
}

TEST_CASE("who could not read a file before cannot read what takes its place") {
  const Folder in;
  std::ofstream{in / "f"} << "before";
  fs::permissions(in / "f", fs::perms::owner_read | fs::perms::owner_write);
  REQUIRE_FALSE(write_whole(in / "f", "now"));
  CHECK(fs::status(in / "f").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(text_of(in / "f") == "now");
}

TEST_CASE("keys are not written over") {
  const Folder in;
  for (const char* text : {"gnomon pseudonym key 1\n00\n", "CLIENT_RANDOM 00 11\n",
                           "SERVER_HANDSHAKE_TRAFFIC_SECRET 00 11\n", "EXPORTER_SECRET 00 11\n"}) {
    std::ofstream{in / "f"} << text;
    CHECK(write_whole(in / "f", "x"));
    CHECK(text_of(in / "f") == text);
  }
}

TEST_CASE("a pipe with a name is no status file, and a descriptor is none") {
  const Folder in;
  REQUIRE(::mkfifo((in / "pipe").c_str(), 0600) == 0);
  fs::create_symlink("pipe", in / "link");
  CHECK(waits_for_reader(in / "pipe"));
  CHECK(waits_for_reader(in / "link"));
  CHECK(refuse_as_status_file(in / "link"));
  CHECK_FALSE(waits_for_reader(in / "none"));
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  CHECK_FALSE(waits_for_reader("/proc/self/fd/" + std::to_string(ends[1])));
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace gnomon::cli
