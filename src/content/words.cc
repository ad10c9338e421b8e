#include "gnomon/content/detector.h"

namespace gnomon::content {

std::string_view to_string(Category category) {
  switch (category) {
    case Category::kSecret:
      return "secret";
    case Category::kPii:
      return "pii";
    case Category::kFinancial:
      return "financial";
    case Category::kHealth:
      return "health";
    case Category::kTaxBusiness:
      return "tax-business";
    case Category::kNetworkDevice:
      return "network-device";
    case Category::kSourceCode:
      return "source-code";
    case Category::kInfrastructure:
      return "infrastructure";
    case Category::kConfidential:
      return "confidential";
    case Category::kCustomerData:
      return "customer-data";
    case Category::kPromptAttack:
      return "prompt-attack";
    case Category::kMisuse:
      return "misuse";
  }
  return {};
}

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::kLow:
      return "low";
    case Severity::kMedium:
      return "medium";
    case Severity::kHigh:
      return "high";
    case Severity::kCritical:
      return "critical";
  }
  return {};
}

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::kNone:
      return {};
    case Reason::kForm:
      return "its form";
    case Reason::kProof:
      return "its form, and the check in it holds";
    case Reason::kContext:
      return "its form, and a word near";
    case Reason::kVendor:
      return "its form, given to a name with its vendor's";
    case Reason::kGiven:
      return "made by chance, given to a name that says secret";
    case Reason::kFormAlone:
      return "its form alone";
    case Reason::kDoubt:
      return "its form, but a check does not hold";
    case Reason::kExample:
      return "looks like an example";
    case Reason::kNearWord:
      return "near a word for secrets";
    case Reason::kColumn:
      return "in a column whose head says secret";
  }
  return {};
}

std::vector<std::string_view> to_strings(Signs signs) {
  constexpr std::string_view kWords[] = {
      "form",   "format",      "checksum", "structure",   "label",    "word-near",
      "vendor", "given",       "random",   "whole",       "captions", "registered",
      "rules",  "check-fails", "example",  "shared-form", "repeats"};
  std::vector<std::string_view> words;
  for (std::size_t bit = 0; bit < std::size(kWords); ++bit)
    if ((signs >> bit & 1) != 0) words.push_back(kWords[bit]);
  return words;
}

std::string_view to_string(Confidence confidence) {
  return confidence == Confidence::kHigh ? "high" : "low";
}

}  // namespace gnomon::content
