#include "plain_blanks.h"

#include "shipped_detectors.h"

namespace gnomon::content {
namespace {

struct Row {
  const char* text;
  const char* plain;
};

TEST_CASE("blanks of Unicode are blanks of as many bytes", "[content]") {
  const auto [text, plain] = GENERATE(values<Row>({
      {"a\u00a0: b", "a  : b"},
      {"a\u202f: b", "a   : b"},
      {"a\u2003b\u200bc", "a   b   c"},
      {"密码\u3000x", "密码   x"},
      {"\u00a0a\u00a0", "  a  "},
      {"id\u00a0536", "id  536"},
      {"536\u00a0: a", "536  : a"},
      {"\x1b[33mAKIA\x1b[0m", "     AKIA    "},
      {"1\x1b[01;38:5:1m2", "1            2"},
      {"\x1b[m\x1b[Ka", "      a"},
      {"\x1b[?25 qa", "       a"},
  }));
  std::string room;
  CHECK(with_plain_blanks(text, room) == plain);
}

TEST_CASE("what joins a number and what is no blank stays", "[content]") {
  const char* const text = GENERATE(
      "FR14\u00a02004\u00a01010", "12\u202f345\u202f678", "3M02\u00a0606", "a b", "",
      "é â „x“ ーあ", "a\u2011b", "a\u00a1b", "\x1b", "\x1b[", "\x1b[33", "\x1b]0;m", "\x1b[3\nm",
      "[33m1", "\x1b[1111111111222222222233333333334444444444m", "\xc2", "\xe2\x80", "\xe3\x80");
  std::string room;
  const std::string_view plain = with_plain_blanks(text, room);
  CHECK(plain == text);
  CHECK(plain.data() == text);  // and nothing is copied
}

TEST_CASE("a blank is told wherever it lies in the text", "[content]") {
  for (std::size_t before = 0; before < 130; ++before) {
    std::string room;
    const std::string text = std::string(before, 'a') + "\u00a0b";
    CHECK(with_plain_blanks(text, room) == std::string(before, 'a') + "  b");
    for (std::size_t cut = 0; cut < text.size(); ++cut)
      CHECK(with_plain_blanks(std::string_view{text}.substr(0, cut), room).size() == cut);
  }
}

TEST_CASE("a blank that does not break hides neither a word nor what it names",
          "[content][scanner]") {
  struct Found {
    const char* text;
    const char* ids;
    std::size_t start;
  };
  const auto each = GENERATE(values<Found>({
      {"Mot de passe\u00a0: Kx9vQpLm2Rt7", "generic-password", 16},
      {"Mot\u00a0de\u00a0passe\u202f: Kx9vQpLm2Rt7", "generic-password", 19},
      {"mon\u00a0SSN\u00a0: 536-22-8145", "us-ssn", 12},
      {"SSN\u200b\u2003536-22-8145", "us-ssn", 9},
      {"the SSN is \x1b[1m536-22-8145\x1b[0m", "us-ssn", 15},
      {"\x1b[33mAKIAZ7QKB3WDN5XJ4LRT\x1b[0m", "aws-access-key", 5},
      {"le num\u00e9ro\u00a0HKID\u00a0: A1234563", "hk-hkid", 20},
      {"IBAN\u00a0: FR14\u00a02004\u00a01010\u00a00505\u00a00001\u00a03M02\u00a0606", "iban", 8},
  }));
  CAPTURE(each.text);
  const auto sure = [](const Match& match) { return match.confidence == Confidence::kHigh; };
  CHECK(found_ids(each.text, sure) == each.ids);
  CHECK(found_ids(each.text, [&](const Match& match) {
          return sure(match) && match.start == each.start;
        }) == each.ids);
}

}  // namespace
}  // namespace gnomon::content
