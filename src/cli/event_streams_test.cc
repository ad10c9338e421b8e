#include "event_streams.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

namespace gnomon::cli {
namespace {

namespace fs = std::filesystem;

TEST_CASE("where events cannot be written is told before anything is made or changed") {
  const fs::path folder = fs::temp_directory_path() / ("gnomon_events_" + std::to_string(getpid()));
  fs::remove_all(folder);
  fs::create_directories(folder);
  std::ofstream{folder / "before.json"} << "{}\n";
  std::ofstream{folder / "an.db"} << std::string{"SQLite format 3"} + '\0';
  struct Row {
    std::string file;
    std::string spool;  // empty: no collector
    const char* said;   // null: nothing is refused
  };
  const std::string in = folder.string() + "/";
  const Row rows[] = {
      {"", "", nullptr},
      {"-", "", nullptr},
      {in + "new.json", "", nullptr},
      {in + "before.json", "", nullptr},
      {"/dev/null", "", nullptr},
      {in + "nowhere/e.json", "", "nowhere/e.json: No such file or directory"},
      {in + "before.json/e.json", "", "before.json/e.json: Not a directory"},
      {folder.string(), "", "Is a directory"},
      {in + "an.db", "", "holds an inventory"},
      {"", in + "spool/of/it", nullptr},
      {"", in + "before.json/spool", "Not a directory"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.file, row.spool);
    EventOptions options;
    options.file = row.file;
    if (!row.spool.empty()) options.syslog.emplace().spool = row.spool;
    const auto refused = EventStreams::refused(options);
    CHECK(refused.has_value() == (row.said != nullptr));
    if (refused && row.said != nullptr) CHECK(refused->message.find(row.said) != std::string::npos);
  }
  CHECK(fs::file_size(folder / "before.json") == 3);
  CHECK(std::distance(fs::directory_iterator{folder}, {}) == 2);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace gnomon::cli
