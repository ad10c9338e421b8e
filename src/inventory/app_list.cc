#include "app_list.h"

#include <algorithm>

#include "ratings.h"
#include "rows.h"
#include "some_apps.h"
#include "totals.h"

namespace gnomon::inventory {
namespace {

constexpr std::chrono::days kWeek{7};
constexpr std::chrono::hours kHour{1};

std::uint64_t percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : part * 100 / whole;
}

// What the rating asks of the traffic and the summaries do not show.
struct Traffic {
  bool content_read = false;
  std::vector<FindingCount> findings;
  std::uint64_t artifacts = 0;
  std::uint64_t unsafe_artifacts = 0;
  std::uint64_t kind_known_flows = 0;
  std::uint64_t non_browser_flows = 0;
  std::uint64_t cleartext_flows = 0;
  std::uint64_t hourly_flows = 0;
  std::uint64_t off_hours_flows = 0;
  std::uint64_t last_week_bytes = 0;
  std::uint64_t week_before_bytes = 0;
  bool two_weeks_seen = false;
};

std::optional<Error> read_attributes(Database& database, const SomeApps& some,
                                     std::vector<AppSummary>& apps) {
  auto query = database.prepare("SELECT app, key, value FROM app_attribute" +
                                some.where("app") + " ORDER BY app, key");
  if (!query) return query.error();
  some.bind(*query);
  auto at = apps.begin();
  while (query->step()) {
    const std::string id = query->text(0);
    while (at != apps.end() && at->facts.id < id) ++at;
    if (at == apps.end()) break;
    if (at->facts.id == id) at->facts.attributes.emplace_back(query->text(1), query->text(2));
  }
  return query->ok() ? std::nullopt : std::optional{database.error()};
}

std::optional<Error> read_traffic(Database& database, const SomeApps& some,
                                  const RiskRubric& rubric, Time as_of,
                                  const std::vector<AppSummary>& apps,
                                  std::vector<Traffic>& traffic) {
  const auto last_hour = std::chrono::floor<std::chrono::hours>(as_of).time_since_epoch() / kHour;
  const std::int64_t week = kWeek / kHour;
  bool two_weeks_seen = false;
  {
    auto first = database.prepare("SELECT min(hour) FROM v_app_hours");
    if (!first) return first.error();
    two_weeks_seen =
        first->step() && first->is_integer(0) && first->integer(0) <= last_hour - 2 * week;
    if (!first->ok()) return database.error();
  }
  auto query = database.prepare(
      "SELECT app, hour, sum(flows), sum(bytes_to_server + bytes_to_client) FROM v_app_hours" +
      some.where("app") + " GROUP BY app, hour ORDER BY app, hour");
  if (!query) return query.error();
  some.bind(*query);
  std::size_t at = 0;
  while (query->step()) {
    const std::string id = query->text(0);
    while (at < apps.size() && apps[at].facts.id < id) ++at;
    if (at == apps.size()) break;
    if (apps[at].facts.id != id) continue;
    Traffic& seen = traffic[at];
    const std::int64_t hour = query->integer(1);
    const std::uint64_t flows = query->number(2);
    const std::uint64_t bytes = query->number(3);
    seen.two_weeks_seen = two_weeks_seen;
    seen.hourly_flows += flows;
    if (!rubric.working_hours().contains(Time{kHour * hour})) seen.off_hours_flows += flows;
    if (hour > last_hour - week) {
      seen.last_week_bytes += bytes;
    } else if (hour > last_hour - 2 * week) {
      seen.week_before_bytes += bytes;
    }
  }
  return query->ok() ? std::nullopt : std::optional{database.error()};
}

// Findings and artifacts of apps. Detectors have looked where a file or a finding was told; that a
// request was read to know its model says nothing of that.
std::optional<Error> read_exposures(Database& database, const SomeApps& some,
                                    const std::vector<AppSummary>& apps,
                                    std::vector<Traffic>& traffic) {
  const auto place_of = [&](const std::string& id) {
    const auto at = std::lower_bound(
        apps.begin(), apps.end(), id,
        [](const AppSummary& app, const std::string& wanted) { return app.facts.id < wanted; });
    return at != apps.end() && at->facts.id == id
               ? &traffic[static_cast<std::size_t>(at - apps.begin())]
               : nullptr;
  };
  for (const char* sql : {"SELECT DISTINCT app FROM file", "SELECT DISTINCT app FROM finding"}) {
    auto query = database.prepare(std::string{sql} +
                                  " t JOIN capture_run r ON r.id = t.run AND r.state = 'finished'" +
                                  some.where("t.app"));
    if (!query) return query.error();
    some.bind(*query);
    while (query->step())
      if (Traffic* seen = place_of(query->text(0))) seen->content_read = true;
    if (!query->ok()) return database.error();
  }
  auto findings = database.prepare(
      "SELECT t.app, t.category, t.severity, t.confidence, "
      "CASE t.to_server WHEN 1 THEN 'to_server' ELSE 'to_client' END, sum(t.count) "
      "FROM finding t JOIN capture_run r ON r.id = t.run AND r.state = 'finished' "
      "WHERE t.app <> ''" +
      some.also("t.app") + " GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5");
  if (!findings) return findings.error();
  some.bind(*findings);
  while (findings->step())
    if (Traffic* seen = place_of(findings->text(0)))
      seen->findings.push_back({findings->text(1), findings->text(2), findings->text(3),
                                findings->text(4), findings->number(5)});
  if (!findings->ok()) return database.error();
  auto artifacts = database.prepare(
      "SELECT app, count(*), sum(unsafe_format) FROM v_artifacts WHERE app <> ''" +
      some.also("app") + " GROUP BY app");
  if (!artifacts) return artifacts.error();
  some.bind(*artifacts);
  while (artifacts->step()) {
    if (Traffic* seen = place_of(artifacts->text(0))) {
      seen->artifacts = artifacts->number(1);
      seen->unsafe_artifacts = artifacts->number(2);
    }
  }
  return artifacts->ok() ? std::nullopt : std::optional{database.error()};
}

RiskInput risk_input(const AppSummary& app, const Traffic& seen, Time as_of,
                     const std::map<std::string, std::vector<RiskOverride>>& overrides) {
  RiskInput input;
  if (const auto own = overrides.find(app.facts.id); own != overrides.end())
    input.overrides = own->second;
  input.app = app.facts.id;
  input.facts = app.facts;
  input.status = app.review.status;
  input.review_date = app.review.review_date;
  input.as_of = as_of;
  // Found nothing, and read nothing: two different things.
  if (seen.content_read) {
    input.findings = 0;
    for (const FindingCount& each : seen.findings) *input.findings += each.count;
    input.findings_by_kind = seen.findings;
  }
  if (seen.artifacts > 0) input.unsafe_artifacts = seen.unsafe_artifacts;
  input.upload_events = app.counts.upload_events;
  input.upload_bytes = app.counts.upload_bytes;
  input.clients = app.clients_used;
  // A name that was asked for and a connection that was refused are no use.
  const bool used = app.grade >= Grade::kSession;
  input.bytes = used ? all_bytes(app.counts) : 0;
  input.cleartext_flows = used ? seen.cleartext_flows : 0;
  if (seen.kind_known_flows > 0)
    input.non_browser_percent = percent(seen.non_browser_flows, seen.kind_known_flows);
  input.off_hours_percent = percent(seen.off_hours_flows, seen.hourly_flows);
  if (seen.two_weeks_seen) {
    const std::uint64_t before = seen.week_before_bytes;
    const std::uint64_t more = seen.last_week_bytes - std::min(seen.last_week_bytes, before);
    input.growth_percent = before > 0 ? percent(more, before) : more > 0 ? 1000 : 0;
  }
  return input;
}

void read_app(const Statement& row, AppSummary& app, Traffic& seen) {
  app.facts = {row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), {}};
  app.grade = grade_of(row.integer(5));
  app.first_seen = row.time(6);
  app.last_seen = row.time(7);
  app.clients = row.number(8);
  app.usages = words_of(row.text(9));
  app.client_kinds = words_of(row.text(10));
  seen.kind_known_flows = row.number(11);
  seen.non_browser_flows = row.number(12);
  seen.cleartext_flows = row.number(13);
  if (!row.text(14).empty())
    app.review = {row.text(14), row.text(15), row.text(16), row.text(17),
                  row.text(18), row.text(19), row.text(20)};
  app.counts = read_counts(row, 21);
  app.clients_used = row.number(29);
}

// From the sums that are kept.
Result<std::vector<AppSummary>> read_kept(Database& database, const SomeApps& some,
                                          const TotalsState& state,
                                          std::vector<Traffic>& traffic) {
  auto query = database.prepare(
      "SELECT s.app, a.name, a.vendor, a.vendor_country, a.category, s.grade, s.first_seen_ns, "
      "s.last_seen_ns, s.clients, s.usages, s.client_kinds, s.kind_known_flows, "
      "s.non_browser_flows, s.cleartext_flows, v.status, v.owner, v.purpose, v.department, "
      "v.data_class, v.review_date, v.reason, " +
      std::string{kSightingCounts} +
      ", s.clients_used, s.hourly_flows, s.off_hours_flows, s.last_week_bytes, s.week_before_bytes "
      "FROM app_total s JOIN app a ON a.id = s.app LEFT JOIN review v ON v.app = s.app" +
      some.where("s.app") + " ORDER BY s.app");
  if (!query) return query.error();
  some.bind(*query);
  std::vector<AppSummary> apps;
  while (query->step()) {
    read_app(*query, apps.emplace_back(), traffic.emplace_back());
    Traffic& seen = traffic.back();
    seen.two_weeks_seen = state.two_weeks_seen;
    seen.hourly_flows = query->number(30);
    seen.off_hours_flows = query->number(31);
    seen.last_week_bytes = query->number(32);
    seen.week_before_bytes = query->number(33);
  }
  if (!query->ok()) return database.error();
  return apps;
}

// From what was seen, where no sums are kept.
Result<std::vector<AppSummary>> add_up(Database& database, const SomeApps& some,
                                       std::vector<Traffic>& traffic) {
  auto query = database.prepare(
      "SELECT s.app, a.name, a.vendor, a.vendor_country, a.category, max(s.grade), "
      "min(s.first_seen_ns), max(s.last_seen_ns), count(DISTINCT nullif(s.client, '')), "
      "group_concat(DISTINCT s.usage), group_concat(DISTINCT s.client_kind), "
      "sum(s.flows * (s.client_kind NOT IN ('', 'unknown'))), "
      "sum(s.flows * (s.client_kind NOT IN ('', 'unknown', 'browser'))), "
      "sum(s.flows * (s.app_proto = 'http')), v.status, v.owner, v.purpose, v.department, "
      "v.data_class, v.review_date, v.reason, " +
      std::string{kSightingSums} + ", " + std::string{kClientsUsed} +
      " FROM v_sightings s JOIN app a ON a.id = s.app LEFT JOIN review v ON v.app = s.app" +
      some.where("s.app") + " GROUP BY s.app ORDER BY s.app");
  if (!query) return query.error();
  some.bind(*query);
  std::vector<AppSummary> apps;
  while (query->step()) read_app(*query, apps.emplace_back(), traffic.emplace_back());
  if (!query->ok()) return database.error();
  return apps;
}

}  // namespace

Result<std::vector<AppSummary>> read_apps(Database& database,
                                          const std::optional<RiskRubric>& rubric, Time as_of,
                                          const AppIds* only) {
  const SomeApps some{only};
  auto state = totals_state(database, rubric ? &*rubric : nullptr);
  if (!state) return state.error();
  std::vector<Traffic> traffic;
  auto apps_read =
      *state ? read_kept(database, some, **state, traffic) : add_up(database, some, traffic);
  if (!apps_read) return apps_read.error();
  std::vector<AppSummary> apps = std::move(*apps_read);
  if (auto failed = read_attributes(database, some, apps)) return *failed;
  if (!rubric) return apps;
  if (!*state)
    if (auto failed = read_traffic(database, some, *rubric, as_of, apps, traffic)) return *failed;
  if (auto failed = read_exposures(database, some, apps, traffic)) return *failed;
  auto overrides = read_overrides(database);
  if (!overrides) return overrides.error();
  for (std::size_t i = 0; i < apps.size(); ++i)
    apps[i].rating = rubric->rate(risk_input(apps[i], traffic[i], as_of, *overrides));
  return apps;
}

}  // namespace gnomon::inventory
