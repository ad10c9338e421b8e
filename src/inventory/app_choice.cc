#include <algorithm>

#include "app_list.h"
#include "gnomon/bytes/ascii.h"
#include "rows.h"

namespace gnomon::inventory {
namespace {

bool matches(const AppSummary& app, const AppFilter& filter) {
  if (app.grade < filter.grade_min) return false;
  if (!filter.category.empty() && app.facts.category != filter.category) return false;
  if (!filter.status.empty() && app.review.status != filter.status) return false;
  if (!filter.usage.empty() &&
      std::find(app.usages.begin(), app.usages.end(), filter.usage) == app.usages.end())
    return false;
  if (filter.level_min && (!app.rating || app.rating->level < *filter.level_min)) return false;
  if (filter.text.empty()) return true;
  const std::string wanted = lowered(filter.text);
  for (const std::string* text : {&app.facts.id, &app.facts.name, &app.facts.vendor})
    if (lowered(*text).find(wanted) != std::string::npos) return true;
  return false;
}

void sort_apps(std::vector<AppSummary>& apps, AppOrder order) {
  const auto score = [](const AppSummary& app) { return app.rating ? app.rating->score : -1; };
  std::sort(apps.begin(), apps.end(), [&](const AppSummary& a, const AppSummary& b) {
    switch (order) {
      case AppOrder::kRisk:
        if (score(a) != score(b)) return score(a) > score(b);
        break;
      case AppOrder::kName:
        break;
      case AppOrder::kFirstSeen:
        if (a.first_seen != b.first_seen) return a.first_seen < b.first_seen;
        break;
      case AppOrder::kLastSeen:
        if (a.last_seen != b.last_seen) return a.last_seen > b.last_seen;
        break;
      case AppOrder::kClients:
        if (a.clients_used != b.clients_used) return a.clients_used > b.clients_used;
        if (a.clients != b.clients) return a.clients > b.clients;
        break;
      case AppOrder::kBytes:
        if (all_bytes(a.counts) != all_bytes(b.counts))
          return all_bytes(a.counts) > all_bytes(b.counts);
        break;
      case AppOrder::kFlows:
        if (a.counts.flows != b.counts.flows) return a.counts.flows > b.counts.flows;
        break;
    }
    const std::string name_a = lowered(a.facts.name);
    const std::string name_b = lowered(b.facts.name);
    return name_a != name_b ? name_a < name_b : a.facts.id < b.facts.id;
  });
}

}  // namespace

std::vector<AppSummary> choose_apps(const std::vector<AppSummary>& apps, const AppFilter& filter,
                                    AppOrder order,
                                    const std::optional<std::set<std::string>>& of_client) {
  std::vector<AppSummary> chosen;
  for (const AppSummary& app : apps)
    if (matches(app, filter) && (!of_client || of_client->contains(app.facts.id)))
      chosen.push_back(app);
  sort_apps(chosen, order);
  return chosen;
}

}  // namespace gnomon::inventory
