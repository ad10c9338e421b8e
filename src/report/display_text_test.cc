#include "gnomon/report/display_text.h"

#include <catch2/catch.hpp>

namespace gnomon::report {

struct Shown {
  std::string_view text;
  std::string_view shown;
};

TEST_CASE("only printable characters are shown as they are", "[display_text]") {
  const auto row = GENERATE(values<Shown>({
      {"", ""},
      {"chat.example", "chat.example"},
      {"bücher.example", "bücher.example"},
      {"日本語", "日本語"},
      {"🤖", "🤖"},
      {R"(a\b)", R"(a\b)"},
      {std::string_view{"a\0b", 3}, R"(a\x00b)"},
      {"\x1b[31mred", R"(\x1b[31mred)"},
      {"a\r\nb\t", R"(a\x0d\x0ab\x09)"},
      {"\x7f", R"(\x7f)"},
      {"\xc2\x9b[31m", R"(\u009b[31m)"},  // CSI as one character
      {"\xe2\x80\xae"
       "evil",
       R"(\u202eevil)"},                                  // writes from right to left
      {"\xe2\x81\xa6x\xe2\x81\xa9", R"(\u2066x\u2069)"},  // isolates
      {"\xef\xbb\xbfx", R"(\ufeffx)"},                    // a byte order mark
      {"a\xe2\x80\x8b"
       "b",
       R"(a\u200bb)"},  // a space without width
      {"\xff", R"(\xff)"},
      {"\xc3", R"(\xc3)"},  // cut short
      {"\xe6\x97", R"(\xe6\x97)"},
      {"\xc0\xaf", R"(\xc0\xaf)"},  // overlong
      {"\xe0\x80\xaf", R"(\xe0\x80\xaf)"},
      {"\xed\xa0\x80", R"(\xed\xa0\x80)"},          // a surrogate
      {"\xf4\x90\x80\x80", R"(\xf4\x90\x80\x80)"},  // above U+10FFFF
      {"\xf5\x80\x80\x80", R"(\xf5\x80\x80\x80)"},
      {"\x80", R"(\x80)"},
  }));
  CHECK(printable(row.text) == row.shown);
}

TEST_CASE("whatever bytes come, what is shown holds no control character", "[display_text]") {
  std::string all;
  for (int round = 0; round < 4; ++round)
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>((byte * (round * 2 + 1)) % 256);
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    const std::string shown = printable(std::string_view{all}.substr(cut));
    for (const char c : shown)
      REQUIRE((static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) != 0x7f));
    REQUIRE(printable(shown) == shown);
  }
}

TEST_CASE("wide characters take two columns and combining marks none", "[display_text]") {
  CHECK(display_width("chat") == 4);
  CHECK(display_width("bücher") == 6);
  CHECK(display_width("日本") == 4);
  CHECK(display_width("e\xcc\x81") == 1);
  CHECK(display_width("\xff") == 1);
  CHECK(display_width("") == 0);
}

TEST_CASE("text is cut between characters, and says that it was cut", "[display_text]") {
  CHECK(fitting("日本語", 0).empty());
  CHECK(fitting("日本語", 1).empty());
  CHECK(fitting("日本語", 5) == "日本");
  CHECK(fitting("e\xcc\x81x", 1) == "e\xcc\x81");
  CHECK(shortened("chat", 4) == "chat");
  CHECK(shortened("chatter", 4) == "cha…");
  CHECK(shortened("日本語", 4) == "日…");
  CHECK(shortened("chat", 1) == "…");
  CHECK(shortened("chat", 0).empty());
  for (std::size_t columns = 0; columns < 12; ++columns)
    CHECK(display_width(shortened("a日b本c語d", columns)) <= columns);
}

}  // namespace gnomon::report
