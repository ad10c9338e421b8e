#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "gnomon/inventory/decisions.h"
#include "gnomon/inventory/risk_history.h"
#include "test_desk.h"

namespace gnomon::report::console {
namespace {

struct Asked {
  const char* method;
  const char* target;
  const char* body;
  int status;
  const char* says;
};

void ask_each(Desk& desk, std::initializer_list<Asked> all) {
  for (const Asked& each : all) {
    CAPTURE(each.method, each.target, each.body);
    const Response answer = desk.ask(desk.signed_in(each.method, each.target, each.body));
    CAPTURE(answer.body);
    CHECK(answer.status == each.status);
    CHECK(answer.body.find(each.says) != std::string::npos);
  }
}

std::string status_of(Desk& desk, std::string_view app) {
  auto decisions = inventory::read_decisions(desk.options().database, app);
  REQUIRE(decisions);
  return decisions->empty() ? "unreviewed" : decisions->front().review.status;
}

TEST_CASE("groups of clients are made, changed by whom saw them last, and removed") {
  Desk desk;
  desk.sign_in("rev");
  const char* lab = "/api/v1/groups/lab";
  ask_each(desk, {{"PUT", lab, R"({"version":"0","members":"10.0.0.0/8\n10.1.0.0/33"})", 422, "10.1.0.0/33"},
                  {"PUT", lab, R"({"version":"0","members":"no network"})", 422, "group"},
                  {"PUT", lab, R"({"members":"10.0.0.0/8"})", 400, "version"},
                  {"PUT", lab, R"({"version":"-1","members":"10.0.0.0/8"})", 400, "version"},
                  {"PUT", lab, R"({"version":"0","members":"10.0.0.0/8","name":"x"})", 400, "name"},
                  {"PUT", "/api/v1/groups/No%20Id", R"({"version":"0","members":"10.0.0.0/8"})", 422, ""},
                  {"DELETE", lab, "", 422, "lab"},
                  {"GET", "/api/v1/groups", "", 200, R"({"rows":[]})"},
                  {"PUT", lab, R"({"version":"0","description":"Lab","members":"10.0.0.0/30\nname:build-7"})", 200, R"("clients":3)"},
                  {"PUT", lab, R"({"version":"0","members":"10.0.0.0/8"})", 409, "meanwhile"},
                  {"GET", "/api/v1/groups", "", 200, R"("members":["10.0.0.0/30","name:build-7"])"},
                  {"PUT", "/api/v1/apps/chatter/decision",
                   R"({"version":"0","client_group":"lab","status":"sanctioned"})", 200, "sanctioned"},
                  {"DELETE", lab, "", 422, ""},
                  {"GET", "/api/v1/groups", "", 200, R"("decisions":1)"},
                  {"GET", "/api/v1/audit?q=lab", "", 200, "rev"}});
}

TEST_CASE("views are kept for one account, whatever browser it comes with") {
  Desk desk;
  desk.sign_in("vic");
  const char* views = "/api/v1/views";
  const std::string full(121, 'x');
  const std::string long_name = R"({"page":"/apps","name":")" + full + R"("})";
  const std::string long_search = R"({"page":"/apps","name":"n","search":"?q=)" + std::string(1'000, 'x') + R"("})";
  ask_each(desk, {{"GET", views, "", 200, R"({"rows":[]})"},
                  {"POST", views, R"({"page":"/nowhere","name":"n"})", 422, "page"},
                  {"POST", views, R"({"page":"/apps/{id}","name":"n"})", 422, "page"},
                  {"POST", views, R"({"page":"https://evil.example","name":"n"})", 422, "page"},
                  {"POST", views, R"({"page":"/apps","name":""})", 422, "name"},
                  {"POST", views, R"({"page":"/apps","name":" n"})", 422, "name"},
                  {"POST", views, R"({"page":"/apps","name":"a\tb"})", 422, "name"},
                  {"POST", views, R"({"page":"/apps","name":"a\nb"})", 422, "name"},
                  {"POST", views, long_name.c_str(), 422, "name"},
                  {"POST", views, long_search.c_str(), 422, "search"},
                  {"POST", views, R"({"page":"/apps","name":"n","search":"q=1"})", 422, "search"},
                  {"POST", views, R"({"page":"/apps","name":"n","search":"?q=%zz"})", 422, "search"},
                  {"POST", views, R"({"page":"/apps","name":"n","search":"?q=a b"})", 422, "search"},
                  {"POST", views, R"({"page":"/apps","name":"n","account":"ann"})", 400, "account"},
                  {"GET", views, "", 200, R"({"rows":[]})"},
                  {"POST", views, R"({"page":"/apps","name":"=1+1 \"<b>","search":"?status=unreviewed"})", 200, "done"},
                  {"POST", views, R"({"page":"/apps","name":"=1+1 \"<b>","search":"?level=high"})", 200, "done"},
                  {"POST", views, R"({"page":"/alerts","name":"all"})", 200, "done"},
                  {"GET", views, "", 200, R"("search":"?level=high")"},
                  {"DELETE", "/api/v1/views/0000000000000000", "", 404, "view"}});
  const std::string body = desk.ask(desk.signed_in("GET", views)).body;
  CHECK(body.find("unreviewed") == std::string::npos);  // replaced, not added
  const std::string handle = body.substr(body.find(R"("handle":")") + 10, 16);
  desk.sign_in("ann");
  ask_each(desk, {{"GET", views, "", 200, R"({"rows":[]})"},
                  {"DELETE", ("/api/v1/views/" + handle).c_str(), "", 404, "view"}});
  desk.sign_in("vic");  // another session
  ask_each(desk, {{"GET", views, "", 200, handle.c_str()},
                  {"DELETE", ("/api/v1/views/" + handle).c_str(), "", 200, "done"}});
  CHECK(desk.ask(desk.signed_in("GET", views)).body.find(handle) == std::string::npos);
  for (std::size_t i = 1; i < SavedViews::kPerAccountMax; ++i) {
    const std::string one = R"({"page":"/apps","name":"n)" + std::to_string(i) + R"("})";
    REQUIRE(desk.ask(desk.signed_in("POST", views, one)).status == 200);
  }
  ask_each(desk, {{"POST", views, R"({"page":"/apps","name":"one more"})", 422, "forget one"},
                  {"POST", views, R"({"page":"/apps","name":"n7","search":"?q=x"})", 200, "done"}});
  // Whoever gets the name later starts with none.
  desk.sign_in("ann");
  ask_each(desk, {{"DELETE", "/api/v1/users/vic", "", 200, "done"}});
  const AccountFile accounts{desk.options().database};
  REQUIRE(accounts.add("vic", Role::kViewer, "correct horse battery"));
  desk.sign_in("vic");
  ask_each(desk, {{"GET", views, "", 200, R"({"rows":[]})"}});
}

TEST_CASE("a broken file of views is told with its line, and left as it is") {
  Desk desk;
  desk.sign_in("vic");
  const SavedViews views{desk.options().database};
  const auto write = [&](std::string_view text, ::mode_t mode = 0600) {
    std::ofstream{views.path()} << text;
    ::chmod(views.path().c_str(), mode);
  };
  const std::string good = "vic\t/apps\t?q=1\tmine\n";
  write("# heading\n\n" + good);
  REQUIRE(views.of("vic"));
  CHECK(views.of("vic")->size() == 1);
  for (const std::string bad : {"vic\t/apps\tmine\n", "vic\n", "v c\t/apps\t\tmine\n", "vic\t/none\t\tmine\n",
                                "vic\t/apps\tq=1\tmine\n", "vic\t/apps\t\t\n", "vic\t/apps\t\ta\tb\n"}) {
    write(good + bad);
    CAPTURE(bad);
    const auto read = views.of("vic");
    REQUIRE_FALSE(read);
    CHECK(read.error().message.find("-views:2: ") != std::string::npos);
    ask_each(desk, {{"POST", "/api/v1/views", R"({"page":"/apps","name":"n"})", 500, "-views:2: "}});
  }
  write(good, 0644);
  CHECK_FALSE(views.of("vic"));
}

TEST_CASE("one decision on many apps is made on all of them or on none") {
  Desk desk;
  desk.sign_in("rev");
  const char* many = "/api/v1/decisions";
  ask_each(desk, {{"POST", many, R"({"apps":"","status":"tolerated"})", 422, "choose"},
                  {"POST", many, R"({"apps":"chatter","status":"tolerated"})", 400, "version"},
                  {"POST", many, R"({"apps":"chatter -1","status":"tolerated"})", 400, "version"},
                  {"POST", many, R"({"apps":"chatter 0\nnobody 0","status":"tolerated"})", 422, "nobody"},
                  {"POST", many, R"({"apps":"chatter 0\nevil 7","status":"tolerated"})", 409, "evil"},
                  {"POST", many, R"({"apps":"chatter 0\nevil 0","status":"fine"})", 422, "status"},
                  {"POST", many, R"({"apps":"chatter 0\nevil 0","review_date":"2027-02-30"})", 422, ""},
                  {"POST", many, R"({"apps":"chatter 0","links":"x"})", 400, "links"}});
  CHECK(status_of(desk, "chatter") == "unreviewed");
  ask_each(desk, {{"POST", many, R"({"apps":"chatter 0\nevil 0","status":"unsanctioned","owner":"Ada"})", 200, R"("changed":2)"},
                  {"GET", "/api/v1/apps?status=unsanctioned", "", 200, R"("total":2)"},
                  {"GET", "/api/v1/apps?q=chatter", "", 200, R"("decision_version":"1")"},
                  {"POST", many, R"({"apps":"chatter 1","reason":"seen"})", 200, R"("changed":1)"}});
  auto decisions = inventory::read_decisions(desk.options().database, "chatter");
  REQUIRE(decisions);
  CHECK(decisions->front().review.owner == "Ada");  // what was not said stays
  CHECK(decisions->front().review.reason == "seen");
  desk.sign_in("vic");
  CHECK(desk.ask(desk.signed_in("POST", many, R"({"apps":"evil 1","status":"sanctioned"})")).status == 403);
}

TEST_CASE("a table of decisions is taken whole, or every bad row is told") {
  Desk desk;
  desk.sign_in("rev");
  const char* table = "/api/v1/decisions/import";
  ask_each(desk, {{"POST", table, R"({"csv":""})", 422, "problems"},
                  {"POST", table, R"({"csv":"app,status\nchatter,fine\nnobody,tolerated\nevil,tolerated\n"})", 422, R"("line":2)"},
                  {"POST", table, R"({"csv":"status\ntolerated\n"})", 422, "app"},
                  {"POST", table, R"({"table":"x"})", 400, "table"}});
  CHECK(status_of(desk, "evil") == "unreviewed");
  ask_each(desk, {{"POST", table, R"({"csv":"app,status,owner\nchatter,tolerated,=1+1\nevil,unsanctioned,Ada\n"})", 200, R"("changed":2)"},
                  {"GET", "/api/v1/decisions.csv", "", 200, "evil,"}});
  const Response csv = desk.ask(desk.signed_in("GET", "/api/v1/decisions.csv"));
  CHECK(csv.body.find(",=1+1") == std::string::npos);
  CHECK(csv.body.find("'=1+1") != std::string::npos);
}

TEST_CASE("a score of one's own is withdrawn with a reason, once, under its app alone") {
  Desk desk;
  desk.sign_in("rev");
  ask_each(desk, {{"POST", "/api/v1/apps/evil/override", R"({"score":"99","from":"2026-01-01","reason":"x"})", 200, "done"}});
  auto overrides = inventory::risk_overrides(desk.options().database, "evil");
  REQUIRE(overrides);
  REQUIRE(overrides->size() == 1);
  const std::string number = std::to_string(overrides->front().id);
  const std::string mine = "/api/v1/apps/evil/override/" + number + "/withdrawal";
  const std::string others = "/api/v1/apps/chatter/override/" + number + "/withdrawal";
  ask_each(desk, {{"POST", others.c_str(), R"({"reason":"x"})", 404, ""},
                  {"POST", "/api/v1/apps/evil/override/x/withdrawal", R"({"reason":"x"})", 404, ""},
                  {"POST", mine.c_str(), R"({"reason":""})", 422, "reason"},
                  {"POST", mine.c_str(), R"({})", 422, "reason"},
                  {"POST", mine.c_str(), R"({"reason":"was wrong"})", 200, "done"},
                  {"POST", mine.c_str(), R"({"reason":"again"})", 409, "already"},
                  {"GET", "/api/v1/apps/evil/register", "", 200, R"("withdrawn":true)"}});
}

TEST_CASE("block lists tell what they would hit, and leave out what is shared unless asked") {
  Desk desk;
  desk.sign_in("rev");
  for (const char* wrong : {"/api/v1/block-preview?status=fine", "/api/v1/block-preview?risk=terrible",
                            "/api/v1/block-preview?shared=maybe", "/api/v1/block-preview?group=nobody",
                            "/api/v1/block-lists/rpz?x=1", "/api/v1/block-preview?clients=yes"})
    CHECK(desk.ask(desk.signed_in("GET", wrong)).status == 400);
  ask_each(desk, {{"GET", "/api/v1/block-lists", "", 200, "rpz"},
                  {"GET", "/api/v1/block-lists/nonsense", "", 404, ""},
                  {"GET", "/api/v1/block-preview", "", 200, R"("apps":[])"},
                  {"POST", "/api/v1/decisions", R"({"apps":"evil 0","status":"unsanctioned"})", 200, ""},
                  {"GET", "/api/v1/block-preview", "", 200, R"("name":"evil.example")"},
                  {"GET", "/api/v1/block-preview", "", 200, R"("what":"cdn.example")"},
                  {"GET", "/api/v1/block-preview", "", 200, "2001:db8::1"},
                  {"GET", "/api/v1/block-preview?shared=yes", "", 200, R"("name":"cdn.example")"},
                  {"GET", "/api/v1/block-lists/rpz", "", 200, "evil.example"}});
  const auto body = [&](const char* target) { return desk.ask(desk.signed_in("GET", target)).body; };
  CHECK(body("/api/v1/block-lists/rpz").find("\ncdn.example") == std::string::npos);
  CHECK(body("/api/v1/block-preview?clients=no").find("2001:db8::1") == std::string::npos);
  const Response file = desk.ask(desk.signed_in("GET", "/api/v1/block-lists/hosts"));
  bool attached = false;
  for (const auto& [name, value] : file.headers)
    attached |= name == "Content-Disposition" && value.starts_with("attachment");
  CHECK(attached);
}

TEST_CASE("a workbook and reports without clients can be taken away") {
  Desk desk;
  desk.sign_in("vic");
  const Response book = desk.ask(desk.signed_in("GET", "/api/v1/exports/report.xlsx"));
  CHECK(book.status == 200);
  CHECK(book.body.starts_with("PK"));
  for (const char* each : {"report.html", "inventory.json"}) {
    const std::string target = std::string{"/api/v1/exports/"} + each;
    CHECK(desk.ask(desk.signed_in("GET", target)).body.find("10.0.0.1") != std::string::npos);
    CHECK(desk.ask(desk.signed_in("GET", target + "?clients=no")).body.find("10.0.0.1") ==
          std::string::npos);
  }
  CHECK(desk.ask(desk.signed_in("GET", "/api/v1/exports/report.html?clients=some")).status == 400);
  CHECK(desk.ask(desk.signed_in("GET", "/api/v1/exports/apps.csv?clients=no")).status == 400);
}

}  // namespace
}  // namespace gnomon::report::console
