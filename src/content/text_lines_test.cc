#include "text_lines.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "gnomon/content/scanner.h"
#include "shipped_detectors.h"

namespace gnomon::content {
namespace {

TEST_CASE("lines tell text for programs from prose", "[text-lines]") {
  const std::string code =
      GENERATE("int a;\nint b;\nif (a) {\n  b = 1;\n}\nreturn;\n",
               "title: One\nstatus: test\ntags:\n  - two\n  - three\nlevel: low\n",
               "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3,\n  \"d\": 4\n}\n",
               "# one\r\n# two\r\n# three\r\nA=1\r\nB_1=2\r\nC=3\r\n");
  INFO(code);
  CHECK(is_machine_text(code));
  CHECK(is_machine_text("\n\n" + code));
}

TEST_CASE("prose is no text for programs, with headings, turns and tags in it, too",
          "[text-lines]") {
  const std::string prose = GENERATE(
      "", "\n\n\n", "a: 1\nb: 2\nc: 3\n",  // too few lines to tell
      "We met on Monday.\nIt rained.\nNobody came.\nWe left.\nThe end.\nIt was late.\n",
      "User: hello\nAssistant: hi\nUser: bye\nAssistant: bye\nUser: still here\nAssistant: yes\n",
      // As the values of JSON are told.
      "\"a\": It rained\n\"b\": We met\n\"c\": 1\n\"d\": 2\n\"e\": x\n\"f\": true\n",
      "<rule>\nBe brief.\n</rule>\n<text>\nIt rained.\n</text>\n<rule>\nBe kind.\n</rule>\n");
  INFO(prose);
  CHECK_FALSE(is_machine_text(prose));
}

TEST_CASE("a comment marks its file only where no code stands before it", "[text-lines]") {
  const std::string head{"// Example\n\n/*\n * Two\n */\n"};
  const std::string mark{"/// INTERNAL ONLY\nint a;\n"};
  CHECK_FALSE(is_note_in_code(mark, 0));
  CHECK_FALSE(is_note_in_code(head + mark, head.size()));
  CHECK(is_note_in_code(head + "int b;\n" + mark, head.size() + 7));
  CHECK(is_note_in_code("int b;\n  " + mark, 7));
  // Not a comment.
  CHECK_FALSE(is_note_in_code("Report\nINTERNAL ONLY\n", 7));
  CHECK_FALSE(is_note_in_code("Report\n**INTERNAL ONLY**\n", 7));
  // Within a line, as of a long one only the end is looked at.
  CHECK_FALSE(is_note_in_code("// one // INTERNAL ONLY", 7));
  // At the text's end, and behind it.
  CHECK_FALSE(is_note_in_code("Report\n", 7));
  CHECK_FALSE(is_note_in_code("", 0));
}

TEST_CASE("a marking below code is unsure, one at a file's head is sure", "[text-lines]") {
  const auto is_sure = [](std::string_view text) {
    Scanner scanner{shipped_detectors()};
    std::vector<Match> matches;
    scanner.scan(text, {}, matches);
    const auto marking = std::find_if(matches.begin(), matches.end(), [](const Match& match) {
      return match.detector->id == "marking-internal";
    });
    REQUIRE(marking != matches.end());
    return marking->confidence == Confidence::kHigh;
  };
  CHECK(is_sure("// INTERNAL ONLY\nint rate();\n"));
  CHECK_FALSE(is_sure("int fee();\n// INTERNAL ONLY\nint rate();\n"));
  CHECK(is_sure("Quarterly plan\nINTERNAL ONLY\n"));
}

}  // namespace
}  // namespace gnomon::content
