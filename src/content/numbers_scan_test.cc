#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "gnomon/content/scanner.h"
#include "shipped_detectors.h"
#include "test_card.h"

namespace gnomon::content {
namespace {

std::vector<Match> found_in(Scanner& scanner, std::string_view text) {
  std::vector<Match> matches;
  scanner.scan(text, {}, matches);
  return matches;
}

TEST_CASE("many guesses at a number do not keep back what is sure of it", "[content][numbers]") {
  // Words that many rules want, beside those of the number itself.
  const std::string words = "VAT reg, PAN, GST, tax id, licence, account: ";
  Scanner scanner{shipped_detectors()};
  for (const std::string own : {"SSN: 536-22-8871", "social security number 536-22-8871"}) {
    INFO(own);
    const std::vector<Match> matches = found_in(scanner, words + own);
    CHECK(std::any_of(matches.begin(), matches.end(), [](const Match& match) {
      return match.detector->id == "us-ssn" && match.confidence == Confidence::kHigh;
    }));
  }
  const std::vector<Match> matches =
      found_in(scanner, "Cardholder: Ann Miller, PAN " + card() + "\nSSN: 536-22-8871");
  CHECK(std::any_of(matches.begin(), matches.end(), [](const Match& match) {
    return match.detector->id == "us-ssn" && match.confidence == Confidence::kHigh;
  }));
}

}  // namespace
}  // namespace gnomon::content
