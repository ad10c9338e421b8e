#include <catch2/catch.hpp>
#include <string>

#include "shipped_detectors.h"

namespace gnomon::content {
namespace {

std::string source_code_in(std::string_view text) {
  return found_ids(
      text, [](const Match& each) { return each.detector->category == Category::kSourceCode; });
}

TEST_CASE("source code is told with its language", "[content][documents]") {
  struct Case {
    std::string_view text;
    std::string_view kinds;
  };
  const auto& row = GENERATE(values<Case>({
      {"#include <stdio.h>\n\nint main(void) {\n  printf(\"%d\\n\", 3);\n  return 0;\n}\n",
       "code:C"},
      // Sentences of words: by its words alone.
      {"IDENTIFICATION DIVISION.\nPROGRAM-ID. WAGES.\nDATA DIVISION.\nWORKING-STORAGE SECTION.\n"
       "01 PAY-DETAILS.\n05 WORKER-NAME PIC X(30).\n05 HOURS PIC 99V9.\nPROCEDURE DIVISION.\n"
       "BEGIN-HERE.\nDISPLAY \"the name of the worker\".\nPERFORM COUNT-HOURS.\nSTOP RUN.\n",
       "code:COBOL"},
      {"We met at noon and spoke about the plan for the coming year.\nNobody was against it, so "
       "that "
       "we agreed soon.\nThe next meeting will be in May.\n",
       ""},
      {"{\"prompt\": \"Write a review of 4 stars.\", \"completion\": \"A good app; it works!\"}\n"
       "{\"prompt\": \"Write a review of 2 stars.\", \"completion\": \"It did not work.\"}\n"
       "{\"prompt\": \"Write a review of 3 stars.\", \"completion\": \"So so.\"}\n",
       ""},
      // As values of JSON are told, one by one.
      {"\"id\": \"chatcmpl-1\"\n\x1e\n\"created\": 1700000000\n\x1e\n\"model\": "
       "\"lab-model\"\n\x1e\n",
       ""},
      {"A quiet room with a lamp and a chair.\n\x1e\n\"finish_reason\": \"stop\"\n\x1e\n", ""},
      // Pieces of a streamed answer behind what comes with each.
      {"\"id\": \"c-1\"\n\"created\": 1\n\"id\": \"c-1\"\n\"created\": 1\n\"id\": \"c-1\"\n\x1e\nA "
       "room\n  with\n  lamps\n",
       ""},
      {"\"created\": 1700000000\n\"index\": 0\n\"total_tokens\": 52\n\"done\": true\n", ""},
  }));
  INFO(row.text);
  CHECK(source_code_in(row.text) == row.kinds);
}

}  // namespace
}  // namespace gnomon::content
