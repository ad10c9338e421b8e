#include "local_app.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "../identify/test_signatures.h"

namespace gnomon::cli {
namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

TEST_CASE("a decision that is taken back removes what it wrote, and nothing that people changed") {
  const identify::Folder shipped;
  const std::filesystem::path local = shipped.path() / "local";
  const identify::SignatureFolders folders{
      .shipped = shipped.path(), .local = local, .trust = {}, .cache = {}};
  LocalApp app;
  app.host = "api.lumen.example";
  app.id = "lumen";
  app.name = "Lumen";
  app.category = "chat";
  app.comment = accepted_by("ann", Time{}, "seen in the lab");
  const auto edited = [](std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
  };
  struct Row {
    const char* from;
    const char* to;
    bool removed;
  };
  const auto row = GENERATE(values<Row>({
      {"lumen", "lumen", true},  // as it is
      {"\"Lumen\"", "\"Lumen Write\"", false},
      {"[\"api.lumen.example\"]", "[\"api.lumen.example\", \"lumen.example\"]", false},
      {"seen in the lab", "seen in the labs", false},
      {"# Removed", "# removed", false},
      {"# Accepted from", "# Taken from", false},
      {"apps:", "vendor: Lumen Ltd\napps:", false},
  }));
  CAPTURE(row.to);
  const auto written = write_local_app(folders, app);
  REQUIRE(written);
  const std::string text = edited(text_of(*written), row.from, row.to);
  std::ofstream{*written, std::ios::binary} << text;
  const WithdrawnApp done = withdraw_local_app(folders, "lumen");
  CHECK(done.path == *written);
  CHECK(done.removed == row.removed);
  CHECK(std::filesystem::exists(*written) != row.removed);
  const std::string said = withdrawn_text(done, "lumen");
  CHECK(said.find(row.removed ? "Removed: " : "is kept") != std::string::npos);
  CHECK(said.find(written->string()) != std::string::npos);
  if (row.removed) return;
  CHECK(text_of(*written) == text);
}

TEST_CASE("of an app that has no file in the folder nothing is removed") {
  const identify::Folder shipped;
  const identify::SignatureFolders folders{
      .shipped = shipped.path(), .local = shipped.path() / "local", .trust = {}, .cache = {}};
  for (const char* id : {"lumen", "../vocabulary", ""}) {
    const WithdrawnApp done = withdraw_local_app(folders, id);
    CHECK(done.path.empty());
    CHECK_FALSE(done.removed);
    CHECK(withdrawn_text(done, id).find("no file of it was found") != std::string::npos);
  }
}

}  // namespace
}  // namespace gnomon::cli
