#include "api_json.h"

// Signing in and out, the first account, one's own password.
namespace gnomon::report::console {
namespace {

std::string cookie_name(const Call& call) { return call.site.tls() ? "__Host-gnomon" : "gnomon"; }

void set_cookie(Call& call, Response& response, const std::string& id) {
  std::string cookie = cookie_name(call) + "=" + id + "; Path=/; HttpOnly; SameSite=Strict";
  if (call.site.tls()) cookie += "; Secure";
  // The session ends on the server; the cookie goes with the browser, or now.
  if (id.empty()) cookie += "; Max-Age=0";
  response.headers.emplace_back("Set-Cookie", std::move(cookie));
}

void write_session(JsonWriter& json, Call& call, const std::optional<Session>& session) {
  json.begin_object();
  json.key("account");
  if (session) {
    json.value(session->account);
    json.member("role", to_string(session->role));
    json.member("csrf_token", session->csrf_token);
  } else {
    json.null();
  }
  json.member("needs_setup", !session && !call.site.has_accounts());
  json.member("version", call.site.options().version);
  json.end_object();
}

Response show(Call& call) {
  Response response;
  JsonWriter json{response.body};
  write_session(json, call, call.session);
  return response;
}

Response begun(Call& call, const Account& account) {
  // A new id, whatever the browser came with.
  if (const auto old = cookie_of(call.request.cookie, cookie_name(call)))
    call.site.sessions().end(*old);
  const std::string id = call.site.sessions().begin(account, call.request.peer, call.site.now());
  Response response;
  set_cookie(call, response, id);
  JsonWriter json{response.body};
  write_session(json, call, call.site.sessions().find(id, call.site.now()));
  return response;
}

Response too_many(std::chrono::seconds wait) {
  Response response = error_response(
      429, "too_many_tries",
      "too many tries; the next one is possible in " + std::to_string(wait.count()) + " s");
  response.headers.emplace_back("Retry-After", std::to_string(wait.count()));
  return response;
}

Response sign_in(Call& call) {
  constexpr std::string_view kKeys[] = {"name", "password"};
  auto body = TextObject::parse(call.request.body, kKeys);
  if (!body) return error_response(400, "body", body.error().message);
  const std::string name = body->text("name");
  if (!is_account_name(name) || body->text("password").empty())
    return error_response(401, "wrong", "name or password is wrong");
  if (const auto wait = call.site.may_try(name, call.request.peer); wait.count() > 0)
    return too_many(wait);
  if (!call.site.password_is_right(name, body->text("password")))
    return error_response(401, "wrong", "name or password is wrong");
  const auto account = call.site.account(name);
  if (!account) return error_response(401, "wrong", "name or password is wrong");
  call.site.forgive(name, call.request.peer);
  return begun(call, *account);
}

Response sign_out(Call& call) {
  if (const auto id = cookie_of(call.request.cookie, cookie_name(call)))
    call.site.sessions().end(*id);
  Response response;
  set_cookie(call, response, "");
  response.body = R"({"done":true})";
  return response;
}

Response set_up(Call& call) {
  constexpr std::string_view kKeys[] = {"token", "name", "password"};
  auto body = TextObject::parse(call.request.body, kKeys);
  if (!body) return error_response(400, "body", body.error().message);
  if (const auto wait = call.site.may_try("", call.request.peer); wait.count() > 0)
    return too_many(wait);
  const std::string token = call.site.setup_token();
  if (token.empty())
    return error_response(409, "conflict", "there is an account already; sign in with it");
  if (!same_secret(token, body->text("token")))
    return error_response(403, "token",
                          "the link does not fit; take the one that the console printed last");
  const std::string name = body->text("name");
  auto made = call.site.accounts().add(name, Role::kAdmin, body->text("password"));
  if (!made) return error_response(422, "account", made.error().message);
  const auto account = call.site.account(name);
  if (!account) return error_response(500, "account", "the account cannot be read back");
  return begun(call, *account);
}

Response change_password(Call& call) {
  constexpr std::string_view kKeys[] = {"old", "new"};
  auto body = TextObject::parse(call.request.body, kKeys);
  if (!body) return error_response(400, "body", body.error().message);
  const std::string name = call.session->account;
  if (const auto wait = call.site.may_try(name, call.request.peer); wait.count() > 0)
    return too_many(wait);
  if (!call.site.password_is_right(name, body->text("old")))
    return error_response(403, "wrong", "the old password is wrong");
  auto changed = call.site.accounts().set_password(name, body->text("new"));
  if (!changed) return error_response(422, "account", changed.error().message);
  call.site.forgive(name, call.request.peer);
  call.site.sessions().end_of_account(name);
  const auto account = call.site.account(name);
  if (!account) return error_response(500, "account", "the account cannot be read back");
  return begun(call, *account);
}

constexpr Route kRoutes[] = {
    {"GET", "/api/v1/openapi.json", Access::kPublic, openapi},
    {"GET", "/api/v1/session", Access::kPublic, show},
    {"POST", "/api/v1/session", Access::kPublic, sign_in},
    {"DELETE", "/api/v1/session", Access::kViewer, sign_out},
    {"POST", "/api/v1/setup", Access::kPublic, set_up},
    {"PUT", "/api/v1/password", Access::kViewer, change_password},
};

}  // namespace

std::span<const Route> session_routes() { return kRoutes; }

}  // namespace gnomon::report::console
