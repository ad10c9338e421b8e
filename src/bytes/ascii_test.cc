#include "gnomon/bytes/ascii.h"

#include <catch2/catch.hpp>
#include <string>

using namespace gnomon;

TEST_CASE("every byte is of the classes that ASCII gives it") {
  const std::string digits = "0123456789";
  const std::string small = "abcdefghijklmnopqrstuvwxyz";
  const std::string capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (int byte = 0; byte < 256; ++byte) {
    INFO("byte " << byte);
    const char c = static_cast<char>(byte);
    const std::size_t lower = small.find(c);
    const std::size_t upper = capitals.find(c);
    CHECK(is_digit(c) == (digits.find(c) != std::string::npos));
    CHECK(is_lower(c) == (lower != std::string::npos));
    CHECK(is_upper(c) == (upper != std::string::npos));
    CHECK(is_letter(c) == (is_lower(c) || is_upper(c)));
    CHECK(is_alnum(c) == (is_letter(c) || is_digit(c)));
    CHECK(to_lower(c) == (is_upper(c) ? small[upper] : c));
    CHECK(to_upper(c) == (is_lower(c) ? capitals[lower] : c));
    const std::size_t value = std::string{"0123456789abcdef"}.find(to_lower(c));
    CHECK(hex_value(c) == (value == std::string::npos ? -1 : static_cast<int>(value)));
  }
}

TEST_CASE("case is of ASCII alone, and lengths count") {
  CHECK(lowered("Gnomon-7 \xc3\x84\xff") == "gnomon-7 \xc3\x84\xff");
  CHECK(lowered("").empty());
  CHECK(same_ignoring_case("Content-Type", "cONTENT-tYPE"));
  CHECK(same_ignoring_case("", ""));
  CHECK_FALSE(same_ignoring_case("host", "hosts"));
  CHECK_FALSE(same_ignoring_case("hosts", "host"));
  CHECK_FALSE(same_ignoring_case("\xc3\x84", "\xc3\xa4"));
  CHECK_FALSE(same_ignoring_case("@", "`"));  // 32 apart, and no letters
  CHECK_FALSE(same_ignoring_case("[", "{"));
}
