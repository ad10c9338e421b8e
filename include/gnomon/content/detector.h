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
  kMisuse,
};
enum class Severity : std::uint8_t { kLow, kMedium, kHigh, kCritical };
// High: self-identifying, or checked and in context. Low: the form alone; kept, never alerted.
enum class Confidence : std::uint8_t { kLow, kHigh };

// What made a match as sure, or as unsure, as it is.
enum class Reason : std::uint8_t {
  kNone,       // not told: documents, markings, addresses
  kForm,       // the form is one thing's alone
  kProof,      // check digits or a structure hold
  kContext,    // a word near says what it is
  kVendor,     // given to a name that has the vendor's in it
  kGiven,      // looks made by chance, and given to a name that says secret
  kFormAlone,  // a form that other things have too
  kDoubt,      // a check does not hold
  kExample,    // stands in documents and forms, for a value to come
  kNearWord,   // stands near a word for secrets, no more
  kColumn,     // stands in a column of a table whose head says secret
};

// One thing that speaks for a match, or against it. A match has several.
enum class Sign : std::uint32_t {
  kForm = 1 << 0,         // the form is one thing's alone
  kFormat = 1 << 1,       // a number in the groups that it is written in
  kChecksum = 1 << 2,     // check digits hold
  kStructure = 1 << 3,    // what is inside holds: dates, lengths, encodings, randomness
  kLabel = 1 << 4,        // a word names it, right before or behind
  kWordNear = 1 << 5,     // a word of its kind stands near
  kVendor = 1 << 6,       // the vendor's name stands near
  kGiven = 1 << 7,        // is given to a name that says what it is
  kRandom = 1 << 8,       // looks made by chance
  kWhole = 1 << 9,        // is all of the text
  kCaptions = 1 << 10,    // captions and words of such a document
  kRegistered = 1 << 11,  // was registered by the user
  kRules = 1 << 12,       // rules that the sample names
  kDoubt = 1 << 13,       // a check does not hold
  kExample = 1 << 14,     // stands in documents and forms, for a value to come
  kSharedForm = 1 << 15,  // nothing but a form that other things have too
  kRepeats = 1 << 16,     // the same text was given before
};
using Signs = std::uint32_t;  // bits
constexpr Signs operator|(Sign a, Sign b) {
  return static_cast<Signs>(static_cast<Signs>(a) | static_cast<Signs>(b));
}
constexpr Signs operator|(Signs a, Sign b) { return static_cast<Signs>(a | static_cast<Signs>(b)); }
constexpr Signs operator|=(Signs& a, Sign b) { return a = a | b; }

// The words of events for them: "checksum", "label" ... They live for ever.
std::vector<std::string_view> to_strings(Signs signs);
std::string_view to_string(Reason reason);          // a few words for people; empty for kNone
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
