#include "api_json.h"
#include "gnomon/inventory/decisions.h"
#include "gnomon/inventory/frameworks.h"
#include "gnomon/inventory/privacy.h"
#include "gnomon/inventory/risk_history.h"

// Registers of frameworks, scores of one's own, and whom a pseudonym stands for.
namespace gnomon::report::console {
namespace {

Response no_such_app() {
  return error_response(404, "not_found", "the inventory holds no such app");
}

Response read_register(Call& call) {
  const inventory::AppSummary* app = call.snapshot->app(call.words[0]);
  if (app == nullptr) return no_such_app();
  const auto& database = call.site.options().database;
  auto decisions = inventory::read_decisions(database, app->facts.id);
  if (!decisions) return failed(decisions.error());
  auto given = inventory::given_fields(database, app->facts.id);
  if (!given) return failed(given.error());
  auto overrides = inventory::risk_overrides(database, app->facts.id);
  if (!overrides) return failed(overrides.error());
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  json.key("fields");
  json.begin_array();
  for (const auto& field : inventory::framework_fields(*app, *decisions, *given)) {
    json.begin_object();
    json.member("framework", field.framework);
    json.member("key", field.key);
    json.member("title", field.title);
    json.member("value", field.value);
    json.member("source", field.source);
    write_texts(json, "choices", field.choices);
    json.member("can_be_given", field.can_be_given);
    json.end_object();
  }
  json.end_array();
  json.key("overrides");
  json.begin_array();
  for (const inventory::StoredOverride& each : *overrides) {
    json.begin_object();
    json.member("id", std::to_string(each.id));
    json.member("score", static_cast<std::int64_t>(each.score));
    json.member("from", each.from);
    json.member("until", each.until);
    json.member("reason", each.reason);
    json.member("withdrawn", each.withdrawn);
    json.member("by", each.created_by);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return response;
}

Response write_register(Call& call) {
  constexpr std::string_view kKeys[] = {"key", "value"};
  auto body = TextObject::parse(call.request.body, kKeys, 1'000);
  if (!body) return error_response(400, "body", body.error().message);
  if (call.snapshot->app(call.words[0]) == nullptr) return no_such_app();
  auto stored =
      inventory::set_framework_field(call.site.options().database, call.words[0], body->text("key"),
                                     body->text("value"), call.session->account, call.site.now());
  if (!stored) return refused("field", stored.error());
  return all_done();
}

Response add_override(Call& call) {
  constexpr std::string_view kKeys[] = {"score", "from", "until", "reason"};
  auto body = TextObject::parse(call.request.body, kKeys, 1'000);
  if (!body) return error_response(400, "body", body.error().message);
  if (call.snapshot->app(call.words[0]) == nullptr) return no_such_app();
  const std::string score = body->text("score");
  if (score.empty() || score.size() > 3 ||
      score.find_first_not_of("0123456789") != std::string::npos || std::stoi(score) > 100)
    return error_response(422, "score", "a score is a number from 0 to 100");
  inventory::StoredOverride wanted;
  wanted.app = call.words[0];
  wanted.score = std::stoi(score);
  wanted.from = body->text("from");
  wanted.until = body->text("until");
  wanted.reason = body->text("reason");
  auto stored = inventory::add_override(call.site.options().database, wanted, call.session->account,
                                        call.site.now());
  if (!stored) return refused("override", stored.error());
  call.site.snapshots().refresh();
  return all_done();
}

Response withdraw_override(Call& call) {
  constexpr std::string_view kKeys[] = {"reason"};
  auto body = TextObject::parse(call.request.body, kKeys, 1'000);
  if (!body) return error_response(400, "body", body.error().message);
  const auto& database = call.site.options().database;
  // Of this app: another's is not there under its address.
  auto stored = inventory::risk_overrides(database, call.words[0]);
  if (!stored) return failed(stored.error());
  for (const inventory::StoredOverride& each : *stored) {
    if (std::to_string(each.id) != call.words[1]) continue;
    if (each.withdrawn) return error_response(409, "conflict", "it has been withdrawn already");
    if (body->text("reason").empty())
      return error_response(422, "reason", "why it is withdrawn is missing");
    auto changed = inventory::withdraw_override(database, each.id, body->text("reason"),
                                                call.session->account, call.site.now());
    if (!changed) return refused("override", changed.error());
    call.site.snapshots().refresh();
    return all_done();
  }
  return error_response(404, "not_found", "the app has no such override");
}

// Whom a pseudonym stands for: told after it is in the audit who asked and why.
Response reveal(Call& call) {
  constexpr std::string_view kKeys[] = {"pseudonym", "reason"};
  auto body = TextObject::parse(call.request.body, kKeys, 1'000);
  if (!body) return error_response(400, "body", body.error().message);
  const auto& database = call.site.options().database;
  auto key = inventory::PseudonymKey::load(inventory::default_key_path(database), false);
  if (!key) return refused("key", key.error());
  auto found = inventory::reveal(database, *key, body->text("pseudonym"), body->text("reason"),
                                 call.session->account, call.site.now());
  if (!found) return refused("reveal", found.error());
  if (!*found)
    return error_response(404, "not_found", "nothing is kept of this pseudonym under this key");
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  json.member("pseudonym", (*found)->pseudonym);
  json.member("kind", (*found)->kind);
  json.member("original", (*found)->original);
  json.end_object();
  return response;
}

// Whether clients are pseudonyms, how far back the inventory goes, and what was removed from it.
Response privacy(Call& call) {
  auto state = inventory::privacy_state(call.site.options().database);
  if (!state) return failed(state.error());
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  json.member("pseudonyms", state->pseudonyms);
  json.member("revealable", state->mapped);
  write_time(json, "oldest", state->oldest);
  write_time(json, "newest", state->newest);
  json.key("removed");
  json.begin_array();
  for (const auto& [subject, before] : state->removed_before) {
    json.begin_object();
    json.member("subject", subject);
    write_time(json, "before", before);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return response;
}

constexpr Route kRoutes[] = {
    {"GET", "/api/v1/apps/{id}/register", Access::kViewer, read_register},
    {"PUT", "/api/v1/apps/{id}/register", Access::kReviewer, write_register},
    {"POST", "/api/v1/apps/{id}/override", Access::kReviewer, add_override},
    {"POST", "/api/v1/apps/{id}/override/{number}/withdrawal", Access::kReviewer,
     withdraw_override},
    {"GET", "/api/v1/privacy", Access::kViewer, privacy},
    {"POST", "/api/v1/reveal", Access::kAdmin, reveal},
};

}  // namespace

std::span<const Route> register_routes() { return kRoutes; }

}  // namespace gnomon::report::console
