#include "api_json.h"
#include "gnomon/bytes/ascii.h"
#include "ordering.h"

// Clients: the list, and each one whole.
namespace gnomon::report::console {
namespace {

using inventory::AppClient;
using inventory::AppSummary;
using inventory::Grade;

using inventory::ClientSummary;
constexpr Order<const ClientSummary*> kClientOrders[] = {
    {"bytes",
     [](const ClientSummary* const& a, const ClientSummary* const& b) {
       return compared(bytes_of(a->counts), bytes_of(b->counts));
     },
     true},
    {"client",
     [](const ClientSummary* const& a, const ClientSummary* const& b) {
       return compared(a->client, b->client);
     },
     false},
    {"name",
     [](const ClientSummary* const& a, const ClientSummary* const& b) {
       return compared(lowered(a->name), lowered(b->name));
     },
     false},
    {"apps",
     [](const ClientSummary* const& a, const ClientSummary* const& b) {
       if (a->apps_used != b->apps_used) return compared(a->apps_used, b->apps_used);
       return compared(a->apps, b->apps);
     },
     true},
    {"uploads",
     [](const ClientSummary* const& a, const ClientSummary* const& b) {
       return compared(a->counts.upload_bytes, b->counts.upload_bytes);
     },
     true},
    {"last_seen",
     [](const ClientSummary* const& a, const ClientSummary* const& b) {
       return compared(a->last_seen, b->last_seen);
     },
     true},
};

void write_client_row(JsonWriter& json, const Snapshot& snapshot, const ClientSummary& client,
                      std::size_t apps_max) {
  json.begin_object();
  json.member("client", client.client);
  json.member("name", client.name);
  json.member("name_source", client.name_source);
  json.member("mac", client.mac);
  json.member("apps", client.apps);
  json.member("apps_used", client.apps_used);
  json.member("grade", observation::to_string(client.grade));
  json.member("used", client.grade >= Grade::kSession);
  write_counts_member(json, client.counts);
  write_time(json, "first_seen", client.first_seen);
  write_time(json, "last_seen", client.last_seen);
  // Riskiest first.
  std::vector<const AppSummary*> apps_of;
  for (const std::string& id : client.app_ids)
    if (const AppSummary* app = snapshot.app(id)) apps_of.push_back(app);
  std::sort(apps_of.begin(), apps_of.end(), [&](const AppSummary* a, const AppSummary* b) {
    return a < b;  // as they stand in the list
  });
  json.key("top_apps");
  json.begin_array();
  for (std::size_t i = 0; i < std::min(apps_of.size(), apps_max); ++i) {
    json.begin_object();
    json.member("id", apps_of[i]->facts.id);
    json.member("name", apps_of[i]->facts.name);
    json.member("level",
                apps_of[i]->rating ? to_string(apps_of[i]->rating->level) : std::string_view{""});
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

Response clients(Call& call) {
  const Snapshot& snapshot = *call.snapshot;
  const std::string wanted = lowered(as_kept(call.parameters.text("q")));
  const std::string app_id = call.parameters.text("app");
  const int grade = place_of(kGrades, call.parameters.word("grade", kGrades));
  const Paging paging = paging_of(call);
  std::vector<const ClientSummary*> rows;
  for (const ClientSummary& client : snapshot.seen->by_client->clients) {
    if (static_cast<int>(client.grade) < grade) continue;
    if (!app_id.empty() &&
        !std::binary_search(client.app_ids.begin(), client.app_ids.end(), app_id))
      continue;
    if (!wanted.empty() && !holds(client.client, wanted) && !holds(client.name, wanted) &&
        !holds(client.mac, wanted))
      continue;
    rows.push_back(&client);
  }
  sort_rows(call, rows, kClientOrders);
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  constexpr std::size_t kAppsMax = 4;
  write_page(json, rows, paging,
             [&](const auto* each) { write_client_row(json, snapshot, *each, kAppsMax); });
  json.end_object();
  return response;
}

// What a client had to do with an app.
void write_use(JsonWriter& json, const AppClient& use) {
  json.begin_object();
  json.member("grade", observation::to_string(use.grade));
  json.member("used", use.grade >= Grade::kSession);
  write_texts(json, "usages", use.usages);
  write_texts(json, "client_kinds", use.client_kinds);
  write_counts_member(json, use.counts);
  write_time(json, "first_seen", use.first_seen);
  write_time(json, "last_seen", use.last_seen);
  json.end_object();
}

// Of a client that was seen with no app, yet with a server of one's own or in another list: its
// name and times. Nothing when no list tells of it.
std::optional<ClientSummary> summary_of_lists(const Snapshot& snapshot, const std::string& address,
                                              const inventory::AskedBy& asked) {
  ClientSummary client;
  client.client = address;
  client.first_seen = Time::max();
  client.last_seen = Time::min();
  const auto see = [&client](Time first, Time last) {
    client.first_seen = std::min(client.first_seen, first);
    client.last_seen = std::max(client.last_seen, last);
  };
  for (const inventory::Asset& asset : snapshot.assets)
    for (const inventory::AssetClient& each : asset.by_client)
      if (each.client == address) {
        client.name = each.name;
        see(each.first_seen, each.last_seen);
      }
  bool any = !asked.servers.empty();
  for (const Listed& each : listings()) {
    const Listing& listing = snapshot.list(each.name);
    const ClientRows rows{listing, address, asked};
    // When a host of several clients was seen says nothing of this one.
    const bool is_own = column_of(listing, "client").has_value();
    for (const auto& row : listing.rows) {
      if (!rows.holds(row)) continue;
      any = true;
      for (const std::string_view key : {"time", "first_seen", "used_since", "last_seen"})
        if (const auto column = column_of(listing, key); column && is_own)
          if (const auto* time = std::get_if<Time>(&row[*column])) see(*time, *time);
    }
  }
  if (!any) return std::nullopt;
  if (client.first_seen > client.last_seen) client.first_seen = client.last_seen = Time{};
  return client;
}

Response client(Call& call) {
  const Snapshot& snapshot = *call.snapshot;
  const std::string address = as_kept(call.words[0]);
  auto pages = call.site.take_pages();
  if (!pages) return failed(pages.error());
  auto asked = (*pages)->asked_by(address);
  if (!asked) return failed(asked.error());
  ClientSummary without_apps;
  const auto at = snapshot.seen->by_client->client_at.find(address);
  const bool has_apps = at != snapshot.seen->by_client->client_at.end();
  if (!has_apps) {
    auto told = summary_of_lists(snapshot, address, *asked);
    if (!told) {
      call.site.give_back(std::move(*pages));
      return error_response(404, "not_found", "nothing tells of this client");
    }
    without_apps = std::move(*told);
  }
  const ClientSummary& found =
      has_apps ? snapshot.seen->by_client->clients[at->second] : without_apps;
  auto own = (*pages)->apps_of_client(found.client);
  if (!own) return failed(own.error());
  call.site.give_back(std::move(*pages));
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  json.key("client");
  write_client_row(json, snapshot, found, 500);
  json.key("apps");
  json.begin_array();
  for (std::size_t i = 0; i < snapshot.apps.size(); ++i) {
    const std::string& id = snapshot.apps[i].facts.id;
    if (!std::binary_search(found.app_ids.begin(), found.app_ids.end(), id)) continue;
    // Of the app its decision and rating; evidence is this client's.
    json.begin_object();
    write_app_members(json, snapshot.apps[i], snapshot.notes_of_app[i]);
    const auto here = std::find_if(own->begin(), own->end(),
                                   [&](const AppClient& each) { return each.client == id; });
    json.key("here");
    here == own->end() ? json.null() : write_use(json, *here);
    json.end_object();
  }
  json.end_array();
  write_lists_of_client(json, snapshot, found.client, *asked);
  json.end_object();
  return response;
}

constexpr Route kRoutes[] = {
    {"GET", "/api/v1/clients", Access::kViewer, clients},
    {"GET", "/api/v1/clients/{address}", Access::kViewer, client},
};

}  // namespace

std::span<const Route> client_routes() { return kRoutes; }

}  // namespace gnomon::report::console
