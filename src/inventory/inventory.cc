#include "gnomon/inventory/inventory.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "database.h"
#include "dump.h"

namespace gnomon::inventory {
namespace {

constexpr std::chrono::days kWeek{7};
constexpr std::chrono::hours kHour{1};

// Columns in the order in which read_counts() takes them; `s` is the table.
constexpr std::string_view kSightingSums =
    "sum(s.flows), sum(s.sessions), sum(s.lookups), sum(s.requests), sum(s.upload_events), "
    "sum(s.upload_bytes), sum(s.bytes_to_server), sum(s.bytes_to_client)";
constexpr std::string_view kSightingCounts =
    "s.flows, s.sessions, s.lookups, s.requests, s.upload_events, s.upload_bytes, "
    "s.bytes_to_server, s.bytes_to_client";
constexpr std::string_view kHourSums =
    "sum(s.flows), sum(s.sessions), 0, 0, sum(s.upload_events), sum(s.upload_bytes), "
    "sum(s.bytes_to_server), sum(s.bytes_to_client)";

Counts read_counts(const Statement& row, int from) {
  Counts counts;
  for (std::uint64_t* field :
       {&counts.flows, &counts.sessions, &counts.lookups, &counts.requests, &counts.upload_events,
        &counts.upload_bytes, &counts.bytes_to_server, &counts.bytes_to_client})
    *field = row.number(from++);
  return counts;
}

std::uint64_t all_bytes(const Counts& counts) {
  return counts.bytes_to_server + counts.bytes_to_client;
}

Grade grade_of(std::int64_t rank) {
  return static_cast<Grade>(std::clamp<std::int64_t>(rank, 0, static_cast<int>(Grade::kContent)));
}

// "b,a,,b" as {"a", "b"}.
std::vector<std::string> words_of(const std::string& joined) {
  std::set<std::string> words;
  for (std::size_t at = 0; at <= joined.size();) {
    const std::size_t end = std::min(joined.find(',', at), joined.size());
    if (end > at) words.insert(joined.substr(at, end - at));
    at = end + 1;
  }
  return {words.begin(), words.end()};
}

std::string lowered(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::uint64_t percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : part * 100 / whole;
}

struct ClientName {
  std::string name;
  std::string source;
  std::string mac;
};

}  // namespace

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
    std::vector<AppSummary> chosen;
    for (AppSummary& app : *all)
      if (matches(app, filter) && (!of_client || of_client->contains(app.facts.id)))
        chosen.push_back(std::move(app));
    sort_apps(chosen, order);
    return chosen;
  }

  Result<std::optional<AppDetail>> app(std::string_view id) {
    auto all = all_apps();
    if (!all) return all.error();
    const auto found = std::find_if(all->begin(), all->end(),
                                    [id](const AppSummary& app) { return app.facts.id == id; });
    if (found == all->end()) return std::optional<AppDetail>{};
    AppDetail detail;
    detail.summary = std::move(*found);
    for (auto step : {&Impl::read_clients_of, &Impl::read_endpoints_of, &Impl::read_sightings_of,
                      &Impl::read_hours_of})
      if (auto failed = (this->*step)(id, detail)) return *failed;
    return std::optional{std::move(detail)};
  }

  Result<std::vector<ClientSummary>> clients() {
    auto names = client_names();
    if (!names) return names.error();
    auto query = database_.prepare(
        "SELECT s.client, count(DISTINCT s.app), max(s.grade), min(s.first_seen_ns), "
        "max(s.last_seen_ns), group_concat(DISTINCT s.app), " +
        std::string{kSightingSums} + " FROM v_sightings s WHERE s.client <> '' GROUP BY s.client");
    if (!query) return query.error();
    std::vector<ClientSummary> clients;
    while (query->step()) {
      ClientSummary& client = clients.emplace_back();
      client.client = query->text(0);
      client.apps = query->number(1);
      client.grade = grade_of(query->integer(2));
      client.first_seen = query->time(3);
      client.last_seen = query->time(4);
      client.app_ids = words_of(query->text(5));
      client.counts = read_counts(*query, 6);
      if (const auto known = names->find(client.client); known != names->end()) {
        client.name = known->second.name;
        client.name_source = known->second.source;
        client.mac = known->second.mac;
      }
    }
    if (!query->ok()) return database_.error();
    std::stable_sort(clients.begin(), clients.end(), [](const auto& a, const auto& b) {
      return all_bytes(a.counts) > all_bytes(b.counts);
    });
    return clients;
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

  Result<std::vector<TimelinePoint>> timeline(Interval interval) {
    const std::int64_t hours = interval == Interval::kDay ? 24 : 1;
    auto query = database_.prepare(
        // Floored also before 1970, where division rounds up.
        "SELECT (s.hour - ((s.hour % ?1) + ?1) % ?1) AS start, count(DISTINCT s.app), "
        "count(DISTINCT nullif(s.client, '')), " +
        std::string{kHourSums} + " FROM v_app_hours s GROUP BY start ORDER BY start");
    if (!query) return query.error();
    query->bind(1, hours);
    std::vector<TimelinePoint> points;
    while (query->step()) points.push_back(read_point(*query));
    if (!query->ok()) return database_.error();
    return points;
  }

  Result<Totals> totals() {
    auto all = all_apps();
    if (!all) return all.error();
    Totals totals;
    totals.apps = all->size();
    std::map<std::string, std::uint64_t> categories;
    for (const AppSummary& app : *all) {
      if (app.grade >= Grade::kSession) ++totals.apps_used;
      if (app.rating) ++totals.apps_by_level[static_cast<std::size_t>(app.rating->level)];
      ++categories[app.facts.category];
    }
    totals.apps_by_category.assign(categories.begin(), categories.end());

    auto sums = database_.prepare(
        "SELECT count(DISTINCT nullif(s.client, '')), "
        "count(DISTINCT CASE WHEN s.grade >= 3 AND s.client <> '' "
        "THEN s.client END), " +
        std::string{kSightingSums} + " FROM v_sightings s");
    if (!sums) return sums.error();
    if (sums->step()) {
      totals.clients = sums->number(0);
      totals.clients_used = sums->number(1);
      totals.counts = read_counts(*sums, 2);
    }
    if (!sums->ok()) return database_.error();
    auto rest = database_.prepare(
        "SELECT (SELECT count(*) FROM v_unknown_hosts), count(*), "
        "coalesce(min(nullif(first_packet_ns, 0)), 0), coalesce(max(last_packet_ns), 0) "
        "FROM capture_run WHERE state = 'finished'");
    if (!rest) return rest.error();
    if (rest->step()) {
      totals.unknown_hosts = rest->number(0);
      totals.runs = rest->number(1);
      totals.first_packet = rest->time(2);
      totals.last_packet = rest->time(3);
    }
    if (!rest->ok()) return database_.error();
    return totals;
  }

  Result<std::string> dump() { return dump_tables(database_); }

 private:
  // What the rating asks of the traffic and the summaries do not show.
  struct Traffic {
    std::uint64_t kind_known_flows = 0;
    std::uint64_t non_browser_flows = 0;
    std::uint64_t cleartext_flows = 0;
    std::uint64_t hourly_flows = 0;
    std::uint64_t off_hours_flows = 0;
    std::uint64_t last_week_bytes = 0;
    std::uint64_t week_before_bytes = 0;
    bool two_weeks_seen = false;
  };

  // In the order of their ids, each with its rating.
  Result<std::vector<AppSummary>> all_apps() {
    auto query = database_.prepare(
        "SELECT s.app, a.name, a.vendor, a.vendor_country, a.category, max(s.grade), "
        "min(s.first_seen_ns), max(s.last_seen_ns), count(DISTINCT nullif(s.client, '')), "
        "group_concat(DISTINCT s.usage), group_concat(DISTINCT s.client_kind), "
        "sum(s.flows * (s.client_kind NOT IN ('', 'unknown'))), "
        "sum(s.flows * (s.client_kind NOT IN ('', 'unknown', 'browser'))), "
        "sum(s.flows * (s.app_proto = 'http')), v.status, v.owner, v.purpose, v.department, "
        "v.data_class, v.review_date, v.reason, " +
        std::string{kSightingSums} +
        " FROM v_sightings s JOIN app a ON a.id = s.app LEFT JOIN review v ON v.app = s.app "
        "GROUP BY s.app ORDER BY s.app");
    if (!query) return query.error();
    std::vector<AppSummary> apps;
    std::vector<Traffic> traffic;
    while (query->step()) {
      AppSummary& app = apps.emplace_back();
      app.facts = {query->text(0), query->text(1), query->text(2),
                   query->text(3), query->text(4), {}};
      app.grade = grade_of(query->integer(5));
      app.first_seen = query->time(6);
      app.last_seen = query->time(7);
      app.clients = query->number(8);
      app.usages = words_of(query->text(9));
      app.client_kinds = words_of(query->text(10));
      Traffic& seen = traffic.emplace_back();
      seen.kind_known_flows = query->number(11);
      seen.non_browser_flows = query->number(12);
      seen.cleartext_flows = query->number(13);
      if (!query->text(14).empty())
        app.review = {query->text(14), query->text(15), query->text(16), query->text(17),
                      query->text(18), query->text(19), query->text(20)};
      app.counts = read_counts(*query, 21);
    }
    if (!query->ok()) return database_.error();
    if (auto failed = read_attributes(apps)) return *failed;
    if (!rubric_) return apps;
    if (auto failed = read_traffic(apps, traffic)) return *failed;
    for (std::size_t i = 0; i < apps.size(); ++i)
      apps[i].rating = rubric_->rate(risk_input(apps[i], traffic[i]));
    return apps;
  }

  std::optional<Error> read_attributes(std::vector<AppSummary>& apps) {
    auto query = database_.prepare("SELECT app, key, value FROM app_attribute ORDER BY app, key");
    if (!query) return query.error();
    auto at = apps.begin();
    while (query->step()) {
      const std::string id = query->text(0);
      while (at != apps.end() && at->facts.id < id) ++at;
      if (at == apps.end()) break;
      if (at->facts.id == id) at->facts.attributes.emplace_back(query->text(1), query->text(2));
    }
    return query->ok() ? std::nullopt : std::optional{database_.error()};
  }

  std::optional<Error> read_traffic(const std::vector<AppSummary>& apps,
                                    std::vector<Traffic>& traffic) {
    const auto last_hour =
        std::chrono::floor<std::chrono::hours>(as_of_).time_since_epoch() / kHour;
    const std::int64_t week = kWeek / kHour;
    bool two_weeks_seen = false;
    {
      auto first = database_.prepare("SELECT min(hour) FROM v_app_hours");
      if (!first) return first.error();
      two_weeks_seen =
          first->step() && first->is_integer(0) && first->integer(0) <= last_hour - 2 * week;
      if (!first->ok()) return database_.error();
    }
    auto query = database_.prepare(
        "SELECT app, hour, sum(flows), sum(bytes_to_server + bytes_to_client) FROM v_app_hours "
        "GROUP BY app, hour ORDER BY app, hour");
    if (!query) return query.error();
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
      if (!rubric_->working_hours().contains(Time{kHour * hour})) seen.off_hours_flows += flows;
      if (hour > last_hour - week) {
        seen.last_week_bytes += bytes;
      } else if (hour > last_hour - 2 * week) {
        seen.week_before_bytes += bytes;
      }
    }
    return query->ok() ? std::nullopt : std::optional{database_.error()};
  }

  RiskInput risk_input(const AppSummary& app, const Traffic& seen) const {
    RiskInput input;
    input.app = app.facts.id;
    input.facts = app.facts;
    input.status = app.review.status;
    input.review_date = app.review.review_date;
    input.as_of = as_of_;
    input.upload_events = app.counts.upload_events;
    input.upload_bytes = app.counts.upload_bytes;
    input.clients = app.clients;
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

  static bool matches(const AppSummary& app, const AppFilter& filter) {
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

  static void sort_apps(std::vector<AppSummary>& apps, AppOrder order) {
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

  // The best name of each client: DHCP before mDNS, the latest, then by letters.
  Result<std::unordered_map<std::string, ClientName>> client_names() {
    auto query = database_.prepare(
        "SELECT n.client, n.name, n.source, n.mac FROM client_name n JOIN capture_run r ON "
        "r.id = n.run WHERE r.state = 'finished' "
        "ORDER BY n.client, n.source = 'dhcp' DESC, n.last_seen_ns DESC, n.name, n.mac");
    if (!query) return query.error();
    std::unordered_map<std::string, ClientName> names;
    while (query->step()) {
      ClientName& best = names[query->text(0)];
      if (best.name.empty() && !query->text(1).empty()) {
        best.name = query->text(1);
        best.source = query->text(2);
      }
      if (best.mac.empty()) best.mac = query->text(3);
    }
    if (!query->ok()) return database_.error();
    return names;
  }

  std::optional<Error> read_clients_of(std::string_view id, AppDetail& detail) {
    auto names = client_names();
    if (!names) return names.error();
    auto query = database_.prepare(
        "SELECT s.client, max(s.grade), min(s.first_seen_ns), max(s.last_seen_ns), "
        "group_concat(DISTINCT s.usage), group_concat(DISTINCT s.client_kind), " +
        std::string{kSightingSums} + " FROM v_sightings s WHERE s.app = ? GROUP BY s.client");
    if (!query) return query.error();
    query->bind(1, id);
    while (query->step()) {
      AppClient& client = detail.clients.emplace_back();
      client.client = query->text(0);
      client.grade = grade_of(query->integer(1));
      client.first_seen = query->time(2);
      client.last_seen = query->time(3);
      client.usages = words_of(query->text(4));
      client.client_kinds = words_of(query->text(5));
      client.counts = read_counts(*query, 6);
      if (const auto known = names->find(client.client); known != names->end())
        client.name = known->second.name;
    }
    std::stable_sort(
        detail.clients.begin(), detail.clients.end(),
        [](const auto& a, const auto& b) { return all_bytes(a.counts) > all_bytes(b.counts); });
    return query->ok() ? std::nullopt : std::optional{database_.error()};
  }

  std::optional<Error> read_endpoints_of(std::string_view id, AppDetail& detail) {
    auto query = database_.prepare(
        "SELECT s.host, s.role, s.port, s.protocol, s.app_proto, "
        "group_concat(DISTINCT s.proof_host_source), count(DISTINCT nullif(s.client, '')), "
        "max(s.grade), min(s.first_seen_ns), max(s.last_seen_ns), " +
        std::string{kSightingSums} +
        " FROM v_sightings s WHERE s.app = ? "
        "GROUP BY s.host, s.role, s.port, s.protocol, s.app_proto "
        "ORDER BY max(s.grade) DESC, sum(s.flows) DESC, sum(s.lookups) DESC, s.host, s.role, "
        "s.port, s.protocol, s.app_proto");
    if (!query) return query.error();
    query->bind(1, id);
    while (query->step()) {
      AppEndpoint& endpoint = detail.endpoints.emplace_back();
      endpoint.host = query->text(0);
      endpoint.role = query->text(1);
      endpoint.port = static_cast<std::uint16_t>(query->integer(2));
      endpoint.protocol = query->text(3);
      endpoint.app_proto = query->text(4);
      endpoint.host_sources = words_of(query->text(5));
      endpoint.clients = query->number(6);
      endpoint.grade = grade_of(query->integer(7));
      endpoint.first_seen = query->time(8);
      endpoint.last_seen = query->time(9);
      endpoint.counts = read_counts(*query, 10);
    }
    return query->ok() ? std::nullopt : std::optional{database_.error()};
  }

  std::optional<Error> read_sightings_of(std::string_view id, AppDetail& detail) {
    auto query = database_.prepare(
        "SELECT s.client, s.host, s.proof_host_source, s.role, s.usage, s.client_kind, s.port, "
        "s.protocol, s.app_proto, s.grade, s.first_seen_ns, s.last_seen_ns, s.run, "
        "s.proof_time_ns, s.proof_flow_id, s.proof_file, s.proof_frame, s.proof_why, " +
        std::string{kSightingCounts} +
        " FROM v_sightings s WHERE s.app = ? "
        "ORDER BY s.grade DESC, s.proof_time_ns, s.proof_number, s.run, s.client, s.host, s.role, "
        "s.port, s.protocol, s.app_proto, s.usage, s.client_kind");
    if (!query) return query.error();
    query->bind(1, id);
    while (query->step()) {
      Sighting& sighting = detail.sightings.emplace_back();
      sighting.client = query->text(0);
      sighting.host = query->text(1);
      sighting.host_source = query->text(2);
      sighting.role = query->text(3);
      sighting.usage = query->text(4);
      sighting.client_kind = query->text(5);
      sighting.port = static_cast<std::uint16_t>(query->integer(6));
      sighting.protocol = query->text(7);
      sighting.app_proto = query->text(8);
      sighting.grade = grade_of(query->integer(9));
      sighting.first_seen = query->time(10);
      sighting.last_seen = query->time(11);
      sighting.run = query->integer(12);
      sighting.time = query->time(13);
      sighting.flow_id = query->number(14);
      sighting.file = query->text(15);
      sighting.frame = query->number(16);
      sighting.why = query->text(17);
      sighting.counts = read_counts(*query, 18);
    }
    return query->ok() ? std::nullopt : std::optional{database_.error()};
  }

  static TimelinePoint read_point(const Statement& row) {
    TimelinePoint point;
    point.start = Time{kHour * row.integer(0)};
    point.apps = row.number(1);
    point.clients = row.number(2);
    point.counts = read_counts(row, 3);
    return point;
  }

  std::optional<Error> read_hours_of(std::string_view id, AppDetail& detail) {
    auto query = database_.prepare(
        "SELECT s.hour, 1, count(DISTINCT nullif(s.client, '')), " + std::string{kHourSums} +
        " FROM v_app_hours s WHERE s.app = ? GROUP BY s.hour ORDER BY s.hour");
    if (!query) return query.error();
    query->bind(1, id);
    while (query->step()) detail.hours.push_back(read_point(*query));
    return query->ok() ? std::nullopt : std::optional{database_.error()};
  }

  static void read_coverage(Statement& query, observation::Coverage& coverage) {
    constexpr std::string_view kUndecoded = "undecoded.";
    while (query.step()) {
      const std::string name = query.text(0);
      if (name.starts_with(kUndecoded)) {
        coverage.undecoded.emplace_back(name.substr(kUndecoded.size()), query.number(1));
        continue;
      }
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
Result<std::vector<ClientSummary>> Inventory::clients() { return impl_->clients(); }
Result<std::vector<Run>> Inventory::runs() { return impl_->runs(); }
Result<observation::Coverage> Inventory::coverage() { return impl_->coverage(); }
Result<std::vector<UnknownHost>> Inventory::unknown_hosts(std::size_t limit) {
  return impl_->unknown_hosts(limit);
}
Result<std::vector<TimelinePoint>> Inventory::timeline(Interval interval) {
  return impl_->timeline(interval);
}
Result<Totals> Inventory::totals() { return impl_->totals(); }
Result<std::string> Inventory::dump() { return impl_->dump(); }

}  // namespace gnomon::inventory
