// Any bytes as a prompt: findings lie within the text and tell nothing of it.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "prompt_scan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gnomon::content;
  static const auto kRules = [] {
    const char* folder = std::getenv("GNOMON_PROMPT_RULES");
    auto rules = PromptRules::load(folder != nullptr ? folder : "signatures/prompt-attacks");
    if (!rules) std::abort();
    return std::move(*rules);
  }();
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  PromptScan scan{kRules};
  std::vector<PromptFinding> findings;
  for (const Role role : {Role::kNone, Role::kSystem, Role::kTool}) {
    findings.clear();
    scan.scan(text, role, findings);
    for (const PromptFinding& each : findings)
      if (each.begin > each.end || each.end > size || each.why.empty()) std::abort();
  }
  return 0;
}
