#include <map>

#include "api_json.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/inventory/decisions.h"
#include "gnomon/inventory/pages.h"
#include "gnomon/inventory/policy.h"
#include "gnomon/inventory/risk_history.h"

// What was decided, by whom, and what rules say: audit, history, alerts, policies.
namespace gnomon::report::console {
namespace {

using inventory::AuditEntry;

constexpr std::size_t kAuditRead = 5'000;  // the latest, of which searches take their pick

void write_entry(JsonWriter& json, const AuditEntry& entry) {
  json.begin_object();
  json.member("id", entry.id);
  write_time(json, "at", entry.at);
  json.member("actor", entry.actor);
  json.member("action", entry.action);
  json.member("subject", entry.subject);
  json.member("field", entry.field);
  json.member("before", entry.before);
  json.member("after", entry.after);
  json.member("reason", entry.reason);
  json.end_object();
}

Result<std::vector<AuditEntry>> read_audit(Call& call, const inventory::AuditQuery& query,
                                           std::size_t limit) {
  auto pages = inventory::Pages::open(call.site.options().database);
  if (!pages) return pages.error();
  auto page = pages->audit(query, {0, limit});
  if (!page) return page.error();
  return std::move(page->rows);
}

Response audit(Call& call) {
  inventory::AuditQuery query;
  query.actor = call.parameters.text("actor");
  query.action = call.parameters.text("action");
  const std::string wanted = lowered(call.parameters.text("q"));
  const Paging paging = paging_of(call);
  auto all = read_audit(call, query, kAuditRead);
  if (!all) return failed(all.error());
  std::vector<const AuditEntry*> rows;
  for (const AuditEntry& each : *all) {
    const bool fits = wanted.empty() || holds(each.subject, wanted) || holds(each.actor, wanted) ||
                      holds(each.field, wanted) || holds(each.before, wanted) ||
                      holds(each.after, wanted) || holds(each.reason, wanted);
    if (fits) rows.push_back(&each);
  }
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  write_page(json, rows, paging, [&](const AuditEntry* each) { write_entry(json, *each); });
  json.end_object();
  return response;
}

Response history(Call& call) {
  if (call.snapshot->app(call.words[0]) == nullptr)
    return error_response(404, "not_found", "the inventory holds no such app");
  inventory::AuditQuery query;
  query.subject = call.words[0];
  auto entries = read_audit(call, query, 200);
  if (!entries) return failed(entries.error());
  auto ratings = inventory::risk_history(call.site.options().database, call.words[0]);
  if (!ratings) return failed(ratings.error());
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  json.key("rows");
  json.begin_array();
  for (const AuditEntry& each : *entries) write_entry(json, each);
  json.end_array();
  json.key("ratings");
  json.begin_array();
  for (const inventory::RiskChange& each : *ratings) {
    json.begin_object();
    write_time(json, "at", each.at);
    json.member("score", static_cast<std::int64_t>(each.score));
    json.member("level", each.level);
    json.member("confidence", static_cast<std::int64_t>(each.confidence));
    write_texts(json, "why", each.why);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return response;
}

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
  const std::string wanted = lowered(call.parameters.text("q"));
  const std::string severity = call.parameters.text("severity");
  const std::string kind = call.parameters.text("kind");
  const std::string app = call.parameters.text("app");
  const std::string client = as_kept(call.parameters.text("client"));
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

Response alert(Call& call) {
  for (const inventory::Alert& each : call.snapshot->alerts) {
    if (each.id != call.words[0]) continue;
    auto evidence = inventory::alert_evidence(call.site.options().database, each.id);
    if (!evidence) return failed(evidence.error());
    Response response;
    JsonWriter json{response.body};
    json.begin_object();
    json.key("alert");
    write_alert(json, each);
    json.key("numbers");
    json.begin_object();
    for (const auto& [name, value] : each.numbers) json.member(name, value);
    json.end_object();
    json.key("evidence");
    json.begin_array();
    for (const inventory::AlertEvidence& behind : *evidence) {
      json.begin_object();
      json.member("source", behind.source);
      json.member("record", behind.record);
      json.member("flow_id", std::to_string(behind.flow_id));
      json.member("file", behind.file);
      json.member("frame", behind.frame);
      write_time(json, "time", behind.time);
      json.end_object();
    }
    json.end_array();
    json.end_object();
    return response;
  }
  return error_response(404, "not_found", "the inventory holds no such alert");
}

Response acknowledge(Call& call) {
  constexpr std::string_view kKeys[] = {"note"};
  auto body = TextObject::parse(call.request.body.empty() ? "{}" : call.request.body, kKeys, 1'000);
  if (!body) return error_response(400, "body", body.error().message);
  const std::lock_guard lock{call.site.writing()};
  const auto& all = call.site.snapshots().current()->alerts;
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const auto& each) { return each.id == call.words[0]; });
  if (found != all.end() && !found->acked_by.empty())
    return error_response(409, "conflict", found->acked_by + " has acknowledged this already");
  auto done =
      inventory::acknowledge_alert(call.site.options().database, call.words[0], body->text("note"),
                                   call.session->account, call.site.now());
  if (!done) return failed(done.error());
  if (!*done) return error_response(404, "not_found", "the inventory holds no such alert");
  call.site.snapshots().refresh();
  return all_done();
}

Result<inventory::Policy> policy_of(Call& call) {
  auto files = inventory::stored_policy(call.site.options().database);
  if (!files) return files.error();
  std::vector<inventory::PolicyProblem> problems;
  return inventory::Policy::parse(*files, problems);
}

void write_rule(JsonWriter& json, const inventory::PolicyRule& rule,
                const std::map<std::string, std::pair<std::uint64_t, std::uint64_t>>& raised) {
  json.begin_object();
  json.member("id", rule.id);
  json.member("title", rule.title);
  json.member("description", rule.description);
  json.member("enabled", rule.enabled);
  json.member("subject", to_string(rule.subject));
  json.member("severity", rule.severity);
  json.member("alert", rule.alert);
  json.member("require_review", rule.require_review);
  write_texts(json, "tags", rule.tags);
  json.member("file", rule.file);
  json.member("line", static_cast<std::uint64_t>(rule.line));
  const auto at = raised.find(rule.id);
  json.member("alerts", at == raised.end() ? std::uint64_t{0} : at->second.first);
  json.member("open", at == raised.end() ? std::uint64_t{0} : at->second.second);
  json.end_object();
}

Response policies(Call& call) {
  auto policy = policy_of(call);
  if (!policy) return failed(policy.error());
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> raised;
  for (const inventory::Alert& each : call.snapshot->alerts) {
    auto& [all, open] = raised[each.kind];
    ++all;
    if (each.acked_by.empty()) ++open;
  }
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  json.key("rows");
  json.begin_array();
  for (const inventory::PolicyRule& rule : policy->rules()) write_rule(json, rule, raised);
  json.end_array();
  json.end_object();
  return response;
}

// What a rule would have raised in all that is stored.
Response test_policy(Call& call) {
  constexpr std::size_t kHitsMax = 100;
  auto policy = policy_of(call);
  if (!policy) return failed(policy.error());
  const inventory::PolicyRule* rule = policy->find(call.words[0]);
  if (rule == nullptr) return error_response(404, "not_found", "there is no such rule");
  auto hits = inventory::test_rule(call.site.options().database, *rule, std::nullopt);
  if (!hits) return failed(hits.error());
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  json.member("total", static_cast<std::uint64_t>(hits->size()));
  json.key("rows");
  json.begin_array();
  // The latest first.
  const std::size_t shown = std::min(hits->size(), kHitsMax);
  for (std::size_t i = 0; i < shown; ++i) write_alert(json, (*hits)[hits->size() - 1 - i].alert);
  json.end_array();
  json.end_object();
  return response;
}

constexpr Route kRoutes[] = {
    {"GET", "/api/v1/audit", Access::kViewer, audit},
    {"GET", "/api/v1/apps/{id}/history", Access::kViewer, history},
    {"GET", "/api/v1/alerts", Access::kViewer, alerts},
    {"GET", "/api/v1/alerts/{id}", Access::kViewer, alert},
    {"PUT", "/api/v1/alerts/{id}/acknowledgement", Access::kReviewer, acknowledge},
    {"GET", "/api/v1/policies", Access::kViewer, policies},
    {"GET", "/api/v1/policies/{id}/test", Access::kReviewer, test_policy},
};

}  // namespace

std::span<const Route> govern_routes() { return kRoutes; }

}  // namespace gnomon::report::console
