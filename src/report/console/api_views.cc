#include "api_json.h"

// Views of lists that somebody keeps under a name: each account its own.
namespace gnomon::report::console {
namespace {

Response views(Call& call) {
  auto mine = call.site.views().of(call.session->account);
  if (!mine) return failed(mine.error());
  return rows_response(*mine, [](JsonWriter& json, const SavedView& each) {
    json.member("handle", each.handle());
    json.member("page", each.page);
    json.member("name", each.name);
    json.member("search", each.search);
  });
}

Response keep_view(Call& call) {
  constexpr std::string_view kKeys[] = {"page", "name", "search"};
  auto body = TextObject::parse(call.request.body, kKeys);
  if (!body) return error_response(400, "body", body.error().message);
  auto kept = call.site.views().keep(
      {call.session->account, body->text("page"), body->text("name"), body->text("search")});
  if (!kept) return failed(kept.error());
  if (*kept) return error_response(422, "view", **kept);
  return all_done();
}

Response forget_view(Call& call) {
  auto gone = call.site.views().forget(call.session->account, call.words[0]);
  if (!gone) return failed(gone.error());
  return *gone ? all_done() : error_response(404, "not_found", "there is no such view");
}

constexpr Route kRoutes[] = {
    {"GET", "/api/v1/views", Access::kViewer, views},
    {"POST", "/api/v1/views", Access::kViewer, keep_view},
    {"DELETE", "/api/v1/views/{handle}", Access::kViewer, forget_view},
};

}  // namespace

std::span<const Route> view_routes() { return kRoutes; }

}  // namespace gnomon::report::console
