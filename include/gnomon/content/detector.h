#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What the scanner looks for: the rows of signatures/detectors as they were read.
namespace gnomon::content {

// What a finding is about; to_string gives the word that events and the inventory use.
enum class Category : std::uint8_t {
  kSecret,
  kPii,
  kFinancial,
  kHealth,
  kTaxBusiness,
  kNetworkDevice,
  kSourceCode,
  kInfrastructure,
  kConfidential,
  kCustomerData,
  kPromptAttack,
};
enum class Severity : std::uint8_t { kLow, kMedium, kHigh, kCritical };
// High: self-identifying, or checked and in context. Low: the form alone; kept, never alerted.
enum class Confidence : std::uint8_t { kLow, kHigh };

std::string_view to_string(Category category);      // "secret", "pii", "source-code" ...
std::string_view to_string(Severity severity);      // "low" ... "critical"
std::string_view to_string(Confidence confidence);  // "low", "high"

// One detector. Lives in its DetectorSet, never moves.
struct Detector {
  std::string id;
  std::string name;
  std::string family;  // the broader kind it belongs to; may be empty
  Category category = Category::kSecret;
  Severity severity = Severity::kMedium;
  std::vector<std::string> references;  // "AML.T0051.000", "LLM01" ...
  bool is_document = false;             // about the text as a whole: its match has no value to mask
  bool is_profile = false;              // holds by what others found
  std::uint32_t index = 0;              // in DetectorSet::detectors()
};

}  // namespace gnomon::content
