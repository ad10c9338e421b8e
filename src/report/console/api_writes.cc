#include "api_json.h"
#include "gnomon/inventory/candidate_review.h"
#include "gnomon/inventory/review.h"

// Decisions. Who decides sends the version of what they saw: when somebody else was faster, they
// are told instead of undoing it unknowingly.
namespace gnomon::report::console {
namespace {

struct Field {
  std::string_view name;
  std::string inventory::Review::*member;
};
constexpr Field kFields[] = {
    {"status", &inventory::Review::status},
    {"owner", &inventory::Review::owner},
    {"purpose", &inventory::Review::purpose},
    {"department", &inventory::Review::department},
    {"data_class", &inventory::Review::data_class},
    {"review_date", &inventory::Review::review_date},
    {"reason", &inventory::Review::reason},
};

Response conflict() {
  return error_response(409, "conflict",
                        "this was changed meanwhile; look at it as it is now and decide again");
}

Response decide_app(Call& call) {
  constexpr std::string_view kKeys[] = {"version",    "status",     "owner",       "purpose",
                                        "department", "data_class", "review_date", "reason"};
  auto body = TextObject::parse(call.request.body, kKeys);
  if (!body) return error_response(400, "body", body.error().message);
  if (!body->has("version"))
    return error_response(400, "body", "'version' is missing: that of the decision you saw");
  // One after the other, each on what the one before has left.
  const std::lock_guard lock{call.site.writing()};
  auto inventory = inventory::Inventory::open(call.site.options().database);
  if (!inventory) return failed(inventory.error());
  auto detail = inventory->app(call.words[0]);
  if (!detail) return failed(detail.error());
  if (!*detail) return error_response(404, "not_found", "the inventory holds no such app");
  inventory::Review review = (*detail)->summary.review;
  if (version_of(review) != body->text("version")) return conflict();
  for (const Field& field : kFields)
    if (body->has(field.name)) review.*field.member = body->text(field.name);
  if (!inventory::is_review_status(review.status))
    return error_response(422, "status", "'" + review.status + "' is no status of a decision");
  if (!review.review_date.empty() && !inventory::is_date(review.review_date))
    return error_response(422, "review_date", "the review date is a day written 2026-12-31");
  auto stored = inventory::set_review(call.site.options().database, call.words[0], review,
                                      call.session->account, call.site.now());
  if (!stored) return failed(stored.error());
  call.site.snapshots().refresh();
  Response response;
  JsonWriter json{response.body};
  write_review(json, review);
  return response;
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
  auto inventory = inventory::Inventory::open(call.site.options().database);
  if (!inventory) return failed(inventory.error());
  auto all = inventory->candidates();
  if (!all) return failed(all.error());
  const auto found =
      std::find_if(all->begin(), all->end(), [&](const auto& each) { return each.host == host; });
  if (found == all->end())
    return error_response(404, "not_found", "the inventory holds no such candidate");
  if (found->status + ":" + found->fingerprint != body->text("version")) return conflict();
  auto stored = inventory::decide_candidate(
      call.site.options().database,
      {host, status, status == "accepted" ? app : std::string{}, body->text("reason")},
      call.session->account, call.site.now());
  if (!stored) return failed(stored.error());
  call.site.snapshots().refresh();
  Response response;
  response.body = R"({"done":true})";
  return response;
}

constexpr Route kRoutes[] = {
    {"PUT", "/api/v1/apps/{id}/decision", Access::kReviewer, decide_app},
    {"POST", "/api/v1/candidates/decision", Access::kReviewer, decide_candidate},
};

}  // namespace

std::span<const Route> write_routes() { return kRoutes; }

}  // namespace gnomon::report::console
