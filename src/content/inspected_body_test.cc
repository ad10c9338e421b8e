#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "gnomon/content/inspector.h"
#include "part_log.h"
#include "shipped_detectors.h"
#include "test_card.h"

namespace gnomon::content {
namespace {

struct Told final : InspectionEvents {
  void on_finding(std::uint64_t, std::uint64_t,
                  const observation::FindingRecord& finding) override {
    all.push_back(std::string{finding.confidence} + " " + std::string{finding.detector} + " " +
                  std::string{finding.file_name});
  }
  void on_file(std::uint64_t, std::uint64_t, const observation::FileRecord&) override {}
  std::vector<std::string> all;
};

// What is told of a form with these files, which are named by their place.
std::vector<std::string> told_of(const std::vector<std::string>& files, Inspector& inspector) {
  std::string form = "--B\r\n";
  for (std::size_t at = 0; at < files.size(); ++at)
    form += "Content-Disposition: form-data; name=f; filename=f" + std::to_string(at) +
            ".txt\r\n\r\n" + files[at] + "\r\n--B\r\n";
  ExchangeFacts facts;
  facts.method = "POST";
  facts.host = "api.example";
  facts.target = "/v1/files";
  facts.content_type = "multipart/form-data; boundary=B";
  const auto body = inspector.open(facts, 1);
  inspector.feed(body, bytes_of(form), 1);
  Told told;
  inspector.close(body, true, told);
  return told.all;
}

const std::string kSure = "my credit card is " + card();
const std::string kGuess = "write to bob.smith@somewhere.org";

TEST_CASE("what is sure is told before guesses in other files, and what is dropped is counted",
          "[content]") {
  InspectorOptions options;
  Inspector alone{shipped_detectors(), options};
  const std::size_t guesses = told_of({kGuess}, alone).size();
  REQUIRE(guesses > 0);
  options.findings_per_body_max = 3;
  Inspector inspector{shipped_detectors(), options};
  const std::vector<std::string> all =
      told_of({kGuess, kGuess, kGuess, kGuess, kSure, kSure}, inspector);
  REQUIRE(all.size() == 3);
  CHECK(all[0] == "high credit-card f4.txt");
  CHECK(all[1] == "high credit-card f5.txt");
  CHECK(all[2].starts_with("low "));
  CHECK(inspector.counters().findings == 3);
  CHECK(inspector.counters().findings_dropped == 4 * guesses - 1);
}

TEST_CASE("within the limit findings are told file by file", "[content]") {
  Inspector inspector{shipped_detectors(), {}};
  const std::vector<std::string> all = told_of({kGuess, kSure}, inspector);
  REQUIRE(all.size() > 1);
  CHECK(all.front().ends_with(" f0.txt"));
  CHECK(all.back() == "high credit-card f1.txt");
  CHECK(inspector.counters().findings_dropped == 0);
}

TEST_CASE("findings have the name of their own file or none", "[content]") {
  InspectorOptions options;
  options.files_per_body_max = 1000;
  options.findings_per_body_max = 1000;
  Inspector inspector{shipped_detectors(), options};
  const std::vector<std::string> all = told_of(std::vector<std::string>(300, kSure), inspector);
  std::size_t named = 0;
  std::size_t nameless = 0;
  for (const std::string& each : all) {
    if (each == "high credit-card ") ++nameless;
    if (each != "high credit-card f" + std::to_string(named) + ".txt") continue;
    ++named;
  }
  CHECK(named >= 100);
  CHECK(nameless == 1);
  CHECK(named + nameless == all.size());
}

}  // namespace
}  // namespace gnomon::content
