#include <algorithm>

#include "gnomon/inventory/decisions.h"
#include "gnomon/inventory/groups.h"
#include "gnomon/report/block_selection.h"
#include "gnomon/report/numbers.h"

namespace gnomon::report {

std::optional<Error> choose_group(const std::filesystem::path& database, const std::string& group,
                                  const std::vector<inventory::AppSummary>& apps,
                                  BlockSelection& selection) {
  const auto groups = inventory::read_groups(database);
  if (!groups) return groups.error();
  const auto found = std::find_if(groups->begin(), groups->end(),
                                  [&](const auto& each) { return each.id == group; });
  if (found == groups->end()) {
    std::vector<std::string> known;
    for (const inventory::ClientGroup& each : *groups) known.push_back(each.id);
    return Error{"there is no client group '" + group + "'" +
                 (known.empty() ? "; none is defined"
                                : " (there are " + joined(known, ", ") + ")")};
  }
  selection.client_group = group;
  selection.members = found->members;
  const auto decisions = inventory::read_decisions(database);
  if (!decisions) return decisions.error();
  std::map<std::string, std::vector<inventory::Decision>> by_app;
  for (const inventory::Decision& decision : *decisions)
    by_app[decision.scope.app].push_back(decision);
  for (const inventory::AppSummary& app : apps) {
    const auto* decision =
        inventory::effective_decision(by_app[app.facts.id], std::string_view{}, group);
    if (decision != nullptr) selection.status_in_group[app.facts.id] = decision->review.status;
  }
  return std::nullopt;
}

}  // namespace gnomon::report
