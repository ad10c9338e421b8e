// Words that layers which do not know each other share.
#include <catch2/catch.hpp>
#include <string_view>
#include <vector>

#include "gnomon/content/detector.h"
#include "gnomon/inventory/policy.h"

namespace gnomon::cli {

TEST_CASE("rules may ask for every category that detectors have") {
  std::vector<std::string_view> all;
  for (std::uint8_t i = 0;; ++i) {
    const std::string_view word = to_string(static_cast<content::Category>(i));
    if (word.empty()) break;
    all.push_back(word);
  }
  const auto known = inventory::finding_categories();
  CHECK(std::vector<std::string_view>{known.begin(), known.end()} == all);
}

}  // namespace gnomon::cli
