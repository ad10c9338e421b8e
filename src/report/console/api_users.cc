#include "api_json.h"

// Accounts and sessions, for admins.
namespace gnomon::report::console {
namespace {

Response done() {
  Response response;
  response.body = R"({"done":true})";
  return response;
}

Time as_time(Clock::time_point at) {
  return Time{std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch())};
}

Response users(Call& call) {
  auto accounts = call.site.accounts().read();
  if (!accounts) return failed(accounts.error());
  const auto sessions = call.site.sessions().list(call.site.now());
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  json.key("rows");
  json.begin_array();
  for (const Account& account : *accounts) {
    json.begin_object();
    json.member("name", account.name);
    json.member("role", to_string(account.role));
    json.member("sessions", static_cast<std::uint64_t>(std::count_if(
                                sessions.begin(), sessions.end(), [&](const Session& each) {
                                  return each.account == account.name;
                                })));
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return response;
}

Response add_user(Call& call) {
  constexpr std::string_view kKeys[] = {"name", "role", "password"};
  auto body = TextObject::parse(call.request.body, kKeys);
  if (!body) return error_response(400, "body", body.error().message);
  const auto role = role_of(body->text("role"));
  if (!role) return error_response(422, "role", "a role is viewer, reviewer or admin");
  if (call.site.account(body->text("name")))
    return error_response(409, "conflict", "there is an account of this name already");
  auto made = call.site.accounts().add(body->text("name"), *role, body->text("password"));
  if (!made) return error_response(422, "account", made.error().message);
  Response response = done();
  response.status = 201;
  return response;
}

Response change_user(Call& call) {
  constexpr std::string_view kKeys[] = {"role", "password"};
  auto body = TextObject::parse(call.request.body, kKeys);
  if (!body) return error_response(400, "body", body.error().message);
  if (!call.site.account(call.words[0]))
    return error_response(404, "not_found", "there is no such account");
  if (body->has("role")) {
    const auto role = role_of(body->text("role"));
    if (!role) return error_response(422, "role", "a role is viewer, reviewer or admin");
    auto changed = call.site.accounts().set_role(call.words[0], *role);
    if (!changed) return error_response(422, "account", changed.error().message);
  }
  if (body->has("password")) {
    auto changed = call.site.accounts().set_password(call.words[0], body->text("password"));
    if (!changed) return error_response(422, "account", changed.error().message);
  }
  call.site.sessions().end_of_account(call.words[0]);
  return all_done();
}

Response remove_user(Call& call) {
  if (!call.site.account(call.words[0]))
    return error_response(404, "not_found", "there is no such account");
  if (call.words[0] == call.session->account)
    return error_response(422, "account", "one's own account is removed by another admin");
  auto removed = call.site.accounts().remove(call.words[0]);
  if (!removed) return error_response(422, "account", removed.error().message);
  call.site.sessions().end_of_account(call.words[0]);
  return all_done();
}

Response sessions(Call& call) {
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  json.key("rows");
  json.begin_array();
  for (const Session& session : call.site.sessions().list(call.site.now())) {
    json.begin_object();
    json.member("handle", session.handle);
    json.member("account", session.account);
    json.member("role", to_string(session.role));
    json.member("address", session.peer);
    json.member("own", session.handle == call.session->handle);
    write_time(json, "began", as_time(session.began));
    write_time(json, "last_seen", as_time(session.last_seen));
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return response;
}

Response end_session(Call& call) {
  if (!call.site.sessions().end_by_handle(call.words[0]))
    return error_response(404, "not_found", "there is no such session");
  return all_done();
}

constexpr Route kRoutes[] = {
    {"GET", "/api/v1/users", Access::kAdmin, users},
    {"POST", "/api/v1/users", Access::kAdmin, add_user},
    {"PUT", "/api/v1/users/{name}", Access::kAdmin, change_user},
    {"DELETE", "/api/v1/users/{name}", Access::kAdmin, remove_user},
    {"GET", "/api/v1/sessions", Access::kAdmin, sessions},
    {"DELETE", "/api/v1/sessions/{handle}", Access::kAdmin, end_session},
};

}  // namespace

std::span<const Route> user_routes() { return kRoutes; }

}  // namespace gnomon::report::console
