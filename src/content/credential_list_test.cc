#include <catch2/catch.hpp>
#include <string>

#include "shipped_detectors.h"

namespace gnomon::content {
namespace {

// "2 high 1 low": matches as a list of accounts with passwords.
std::string told(const std::string& text) {
  Scanner scanner{shipped_detectors()};
  std::vector<Match> matches;
  scanner.scan(text, {}, matches);
  std::size_t high = 0;
  std::size_t low = 0;
  for (const Match& match : matches)
    if (match.detector->id == "credential-list")
      ++(match.confidence == Confidence::kHigh ? high : low);
  return std::to_string(high) + " high " + std::to_string(low) + " low";
}

std::string lines(const std::string& separator, const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += "user" + std::to_string(i) + "@corp.net" + separator + words[i] + "\n";
  return text;
}

const std::vector<std::string> kWords{"tR7#mQ9z!", "Summer2024!", "hunt3r22x", "Wint3r99!",
                                      "Zz91kk!!"};

}  // namespace

TEST_CASE("lines of an address and a password are a list of credentials",
          "[content][credentials]") {
  CHECK(told(lines(":", kWords)) == "5 high 0 low");
  CHECK(told(lines(";", kWords)) == "5 high 0 low");
  CHECK(told(lines("|", kWords)) == "5 high 0 low");
  CHECK(told("Leak of today\n\n" + lines(":", kWords) + "\nend") == "5 high 0 low");
  auto weak = kWords;
  weak.insert(weak.end(), {"sunshine", "letmein", "dragon"});  // told by nothing but the others
  CHECK(told(lines(":", weak)) == "5 high 0 low");
}

TEST_CASE("other lines with addresses are no list of credentials", "[content][credentials]") {
  CHECK(told(lines(":", {kWords.begin(), kWords.begin() + 4})) == "0 high 0 low");  // too few
  CHECK(told(lines(": ", kWords)) == "0 high 0 low");                               // "Ada: ..."
  CHECK(told(lines(":x:", kWords)) == "0 high 0 low");                              // more cells
  CHECK(told(lines(":", std::vector<std::string>(8, "tR7#mQ9z!"))) == "0 high 0 low");
  CHECK(told(lines(":", {"Ada", "Bob", "Cyril", "Dorothy", "Evelyn", "Frank"})) == "0 high 0 low");
  CHECK(told(lines(":", {"tR7#mQ9z!", "admin", "editor", "viewer", "editor", "admin"})) ==
        "0 high 0 low");  // roles
  std::string within;
  for (const std::string& word : kWords) within += "mail user@corp.net:" + word + " now\n";
  CHECK(told(within) == "0 high 0 low");
}

}  // namespace gnomon::content
