#include "gnomon/report/numbers.h"

#include <catch2/catch.hpp>
#include <vector>

namespace gnomon::report {

struct Size {
  std::uint64_t bytes;
  std::string_view text;
};

TEST_CASE("sizes have three digits and are never rounded up", "[numbers]") {
  const auto row = GENERATE(values<Size>({{0, "0 B"},
                                          {999, "999 B"},
                                          {1'000, "1.00 kB"},
                                          {1'999, "1.99 kB"},
                                          {12'345, "12.3 kB"},
                                          {999'999, "999 kB"},
                                          {1'000'000, "1.00 MB"},
                                          {5'070'000'000, "5.07 GB"},
                                          {18'446'744'073'709'551'615u, "18.4 EB"}}));
  CHECK(human_bytes(row.bytes) == row.text);
}

TEST_CASE("counts go with their words, and lists with their commas", "[numbers]") {
  CHECK(count_of(0, "client") == "0 clients");
  CHECK(count_of(1, "client") == "1 client");
  CHECK(count_of(1'204, "app was", "apps were") == "1,204 apps were");
  CHECK(listed(std::vector<std::string>{}).empty());
  CHECK(listed(std::vector<std::string>{"a"}) == "a");
  CHECK(listed(std::vector<std::string>{"a", "b"}) == "a and b");
  CHECK(listed(std::vector<std::string>{"a", "b", "c"}) == "a, b and c");
  CHECK(joined(std::vector<std::string>{"a", "b"}, " ") == "a b");
}

TEST_CASE("times are UTC, and no time is no text", "[numbers]") {
  const Time time = time_of(1'795'523'847, 123'456);
  CHECK(second_text(time) == "2026-11-24 12:37:27");
  CHECK(minute_text(time) == "2026-11-24 12:37");
  CHECK(day_text(time) == "2026-11-24");
  CHECK(rfc3339_text(time) == "2026-11-24T12:37:27.000123Z");
  for (const std::string& text :
       {second_text(Time{}), minute_text(Time{}), day_text(Time{}), rfc3339_text(Time{})})
    CHECK(text.empty());
}

}  // namespace gnomon::report
