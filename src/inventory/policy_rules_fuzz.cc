#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "gnomon/inventory/policy.h"

// Rules are read or refused with a place; what is taken has an id and something to do.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gnomon::inventory;
  const PolicyFile file{"f.yaml", std::string{reinterpret_cast<const char*>(data), size}};
  std::vector<PolicyProblem> problems;
  const Policy policy = Policy::parse(std::span{&file, 1}, problems);
  for (const PolicyProblem& problem : problems)
    if (problem.line == 0 || problem.message.empty()) std::abort();
  for (const PolicyRule& rule : policy.rules())
    if (rule.id.empty() || rule.sid == 0 ||
        (!rule.alert && rule.tags.empty() && !rule.require_review) ||
        rule.grade_min < gnomon::observation::Grade::kSession)
      std::abort();
  return 0;
}
