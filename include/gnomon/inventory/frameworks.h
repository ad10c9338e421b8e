#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/bytes/time.h"
#include "gnomon/inventory/decisions.h"
#include "gnomon/inventory/inventory.h"

namespace gnomon::inventory {

// A field of a register that a framework asks for: of NIST AI RMF (GOVERN 1.6), ISO/IEC 42001
// (Annex A.4) or the EU AI Act.
struct FrameworkField {
  std::string framework;             // "nist-ai-rmf", "iso-42001", "eu-ai-act"
  std::string key;                   // "eu.risk_class"
  std::string title;                 // "Risk class"
  std::string value;                 // "unknown" when nobody has said and nothing tells
  std::string source;                // "catalogue", "observed", "decision", "given", "unknown"
  std::vector<std::string> choices;  // of what may be given; empty for any text
  bool can_be_given = false;
};

struct GivenField {
  std::string key;
  std::string value;
};

// All fields of all frameworks, in their order, each filled or "unknown".
std::vector<FrameworkField> framework_fields(const AppSummary& app,
                                             std::span<const Decision> decisions,
                                             std::span<const GivenField> given);

// What was given for one app.
Result<std::vector<GivenField>> given_fields(const std::filesystem::path& database,
                                             std::string_view app);
// Empty value: unknown again. Audited. Refuses a key that cannot be given and a value that is none
// of its choices.
Result<std::monostate> set_framework_field(const std::filesystem::path& database,
                                           std::string_view app, std::string_view key,
                                           std::string_view value, std::string_view actor, Time at);

}  // namespace gnomon::inventory
