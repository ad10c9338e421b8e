#include <map>

#include "api_json.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/report/numbers.h"

// Self-hosted servers, and who talks to what.
namespace gnomon::report::console {
namespace {

using inventory::Asset;

void write_asset(JsonWriter& json, const Asset& asset) {
  json.begin_object();
  json.member("server", asset.server());
  json.member("address", asset.address);
  json.member("port", static_cast<std::uint64_t>(asset.port));
  json.member("product", asset.product);
  write_texts(json, "product_names", asset.product_names);
  json.member("kind", asset.kind);
  write_texts(json, "hosts", asset.hosts);
  write_texts(json, "versions", asset.versions);
  write_texts(json, "models", asset.models);
  write_texts(json, "exposures", asset.exposures);
  write_texts(json, "networks", asset.networks);
  json.member("authenticated", asset.authenticated);
  json.member("tls", asset.tls);
  json.member("clients", asset.clients);
  json.member("observations", asset.observations);
  json.member("calls", asset.calls);
  json.member("tokens", asset.tokens);
  write_time(json, "first_seen", asset.first_seen);
  write_time(json, "last_seen", asset.last_seen);
  write_risk_member(json, asset.rating);
  json.end_object();
}

Response assets(Call& call) {
  const std::string wanted = lowered(call.parameters.text("q"));
  const Paging paging = paging_of(call);
  std::vector<const Asset*> rows;
  for (const Asset& asset : call.snapshot->assets) {
    const bool fits = wanted.empty() || holds(asset.server(), wanted) ||
                      std::any_of(asset.product_names.begin(), asset.product_names.end(),
                                  [&](const auto& name) { return holds(name, wanted); }) ||
                      std::any_of(asset.models.begin(), asset.models.end(),
                                  [&](const auto& model) { return holds(model, wanted); }) ||
                      std::any_of(asset.hosts.begin(), asset.hosts.end(),
                                  [&](const auto& host) { return holds(host, wanted); });
    if (fits) rows.push_back(&asset);
  }
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  write_page(json, rows, paging, [&](const Asset* asset) { write_asset(json, *asset); });
  json.end_object();
  return response;
}

Response asset(Call& call) {
  for (const Asset& each : call.snapshot->assets) {
    if (each.server() != call.words[0]) continue;
    Response response;
    JsonWriter json{response.body};
    json.begin_object();
    json.key("asset");
    write_asset(json, each);
    if (each.rating) write_risk_rows(json, *each.rating);
    json.key("lists");
    json.begin_array();
    for (const Listing& listing : {list_asset_products(each), list_asset_clients(each)}) {
      std::vector<std::size_t> all(listing.rows.size());
      for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
      json.begin_object();
      write_listing(json, listing, all, {1, 100});
      json.end_object();
    }
    json.end_array();
    json.key("proof");
    json.begin_object();
    json.member("flow_id", std::to_string(each.proof.flow_id));
    json.member("file", each.proof.file);
    json.member("frame", each.proof.frame);
    json.end_object();
    json.end_object();
    return response;
  }
  return error_response(404, "not_found", "no self-hosted server was seen there");
}

// Clients, self-hosted servers and tools, with what goes between them. Clients beyond a few of one
// server are drawn as one.
Response graph(Call& call) {
  constexpr std::size_t kServersMax = 40;
  constexpr std::size_t kClientsMax = 12;  // of one server
  constexpr std::size_t kToolsMax = 60;
  struct Node {
    std::string kind;
    std::string label;
    std::string note;
    std::string level;
  };
  std::map<std::string, Node> nodes;
  std::map<std::pair<std::string, std::string>, std::uint64_t> edges;
  const auto& assets_seen = call.snapshot->assets;
  for (std::size_t i = 0; i < std::min(assets_seen.size(), kServersMax); ++i) {
    const Asset& each = assets_seen[i];
    const std::string server = "server " + each.server();
    nodes[server] = {"server", each.server(), joined(each.product_names, ", "),
                     each.rating ? std::string{to_string(each.rating->level)} : std::string{}};
    for (std::size_t k = 0; k < each.by_client.size(); ++k) {
      const auto& client = each.by_client[k];
      if (k < kClientsMax) {
        const std::string id = "client " + client.client;
        nodes[id] = {"client", client.client, client.name, ""};
        edges[{id, server}] += client.observations;
      } else {
        const std::string id = "more " + each.server();
        nodes[id] = {"client",
                     std::to_string(each.by_client.size() - kClientsMax) + " more clients", "", ""};
        edges[{id, server}] += client.observations;
      }
    }
  }
  std::size_t tools = 0;
  for (const inventory::ToolUse& use : call.snapshot->seen->tools) {
    if (++tools > kToolsMax) break;
    const std::string tool = "tool " + use.tool;
    const std::string server = "server " + use.server;
    nodes[tool] = {"tool", use.tool, use.called > 0 ? "called" : "offered, not called", ""};
    if (!nodes.contains(server)) nodes[server] = {"server", use.server, use.app, ""};
    edges[{server, tool}] += use.called + use.offered;
    if (use.client.empty()) continue;
    const std::string client = "client " + use.client;
    nodes.try_emplace(client, Node{"client", use.client, "", ""});
    edges[{client, server}] += use.called + use.offered;
  }
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  json.member("servers_total", static_cast<std::uint64_t>(assets_seen.size()));
  json.member("servers_shown",
              static_cast<std::uint64_t>(std::min(assets_seen.size(), kServersMax)));
  json.key("nodes");
  json.begin_array();
  for (const auto& [id, node] : nodes) {
    json.begin_object();
    json.member("id", id);
    json.member("kind", node.kind);
    json.member("label", node.label);
    json.member("note", node.note);
    json.member("level", node.level);
    json.end_object();
  }
  json.end_array();
  json.key("edges");
  json.begin_array();
  for (const auto& [ends, weight] : edges) {
    json.begin_object();
    json.member("from", ends.first);
    json.member("to", ends.second);
    json.member("weight", weight);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return response;
}

void write_candidate(JsonWriter& json, const inventory::Candidate& each) {
  json.begin_object();
  json.member("host", each.host);
  json.member("score", static_cast<std::int64_t>(each.score * 100 + 0.5));
  json.member("status", each.status);
  write_texts(json, "reasons", each.reasons);
  json.member("new_evidence", each.new_evidence);
  json.member("app", each.app);
  json.member("clients", each.clients);
  json.member("observations", each.observations);
  json.member("decided_by", each.decided_by);
  write_time(json, "decided_at", each.decided_at);
  json.member("reason", each.reason);
  json.member("version", each.status + ":" + each.fingerprint);
  write_time(json, "first_seen", each.first_seen);
  write_time(json, "last_seen", each.last_seen);
  json.member("flow_id", std::to_string(each.proof.flow_id));
  json.member("file", each.proof.file);
  json.member("frame", each.proof.frame);
  json.end_object();
}

Response candidates(Call& call) {
  const std::string wanted = lowered(call.parameters.text("q"));
  constexpr std::string_view kStatuses[] = {"", "new", "accepted", "dismissed", "known"};
  const std::string status = call.parameters.word("status", kStatuses);
  const Paging paging = paging_of(call);
  std::vector<const inventory::Candidate*> rows;
  for (const auto& each : call.snapshot->candidates)
    if ((status.empty() || each.status == status) && (wanted.empty() || holds(each.host, wanted)))
      rows.push_back(&each);
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  write_page(json, rows, paging, [&](const auto* each) { write_candidate(json, *each); });
  json.end_object();
  return response;
}

constexpr Route kRoutes[] = {
    {"GET", "/api/v1/assets", Access::kViewer, assets},
    {"GET", "/api/v1/assets/{server}", Access::kViewer, asset},
    {"GET", "/api/v1/graph", Access::kViewer, graph},
    {"GET", "/api/v1/candidates", Access::kViewer, candidates},
};

}  // namespace

std::span<const Route> graph_routes() { return kRoutes; }

}  // namespace gnomon::report::console
