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

bool tells(const std::vector<Match>& matches, std::string_view id, Confidence confidence) {
  return std::any_of(matches.begin(), matches.end(), [&](const Match& match) {
    return match.detector->id == id && match.confidence == confidence;
  });
}

TEST_CASE("of many kinds that one number may be the most likely are told", "[content][numbers]") {
  Scanner scanner{shipped_detectors()};
  CHECK(tells(found_in(scanner, "536-22-8871"), "us-ssn", Confidence::kLow));
  CHECK(tells(found_in(scanner, "1234567893"), "us-npi", Confidence::kLow));
}

TEST_CASE("what proves itself is told without a word near, and is low", "[content][numbers]") {
  Scanner scanner{shipped_detectors()};
  const auto [text, id] = GENERATE_COPY(table<std::string, std::string>({
      {"Jane Roe, 412-55-1234, 04/02/1971, Austin TX", "us-ssn"},
      {"please look at " + card() + " again, it fails", "credit-card"},
      {"Lo firma Pedro Ruiz, 45678210A, en Bilbao", "es-dni"},
      {"Lo firma Pedro Ruiz, X1234567L, en Bilbao", "es-nie"},
      {"27AAPFU0939F1ZV has sold three of them", "in-gstin"},
      {"Rechnung an Meier GmbH, DE924412169, 12 Tage", "de-vat"},
  }));
  CAPTURE(text);
  const std::vector<Match> matches = found_in(scanner, text);
  CHECK(tells(matches, id, Confidence::kLow));
  CHECK(std::none_of(matches.begin(), matches.end(),
                     [](const Match& match) { return match.confidence == Confidence::kHigh; }));
}

TEST_CASE("words that programs have too count where they are given a number",
          "[content][numbers]") {
  const auto [text, told] = GENERATE(table<std::string, bool>({
      {"RUN 12.345.678-5", true},
      {"CI: 4.123.456-3", true},
      {"rut: 12.345.678-5", true},
      {"run,time_us,bytes\n17,42000000,12\n18,20170107,13\n", false},
      {"\"net\":\"ci\",\"code\":\"37868079\"", false},
      {"run 12345678 of the build in ci", false},
      {"request_run_time 37868079", false},
      {"ci: 20170107", false},
  }));
  CAPTURE(text);
  CHECK(found_ids(text, [](const Match& match) {
          return match.confidence == Confidence::kHigh &&
                 match.detector->category == Category::kPii;
        }).empty() != told);
}

TEST_CASE("a short number that its check proves is in one piece", "[content][numbers]") {
  const auto is_sure = [](const Match& match) { return match.confidence == Confidence::kHigh; };
  CHECK(found_ids("<path d=\"M 1178 198 L 1036 198\"/>", is_sure).empty());
  CHECK(found_ids("of M1178198L", is_sure) == "sg-nric-fin");
  CHECK(found_ids("NRIC M 1178 198 L", is_sure) == "sg-nric-fin");
}

TEST_CASE("sizes and frequencies are no numbers of people", "[content][numbers]") {
  Scanner scanner{shipped_detectors()};
  const std::string text = GENERATE(values<std::string>(
      {"kern: frequency 3579545 Hz", "MemFree: 1000004 kB", "1000004KB used, 1000004 KB free"}));
  CAPTURE(text);
  const std::vector<Match> matches = found_in(scanner, text);
  CHECK(std::none_of(matches.begin(), matches.end(),
                     [](const Match& match) { return match.confidence == Confidence::kHigh; }));
}

TEST_CASE("what nothing proves is not told without a word near", "[content][numbers]") {
  Scanner scanner{shipped_detectors()};
  std::string wrong = card();
  wrong.back() = wrong.back() == '9' ? '0' : static_cast<char>(wrong.back() + 1);
  const std::string text = GENERATE_COPY(values<std::string>({
      "please look at " + wrong + " again, it fails",
      "Jane Roe, 412551234, 04/02/1971, Austin TX",
      "Jane Roe, 912-55-1234, 04/02/1971, Austin TX",
      "Lo firma Pedro Ruiz, 45678210K, en Bilbao",
      "the object 45678210a was garbage",  // small letters: names in code
      "the object de924412169 was garbage",
  }));
  CAPTURE(text);
  const std::vector<Match> matches = found_in(scanner, text);
  CHECK(std::none_of(matches.begin(), matches.end(), [](const Match& match) {
    return match.detector->category == Category::kFinancial || match.detector->id == "us-ssn" ||
           match.detector->family == "es-nif-nie" || match.detector->family == "eu-vat";
  }));
}

TEST_CASE("vehicles of European makers are told by their words", "[content][numbers]") {
  Scanner scanner{shipped_detectors()};
  for (const std::string text : {"Fahrgestellnummer: WVWZZZ1KZ9W482213",
                                 "Numéro de série du véhicule : VF1BB05CF27418832"}) {
    CAPTURE(text);
    const std::vector<Match> matches = found_in(scanner, text);
    CHECK(std::any_of(matches.begin(), matches.end(),
                      [](const Match& match) { return match.detector->id == "vehicle-vin"; }));
  }
  for (const std::string text : {"the build WVWZZZ1KZ9W482213 is done", "Handy 0176 4821 3345"}) {
    CAPTURE(text);
    const std::vector<Match> matches = found_in(scanner, text);
    CHECK(std::none_of(matches.begin(), matches.end(),
                       [](const Match& match) { return match.detector->id == "vehicle-vin"; }));
  }
}

}  // namespace
}  // namespace gnomon::content
