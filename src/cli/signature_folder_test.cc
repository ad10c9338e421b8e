#include "signature_folder.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "../identify/test_signatures.h"

namespace gnomon::cli {

TEST_CASE("of an app that nobody has looked at the inventory says so") {
  identify::Folder folder;
  folder.write("unreviewed/chat.yaml", R"(category: chat
reviewed: false
apps:
  - {id: listed, name: Listed, domains: [listed.example], sources: [list]}
)");
  auto catalogue =
      load_catalogue({.shipped = folder.path(), .local = {}, .trust = {}, .cache = {}});
  REQUIRE(catalogue);
  const std::vector<inventory::AppFacts> all = facts_of(*catalogue);
  REQUIRE(all.size() > 1);
  for (const inventory::AppFacts& app : all) {
    INFO(app.id);
    const bool said =
        std::any_of(app.attributes.begin(), app.attributes.end(), [](const auto& each) {
          return each.first == "notes" &&
                 each.second.find("nobody has looked at it") != std::string::npos;
        });
    CHECK(said == (app.id == "listed"));
  }
}

}  // namespace gnomon::cli
