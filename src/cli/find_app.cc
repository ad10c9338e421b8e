#include "find_app.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "gnomon/bytes/ascii.h"
#include "gnomon/report/numbers.h"
#include "options.h"

namespace gnomon::cli {
namespace {

using inventory::AppSummary;

constexpr std::size_t kSuggestionsMax = 3;
constexpr std::size_t kNameBytesMax = 64;  // beyond, names are compared by their beginnings

std::string called(const AppSummary& app) { return "'" + app.facts.id + "'"; }

// Lower is closer; nothing when it is not close at all.
std::optional<std::size_t> distance(const AppSummary& app, const std::string& word) {
  const std::string id = lowered(app.facts.id);
  const std::string name = lowered(app.facts.name);
  if (id.find(word) != std::string::npos || name.find(word) != std::string::npos) return 0;
  const std::size_t edits = std::min(edits_between(id, word), edits_between(name, word));
  return edits <= 1 + word.size() / 4 ? std::optional{edits} : std::nullopt;
}

}  // namespace

std::size_t edits_between(std::string_view a, std::string_view b) {
  const std::string from = lowered(a.substr(0, kNameBytesMax));
  const std::string to = lowered(b.substr(0, kNameBytesMax));
  // Optimal string alignment: rows of the distances between beginnings.
  std::vector<std::size_t> older(to.size() + 1), old(to.size() + 1), row(to.size() + 1);
  for (std::size_t j = 0; j <= to.size(); ++j) old[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced = old[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, old[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
        row[j] = std::min(row[j], older[j - 2] + 1);
    }
    std::swap(older, old);
    std::swap(old, row);
  }
  return old[to.size()];
}

Result<std::vector<AppSummary>> read_apps(const std::string& database) {
  auto inventory = inventory::Inventory::open(database);
  if (!inventory) return Error{no_inventory_message(database, inventory.error().message)};
  return inventory->apps();
}

Result<const AppSummary*> find_app(std::span<const AppSummary> apps, std::string_view word) {
  const std::string wanted = lowered(word);
  std::vector<const AppSummary*> named;
  for (const AppSummary& app : apps) {
    if (lowered(app.facts.id) == wanted) return &app;
    if (lowered(app.facts.name) == wanted) named.push_back(&app);
  }
  if (named.size() == 1) return named.front();

  std::vector<std::string> ids;
  if (named.size() > 1) {
    for (const AppSummary* app : named) ids.push_back(called(*app));
    return Error{"several apps are called '" + std::string{word} + "'; say one of " +
                 report::listed(ids)};
  }
  std::vector<std::pair<std::size_t, const AppSummary*>> close;
  if (!wanted.empty())
    for (const AppSummary& app : apps)
      if (const auto edits = distance(app, wanted)) close.emplace_back(*edits, &app);
  std::stable_sort(close.begin(), close.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < std::min(close.size(), kSuggestionsMax); ++i)
    ids.push_back(called(*close[i].second));
  Error error{"the inventory holds no app '" + std::string{word} + "'"};
  if (!ids.empty()) error.message += "; is it " + report::joined(ids, " or ") + "?";
  return error;
}

}  // namespace gnomon::cli
