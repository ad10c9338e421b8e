#include "detector_rules.h"

#include <catch2/catch.hpp>

namespace gnomon::content {
namespace {

Result<RuleBook> read(std::string text) { return read_rules({{"a.yaml", std::move(text)}}); }

constexpr std::string_view kGood =
    "category: secret\ndetectors:\n  - id: a-key\n    name: A key\n    severity: high\n"
    "    patterns: ['akey_[0-9a-f]{32}']\n    high: form\n";

TEST_CASE("a detector is read with its hook", "[content][rules]") {
  auto rules = read(std::string{kGood});
  REQUIRE(rules);
  REQUIRE(rules->rules.size() == 1);
  CHECK(rules->rules.front().detector.id == "a-key");
  CHECK(rules->rules.front().patterns.front().hook_width == 5);
}

TEST_CASE("what is wrong with a file is said with its line", "[content][rules]") {
  struct Case {
    std::string_view from;
    std::string_view to;
    std::string_view says;
  };
  const auto& row = GENERATE(values<Case>({
      {"category: secret", "category: sekret", "is not a category"},
      {"severity: high", "severity: huge", "is not a severity"},
      {"high: form", "high: always", "is not low, context, proof or form"},
      {"high: form", "hihg: form", "is not known here"},
      {"akey_[0-9a-f]{32}", "[a-z]{3}x*", "give a hook"},
      {"akey_[0-9a-f]{32}", "akey_[0-9a-f", "without"},
      {"id: a-key", "nid: a-key", "has no id"},
      {"name: A key", "sources: [x]", "has no name"},
      {"patterns: ['akey_[0-9a-f]{32}']", "checks: [lunh]", "there is no check"},
      {"patterns: ['akey_[0-9a-f]{32}']", "numbers: ['9{50}']", "too often"},
      {"patterns: ['akey_[0-9a-f]{32}']", "numbers: ['9{2,4}A']", "only the last place"},
      {"patterns: ['akey_[0-9a-f]{32}']", "note: nothing", "finds nothing"},
      {"patterns: ['akey_[0-9a-f]{32}']", "file-types: [pkcs21]", "'pkcs21' is no type of files"},
      {"patterns: ['akey_[0-9a-f]{32}']", "table-heads: [[name, password]]", "at least 3 columns"},
      {"patterns: ['akey_[0-9a-f]{32}']", "table-heads: name", "a list of heads"},
      {"detectors:", "detectors: 3\nabout:", "no list"},
  }));
  std::string text{kGood};
  text.replace(text.find(row.from), row.from.size(), row.to);
  const auto rules = read(text);
  INFO(text);
  REQUIRE_FALSE(rules);
  CHECK(rules.error().message.find(row.says) != std::string::npos);
  CHECK(rules.error().message.find("line ") != std::string::npos);
}

TEST_CASE("an id that is there twice is refused", "[content][rules]") {
  CHECK_FALSE(read_rules({{"a.yaml", std::string{kGood}}, {"b.yaml", std::string{kGood}}}));
}

TEST_CASE("a local rule stands for a shipped one", "[content][rules]") {
  std::string own{kGood};
  own.replace(own.find("name: A key"), 11, "name: Our key");
  const auto rules = read_rules({{"a.yaml", std::string{kGood}}, {"b.yaml", own, true}});
  REQUIRE(rules);
  REQUIRE(rules->rules.size() == 1);
  CHECK(rules->rules.front().detector.name == "Our key");
  CHECK_FALSE(read_rules({{"a.yaml", own, true}, {"b.yaml", own, true}}));
}

TEST_CASE("a file cut anywhere is read or refused", "[content][rules]") {
  for (std::size_t cut = 0; cut < kGood.size(); ++cut) {
    const auto rules = read(std::string{kGood.substr(0, cut)});
    if (rules) CHECK(rules->rules.size() <= 1);
  }
}

TEST_CASE("examples are filled the same way every time", "[content][rules]") {
  CHECK(expand_example("x${hex:8}y").size() == 10);
  CHECK(expand_example("x${hex:8}y") == expand_example("x${hex:8}y"));
  CHECK(expand_example("gh${}p_") == "ghp_");
  CHECK(expand_example("${uuid}").size() == 36);
  CHECK(expand_example("${") == "");
}

}  // namespace
}  // namespace gnomon::content
