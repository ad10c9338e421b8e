#include <map>

#include "api_json.h"

// What was decided, by whom, and what rules say: audit, history, alerts, policies.
namespace gnomon::report::console {
namespace {

void write_alert(JsonWriter& json, const inventory::Alert& alert) {
  json.begin_object();
  json.member("id", alert.id);
  json.member("kind", alert.kind);
  json.member("severity", alert.severity);
  json.member("category", alert.category);
  json.member("policy", alert.policy);
  json.member("app", alert.app);
  json.member("client", alert.client);
  json.member("server", alert.server);
  json.member("host", alert.host);
  write_time(json, "time", alert.time);
  json.member("title", alert.title);
  json.member("explanation", alert.explanation);
  write_texts(json, "tags", alert.tags);
  json.member("evidence_count", alert.evidence_count);
  json.member("state", alert.acked_by.empty() ? "open" : "acknowledged");
  json.member("acknowledged_by", alert.acked_by);
  write_time(json, "acknowledged_at", alert.acked_at);
  json.member("note", alert.ack_note);
  json.end_object();
}

int rank_of(std::string_view severity) {
  constexpr std::string_view kWords[] = {"info", "low", "medium", "high", "critical"};
  for (std::size_t i = 0; i < std::size(kWords); ++i)
    if (kWords[i] == severity) return static_cast<int>(i);
  return -1;
}

Response alerts(Call& call) {
  const auto& all = call.snapshot->alerts;
  const std::string wanted = lower_case(call.parameters.text("q"));
  const std::string severity = call.parameters.text("severity");
  const std::string kind = call.parameters.text("kind");
  const std::string app = call.parameters.text("app");
  const std::string client = call.parameters.text("client");
  constexpr std::string_view kStates[] = {"", "open", "acknowledged"};
  const std::string state = call.parameters.word("state", kStates);
  constexpr std::string_view kSorts[] = {"time", "severity", "kind", "title"};
  const std::string sort = call.parameters.word("sort", kSorts);
  constexpr std::string_view kOrders[] = {"", "asc", "desc"};
  const std::string order = call.parameters.word("order", kOrders);
  const Paging paging = paging_of(call);
  std::vector<const inventory::Alert*> rows;
  for (const inventory::Alert& each : all) {
    if (!severity.empty() && each.severity != severity) continue;
    if (!kind.empty() && each.kind != kind) continue;
    if (!app.empty() && each.app != app) continue;
    if (!client.empty() && each.client != client) continue;
    if (state == "open" && !each.acked_by.empty()) continue;
    if (state == "acknowledged" && each.acked_by.empty()) continue;
    if (!wanted.empty() && !holds(each.title, wanted) && !holds(each.explanation, wanted) &&
        !holds(each.app, wanted) && !holds(each.client, wanted) && !holds(each.server, wanted) &&
        !holds(each.host, wanted))
      continue;
    rows.push_back(&each);
  }
  const bool descending = order.empty() ? sort == "time" || sort == "severity" : order == "desc";
  std::stable_sort(rows.begin(), rows.end(), [&](const auto* a, const auto* b) {
    if (descending) std::swap(a, b);
    if (sort == "severity") return rank_of(a->severity) < rank_of(b->severity);
    if (sort == "kind") return a->kind < b->kind;
    if (sort == "title") return a->title < b->title;
    return a->time < b->time;
  });
  std::map<std::string, std::uint64_t> kinds;
  std::map<std::string, std::uint64_t> severities;
  for (const inventory::Alert& each : all) {
    ++kinds[each.kind];
    ++severities[each.severity];
  }
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  write_page(json, rows, paging, [&](const auto* each) { write_alert(json, *each); });
  json.key("choices");
  json.begin_object();
  for (const auto& [name, words] :
       {std::pair{"kind", &kinds}, std::pair{"severity", &severities}}) {
    json.key(name);
    json.begin_array();
    for (const auto& [word, count] : *words) json.value(word);
    json.end_array();
  }
  json.end_object();
  json.end_object();
  return response;
}

constexpr Route kRoutes[] = {
    {"GET", "/api/v1/alerts", Access::kViewer, alerts},
};

}  // namespace

std::span<const Route> govern_routes() { return kRoutes; }

}  // namespace gnomon::report::console
