#include "gnomon/bytes/private_file.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

namespace gnomon {
namespace {

namespace fs = std::filesystem;

TEST_CASE("What a program keeps for itself is read only when nobody else could have written it",
          "[private_file]") {
  const fs::path folder =
      fs::temp_directory_path() / ("gnomon-private-" + std::to_string(::getpid()));
  const fs::path file = folder / "below" / "kept";
  CHECK_FALSE(read_private_file(file, 100));
  REQUIRE(write_private_file(file, "one"));
  CHECK(read_private_file(file, 100) == "one");
  REQUIRE(write_private_file(file, std::string{"t\0o", 3}));
  CHECK(read_private_file(file, 3) == std::string{"t\0o", 3});
  CHECK(std::distance(fs::directory_iterator{folder / "below"}, {}) == 1);

  CHECK_FALSE(read_private_file(file, 2));    // larger than it may be
  CHECK_FALSE(read_private_file(folder, 9));  // a folder
  CHECK_FALSE(read_private_file({}, 9));
  CHECK_FALSE(write_private_file(folder / "below", "x"));  // a folder is in the way
  CHECK_FALSE(write_private_file("/proc/gnomon/kept", "x"));

  for (const fs::perms others : {fs::perms::group_write, fs::perms::others_write}) {
    fs::permissions(file, others, fs::perm_options::add);
    CHECK_FALSE(read_private_file(file, 100));
    fs::permissions(file, others, fs::perm_options::remove);
  }
  CHECK(read_private_file(file, 100));
  if (::geteuid() == 0) {
    REQUIRE(::chown(file.c_str(), 65534, 65534) == 0);
    CHECK_FALSE(read_private_file(file, 100));
  }
  fs::remove_all(folder);
}

}  // namespace
}  // namespace gnomon
