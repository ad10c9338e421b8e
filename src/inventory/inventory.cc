#include "gnomon/inventory/inventory.h"

#include <algorithm>
#include <map>
#include <set>

#include "anomalies.h"
#include "app_detail.h"
#include "app_list.h"
#include "client_list.h"
#include "coverage_rows.h"
#include "database.h"
#include "decision_rows.h"
#include "dump.h"
#include "health_book.h"
#include "hosts.h"
#include "page_queries.h"
#include "period.h"
#include "records.h"
#include "rows.h"
#include "totals.h"

namespace gnomon::inventory {
class Inventory::Impl {
 public:
  Impl(Database database, std::optional<RiskRubric> rubric)
      : database_(std::move(database)), rubric_(std::move(rubric)) {}

  // Reads what every answer needs; begins the transaction that keeps the view of it still.
  std::optional<Error> begin() {
    if (auto failed = database_.run("BEGIN")) return failed;
    auto query = database_.prepare(
        "SELECT coalesce(max(last_packet_ns), 0) FROM capture_run WHERE state = 'finished'");
    if (!query) return query.error();
    if (query->step()) as_of_ = query->time(0);
    if (!query->ok()) return database_.error();
    if (rubric_) return std::nullopt;

    auto stored = database_.prepare("SELECT yaml FROM risk_rubric");
    if (!stored) return stored.error();
    if (stored->step()) {
      auto rubric = RiskRubric::parse(stored->text(0), "the inventory's risk rubric");
      if (!rubric) return rubric.error();
      rubric_ = std::move(*rubric);
    }
    if (!stored->ok()) return database_.error();
    return std::nullopt;
  }

  // Read once: the inventory is as of one moment.
  Result<const std::vector<AppSummary>*> all_apps() {
    if (!apps_) {
      auto read = read_apps(database_, rubric_, as_of_);
      if (!read) return read.error();
      apps_ = std::move(*read);
    }
    return &*apps_;
  }

  // Of the sums that are kept, when they can be believed.
  Result<const std::optional<TotalsState>*> sums() {
    if (!sums_) {
      auto state = totals_state(database_, nullptr);
      if (!state) return state.error();
      sums_ = *state;
    }
    return &*sums_;
  }

  // The same for all apps, and many.
  Result<const BestNames*> names() {
    if (!names_) names_.emplace(read_client_names(database_));
    if (!*names_) return names_->error();
    return &**names_;
  }

  Result<std::vector<AppSummary>> apps(const AppFilter& filter, AppOrder order) {
    auto all = all_apps();
    if (!all) return all.error();
    std::optional<std::set<std::string>> of_client;
    if (!filter.client.empty()) {
      of_client.emplace();
      auto query = database_.prepare("SELECT DISTINCT app FROM v_sightings WHERE client = ?");
      if (!query) return query.error();
      query->bind(1, filter.client);
      while (query->step()) of_client->insert(query->text(0));
      if (!query->ok()) return database_.error();
    }
    return choose_apps(**all, filter, order, of_client);
  }

  Result<std::optional<AppDetail>> app_without_rows(std::string_view id) {
    auto all = all_apps();
    if (!all) return all.error();
    const std::vector<AppSummary>& apps = **all;
    const auto found = std::find_if(apps.begin(), apps.end(),
                                    [id](const AppSummary& app) { return app.facts.id == id; });
    if (found == apps.end()) return std::optional<AppDetail>{};
    AppDetail detail;
    detail.summary = *found;
    auto kept = sums();
    if (!kept) return kept.error();
    const bool have_sums = (*kept)->has_value();
    if (auto failed = read_endpoints_of(database_, have_sums, id, detail.endpoints)) return *failed;
    if (auto failed = read_hours_of(database_, have_sums, id, detail.hours)) return *failed;
    if (auto failed = read_records()) return *failed;
    const auto of_app = [id](const auto& records, auto& chosen) {
      const auto [from, until] = records.places.equal_range(id);
      for (auto place = from; place != until; ++place)
        chosen.push_back(records.all[place->second]);
    };
    of_app(records_->findings, detail.findings);
    of_app(records_->files, detail.files);
    of_app(records_->models, detail.models);
    of_app(records_->tools, detail.tools);
    of_app(records_->artifacts, detail.artifacts);
    of_app(records_->alerts, detail.alerts);
    of_app(records_->retro_uses, detail.retro_uses);
    auto decisions = read_decisions(database_, id);
    if (!decisions) return decisions.error();
    detail.decisions = std::move(*decisions);
    auto flags = read_flags(database_, id);
    if (!flags) return flags.error();
    detail.tags = std::move(flags->tags);
    detail.review_required = flags->review_required;
    return std::optional{std::move(detail)};
  }

  std::optional<Error> narrow(AppDetail& detail, std::string_view client_group) {
    detail.endpoints.clear();
    detail.hours.clear();
    const std::string& id = detail.summary.facts.id;
    // Sums do not tell groups apart.
    if (auto failed = read_endpoints_of(database_, false, id, detail.endpoints, client_group))
      return failed;
    return read_hours_of(database_, false, id, detail.hours, client_group);
  }

  Result<std::optional<AppDetail>> app(std::string_view id) {
    auto detail = app_without_rows(id);
    if (!detail || !*detail) return detail;
    auto failed = each_client_of_app(
        id, [&](AppClient& client) { (*detail)->clients.push_back(std::move(client)); });
    if (!failed)
      failed = read_sightings_of(database_, id, [&](Sighting& sighting) {
        (*detail)->sightings.push_back(std::move(sighting));
      });
    if (failed) return *failed;
    return detail;
  }

  std::optional<Error> each_client_of_app(std::string_view id,
                                          const std::function<void(AppClient&)>& visit) {
    auto known = names();
    if (!known) return known.error();
    auto kept = sums();
    if (!kept) return kept.error();
    return read_clients_of(database_, (*kept)->has_value(), **known, id, visit);
  }

  std::optional<Error> each_sighting_of_app(std::string_view id,
                                            const std::function<void(Sighting&)>& visit) {
    return read_sightings_of(database_, id, visit);
  }

  std::optional<Error> each_client(const std::function<void(ClientSummary&)>& visit) {
    auto kept = sums();
    if (!kept) return kept.error();
    if ((*kept)->has_value()) return each_kept_client(database_, visit);
    auto clients = add_up_clients(database_);
    if (!clients) return clients.error();
    for (ClientSummary& client : *clients) visit(client);
    return std::nullopt;
  }

  Result<std::vector<ClientSummary>> clients() {
    std::vector<ClientSummary> all;
    if (auto failed =
            each_client([&](ClientSummary& client) { all.push_back(std::move(client)); }))
      return *failed;
    return all;
  }

  Result<std::vector<Run>> runs() {
    auto query = database_.prepare(
        "SELECT id, filter, first_packet_ns, last_packet_ns, recorded_at_ns FROM capture_run "
        "WHERE state = 'finished' ORDER BY id");
    if (!query) return query.error();
    std::vector<Run> runs;
    while (query->step()) {
      Run& run = runs.emplace_back();
      run.id = query->integer(0);
      run.filter = query->text(1);
      run.first_packet = query->time(2);
      run.last_packet = query->time(3);
      run.recorded_at = query->time(4);
    }
    if (!query->ok()) return database_.error();
    for (Run& run : runs)
      if (auto failed = read_parts_of(run)) return *failed;
    return runs;
  }

  Result<std::vector<HealthSummary>> health() { return read_health(database_); }

  Result<observation::Coverage> coverage() {
    auto query = database_.prepare("SELECT name, value FROM v_coverage ORDER BY name");
    if (!query) return query.error();
    observation::Coverage coverage;
    read_coverage(*query, coverage);
    if (!query->ok()) return database_.error();
    return coverage;
  }

  Result<std::vector<UnknownHost>> unknown_hosts(std::size_t limit) {
    auto query = database_.prepare(
        "SELECT u.host, count(DISTINCT nullif(u.client, '')), max(u.client = ''), sum(u.flows), "
        "sum(u.sessions), sum(u.bytes_to_server), sum(u.bytes_to_client), min(u.first_seen_ns), "
        "max(u.last_seen_ns) FROM host_unknown u JOIN capture_run r ON r.id = u.run "
        "WHERE r.state = 'finished' GROUP BY u.host "
        "ORDER BY sum(u.bytes_to_server) + sum(u.bytes_to_client) DESC, u.host LIMIT ?");
    if (!query) return query.error();
    query->bind(1, std::min<std::uint64_t>(limit, INT64_MAX));
    std::vector<UnknownHost> hosts;
    while (query->step()) {
      UnknownHost& host = hosts.emplace_back();
      host.host = query->text(0);
      host.clients = query->number(1);
      host.more_clients = query->integer(2) != 0;
      host.flows = query->number(3);
      host.sessions = query->number(4);
      host.bytes_to_server = query->number(5);
      host.bytes_to_client = query->number(6);
      host.first_seen = query->time(7);
      host.last_seen = query->time(8);
    }
    if (!query->ok()) return database_.error();
    return hosts;
  }

  Result<std::vector<TimelinePoint>> timeline() {
    auto kept = sums();
    if (!kept) return kept.error();
    return timeline_of_all(database_, (*kept)->has_value());
  }

  Result<Totals> totals() {
    auto all = all_apps();
    if (!all) return all.error();
    auto kept = sums();
    if (!kept) return kept.error();
    return totals_of(database_, **all, **kept);
  }

  Result<std::vector<FindingSummary>> findings() { return read_findings(database_); }
  Result<std::vector<FileSummary>> files() { return read_files(database_); }
  Result<std::vector<Asset>> assets() { return read_assets(database_, rubric_); }
  Result<std::vector<ModelUse>> model_uses() { return read_model_uses(database_); }
  Result<std::vector<ToolUse>> tools() { return read_tools(database_); }
  Result<std::vector<ArtifactSummary>> artifacts() { return read_artifacts(database_); }
  Result<std::vector<Candidate>> candidates() { return read_candidates(database_); }
  Result<std::vector<RetroUse>> retro_uses() { return read_retro_uses(database_); }
  Result<std::vector<Alert>> alerts() {
    auto all = read_alerts(database_);
    if (all) std::reverse(all->begin(), all->end());
    return all;
  }

  Result<std::vector<HostAddress>> host_addresses() { return read_host_addresses(database_); }
  Result<PeriodUse> period(const UseFilter& filter) { return read_period(database_, filter); }
  Result<AskedBy> asked_by(const std::string& client) { return read_asked_by(database_, client); }

  Result<std::string> dump() { return dump_tables(database_); }

 private:
  // What apps are asked for one by one, read once, and where each app's are.
  template <class Record>
  struct ByApp {
    std::vector<Record> all;
    std::multimap<std::string_view, std::size_t> places;  // in the order of `all`
  };
  struct Records {
    ByApp<FindingSummary> findings;
    ByApp<FileSummary> files;
    ByApp<ModelUse> models;
    ByApp<ToolUse> tools;
    ByApp<ArtifactSummary> artifacts;
    ByApp<Alert> alerts;
    ByApp<RetroUse> retro_uses;
  };

  std::optional<Error> read_records() {
    if (records_) return std::nullopt;
    records_.emplace();
    const auto take = [](auto read, auto& into) -> std::optional<Error> {
      if (!read) return read.error();
      into.all = std::move(*read);
      for (std::size_t i = 0; i < into.all.size(); ++i) into.places.emplace(into.all[i].app, i);
      return std::nullopt;
    };
    auto failed = take(read_findings(database_), records_->findings);
    if (!failed) failed = take(read_files(database_), records_->files);
    if (!failed) failed = take(read_model_uses(database_), records_->models);
    if (!failed) failed = take(read_tools(database_), records_->tools);
    if (!failed) failed = take(read_artifacts(database_), records_->artifacts);
    if (!failed) failed = take(read_alerts(database_), records_->alerts);
    if (!failed) failed = take(read_retro_uses(database_), records_->retro_uses);
    if (failed) records_.reset();
    return failed;
  }

  static void read_coverage(Statement& query, observation::Coverage& coverage) {
    while (query.step()) {
      const std::string name = query.text(0);
      for (const auto& [prefix, list] : kCoverageLists)
        if (name.starts_with(prefix))
          (coverage.*list).emplace_back(name.substr(prefix.size()), query.number(1));
      for (const auto& [known, member] : observation::kCoverageCounterNames)
        if (known == name) coverage.*member = query.number(1);
    }
  }

  std::optional<Error> read_parts_of(Run& run) {
    auto inputs = database_.prepare(
        "SELECT path, sha256, bytes, damage FROM run_input WHERE run = ? ORDER BY position");
    if (!inputs) return inputs.error();
    inputs->bind(1, run.id);
    while (inputs->step())
      run.inputs.push_back({inputs->text(0), inputs->text(1), inputs->number(2), inputs->text(3)});
    auto coverage =
        database_.prepare("SELECT name, value FROM run_coverage WHERE run = ? ORDER BY name");
    if (!coverage) return coverage.error();
    coverage->bind(1, run.id);
    read_coverage(*coverage, run.coverage);
    auto counters =
        database_.prepare("SELECT name, value FROM run_counter WHERE run = ? ORDER BY name");
    if (!counters) return counters.error();
    counters->bind(1, run.id);
    while (counters->step()) run.counters.emplace_back(counters->text(0), counters->number(1));
    if (!inputs->ok() || !coverage->ok() || !counters->ok()) return database_.error();
    return std::nullopt;
  }

  Database database_;
  std::optional<RiskRubric> rubric_;
  Time as_of_;  // the last packet of all runs
  std::optional<std::vector<AppSummary>> apps_;
  std::optional<Records> records_;
  std::optional<std::optional<TotalsState>> sums_;
  std::optional<Result<BestNames>> names_;
};

Result<Inventory> Inventory::open(const std::filesystem::path& path) {
  auto database = Database::open(path, Access::kRead);
  if (!database) return database.error();
  auto impl = std::make_unique<Impl>(std::move(*database), std::nullopt);
  if (auto failed = impl->begin()) return *failed;
  return Inventory{std::move(impl)};
}

Result<Inventory> Inventory::open(const std::filesystem::path& path, RiskRubric rubric) {
  auto database = Database::open(path, Access::kRead);
  if (!database) return database.error();
  auto impl = std::make_unique<Impl>(std::move(*database), std::move(rubric));
  if (auto failed = impl->begin()) return *failed;
  return Inventory{std::move(impl)};
}

Inventory::Inventory(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Inventory::Inventory(Inventory&&) noexcept = default;
Inventory& Inventory::operator=(Inventory&&) noexcept = default;
Inventory::~Inventory() = default;

Result<std::vector<AppSummary>> Inventory::apps(const AppFilter& filter, AppOrder order) {
  return impl_->apps(filter, order);
}
Result<std::optional<AppDetail>> Inventory::app(std::string_view id) { return impl_->app(id); }
Result<std::optional<AppDetail>> Inventory::app_without_rows(std::string_view id) {
  return impl_->app_without_rows(id);
}
std::optional<Error> Inventory::each_client_of(std::string_view id,
                                               const std::function<void(AppClient&)>& visit) {
  return impl_->each_client_of_app(id, visit);
}
std::optional<Error> Inventory::each_sighting_of(std::string_view id,
                                                 const std::function<void(Sighting&)>& visit) {
  return impl_->each_sighting_of_app(id, visit);
}
Result<std::vector<ClientSummary>> Inventory::clients() { return impl_->clients(); }
std::optional<Error> Inventory::each_client(const std::function<void(ClientSummary&)>& visit) {
  return impl_->each_client(visit);
}
Result<std::vector<Run>> Inventory::runs() { return impl_->runs(); }
Result<std::vector<HealthSummary>> Inventory::health() { return impl_->health(); }
Result<observation::Coverage> Inventory::coverage() { return impl_->coverage(); }
Result<std::vector<UnknownHost>> Inventory::unknown_hosts(std::size_t limit) {
  return impl_->unknown_hosts(limit);
}
Result<std::vector<TimelinePoint>> Inventory::timeline() { return impl_->timeline(); }
Result<Totals> Inventory::totals() { return impl_->totals(); }
Result<std::vector<FindingSummary>> Inventory::findings() { return impl_->findings(); }
Result<std::vector<FileSummary>> Inventory::files() { return impl_->files(); }
Result<std::vector<Asset>> Inventory::assets() { return impl_->assets(); }
Result<std::vector<ModelUse>> Inventory::model_uses() { return impl_->model_uses(); }
Result<std::vector<ToolUse>> Inventory::tools() { return impl_->tools(); }
Result<std::vector<ArtifactSummary>> Inventory::artifacts() { return impl_->artifacts(); }
Result<std::vector<Candidate>> Inventory::candidates() { return impl_->candidates(); }
Result<std::vector<Alert>> Inventory::alerts() { return impl_->alerts(); }
Result<std::vector<RetroUse>> Inventory::retro_uses() { return impl_->retro_uses(); }
Result<std::vector<HostAddress>> Inventory::host_addresses() { return impl_->host_addresses(); }
Result<PeriodUse> Inventory::period(const UseFilter& filter) { return impl_->period(filter); }
Result<AskedBy> Inventory::asked_by(const std::string& client) { return impl_->asked_by(client); }
std::optional<Error> Inventory::narrow(AppDetail& detail, std::string_view client_group) {
  return impl_->narrow(detail, client_group);
}
Result<std::string> Inventory::dump() { return impl_->dump(); }

}  // namespace gnomon::inventory
