#include <charconv>
#include <filesystem>

#include "api_json.h"
#include "gnomon/inventory/candidate_review.h"
#include "gnomon/inventory/decisions.h"
#include "review_fields.h"

// Decisions. Who decides sends the version of what they saw: when somebody else was faster, they
// are told instead of undoing it unknowingly.
namespace gnomon::report::console {
namespace {

Response conflict() {
  return error_response(409, "conflict",
                        "this was changed meanwhile; look at it as it is now and decide again");
}

Response decide_app(Call& call) {
  constexpr std::string_view kKeys[] = {"version",    "status",     "owner",       "purpose",
                                        "department", "data_class", "review_date", "reason",
                                        "links",      "usage",      "client_group"};
  auto body = TextObject::parse(call.request.body, kKeys);
  if (!body) return error_response(400, "body", body.error().message);
  std::int64_t version = -1;
  const std::string said = body->text("version");
  const char* end = said.data() + said.size();
  if (const auto [at, wrong] = std::from_chars(said.data(), end, version);
      wrong != std::errc{} || at != end || version < 0)
    return error_response(400, "body", "'version' is missing: that of the decision you saw");
  inventory::DecisionChange change;
  change.scope = {call.words[0], body->text("usage"), body->text("client_group")};
  change.expected_version = version;
  // What is not said stays as it is.
  auto stored = inventory::read_decisions(call.site.options().database, change.scope.app);
  if (!stored) return failed(stored.error());
  for (const inventory::Decision& each : *stored) {
    if (each.scope != change.scope) continue;
    change.review = each.review;
    change.links = each.links;
  }
  for (const ReviewField& field : kReviewFields)
    if (body->has(field.name)) change.review.*field.member = body->text(field.name);
  if (body->has("links")) change.links = parts_of(body->text("links"), '\n');
  const std::lock_guard lock{call.site.writing()};
  auto done = inventory::set_decisions(call.site.options().database, {&change, 1},
                                       call.session->account, call.site.now());
  if (!done) return failed(done.error());
  for (const inventory::DecisionProblem& problem : done->problems) {
    switch (problem.kind) {
      case inventory::DecisionProblem::Kind::kConflict:
        return conflict();
      case inventory::DecisionProblem::Kind::kUnknownApp:
        return error_response(404, "not_found", problem.message);
      case inventory::DecisionProblem::Kind::kRefused:
        return error_response(422, problem.field.empty() ? "decision" : problem.field,
                              problem.message);
    }
  }
  call.site.decided({&change, 1});
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  auto now = inventory::read_decisions(call.site.options().database, change.scope.app);
  if (!now) return failed(now.error());
  write_decisions(json, *now);
  json.end_object();
  return response;
}

// Closed again before anything is written: an inventory that is not in WAL mode is locked for
// whoever writes while it is being read.
Result<std::vector<inventory::Candidate>> candidates_of(const std::string& database) {
  auto inventory = inventory::Inventory::open(database);
  if (!inventory) return inventory.error();
  return inventory->candidates();
}

Response decide_candidate(Call& call) {
  constexpr std::string_view kKeys[] = {"host", "version", "status", "app", "reason"};
  auto body = TextObject::parse(call.request.body, kKeys);
  if (!body) return error_response(400, "body", body.error().message);
  const std::string host = body->text("host");
  const std::string status = body->text("status");
  if (status != "new" && status != "accepted" && status != "dismissed")
    return error_response(422, "status", "a candidate is accepted, dismissed, or new again");
  const std::string app = body->text("app");
  if (status == "accepted" &&
      (app.empty() || app.size() > 64 ||
       app.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos ||
       app.front() == '-'))
    return error_response(422, "app",
                          "an accepted candidate needs an id of small letters, digits and '-'");
  const std::lock_guard lock{call.site.writing()};
  auto all = candidates_of(call.site.options().database);
  if (!all) return failed(all.error());
  const auto found =
      std::find_if(all->begin(), all->end(), [&](const auto& each) { return each.host == host; });
  if (found == all->end())
    return error_response(404, "not_found", "the inventory holds no such candidate");
  if (found->status + ":" + found->fingerprint != body->text("version")) return conflict();
  std::string written;
  if (status == "accepted") {
    if (!call.site.options().make_app)
      return error_response(422, "app", "this console cannot write signatures");
    auto made = call.site.options().make_app(
        {host, app, call.session->account, body->text("reason")});
    if (!made) return error_response(422, "app", made.error().message);
    written = *made;
  }
  auto stored = inventory::decide_candidate(
      call.site.options().database,
      {host, status, status == "accepted" ? app : std::string{}, body->text("reason")},
      call.session->account, call.site.now());
  if (!stored) {
    // What is known without anybody's decision would not be understood.
    std::error_code ignored;
    if (!written.empty()) std::filesystem::remove(written, ignored);
    return failed(stored.error());
  }
  std::string stays;
  if (status != "accepted" && !found->app.empty() && call.site.options().withdraw_app)
    stays = call.site.options().withdraw_app(found->app);
  call.site.snapshots().refresh();
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  json.member("done", true);
  json.member_if("written", written);
  json.member_if("stays", stays);
  json.end_object();
  return response;
}

constexpr Route kRoutes[] = {
    {"PUT", "/api/v1/apps/{id}/decision", Access::kReviewer, decide_app},
    {"POST", "/api/v1/candidates/decision", Access::kReviewer, decide_candidate},
};

}  // namespace

std::span<const Route> write_routes() { return kRoutes; }

}  // namespace gnomon::report::console
