#include <set>

#include "api_json.h"
#include "gnomon/bytes/ascii.h"
#include "ordering.h"

// Apps: the list that is searched, filtered, sorted and paged here, and each one whole.
namespace gnomon::report::console {
namespace {

using inventory::AppSummary;

struct AppRow {
  const AppSummary* app;
  AppNotes notes;
};

constexpr Order<AppRow> kAppOrders[] = {
    {"risk",
     [](const AppRow& a, const AppRow& b) {
       return compared(a.app->rating ? a.app->rating->score : -1,
                       b.app->rating ? b.app->rating->score : -1);
     },
     true},
    {"name",
     [](const AppRow& a, const AppRow& b) {
       return compared(lowered(a.app->facts.name), lowered(b.app->facts.name));
     },
     false},
    {"status",
     [](const AppRow& a, const AppRow& b) {
       return compared(a.app->review.status, b.app->review.status);
     },
     false},
    {"category",
     [](const AppRow& a, const AppRow& b) {
       return compared(a.app->facts.category, b.app->facts.category);
     },
     false},
    {"grade", [](const AppRow& a, const AppRow& b) { return compared(a.app->grade, b.app->grade); },
     true},
    {"clients",
     [](const AppRow& a, const AppRow& b) {
       if (a.app->clients_used != b.app->clients_used)
         return compared(a.app->clients_used, b.app->clients_used);
       return compared(a.app->clients, b.app->clients);
     },
     true},
    {"findings",
     [](const AppRow& a, const AppRow& b) { return compared(a.notes.high, b.notes.high); }, true},
    {"bytes",
     [](const AppRow& a, const AppRow& b) {
       return compared(bytes_of(a.app->counts), bytes_of(b.app->counts));
     },
     true},
    {"uploads",
     [](const AppRow& a, const AppRow& b) {
       return compared(a.app->counts.upload_bytes, b.app->counts.upload_bytes);
     },
     true},
    {"first_seen",
     [](const AppRow& a, const AppRow& b) {
       return compared(a.app->first_seen, b.app->first_seen);
     },
     true},
    {"last_seen",
     [](const AppRow& a, const AppRow& b) { return compared(a.app->last_seen, b.app->last_seen); },
     true},
};

Response apps(Call& call) {
  const Snapshot& snapshot = *call.snapshot;
  const std::string wanted = lowered(call.parameters.text("q"));
  const std::string category = call.parameters.text("category");
  const std::string status = call.parameters.text("status");
  const std::string usage = call.parameters.text("usage");
  const std::string client = as_kept(call.parameters.text("client"));
  const int grade = place_of(kGrades, call.parameters.word("grade", kGrades));
  const int level = place_of(kLevels, call.parameters.word("level", kLevels));
  constexpr std::string_view kOnly[] = {"", "yes"};
  const bool with_findings = call.parameters.word("findings", kOnly) == "yes";
  const Paging paging = paging_of(call);

  std::set<std::string> of_client;
  if (!client.empty())
    if (const auto at = snapshot.seen->by_client->client_at.find(client); at != snapshot.seen->by_client->client_at.end())
      of_client.insert(snapshot.seen->by_client->clients[at->second].app_ids.begin(),
                       snapshot.seen->by_client->clients[at->second].app_ids.end());
  std::vector<AppRow> rows;
  for (std::size_t i = 0; i < snapshot.apps.size(); ++i) {
    const AppSummary& app = snapshot.apps[i];
    if (!category.empty() && app.facts.category != category) continue;
    if (!status.empty() && app.review.status != status) continue;
    if (!usage.empty() &&
        std::find(app.usages.begin(), app.usages.end(), usage) == app.usages.end())
      continue;
    if (static_cast<int>(app.grade) < grade) continue;
    if (level > 0 && (!app.rating || static_cast<int>(app.rating->level) + 1 < level)) continue;
    if (with_findings && snapshot.notes_of_app[i].high == 0) continue;
    if (!client.empty() && !of_client.contains(app.facts.id)) continue;
    if (!wanted.empty() && !holds(app.facts.id, wanted) && !holds(app.facts.name, wanted) &&
        !holds(app.facts.vendor, wanted))
      continue;
    rows.push_back({&app, snapshot.notes_of_app[i]});
  }
  sort_rows(call, rows, kAppOrders);

  std::set<std::string> categories;
  std::set<std::string> usages;
  for (const AppSummary& app : snapshot.apps) {
    categories.insert(app.facts.category);
    usages.insert(app.usages.begin(), app.usages.end());
  }
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  write_page(json, rows, paging,
             [&](const AppRow& row) { write_app_row(json, *row.app, row.notes); });
  json.key("choices");
  json.begin_object();
  write_texts(json, "category", {categories.begin(), categories.end()});
  write_texts(json, "usage", {usages.begin(), usages.end()});
  json.end_object();
  json.end_object();
  return response;
}

void write_app_client_row(JsonWriter& json, const inventory::AppClient& client) {
  json.begin_object();
  json.member("client", client.client);
  json.member("name", client.name);
  json.member("grade", observation::to_string(client.grade));
  write_texts(json, "usages", client.usages);
  write_texts(json, "client_kinds", client.client_kinds);
  write_counts_member(json, client.counts);
  write_time(json, "first_seen", client.first_seen);
  write_time(json, "last_seen", client.last_seen);
  json.end_object();
}

void write_endpoint_row(JsonWriter& json, const inventory::AppEndpoint& endpoint) {
  json.begin_object();
  json.member("host", endpoint.host);
  json.member("role", endpoint.role);
  json.member("port", static_cast<std::uint64_t>(endpoint.port));
  json.member("protocol", endpoint.protocol);
  json.member("app_proto", endpoint.app_proto);
  write_texts(json, "host_sources", endpoint.host_sources);
  json.member("clients", endpoint.clients);
  json.member("grade", observation::to_string(endpoint.grade));
  write_counts_member(json, endpoint.counts);
  write_time(json, "first_seen", endpoint.first_seen);
  write_time(json, "last_seen", endpoint.last_seen);
  json.end_object();
}

void write_sighting_row(JsonWriter& json, const inventory::Sighting& sighting) {
  json.begin_object();
  json.member("client", sighting.client);
  json.member("host", sighting.host);
  json.member("host_source", sighting.host_source);
  json.member("usage", sighting.usage);
  json.member("client_kind", sighting.client_kind);
  json.member("grade", observation::to_string(sighting.grade));
  json.member("port", static_cast<std::uint64_t>(sighting.port));
  json.member("app_proto", sighting.app_proto);
  write_time(json, "time", sighting.time);
  json.member("flow_id", std::to_string(sighting.flow_id));  // beyond what JavaScript counts to
  json.member("file", sighting.file);
  json.member("frame", sighting.frame);
  json.member("why", sighting.why);
  json.end_object();
}

// The app of the path: its summary from the list, its rest read now.
Response with_detail(Call& call, Response (*answer)(Call&, const AppParts&)) {
  if (call.snapshot->app(call.words[0]) == nullptr)
    return error_response(404, "not_found", "the inventory holds no such app");
  auto detail = call.site.detail(*call.snapshot, call.words[0]);
  if (!detail) return failed(detail.error());
  return answer(call, **detail);
}

Response app(Call& call) {
  return with_detail(call, [](Call& asked, const AppParts& parts) {
    // Summary and rating as the list shows them.
    const AppSummary& summary = *asked.snapshot->app(asked.words[0]);
    auto decisions = inventory::read_decisions(asked.site.options().database, summary.facts.id);
    if (!decisions) return failed(decisions.error());
    Response response;
    JsonWriter json{response.body};
    json.begin_object();
    json.member("generation", asked.snapshot->generation);
    json.key("app");
    write_app_row(json, summary,
                  asked.snapshot->notes_of_app[asked.snapshot->app_at.at(summary.facts.id)]);
    write_texts(json, "tags", parts.page.tags);
    json.member("review_required", parts.page.review_required);
    json.key("attributes");
    json.begin_object();
    for (const auto& [key, value] : summary.facts.attributes) json.member(key, value);
    json.end_object();
    if (summary.rating) write_risk_rows(json, *summary.rating);
    write_decisions(json, *decisions);
    write_timeline(json, "timeline", timeline_of(parts.hours));
    json.key("clients");
    json.begin_object();
    write_slice(json, parts.page.clients, {1, kFirst},
                [&](const auto& each) { write_app_client_row(json, each); });
    json.end_object();
    json.key("endpoints");
    json.begin_object();
    write_page(json, parts.page.endpoints.rows, {1, kFirst},
               [&](const auto& each) { write_endpoint_row(json, each); });
    json.end_object();
    json.key("evidence");
    json.begin_object();
    write_slice(json, parts.evidence, {1, kFirst},
                [&](const auto& each) { write_sighting_row(json, each); });
    json.end_object();
    write_lists_of_app(json, *asked.snapshot, summary.facts.id);
    json.end_object();
    return response;
  });
}

inventory::Slice slice_of(const Paging& paging) {
  return {static_cast<std::size_t>((paging.page - 1) * paging.size),
          static_cast<std::size_t>(paging.size)};
}

Response app_clients(Call& call) {
  if (call.snapshot->app(call.words[0]) == nullptr)
    return error_response(404, "not_found", "the inventory holds no such app");
  const Paging paging = paging_of(call);
  auto pages = call.site.take_pages();
  if (!pages) return failed(pages.error());
  auto page = (*pages)->app_clients(call.words[0], slice_of(paging));
  if (!page) return failed(page.error());
  call.site.give_back(std::move(*pages));
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  write_slice(json, *page, paging, [&](const auto& each) { write_app_client_row(json, each); });
  json.end_object();
  return response;
}

Response app_endpoints(Call& call) {
  return with_detail(call, [](Call& asked, const AppParts& parts) {
    const Paging paging = paging_of(asked);
    Response response;
    JsonWriter json{response.body};
    json.begin_object();
    write_page(json, parts.page.endpoints.rows, paging,
               [&](const auto& each) { write_endpoint_row(json, each); });
    json.end_object();
    return response;
  });
}

Response app_evidence(Call& call) {
  if (call.snapshot->app(call.words[0]) == nullptr)
    return error_response(404, "not_found", "the inventory holds no such app");
  const std::string client = call.parameters.text("client");
  const Paging paging = paging_of(call);
  auto pages = call.site.take_pages();
  if (!pages) return failed(pages.error());
  auto page = (*pages)->evidence(call.words[0], client, slice_of(paging));
  if (!page) return failed(page.error());
  call.site.give_back(std::move(*pages));
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  write_slice(json, *page, paging, [&](const auto& each) { write_sighting_row(json, each); });
  json.end_object();
  return response;
}

constexpr Route kRoutes[] = {
    {"GET", "/api/v1/apps", Access::kViewer, apps},
    {"GET", "/api/v1/apps/{id}", Access::kViewer, app},
    {"GET", "/api/v1/apps/{id}/clients", Access::kViewer, app_clients},
    {"GET", "/api/v1/apps/{id}/endpoints", Access::kViewer, app_endpoints},
    {"GET", "/api/v1/apps/{id}/evidence", Access::kViewer, app_evidence},
};

}  // namespace

std::span<const Route> app_routes() { return kRoutes; }

}  // namespace gnomon::report::console
