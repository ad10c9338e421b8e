#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "gnomon/inventory/decisions.h"

// Whatever a file holds, it is read or refused; what is read can be written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gnomon::inventory;
  const DecisionImport import =
      decisions_from_csv({reinterpret_cast<const char*>(data), size}, {});
  if (import.changes.size() != import.lines.size()) std::abort();
  std::vector<Decision> decisions;
  for (const DecisionChange& change : import.changes) {
    Decision decision;
    decision.scope = change.scope;
    decision.review = change.review;
    decision.links = change.links;
    decisions.push_back(decision);
  }
  const DecisionImport again = decisions_from_csv(decisions_to_csv(decisions), {});
  if (!again.problems.empty() || again.changes.size() != decisions.size()) std::abort();
  for (std::size_t i = 0; i < decisions.size(); ++i)
    if (again.changes[i].scope != decisions[i].scope ||
        !(again.changes[i].review == decisions[i].review))
      std::abort();
  return 0;
}
