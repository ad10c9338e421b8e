#include <numeric>
#include <set>

#include "api_json.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/report/inventory_json.h"
#include "gnomon/report/numbers.h"

// What is asked of the whole inventory: overview, lists, coverage.
namespace gnomon::report::console {
namespace {

Response changes(Call& call) {
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  json.member("generation", call.snapshot->generation);
  write_time(json, "last_packet", call.snapshot->totals.last_packet);
  json.member("trouble", call.site.snapshots().trouble());
  json.end_object();
  return response;
}

void write_name_count(JsonWriter& json, std::string_view name, std::uint64_t count) {
  json.begin_object();
  json.member("name", name);
  json.member("count", count);
  json.end_object();
}

// Most first.
void write_name_counts(JsonWriter& json, std::string_view name,
                       const std::map<std::string, std::uint64_t>& counts) {
  std::vector<std::pair<std::string_view, std::uint64_t>> sorted{counts.begin(), counts.end()};
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  json.key(name);
  json.begin_array();
  for (const auto& [word, number] : sorted) write_name_count(json, word, number);
  json.end_array();
}

// Of those who used an app: who sent most.
void write_top_clients(JsonWriter& json, const Snapshot& snapshot) {
  constexpr std::size_t kMost = 6;
  std::vector<const inventory::ClientSummary*> top;
  for (const inventory::ClientSummary& client : snapshot.seen->by_client->clients)
    if (client.grade >= inventory::Grade::kSession) top.push_back(&client);
  const auto end = top.begin() + static_cast<std::ptrdiff_t>(std::min(kMost, top.size()));
  std::partial_sort(top.begin(), end, top.end(), [](const auto* a, const auto* b) {
    return a->counts.bytes_to_server != b->counts.bytes_to_server
               ? a->counts.bytes_to_server > b->counts.bytes_to_server
               : a->client < b->client;
  });
  json.key("top_clients");
  json.begin_array();
  for (auto each = top.begin(); each != end; ++each) {
    json.begin_object();
    json.member("client", (*each)->client);
    json.member("name", (*each)->name);
    json.member("apps", (*each)->apps);
    json.member("apps_used", (*each)->apps_used);
    json.member("sent", (*each)->counts.bytes_to_server);
    json.end_object();
  }
  json.end_array();
}

Response overview(Call& call) {
  const Snapshot& snapshot = *call.snapshot;
  const inventory::Totals& totals = snapshot.totals;
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  json.member("generation", snapshot.generation);
  json.member("database", call.site.options().database.filename().string());
  json.member("apps", totals.apps);
  json.member("apps_used", totals.apps_used);
  json.member("clients", totals.clients);
  json.member("clients_used", totals.clients_used);
  json.member("findings", totals.findings);
  std::uint64_t low = 0;
  for (const auto& [app, items] : snapshot.seen->findings_by_id) low += items.low;
  json.member("findings_low", low);
  json.member("assets", totals.assets);
  json.member("alerts", totals.alerts);
  json.member("runs", totals.runs);
  json.member("unknown_hosts", totals.unknown_hosts);
  json.member("candidates", totals.candidates);
  write_time(json, "first_packet", totals.first_packet);
  write_time(json, "last_packet", totals.last_packet);
  write_counts_member(json, totals.counts);
  json.key("counts_used");
  json.begin_object();
  write_counts(json, totals.counts_used);
  json.end_object();
  json.key("levels");
  json.begin_array();
  for (std::size_t i = 0; i < inventory::kRiskLevels; ++i)
    write_name_count(json, to_string(static_cast<inventory::RiskLevel>(i)),
                     totals.apps_by_level[i]);
  json.end_array();
  std::map<std::string, std::uint64_t> statuses;
  std::map<std::string, std::uint64_t> severities;
  std::uint64_t overdue = 0;
  const std::string today = day_text(totals.last_packet);
  for (const inventory::AppSummary& app : snapshot.apps) {
    if (app.grade >= inventory::Grade::kSession) ++statuses[app.review.status];
    if (!app.review.review_date.empty() && app.review.review_date < today) ++overdue;
  }
  std::map<std::string, std::uint64_t> categories;
  const Listing& findings_list = snapshot.list("findings");
  const std::size_t severity = column_of(findings_list, "severity").value_or(0);
  const std::size_t category = column_of(findings_list, "category").value_or(0);
  const std::size_t count = column_of(findings_list, "count").value_or(0);
  const std::size_t confidence = column_of(findings_list, "confidence").value_or(0);
  for (const auto& row : findings_list.rows) {
    if (std::get<std::string>(row[confidence]) != "high") continue;
    severities[std::get<std::string>(row[severity])] += std::get<std::uint64_t>(row[count]);
    categories[std::get<std::string>(row[category])] += std::get<std::uint64_t>(row[count]);
  }
  std::map<std::string, std::uint64_t> open_alerts;
  for (const inventory::Alert& alert : snapshot.alerts)
    if (alert.acked_by.empty()) ++open_alerts[alert.severity];
  json.member("overdue", overdue);
  write_name_counts(json, "statuses", statuses);
  write_name_counts(json, "severities", severities);
  write_name_counts(json, "finding_categories", categories);
  write_name_counts(json, "open_alerts", open_alerts);
  write_top_clients(json, snapshot);
  json.key("categories");
  json.begin_array();
  for (const auto& [name, number] : totals.apps_by_category) write_name_count(json, name, number);
  json.end_array();
  json.key("headlines");
  json.begin_array();
  for (const Finding& each : snapshot.headlines) {
    json.begin_object();
    json.member("subject", each.subject);
    json.member("text", each.text);
    json.end_object();
  }
  json.end_array();
  // What wants a look: used, risky, undecided.
  json.key("to_decide");
  json.begin_array();
  std::size_t told = 0;
  for (std::size_t i = 0; i < snapshot.apps.size() && told < 8; ++i) {
    const inventory::AppSummary& app = snapshot.apps[i];
    if (app.grade < inventory::Grade::kSession || app.review.status != "unreviewed") continue;
    write_app_row(json, app, snapshot.notes_of_app[i]);
    ++told;
  }
  json.end_array();
  // Newest apps in use.
  std::vector<std::size_t> newest(snapshot.apps.size());
  std::iota(newest.begin(), newest.end(), std::size_t{0});
  std::erase_if(newest,
                [&](std::size_t i) { return snapshot.apps[i].grade < inventory::Grade::kSession; });
  std::sort(newest.begin(), newest.end(), [&](std::size_t a, std::size_t b) {
    return snapshot.apps[a].first_seen > snapshot.apps[b].first_seen;
  });
  newest.resize(std::min<std::size_t>(newest.size(), 6));
  json.key("newest");
  json.begin_array();
  for (const std::size_t i : newest)
    write_app_row(json, snapshot.apps[i], snapshot.notes_of_app[i]);
  json.end_array();
  write_timeline(json, "timeline", timeline_of(snapshot.seen->by_client->hours));
  json.end_object();
  return response;
}

// One of listings(), filtered and sorted here.
Response list(Call& call, std::string_view name) {
  const Listing& listing = call.snapshot->list(name);
  const std::string wanted = lowered(call.parameters.text("q"));
  const std::string sort = call.parameters.text("sort");
  constexpr std::string_view kOrders[] = {"asc", "desc"};
  const bool descending = call.parameters.word("order", kOrders) == "desc";
  // Exactly that in a column.
  struct Only {
    std::size_t column;
    std::string value;
  };
  std::vector<Only> only;
  for (const std::string_view key :
       {"severity", "app", "client", "status", "category", "kind", "direction", "confidence"}) {
    const auto column = column_of(listing, key);
    if (!column) continue;
    if (std::string value = call.parameters.text(key); !value.empty())
      only.push_back({*column, std::move(value)});
  }
  const Paging paging = paging_of(call);
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < listing.rows.size(); ++i) {
    const auto& row = listing.rows[i];
    const bool fits = std::all_of(only.begin(), only.end(), [&](const Only& each) {
      return cell_text(row[each.column]) == each.value;
    });
    if (fits && (wanted.empty() || row_holds(listing, i, wanted))) chosen.push_back(i);
  }
  if (!sort.empty()) {
    const auto column = column_of(listing, sort);
    if (!column) return error_response(400, "parameter", "'sort' names no column of this list");
    std::stable_sort(chosen.begin(), chosen.end(), [&](std::size_t a, std::size_t b) {
      const Cell& left = listing.rows[a][*column];
      const Cell& right = listing.rows[b][*column];
      return descending ? cell_less(right, left) : cell_less(left, right);
    });
  } else if (descending) {
    std::reverse(chosen.begin(), chosen.end());
  }
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  write_listing(json, listing, chosen, paging);
  // What the filters may be set to.
  json.key("choices");
  json.begin_object();
  for (const std::string_view key :
       {"severity", "status", "category", "kind", "direction", "confidence"}) {
    const auto column = column_of(listing, key);
    if (!column) continue;
    std::set<std::string> values;
    for (const auto& row : listing.rows)
      if (const auto* text = std::get_if<std::string>(&row[*column]); text && values.size() < 100)
        values.insert(*text);
    json.key(key);
    json.begin_array();
    for (const std::string& value : values) json.value(value);
    json.end_array();
  }
  json.end_object();
  json.end_object();
  return response;
}

template <const char* name>
Response list_of(Call& call) {
  return list(call, name);
}
constexpr char kFindings[] = "findings";
constexpr char kFiles[] = "files";
constexpr char kModels[] = "models";
constexpr char kTools[] = "tools";
constexpr char kArtifacts[] = "artifacts";
constexpr char kRetro[] = "retro";
constexpr char kHealth[] = "health";

Response coverage(Call& call) {
  const Snapshot& snapshot = *call.snapshot;
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  write_texts(json, "statement", snapshot.seen->statement);
  write_coverage(json, snapshot.seen->coverage);
  write_time(json, "first_packet", snapshot.totals.first_packet);
  write_time(json, "last_packet", snapshot.totals.last_packet);
  json.end_object();
  return response;
}

Response runs(Call& call) {
  const Paging paging = paging_of(call);
  std::vector<const inventory::Run*> newest;
  for (const inventory::Run& run : call.snapshot->runs) newest.push_back(&run);
  std::reverse(newest.begin(), newest.end());
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  write_page(json, newest, paging, [&](const inventory::Run* run) {
    json.begin_object();
    json.member("id", run->id);
    json.member("filter", run->filter);
    write_time(json, "first_packet", run->first_packet);
    write_time(json, "last_packet", run->last_packet);
    write_time(json, "recorded_at", run->recorded_at);
    json.key("inputs");
    json.begin_array();
    constexpr std::size_t kInputsMax = 20;
    for (std::size_t i = 0; i < std::min(run->inputs.size(), kInputsMax); ++i) {
      const auto& input = run->inputs[i];
      json.begin_object();
      json.member("path", input.path);
      json.member("bytes", input.bytes);
      json.member("damage", input.damage);
      json.end_object();
    }
    json.end_array();
    json.member("inputs_total", static_cast<std::uint64_t>(run->inputs.size()));
    json.member("frames", run->coverage.frames);
    json.member("flows", run->coverage.flows);
    json.member("one_sided", run->coverage.one_sided);
    json.member("with_gaps", run->coverage.with_gaps);
    json.member("undecoded", run->coverage.undecoded_frames());
    json.member("lost", run->coverage.lost_packets());
    json.end_object();
  });
  json.end_object();
  return response;
}

Response unknown_hosts(Call& call) {
  const std::string wanted = lowered(call.parameters.text("q"));
  const Paging paging = paging_of(call);
  std::vector<const inventory::UnknownHost*> chosen;
  for (const inventory::UnknownHost& host : call.snapshot->seen->unknown_hosts)
    if (wanted.empty() || holds(host.host, wanted)) chosen.push_back(&host);
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  write_page(json, chosen, paging, [&](const inventory::UnknownHost* host) {
    json.begin_object();
    json.member("host", host->host);
    json.member("clients", host->clients);
    json.member("more_clients", host->more_clients);
    json.member("flows", host->flows);
    json.member("sessions", host->sessions);
    json.member("bytes", host->bytes_to_server + host->bytes_to_client);
    write_time(json, "first_seen", host->first_seen);
    write_time(json, "last_seen", host->last_seen);
    json.end_object();
  });
  json.end_object();
  return response;
}

constexpr Route kRoutes[] = {
    {"GET", "/api/v1/changes", Access::kViewer, changes},
    {"GET", "/api/v1/overview", Access::kViewer, overview},
    {"GET", "/api/v1/findings", Access::kViewer, list_of<kFindings>},
    {"GET", "/api/v1/files", Access::kViewer, list_of<kFiles>},
    {"GET", "/api/v1/models", Access::kViewer, list_of<kModels>},
    {"GET", "/api/v1/tools", Access::kViewer, list_of<kTools>},
    {"GET", "/api/v1/artifacts", Access::kViewer, list_of<kArtifacts>},
    {"GET", "/api/v1/retro", Access::kViewer, list_of<kRetro>},
    {"GET", "/api/v1/health", Access::kViewer, list_of<kHealth>},
    {"GET", "/api/v1/coverage", Access::kViewer, coverage},
    {"GET", "/api/v1/runs", Access::kViewer, runs},
    {"GET", "/api/v1/unknown-hosts", Access::kViewer, unknown_hosts},
};

}  // namespace

std::span<const Route> list_routes() { return kRoutes; }

}  // namespace gnomon::report::console
