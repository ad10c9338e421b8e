#include "gnomon/report/report_content.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <limits>

#include "gnomon/inventory/counts.h"
#include "gnomon/observation/coverage.h"
#include "gnomon/report/hide_clients.h"
#include "gnomon/report/numbers.h"
#include "report_scope.h"

namespace gnomon::report {
namespace {

using inventory::AppSummary;
using inventory::Counts;
using inventory::TimelinePoint;
using std::chrono::days;
using std::chrono::hours;

struct Step {
  std::string_view name;
  std::chrono::hours length;
};
constexpr std::array<Step, 4> kSteps = {
    {{"hour", hours{1}}, {"day", days{1}}, {"week", days{7}}, {"4 weeks", days{28}}}};
constexpr std::int64_t kBarsMax = 120;
constexpr std::int64_t kBarsOfHoursMax = 72;
constexpr std::size_t kBarsInAnyCase = 1000;  // packets of 1970 and of today in one capture

// A Monday: weeks begin there.
constexpr Time kOrigin{std::chrono::sys_days{std::chrono::year{1970} / 1 / 5}};

std::int64_t bar_of(Time time, std::chrono::hours length) {
  const auto since = std::chrono::floor<std::chrono::seconds>(time - kOrigin);
  const auto step = std::chrono::duration_cast<std::chrono::seconds>(length);
  return since >= std::chrono::seconds{0} ? since / step
                                          : (since - step + std::chrono::seconds{1}) / step;
}

template <class List>
std::size_t cut(List& list, std::size_t most) {
  const std::size_t whole = list.size();
  if (whole > most) {
    list.resize(most);
    list.shrink_to_fit();
  }
  return whole;
}

}  // namespace

Timeline timeline_of(const std::vector<TimelinePoint>& hours) {
  Timeline timeline;
  timeline.step = kSteps.front().name;
  if (hours.empty()) return timeline;
  const auto bars_with = [&hours](const Step& step) {
    return bar_of(hours.back().start, step.length) - bar_of(hours.front().start, step.length) + 1;
  };
  const Step* step = &kSteps.front();
  if (bars_with(*step) > kBarsOfHoursMax) {
    do ++step;
    while (step != &kSteps.back() && bars_with(*step) > kBarsMax);
  }
  timeline.step = step->name;
  std::int64_t last = 0;
  for (const TimelinePoint& hour : hours) {
    const std::int64_t bar = bar_of(hour.start, step->length);
    if (timeline.bars.empty() || bar != last) {
      // Steps without traffic are bars too, unless they would never end.
      const bool bridged = !timeline.bars.empty() &&
                           bar - last < static_cast<std::int64_t>(kBarsInAnyCase) -
                                            static_cast<std::int64_t>(timeline.bars.size());
      for (std::int64_t i = last + 1; bridged && i < bar; ++i)
        timeline.bars.push_back({kOrigin + i * step->length, {}});
      timeline.bars.push_back({kOrigin + bar * step->length, {}});
      last = bar;
    }
    add(timeline.bars.back().counts, hour.counts);
  }
  return timeline;
}

std::string seen_with(const AppSummary& app) {
  std::string text = count_of(app.clients, "client");
  if (app.clients_used > 0 && app.clients_used < app.clients)
    text += " (" + observation::grouped(app.clients_used) + " with a session)";
  return text;
}

Result<ReportContent> read_report(inventory::Inventory& inventory, const ReportOptions& options) {
  const ReportLimits& limits = options.limits;
  ReportContent content;
  content.limits = limits;
  content.clients_named = options.clients;
  content.of_group = !options.period.client_group.empty();
  auto totals = inventory.totals();
  if (!totals) return totals.error();
  content.totals = std::move(*totals);
  auto apps = inventory.apps();
  if (!apps) return apps.error();
  content.apps = std::move(*apps);
  auto scope = ReportScope::read(inventory, options.period);
  if (!scope) return scope.error();
  content.scope = scope->text();
  scope->cut_apps(content);
  for (const AppSummary& app : content.apps) {
    if (content.sections.size() >= limits.apps_whole) break;
    auto detail = inventory.app(app.facts.id);
    if (!detail) return detail.error();
    if (!*detail) continue;  // cannot be: the inventory is read as of one moment
    AppSection& section = content.sections.emplace_back();
    section.detail = std::move(**detail);
    if (auto failed = scope->cut_detail(inventory, section.detail, app)) return *failed;
    if (!options.clients) hide_clients(section.detail);
    section.clients = cut(section.detail.clients, limits.clients_per_app);
    section.endpoints = cut(section.detail.endpoints, limits.endpoints_per_app);
    section.sightings = cut(section.detail.sightings, limits.evidence_per_app);
  }
  auto clients = inventory.clients();
  if (!clients) return clients.error();
  content.clients = std::move(*clients);
  std::erase_if(content.clients, [&](inventory::ClientSummary& each) { return !scope->cut(each); });
  if (!options.clients) content.clients.clear();
  auto hosts = inventory.unknown_hosts(scope->all() ? limits.unknown_hosts
                                                    : std::numeric_limits<std::int32_t>::max());
  if (!hosts) return hosts.error();
  content.unknown_hosts = std::move(*hosts);
  scope->cut_hosts(content);
  cut(content.unknown_hosts, limits.unknown_hosts);
  for (const Listed& listed : listings()) {
    auto listing = listed.make(inventory);
    if (!listing) return listing.error();
    scope->cut_listing(*listing, content);
    if (!options.clients) hide_clients(*listing);
    ReportList& list = content.lists.emplace_back();
    list.listing = std::move(*listing);
    list.found = cut(list.listing.rows, limits.rows_per_list);
  }
  auto runs = inventory.runs();
  if (!runs) return runs.error();
  content.runs = std::move(*runs);
  auto coverage = inventory.coverage();
  if (!coverage) return coverage.error();
  content.coverage = std::move(*coverage);
  auto health = inventory.health();
  if (!health) return health.error();
  content.health = std::move(*health);
  if (options.period.all()) {
    auto hours = inventory.timeline();
    if (!hours) return hours.error();
    content.hours = std::move(*hours);
  } else {
    content.hours = scope->hours();
  }
  content.timeline = timeline_of(content.hours);
  if (options.previous) content.changes = changes_since(*options.previous, content);
  return content;
}

}  // namespace gnomon::report
