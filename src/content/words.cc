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

std::string_view to_string(Confidence confidence) {
  return confidence == Confidence::kHigh ? "high" : "low";
}

}  // namespace gnomon::content
