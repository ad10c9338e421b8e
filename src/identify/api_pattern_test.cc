#include "api_pattern.h"

#include <catch2/catch.hpp>

namespace gnomon::identify {
namespace {

TEST_CASE("globs", "[api]") {
  struct Row {
    std::string_view pattern, text;
    bool as_written, in_any_case;
  };
  const Row row = GENERATE(values<Row>({
      {"", "", true, true},
      {"", "a", false, false},
      {"a", "", false, false},
      {"*", "", true, true},
      {"*", "anything", true, true},
      {"uvicorn", "uvicorn", true, true},
      {"uvicorn", "Uvicorn", false, true},
      {"Uvicorn", "uvicorn", false, true},
      {"uvicorn", "uvicorn/0.30", false, false},
      {"uvicorn*", "uvicorn/0.30", true, true},
      {"*aiohttp*", "Python/3.11 aiohttp/3.9", true, true},
      {"*aiohttp*", "Python/3.11 AioHTTP/3.9", false, true},
      {"*aiohttp", "aiohttp/3.9", false, false},
      {"*ab*abc", "xabababc", true, true},
      {"*ab*abc", "xababab", false, false},
      {"1*", "\x11", false, false},  // a bit apart as letters of two cases are, and no letters
      {"@", "`", false, false},
      {"[*", "{a", false, false},
      {"a**", "a", true, true},
  }));
  CAPTURE(row.pattern, row.text);
  CHECK(glob_match(row.pattern, row.text, false) == row.as_written);
  CHECK(glob_match(row.pattern, row.text, true) == row.in_any_case);
}

}  // namespace
}  // namespace gnomon::identify
