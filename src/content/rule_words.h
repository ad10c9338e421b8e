#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "gnomon/content/detector.h"

// The words that files of detectors use for categories and severities.
namespace gnomon::content {

template <class Value, std::size_t N>
std::optional<Value> choose(std::string_view word,
                            const std::pair<std::string_view, Value> (&choices)[N]) {
  for (const auto& [name, value] : choices)
    if (name == word) return value;
  return std::nullopt;
}

inline constexpr std::pair<std::string_view, Category> kCategories[] = {
    {"secret", Category::kSecret},
    {"pii", Category::kPii},
    {"financial", Category::kFinancial},
    {"health", Category::kHealth},
    {"tax-business", Category::kTaxBusiness},
    {"network-device", Category::kNetworkDevice},
    {"source-code", Category::kSourceCode},
    {"infrastructure", Category::kInfrastructure},
    {"confidential", Category::kConfidential},
    {"customer-data", Category::kCustomerData},
    {"prompt-attack", Category::kPromptAttack},
    {"misuse", Category::kMisuse},
};
inline constexpr std::pair<std::string_view, Severity> kSeverities[] = {
    {"low", Severity::kLow},
    {"medium", Severity::kMedium},
    {"high", Severity::kHigh},
    {"critical", Severity::kCritical},
};
inline constexpr std::pair<std::string_view, Confidence> kConfidences[] = {
    {"low", Confidence::kLow},
    {"high", Confidence::kHigh},
};

}  // namespace gnomon::content
