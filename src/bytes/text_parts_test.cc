#include "gnomon/bytes/text_parts.h"

#include <catch2/catch.hpp>

#include "gnomon/bytes/hex.h"

using namespace gnomon;

TEST_CASE("blanks at both ends go", "[text]") {
  struct Case {
    std::string_view text, bare;
  };
  const auto test = GENERATE(
      values<Case>({{"", ""}, {" \t ", ""}, {"a", "a"}, {" a b\t", "a b"}, {"a\r\n", "a\r\n"}}));
  CHECK(trimmed(test.text) == test.bare);
}

TEST_CASE("other characters go where they are said", "[text]") {
  CHECK(trimmed("--a-b--", [](char c) { return c == '-'; }) == "a-b");
}

TEST_CASE("a text is taken mark by mark", "[text]") {
  std::string_view text = "a,,b";
  CHECK(take_until(text, ',') == "a");
  CHECK(text == ",b");
  CHECK(take_until(text, ',').empty());
  CHECK(take_until(text, ',') == "b");
  CHECK(text.empty());
  CHECK(take_until(text, ',').empty());
}

TEST_CASE("bytes are written in hexadecimal", "[text]") {
  const std::uint8_t bytes[] = {0x00, 0x0f, 0xa0, 0xff};
  CHECK(hex_of(bytes) == "000fa0ff");
  CHECK(hex_of({}).empty());
}
