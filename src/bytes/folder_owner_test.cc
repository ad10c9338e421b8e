#include "gnomon/bytes/folder_owner.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

using namespace gnomon;
namespace fs = std::filesystem;

namespace {

constexpr uid_t kSomebody = 65534;

uid_t owner_of(const fs::path& path) {
  struct stat facts {};
  REQUIRE(::lstat(path.c_str(), &facts) == 0);
  return facts.st_uid;
}

}  // namespace

TEST_CASE("what root makes in somebody's folder is that somebody's") {
  if (::geteuid() != 0) return;
  char name[] = "/var/tmp/gnomon-owner-XXXXXX";
  REQUIRE(::mkdtemp(name) != nullptr);
  const fs::path folder = name;
  for (const char* file : {"made", "linked", "theirs", "of-root"})
    std::ofstream{folder / file} << "x";
  REQUIRE(::chown((folder / "theirs").c_str(), 12345, 12345) == 0);
  fs::create_hard_link(folder / "linked", folder / "linked-too");
  fs::create_symlink(folder / "of-root", folder / "symlink");

  give_to_folder_owner(folder / "made");  // root's folder
  CHECK(owner_of(folder / "made") == 0);
  REQUIRE(::chown(name, kSomebody, kSomebody) == 0);
  for (const char* file : {"made", "linked", "theirs", "symlink", "missing"})
    give_to_folder_owner(folder / file);
  CHECK(owner_of(folder / "made") == kSomebody);
  // Nothing by which somebody could come by what is another's.
  CHECK(owner_of(folder / "linked") == 0);
  CHECK(owner_of(folder / "theirs") == 12345);
  CHECK(owner_of(folder / "of-root") == 0);
  fs::remove_all(folder);
}
