#include "capture_parts.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

namespace gnomon::cli {
namespace {

TEST_CASE("files that hold the same are read once, also while the first is still being read") {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("gnomon_capture_parts_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const auto file = [&folder](const char* name, const char* text) {
    std::ofstream{folder / name} << text;
    return (folder / name).string();
  };
  const std::string first = file("a.pcap", "one");
  const std::string other = file("b.pcap", "another");
  const std::string copy = file("c.pcap", "one");
  KnownFiles known{{}};
  CHECK(known.wanted(first));
  CHECK(known.wanted(other));
  CHECK_FALSE(known.wanted(copy));
  CHECK(known.finish(first, "cut").damage == "cut");
  CHECK_FALSE(known.wanted(copy));
  CHECK(known.finish(other, "").path == other);
  CHECK_FALSE(known.wanted(other));
  CHECK(known.skipped() == 3);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace gnomon::cli
