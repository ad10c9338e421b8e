#include "site.h"

#include <catch2/catch.hpp>
#include <set>

#include "test_desk.h"

namespace gnomon::report::console {
namespace {

std::string header(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return {};
}

TEST_CASE("every answer keeps browsers from everything but this place") {
  Desk desk;
  for (const char* target :
       {"/", "/api/v1/session", "/api/v1/apps", "/nowhere", "/static/main.js"}) {
    const Response answer = desk.ask(Desk::request("GET", target));
    const std::string policy = header(answer, "Content-Security-Policy");
    CHECK(policy.starts_with("default-src 'none'"));
    CHECK(policy.find("unsafe") == std::string::npos);
    CHECK(policy.find("http") == std::string::npos);
    CHECK(header(answer, "X-Content-Type-Options") == "nosniff");
    CHECK_FALSE(header(answer, "Cache-Control").empty());
  }
}

TEST_CASE("pages hold no script, style or address of another place") {
  Desk desk;
  const Response page = desk.ask(Desk::request("GET", "/apps/anything"));
  CHECK(page.status == 200);
  for (const char* foreign : {"http://", "https://", "<style", "onclick", "style="})
    CHECK(page.body.find(foreign) == std::string::npos);
  const std::string tag = header(page, "ETag");
  Request again = Desk::request("GET", "/");
  again.if_none_match = tag;
  CHECK(desk.ask(again).status == 304);
  again.if_none_match = "\"other\"";
  CHECK(desk.ask(again).status == 200);
}

TEST_CASE("what is nowhere, or is asked in another way, is told so") {
  Desk desk;
  desk.sign_in("vic");
  struct Case {
    const char* method;
    const char* target;
    int status;
    const char* allow;
  };
  for (const Case& each :
       std::initializer_list<Case>{{"GET", "/nowhere", 404, ""},
                                   {"GET", "/api", 404, ""},
                                   {"GET", "/api/v1", 404, ""},
                                   {"GET", "/api/v2/apps", 404, ""},
                                   {"GET", "/api/v1/apps/nothing", 404, ""},
                                   {"GET", "/api/v1/apps/chatter/nothing", 404, ""},
                                   {"GET", "/static/", 404, ""},
                                   {"GET", "/static/nothing.js", 404, ""},
                                   {"GET", "/static/main.js/x", 404, ""},
                                   {"POST", "/", 405, "GET, HEAD"},
                                   {"DELETE", "/static/main.js", 405, "GET, HEAD"},
                                   {"POST", "/api/v1/apps", 405, "GET, HEAD"},
                                   {"PATCH", "/api/v1/session", 405, "GET, HEAD, POST, DELETE"},
                                   {"TRACE", "/api/v1/apps", 405, "GET, HEAD"},
                                   {"GET", "/../etc/passwd", 400, ""},
                                   {"GET", "/static/..%2fsite.cc", 400, ""},
                                   {"GET", "/static/%2e%2e/x", 400, ""},
                                   {"GET", "http://evil.example/", 400, ""},
                                   {"GET", "/api/v1/apps?page=0", 400, ""},
                                   {"GET", "/api/v1/apps?size=501", 400, ""},
                                   {"GET", "/api/v1/apps?sort=color", 400, ""},
                                   {"GET", "/api/v1/apps?order=up", 400, ""},
                                   {"GET", "/api/v1/apps?level=terrible", 400, ""},
                                   {"GET", "/api/v1/apps?grade=9", 400, ""},
                                   {"GET", "/api/v1/apps?other=1", 400, ""},
                                   {"GET", "/api/v1/apps?q=1&q=2", 400, ""},
                                   {"GET", "/api/v1/findings?sort=nothing", 400, ""},
                                   {"GET", "/api/v1/overview?x=1", 400, ""},
                                   {"GET", "/api/v1/exports/..", 400, ""},
                                   {"GET", "/api/v1/exports/passwd", 404, ""},
                                   {"GET", "/api/v1/clients/192.0.2.250", 404, ""},
                                   {"GET", "/api/v1/assets/nothing", 404, ""}}) {
    CAPTURE(each.method, each.target);
    const Response answer = desk.ask(desk.signed_in(each.method, each.target));
    CHECK(answer.status == each.status);
    CHECK(header(answer, "Allow") == each.allow);
  }
  Request with_body = desk.signed_in("GET", "/api/v1/apps", "{}");
  CHECK(desk.ask(with_body).status == 400);
}

TEST_CASE("people who come to an address that is none get a page, programs an error") {
  Desk desk;
  Request asked = Desk::request("GET", "/nope");
  asked.accept = "text/html,application/xhtml+xml,*/*;q=0.8";
  const Response page = desk.ask(asked);
  CHECK(page.status == 404);
  CHECK(page.content_type == "text/html; charset=utf-8");
  CHECK(page.body.find("href=\"/\"") != std::string::npos);
  CHECK(page.body.find("nope") == std::string::npos);
  asked.accept = "*/*";
  CHECK(desk.ask(asked).content_type == "application/json");
  asked = Desk::request("GET", "/api/v1/nothing");
  asked.accept = "text/html";
  CHECK(desk.ask(asked).content_type == "application/json");
}

TEST_CASE("of a client's apps the evidence is the client's own, and addresses are read") {
  Desk desk;
  desk.sign_in("vic");
  const auto ask = [&](const char* target) { return desk.ask(desk.signed_in("GET", target)); };
  const std::string quiet = ask("/api/v1/clients/10.0.0.3").body;
  CHECK(quiet.find(R"("apps":1,"apps_used":0)") != std::string::npos);
  CHECK(quiet.find(R"("here":{"grade":"name","used":false)") != std::string::npos);
  CHECK(ask("/api/v1/clients/10.0.0.1")
            .body.find(R"("here":{"grade":"session","used":true,"usages":["web-chat"])") !=
        std::string::npos);
  CHECK(ask("/api/v1/clients/2001:DB8:0::1").status == 200);
  for (const char* target :
       {"/api/v1/clients?q=2001:DB8:0::0001", "/api/v1/apps?client=2001:DB8::1"}) {
    CAPTURE(target);
    CHECK(ask(target).body.find("\"total\":1") != std::string::npos);
  }
}

TEST_CASE("only names that are ours are answered to") {
  Desk desk;
  const auto status = [&](const char* host) {
    Request asked = Desk::request("GET", "/");
    asked.host = host;
    return desk.ask(asked).status;
  };
  for (const char* good : {"127.0.0.1:8787", "localhost", "LOCALHOST:80", "[::1]:8787", "10.1.2.3",
                           "gnomon.example:8787", "gnomon.example."})
    CHECK(status(good) == 200);
  for (const char* bad :
       {"", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8787",
        "gnomon.example@evil.example", "127.0.0.1:x", "[::1", "127.0.0.1:", "1.2.3",
        "gnomon.example:8787:9", "gnomon.example evil"})
    CHECK(status(bad) == 421);
  Request twice = Desk::request("GET", "/");
  twice.repeated = true;
  CHECK(desk.ask(twice).status == 400);
}

TEST_CASE("without a session there is nothing but the door") {
  Desk desk;
  std::set<std::string> open;
  for (const Route& route : routes()) {
    std::string target{route.path};
    for (std::size_t at; (at = target.find('{')) != std::string::npos;)
      target.replace(at, target.find('}') - at + 1, "x");
    const Response answer = desk.ask(Desk::request(std::string{route.method}, target));
    if (route.access == Access::kPublic) {
      open.insert(std::string{route.method} + " " + target);
      continue;
    }
    CAPTURE(target);
    CHECK(answer.status == 401);
  }
  CHECK(open == std::set<std::string>{"GET /api/v1/openapi.json", "GET /api/v1/session",
                                      "POST /api/v1/session", "POST /api/v1/setup"});
  // Forged, broken, doubled.
  for (const char* cookie : {"gnomon=", "gnomon=0", "gnomon=../../x", "other=1"}) {
    Request asked = Desk::request("GET", "/api/v1/apps");
    asked.cookie = cookie;
    CHECK(desk.ask(asked).status == 401);
  }
  desk.sign_in("vic");
  Request doubled = desk.signed_in("GET", "/api/v1/apps");
  doubled.cookie += "; " + desk.cookie_;
  CHECK(desk.ask(doubled).status == 401);
  Request forged = desk.signed_in("GET", "/api/v1/apps");
  forged.cookie.back() = forged.cookie.back() == '0' ? '1' : '0';
  CHECK(desk.ask(forged).status == 401);
  CHECK(desk.ask(desk.signed_in("GET", "/api/v1/apps")).status == 200);
}

TEST_CASE("roles hold for every route") {
  Desk desk;
  for (const auto& [name, mine] :
       {std::pair{"vic", Access::kViewer}, std::pair{"rev", Access::kReviewer}}) {
    desk.sign_in(name);
    for (const Route& route : routes()) {
      if (route.access <= mine) continue;
      std::string target{route.path};
      for (std::size_t at; (at = target.find('{')) != std::string::npos;)
        target.replace(at, target.find('}') - at + 1, "x");
      CAPTURE(name, target);
      CHECK(desk.ask(desk.signed_in(std::string{route.method}, target,
                                    route.method == "GET" ? "" : "{}"))
                .status == 403);
    }
  }
}

TEST_CASE("writing needs the token, this place's page and JSON") {
  Desk desk;
  desk.sign_in("ann");
  const auto write = [&] {
    return desk.signed_in("POST", "/api/v1/users",
                          R"({"name":"new","role":"viewer","password":"correct horse battery"})");
  };
  const auto refused = [&](auto change) {
    Request asked = write();
    change(asked);
    return desk.ask(asked).status;
  };
  CHECK(refused([](Request& asked) { asked.csrf_token.clear(); }) == 403);
  CHECK(refused([](Request& asked) { asked.csrf_token[0] ^= 1; }) == 403);
  CHECK(refused([](Request& asked) { asked.origin = "http://evil.example"; }) == 403);
  CHECK(refused([](Request& asked) { asked.origin = "null"; }) == 403);
  CHECK(refused([](Request& asked) { asked.origin = "https://127.0.0.1:8787"; }) == 403);
  CHECK(refused([](Request& asked) { asked.sec_fetch_site = "cross-site"; }) == 403);
  CHECK(refused([](Request& asked) { asked.sec_fetch_site = "same-site"; }) == 403);
  CHECK(refused([](Request& asked) { asked.content_type = "text/plain"; }) == 415);
  CHECK(refused([](Request& asked) { asked.content_type.clear(); }) == 415);
  CHECK(refused([](Request& asked) { asked.body = "{"; }) == 400);
  CHECK(refused([](Request& asked) { asked.target += "?x=1"; }) == 400);
  Request good = write();
  good.origin = "http://127.0.0.1:8787";
  good.sec_fetch_site = "same-origin";
  CHECK(desk.ask(good).status == 201);
  CHECK(desk.ask(good).status == 409);
  // Nor can another page sign somebody in here.
  Request foreign = Desk::request("POST", "/api/v1/session",
                                  R"({"name":"ann","password":"correct horse battery"})");
  foreign.origin = "http://evil.example";
  CHECK(desk.ask(foreign).status == 403);
}

TEST_CASE("signing in tells nothing of who is there, and has an end") {
  Desk desk;
  const auto attempt = [&](const char* name, const char* password) {
    return desk.ask(
        Desk::request("POST", "/api/v1/session",
                      std::string{R"({"name":")"} + name + R"(","password":")" + password + "\"}"));
  };
  const Response wrong = attempt("ann", "wrong password here");
  const Response nobody = attempt("nobody", "wrong password here");
  CHECK(wrong.status == 401);
  CHECK(nobody.status == 401);
  CHECK(wrong.body == nobody.body);
  CHECK(attempt("a b", "x").status == 401);
  for (int i = 0; i < 4; ++i) CHECK(attempt("ann", "wrong password here").status == 401);
  const Response limited = attempt("ann", "correct horse battery");
  CHECK(limited.status == 429);
  CHECK(header(limited, "Retry-After") == "60");
  desk.now_ += std::chrono::seconds{60};
  const Response good = attempt("ann", "correct horse battery");
  CHECK(good.status == 200);
  const std::string cookie = header(good, "Set-Cookie");
  for (const char* part : {"gnomon=", "; HttpOnly", "; SameSite=Strict", "; Path=/"})
    CHECK(cookie.find(part) != std::string::npos);
}

TEST_CASE("a session ends by signing out, in time, and when its account changes") {
  Desk desk;
  const AccountFile file{desk.sample_.path()};
  desk.sign_in("vic");
  const auto status = [&] { return desk.ask(desk.signed_in("GET", "/api/v1/changes")).status; };
  CHECK(status() == 200);
  CHECK(desk.ask(desk.signed_in("DELETE", "/api/v1/session")).status == 200);
  CHECK(status() == 401);
  desk.sign_in("vic");
  REQUIRE(file.set_role("vic", Role::kReviewer));
  CHECK(status() == 401);
  desk.sign_in("vic");
  REQUIRE(file.remove("vic"));
  CHECK(status() == 401);
  desk.sign_in("rev");
  desk.now_ += std::chrono::minutes{61};
  CHECK(status() == 401);
}

TEST_CASE("the first account is made with the printed secret, once") {
  const SampleInventory sample;
  sample.make();
  ConsoleOptions options;
  options.database = sample.path();
  Site site{options, false, Clock::now};
  REQUIRE(site.begin());
  const std::string token = site.setup_token();
  CHECK(token.size() == 64);
  const auto set_up = [&](const std::string& with) {
    return site.answer(Desk::request(
        "POST", "/api/v1/setup",
        R"({"token":")" + with + R"(","name":"ann","password":"correct horse battery"})"));
  };
  CHECK(site.answer(Desk::request("GET", "/api/v1/session")).body.find("\"needs_setup\":true") !=
        std::string::npos);
  CHECK(set_up("").status == 403);
  CHECK(set_up(std::string(64, '0')).status == 403);
  const Response made = set_up(token);
  CHECK(made.status == 200);
  CHECK(made.body.find(R"("role":"admin")") != std::string::npos);
  CHECK(set_up(token).status == 409);
  CHECK(site.setup_token().empty());
}

TEST_CASE("the OpenAPI file tells of every route, and of no other") {
  Desk desk;
  const std::string text = desk.ask(Desk::request("GET", "/api/v1/openapi.json")).body;
  std::size_t told = 0;
  for (const char* method : {"\"get\": {", "\"post\": {", "\"put\": {", "\"delete\": {"})
    for (std::size_t at = 0; (at = text.find(method, at)) != std::string::npos; ++at) ++told;
  CHECK(told == routes().size());
  for (const Route& route : routes()) {
    CAPTURE(route.method, route.path);
    const std::size_t path = text.find("\"" + std::string{route.path} + "\": {");
    REQUIRE(path != std::string::npos);
    std::string method{route.method};
    for (char& c : method) c = static_cast<char>(c + 32);
    const std::size_t next = text.find("\"/api/v1/", path + 2);
    const std::size_t place = text.find("\"" + method + "\": {", path);
    REQUIRE(place < next);
    const std::string_view role = route.access == Access::kPublic     ? "public"
                                  : route.access == Access::kViewer   ? "viewer"
                                  : route.access == Access::kReviewer ? "reviewer"
                                                                      : "admin";
    CHECK(text.substr(place, 400).find("\"x-role\": \"" + std::string{role} + "\"") !=
          std::string::npos);
  }
}

TEST_CASE("lists are filtered, sorted and paged here") {
  Desk desk;
  desk.sign_in("vic");
  const auto body = [&](const std::string& target) {
    const Response answer = desk.ask(desk.signed_in("GET", target));
    CAPTURE(target, answer.body);
    CHECK(answer.status == 200);
    return answer.body;
  };
  const std::string all = body("/api/v1/apps");
  CHECK(all.find("\"chatter\"") != std::string::npos);
  CHECK(body("/api/v1/apps?q=CHATTER").find("\"total\":1,") != std::string::npos);
  CHECK(body("/api/v1/apps?q=nothing-like-it").find("\"total\":0,") != std::string::npos);
  CHECK(body("/api/v1/apps?size=1&page=2&sort=name").find("\"page\":2,\"size\":1") !=
        std::string::npos);
  CHECK(body("/api/v1/apps?page=1000000").find("\"rows\":[]") != std::string::npos);
  const std::string up = body("/api/v1/apps?sort=name&order=asc");
  const std::string down = body("/api/v1/apps?sort=name&order=desc");
  CHECK((up.find("\"id\":\"chatter\"") < up.find("\"id\":\"evil\"")) !=
        (down.find("\"id\":\"chatter\"") < down.find("\"id\":\"evil\"")));
  for (const char* target : {"/api/v1/overview",
                             "/api/v1/apps/chatter",
                             "/api/v1/apps/chatter/clients",
                             "/api/v1/apps/chatter/endpoints",
                             "/api/v1/apps/chatter/evidence",
                             "/api/v1/clients",
                             "/api/v1/clients/10.0.0.1",
                             "/api/v1/assets",
                             "/api/v1/graph",
                             "/api/v1/candidates",
                             "/api/v1/findings",
                             "/api/v1/files",
                             "/api/v1/models",
                             "/api/v1/tools",
                             "/api/v1/artifacts",
                             "/api/v1/alerts",
                             "/api/v1/retro",
                             "/api/v1/coverage",
                             "/api/v1/runs",
                             "/api/v1/unknown-hosts",
                             "/api/v1/exports",
                             "/api/v1/exports/apps.csv",
                             "/api/v1/exports/report.html",
                             "/api/v1/exports/inventory.json",
                             "/api/v1/exports/findings.csv"})
    CHECK_FALSE(body(target).empty());
}

TEST_CASE("evidence below a session is not told as use") {
  Desk desk;
  desk.sign_in("vic");
  const std::string used = desk.ask(desk.signed_in("GET", "/api/v1/apps?grade=session")).body;
  CHECK(used.find("\"used\":false") == std::string::npos);
  const std::string all = desk.ask(desk.signed_in("GET", "/api/v1/apps")).body;
  CHECK(all.find("\"used\":false") !=
        std::string::npos);  // the sample holds one that was only asked for
}

TEST_CASE("the second of two who decide at once is told") {
  Desk desk;
  desk.sign_in("rev");
  const auto version = [&] {
    const std::string body = desk.ask(desk.signed_in("GET", "/api/v1/apps/evil")).body;
    const std::size_t at = body.find("\"version\":\"", body.find("\"decision\":")) + 11;
    return body.substr(at, body.find('"', at) - at);
  };
  const auto decide = [&](const std::string& seen, const std::string& status) {
    return desk.ask(desk.signed_in("PUT", "/api/v1/apps/evil/decision",
                                   R"({"version":")" + seen + R"(","status":")" + status + "\"}"));
  };
  const std::string seen = version();
  CHECK(decide(seen, "sanctioned").status == 200);
  CHECK(decide(seen, "unsanctioned").status == 409);
  CHECK(
      desk.ask(desk.signed_in("GET", "/api/v1/apps/evil")).body.find("\"status\":\"sanctioned\"") !=
      std::string::npos);
  CHECK(decide(version(), "unsanctioned").status == 200);
  CHECK(decide(version(), "lovely").status == 422);
  CHECK(decide("", "sanctioned").status == 400);
  CHECK(decide("1x", "sanctioned").status == 400);
  CHECK(decide("-1", "sanctioned").status == 400);
  CHECK(decide("99", "sanctioned").status == 409);
  CHECK(desk.ask(desk.signed_in("PUT", "/api/v1/apps/evil/decision", R"({"status":"tolerated"})"))
            .status == 400);
  CHECK(desk.ask(desk.signed_in("PUT", "/api/v1/apps/nobody/decision", R"({"version":"0"})"))
            .status == 404);
  CHECK(desk.ask(desk.signed_in("PUT", "/api/v1/apps/evil/decision",
                                R"({"version":")" + version() + R"(","review_date":"2026-02-30"})"))
            .status == 422);
}

TEST_CASE("a usage has a decision of its own, and what was decided is in history and audit") {
  Desk desk;
  desk.sign_in("rev");
  const auto decide = [&](const std::string& body) {
    return desk.ask(desk.signed_in("PUT", "/api/v1/apps/evil/decision", body));
  };
  const Response made =
      decide(R"({"version":"0","usage":"api","status":"unsanctioned","reason":"no uploads"})");
  CHECK(made.status == 200);
  CHECK(made.body.find(R"("exceptions":[{"usage":"api","status":"unsanctioned")") !=
        std::string::npos);
  CHECK(decide(R"({"version":"0","usage":"api","status":"sanctioned"})").status == 409);
  CHECK(decide(R"({"version":"0","usage":"web_chat","status":"sanctioned"})").status == 422);
  const std::string app = desk.ask(desk.signed_in("GET", "/api/v1/apps/evil")).body;
  CHECK(app.find(R"("decision":{"status":"unreviewed")") != std::string::npos);
  const std::string history = desk.ask(desk.signed_in("GET", "/api/v1/apps/evil/history")).body;
  CHECK(history.find("\"actor\":\"rev\"") != std::string::npos);
  CHECK(desk.ask(desk.signed_in("GET", "/api/v1/audit?q=no+uploads")).body.find("\"total\":0") ==
        std::string::npos);
  CHECK(
      desk.ask(desk.signed_in("GET", "/api/v1/audit?q=nothing-like-it")).body.find("\"total\":0") !=
      std::string::npos);
  CHECK(desk.ask(desk.signed_in("GET", "/api/v1/apps/nobody/history")).status == 404);
}

TEST_CASE("alerts and rules that are not there are told so") {
  Desk desk;
  desk.sign_in("rev");
  for (const char* target : {"/api/v1/alerts", "/api/v1/policies"})
    CHECK(desk.ask(desk.signed_in("GET", target)).status == 200);
  for (const char* target : {"/api/v1/alerts/0123456789abcdef", "/api/v1/policies/nothing/test"})
    CHECK(desk.ask(desk.signed_in("GET", target)).status == 404);
  CHECK(desk.ask(desk.signed_in("PUT", "/api/v1/alerts/0123456789abcdef/acknowledgement", "{}"))
            .status == 404);
  CHECK(desk.ask(desk.signed_in("PUT", "/api/v1/alerts/x/acknowledgement", R"({"other":"a"})"))
            .status == 400);
  for (const char* target :
       {"/api/v1/alerts?state=closed", "/api/v1/alerts?sort=color", "/api/v1/alerts?x=1"})
    CHECK(desk.ask(desk.signed_in("GET", target)).status == 400);
}

TEST_CASE("registers, overrides and pseudonyms take only what fits") {
  Desk desk;
  desk.sign_in("ann");
  const auto status = [&](const char* method, const char* target, const char* body) {
    return desk.ask(desk.signed_in(method, target, body)).status;
  };
  CHECK(status("GET", "/api/v1/apps/evil/register", "") == 200);
  CHECK(status("GET", "/api/v1/apps/nobody/register", "") == 404);
  CHECK(status("PUT", "/api/v1/apps/evil/register", R"({"key":"no.such","value":"x"})") == 422);
  CHECK(status("PUT", "/api/v1/apps/evil/register", R"({"other":"x"})") == 400);
  const char* override = "/api/v1/apps/evil/override";
  CHECK(status("POST", override, R"({"score":"101","from":"2026-01-01","reason":"x"})") == 422);
  CHECK(status("POST", override, R"({"score":"-1","from":"2026-01-01","reason":"x"})") == 422);
  CHECK(status("POST", override, R"({"score":"","from":"2026-01-01","reason":"x"})") == 422);
  CHECK(status("POST", override, R"({"score":"7","from":"2026-02-30","reason":"x"})") == 422);
  CHECK(status("POST", override, R"({"score":"7","from":"2026-01-01","reason":""})") == 422);
  CHECK(status("POST", "/api/v1/apps/nobody/override",
               R"({"score":"7","from":"2026-01-01","reason":"x"})") == 404);
  CHECK(status("POST", override, R"({"score":"99","from":"2026-01-01","reason":"by hand"})") ==
        200);
  CHECK(desk.ask(desk.signed_in("GET", "/api/v1/apps/evil/register")).body.find("by hand") !=
        std::string::npos);
  // The sample keeps addresses as they are: there is no key.
  CHECK(status("POST", "/api/v1/reveal", R"({"pseudonym":"fd67:6e6f::1","reason":"x"})") == 422);
}

TEST_CASE("where to listen is an address and a port") {
  const auto place = parse_listen("127.0.0.1:8787");
  REQUIRE(place);
  CHECK(place->address == "127.0.0.1");
  CHECK(place->port == 8787);
  CHECK(place->loopback);
  CHECK(parse_listen("localhost:0")->loopback);
  CHECK(parse_listen("[::1]:80")->loopback);
  CHECK_FALSE(parse_listen("0.0.0.0:80")->loopback);
  CHECK_FALSE(parse_listen("[::]:80")->loopback);
  for (const char* wrong :
       {"", "8787", ":8787", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
        "127.0.0.1:-1", "::1:80", "[::1]", "example.org:80", "127.0.0.1:80 ", "1.2.3:80"})
    CHECK_FALSE(parse_listen(wrong));
}

}  // namespace
}  // namespace gnomon::report::console
