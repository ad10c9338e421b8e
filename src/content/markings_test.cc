#include "marking_writings.h"
#include "shipped_detectors.h"

namespace gnomon::content {
namespace {

std::size_t sure_markings(std::string_view text) {
  Scanner scanner{shipped_detectors()};
  std::vector<Match> matches;
  scanner.scan(text, {}, matches);
  std::size_t sure = 0;
  for (const Match& match : matches)
    sure +=
        match.detector->category == Category::kConfidential && match.confidence == Confidence::kHigh
            ? 1
            : 0;
  return sure;
}

TEST_CASE("a marking within a longer one is not told besides", "[content][marking]") {
  const char* const text =
      GENERATE("STRENG VERTRAULICH\n\nFusionsplan.\n", "FOR INTERNAL USE ONLY\n\nplan\n",
               "STRICTEMENT CONFIDENTIEL\n", "STRICTLY PRIVATE AND CONFIDENTIAL - DRAFT 3\n",
               "# CONFIDENTIAL\n\nMerger plan with Contoso.\n", "## Confidential\n\nMerger plan.\n",
               "Confidential \u2013 Acme GmbH\n", "Page 1 of 12 CONFIDENTIAL\n",
               "Streng\u00a0vertraulich\n", "Classification\u00a0: Confidential\n");
  CAPTURE(text);
  CHECK(sure_markings(text) == 1);
}

TEST_CASE("what only looks like a marking is none", "[content][marking]") {
  const char* const text = GENERATE(
      "# CONFIDENTIAL\nclient_type = 1\n",  // a comment of code
      "# CONFIDENTIAL data\n\nWhat we call so.\n", "#CONFIDENTIAL\n\nwords\n",
      "Confidential - what others must not read\n", "Page 1 of 12 is CONFIDENTIAL to us\n");
  CAPTURE(text);
  CHECK(sure_markings(text) == 0);
}

TEST_CASE("a marking of another script stands alone on its line, not in a sentence",
          "[content][marking]") {
  CHECK(sure_markings("機密\n\n計画") == 1);
  CHECK(sure_markings("機密 第3版\n\n計画") == 1);
  CHECK(sure_markings("この文書には機密という言葉が何度も出てきますので注意してください\n") == 0);
  CHECK(sure_markings("内部资料 禁止外传\n") > 0);
  CHECK(sure_markings("我们昨天在会议上讨论的内部资料已经发给大家了请尽快查看\n") == 0);
}

TEST_CASE("one's own markings are found however they are written", "[content][marking]") {
  DetectorOptions options;
  options.markings = {"Projekt Übermut", "Falke 7 Rot"};
  auto set = DetectorSet::load("signatures/detectors", options);
  REQUIRE(set);
  Scanner scanner{*set};
  const auto found = [&](std::string_view text) {
    std::vector<Match> matches;
    scanner.scan(text, {}, matches);
    return std::any_of(matches.begin(), matches.end(), [](const Match& match) {
      return match.detector->id == "marking-company" && match.confidence == Confidence::kHigh;
    });
  };
  const char* const text = GENERATE("Projekt Übermut", "PROJEKT ÜBERMUT", "projekt übermut",
                                    "Projekt  Übermut", "Projekt\u00a0Übermut", "Projekt\nÜbermut",
                                    "Projekt\r\nÜbermut", "Falke\u00a07\u00a0Rot", "Falke 7\nRot");
  CAPTURE(text);
  CHECK(found(text));
  CHECK_FALSE(found("xProjekt Übermuty"));
  CHECK_FALSE(found("Projekt, Übermut"));
}

TEST_CASE("a marking without letters is refused", "[content][marking]") {
  const char* const marking = GENERATE("", " ", "\n", "--");
  DetectorOptions options;
  options.markings = {marking};
  const auto set = DetectorSet::load("signatures/detectors", options);
  REQUIRE_FALSE(set);
  CHECK(set.error().message.find("is no marking") != std::string::npos);
}

}  // namespace
}  // namespace gnomon::content
