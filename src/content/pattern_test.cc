#include "pattern.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "detector_rules.h"
#include "hook_lanes.h"

namespace gnomon::content {
namespace {

struct Case {
  std::string_view pattern;
  std::string_view text;
  bool matches;
  std::size_t end = 0;
};

TEST_CASE("a pattern matches at one place, or does not", "[content][pattern]") {
  const auto& row = GENERATE(values<Case>({
      {"abc", "abcd", true, 3},
      {"abc", "abd", false},
      {"a{2,3}", "aaaa", true, 3},
      {"a{2,3}?", "aaaa", true, 2},
      {"a{2}", "a", false},
      {"[a-c]+d", "abcabcd", true, 7},
      {"[^a]b", "ab", false},
      {"(?:foo|ba[rz])!", "baz!", true, 4},
      {"(?:foo|ba[rz])!", "bat!", false},
      {"a*ab", "aaab", true, 4},
      {"(?:ab){2}c", "ababc", true, 5},
      {"(?:ab){2}c", "abc", false},
      {"a(?=b)", "ab", true, 1},
      {"a(?!b)", "ab", false},
      {"\\bfoo\\b", "foo", true, 3},
      {"foo\\b", "food", false},
      {"(?i)KeY", "kEy", true, 3},
      {"key", "KEY", false},
      {"\\x41\\d\\s", "A7 ", true, 3},
      {"a.c", "a\nc", false},
      {"a$", "ab", false},
      {"[]]x", "]x", true, 2},
  }));
  auto pattern = Pattern::compile(row.pattern);
  INFO(row.pattern << " on " << row.text);
  REQUIRE(pattern.has_value());
  const auto found = pattern->match_at(row.text, 0);
  REQUIRE(found.has_value() == row.matches);
  if (found) CHECK(found->end == row.end);
}

TEST_CASE("the first group is the value", "[content][pattern]") {
  auto pattern = Pattern::compile("key=([a-z]+);");
  REQUIRE(pattern);
  const auto found = pattern->match_at("key=abc;", 0);
  REQUIRE(found);
  CHECK(found->start == 4);
  CHECK(found->end == 7);
  CHECK(found->whole_end == 8);
}

TEST_CASE("what is no pattern is refused with its place", "[content][pattern]") {
  const auto text = GENERATE(values<std::string_view>(
      {"(", ")", "[a", "a{3", "a{4,2}", "[z-a]", "\\q", "\\x4", "(?<name>a)", "a\\"}));
  INFO(text);
  const auto pattern = Pattern::compile(text);
  REQUIRE_FALSE(pattern);
  CHECK(pattern.error().message.find("at byte") != std::string::npos);
}

TEST_CASE("a pattern that would take forever gives up", "[content][pattern]") {
  auto pattern = Pattern::compile("(?:a?){40}(?:a{0,40}){8}b");
  REQUIRE(pattern);
  CHECK_FALSE(pattern->match_at(std::string(200, 'a'), 0));
}

TEST_CASE("places share a budget of steps, and keep a few when it is used up",
          "[content][pattern]") {
  auto slow = Pattern::compile("(?:a?){40}(?:a{0,40}){8}b");
  auto quick = Pattern::compile("ab?c{0,9}d");
  REQUIRE(slow);
  REQUIRE(quick);
  const std::string text(200, 'a');
  std::size_t budget = 30000;
  CHECK_FALSE(slow->match_at(text, 0, budget));
  CHECK(budget == 10000);
  CHECK_FALSE(slow->match_at(text, 0, budget));
  CHECK(budget == 0);
  CHECK_FALSE(slow->match_at(text, 0, budget));
  CHECK(budget == 0);
  const auto found = quick->match_at("abccccd", 0, budget);
  REQUIRE(found);
  CHECK(found->whole_end == 7);
}

TEST_CASE("the lead is what every branch begins with", "[content][pattern]") {
  auto pattern = Pattern::compile("(?:AK|AS)IA[0-9]{2}x+");
  REQUIRE(pattern);
  REQUIRE(pattern->lead().size() == 7);
  CHECK(pattern->lead()[1].count() == 2);
  CHECK(pattern->lead()[4].count() == 10);
}

TEST_CASE("what a pattern begins with is told branch by branch", "[content][pattern]") {
  struct Row {
    std::string_view text;
    std::vector<std::string_view> starts;  // none: too many to tell
  };
  const Row rows[] = {{"ab", {"ab"}},
                      {"(?:AK|BS)x", {"AKx", "BSx"}},
                      {"(?:AK|BS|AK)", {"AK", "BS"}},
                      {"(?:a|bc)x", {"a", "b"}},  // what follows is not at a fixed place
                      {"(?:a|b)(?:c|d)", {"ac", "ad", "bc", "bd"}},
                      {"x(?:a(?:b|c)|de)y", {"xaby", "xacy", "xdey"}},
                      {"(?:a|b){2}z+", {"aaz", "abz", "baz", "bbz"}},
                      {"(?:a|b){7}", {}},
                      {"a?b", {""}}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    auto pattern = Pattern::compile(row.text);
    REQUIRE(pattern);
    const auto& starts = pattern->starts();
    REQUIRE(starts.size() == row.starts.size());
    for (std::size_t i = 0; i < row.starts.size(); ++i) {
      REQUIRE(starts[i].size() == pattern->lead().size());
      REQUIRE(starts[i].size() == row.starts[i].size());
      for (std::size_t k = 0; k < starts[i].size(); ++k) {
        CHECK(starts[i][k].count() == 1);
        CHECK(starts[i][k].test(static_cast<unsigned char>(row.starts[i][k])));
        CHECK((starts[i][k] & ~pattern->lead()[k]).none());
      }
    }
  }
  CHECK(Pattern::compile("(?:a|b){6}")->starts().size() == Pattern::kStartsMax);
}

TEST_CASE("a hook of branches is found at its branches alone", "[content][pattern]") {
  const auto expression_of = [](std::string_view text) {
    auto pattern = Pattern::compile(text);
    REQUIRE(pattern);
    return as_expression(pattern->starts());
  };
  CHECK(expression_of("ab") == R"([\x61][\x62])");
  CHECK(expression_of("(?:ab|[c-e]f)") == R"((?:[\x61][\x62]|[\x63-\x65][\x66]))");
}

TEST_CASE("hooks around a mark are found wherever they stand, and nothing that is like them") {
  HookLanes lanes;
  const auto lead_of = [](std::string_view expression) {
    auto pattern = Pattern::compile(expression);
    REQUIRE(pattern);
    return pattern->lead();
  };
  // Without a mark, or with nothing around it that is told quickly, Hyperscan has to look.
  CHECK_FALSE(lanes.take(1, lead_of("[0-9]{6}")));
  CHECK_FALSE(lanes.take(1, lead_of("ab")));
  CHECK_FALSE(lanes.take(1, lead_of("[0-9]:[^x]")));
  REQUIRE(lanes.take(7, lead_of("[0-9][0-9]:[0-9a-f]{4}")));
  REQUIRE(lanes.take(8, lead_of("[A-Z]-[a-z_]{12}")));
  // A capital is a mark where there is no other.
  REQUIRE(lanes.take(9, lead_of("[,;\\n][A-TV-Z][0-9][0-9AB]")));
  CHECK_FALSE(lanes.take(1, lead_of("[,;][A-TV-Z][0-9]")));

  struct Row {
    std::string_view text;
    std::uint32_t hook;  // 0: none
  };
  const Row rows[] = {{"12:beef", 7},
                      {"99:0123", 7},
                      {"Z-abcdefghijk_", 8},
                      {"1x:beef", 0},
                      {"12:beeg", 0},
                      {"12-beef", 0},
                      {"12:bee", 0},
                      {"Z-abcdefghijk", 0},
                      {"z-abcdefghijk_", 0},
                      {"Z-abcdefghijK_", 0},
                      {"Z:abcdefghijk_", 0},
                      {":", 0},
                      {",E11", 9},
                      {";Z9B", 9},
                      {"\nA0A", 9},
                      {",U11", 0},
                      {",E1C", 0},
                      {" E11", 0},
                      {",e11", 0},
                      {"E11", 0},
                      {",E1", 0}};
  for (const Row& row : rows)
    for (std::size_t before = 0; before < 140; ++before) {
      CAPTURE(row.text, before);
      const std::string text = std::string(before, '.') + std::string{row.text};
      std::vector<HookEvent> events;
      lanes.find(text, events, 100);
      REQUIRE(events.size() == (row.hook != 0 ? 1 : 0));
      if (row.hook == 0) continue;
      CHECK(events[0].hook == row.hook);
      CHECK(events[0].end == text.size());
    }
  std::vector<HookEvent> events;
  lanes.find("12:beef 12:beef 12:beef", events, 2);
  CHECK(events.size() == 2);
}

TEST_CASE("hooks around one mark are told apart, whatever stands beside it") {
  HookLanes lanes;
  const auto take = [&](std::uint32_t hook, std::string_view expression) {
    auto pattern = Pattern::compile(expression);
    REQUIRE(pattern);
    REQUIRE(lanes.take(hook, pattern->lead()));
  };
  // Both sides of the mark are digits of all its hooks, and then not any more.
  take(1, "[0-9]{2}:[0-9]{2}");
  take(2, "[0-9]{2}:[0-9][a-f]");
  const auto found = [&](std::string_view text) {
    std::vector<HookEvent> events;
    lanes.find(text, events, 100);
    std::vector<std::uint32_t> hooks;
    for (const HookEvent& event : events) hooks.push_back(event.hook);
    std::sort(hooks.begin(), hooks.end());
    return hooks;
  };
  using Hooks = std::vector<std::uint32_t>;
  CHECK(found("12:34 12:3a") == Hooks{1, 2});
  CHECK(found("12:a4 ab:12") == Hooks{});
  take(3, "[a-f]{2}:[A-Z]{2}");
  CHECK(found("12:34 ab:XY") == Hooks{1, 3});
  CHECK(found("12:XY ab:34 ab:-Y") == Hooks{});
  take(4, ":[^x][0-9]{3}");  // nothing is told of the bytes beside
  CHECK(found("12:34 ab:XY !:!123 :x123") == Hooks{1, 3, 4});
  take(5, "[0-9]{3};");  // the mark is the last byte
  CHECK(found("123; 12; 1234;") == Hooks{5, 5});
}

}  // namespace
}  // namespace gnomon::content
