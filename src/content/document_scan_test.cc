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
      {"REPORT zwages.\nTABLES makt.\nSELECT-OPTIONS s_matnr FOR makt-matnr.\n"
       "DATA: lt_makt TYPE STANDARD TABLE OF makt.\nSTART-OF-SELECTION.\n"
       "SELECT * FROM makt INTO TABLE lt_makt WHERE matnr IN s_matnr.\n"
       "IF sy-subrc = 0.\n  LOOP AT lt_makt INTO DATA(ls_makt).\n    WRITE: / ls_makt-maktx.\n"
       "  ENDLOOP.\nENDIF.\n",
       "code:ABAP"},
      {"CLASS zcl_wage DEFINITION PUBLIC.\n  PUBLIC SECTION.\n    METHODS of\n      IMPORTING "
       "worker TYPE REF TO zcl_worker\n      RETURNING VALUE(result) TYPE i.\nENDCLASS.\n"
       "CLASS zcl_wage IMPLEMENTATION.\n  METHOD of.\n    result = worker->hours( ) * 20.\n"
       "  ENDMETHOD.\nENDCLASS.\n",
       "code:ABAP"},
      // Ends of blocks in another language.
      {"begin\n  for each worker do pay;\n  endif;\n  endloop;\nend;\n", "source-code"},
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
      // Sentences in comments are no prose.
      {"// This file is part of a small library which reads the lengths of things.\n"
       "// It may be used by everybody who keeps this notice in his copies\n"
       "table Length { unit:string; }\nroot_type Length;\n",
       "source-code"},
      {"/* The table below was made by hand, so that it may have faults,\n"
       "   of which the authors would like to hear before the others do.\n"
       "   Whoever finds one may write to the address in the other file,\n"
       "   where all that was found until now is kept in a long list. */\n"
       "table Length { unit:string; }\nroot_type Length;\n",
       "source-code"},
      {"-- The distance between two points is what a ruler would show there\n"
       "let distance (a, b) =\n  sqrt (square a + square b)\n"
       "-- It is not what a walker has to go in most of the towns he sees\n",
       "source-code"},
      // Lines that end as on old Macs.
      {"sum = 0;\rfor (k = 0; k < 9; k = k + 1) {\r  sum = sum + k;\r}\rprint(sum);\r",
       "source-code"},
      // A list of strings in code is no JSON; rows of numbers say nothing.
      {"names = group(\"icons\") {\n\"a/first.png\",\n\"a/second.png\",\n\"a/third.png\",\n"
       "\"a/fourth.png\",\n}\ninstall(names);\n",
       "source-code"},
      {"grid = [\n1, 2, 3\n4, 5, 6\n7, 8, 9\n10, 11, 12\n13, 14, 15\n16, 17, 18\n19, 20, 21\n"
       "22, 23, 24\n25, 26, 27\n28, 29, 30\n31, 32, 33\n34, 35, 36\n];\n",
       "source-code"},
      {"12, 13, 14, 15\n22, 23, 24, 25\n32, 33, 34, 35\n42, 43, 44, 45\n", ""},
      // What the first line says of a script, whatever follows.
      {"#!/usr/bin/tale\nWe met at noon and spoke about the plan for the coming year.\n"
       "Nobody was against it so that we agreed soon.\n",
       "source-code"},
      {"Feature: Sign in\n  Scenario: A known person\n    Given the page for names\n"
       "    When I write my name there\n    Then I should see my own letters\n",
       "code:Gherkin"},
      {"*** Settings ***\nDocumentation    How a person signs in to the page.\n"
       "*** Test Cases ***\nKnown person\n    [Tags]    people\n"
       "    Page Should Be Open\n    ${name}    Should Be Equal    Ada\n",
       "code:RobotFramework"},
      {"\"created\": 1700000000\n\"index\": 0\n\"total_tokens\": 52\n\"done\": true\n", ""},
  }));
  INFO(row.text);
  CHECK(source_code_in(row.text) == row.kinds);
}

}  // namespace
}  // namespace gnomon::content
