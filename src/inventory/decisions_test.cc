#include "gnomon/inventory/decisions.h"

#include <fstream>
#include <set>

#include "csv_rows.h"
#include "gnomon/inventory/groups.h"
#include "gnomon/inventory/pages.h"
#include "gnomon/inventory/risk_history.h"
#include "test_records.h"
#include "usages.h"

namespace gnomon::inventory {
namespace {

void record_two_apps(const Scratch& scratch) {
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  recorder->on_flow(use_of("chat", "chat.example", "10.1.0.1", 0, 1));
  recorder->on_flow(use_of("coder", "coder.example", "10.2.0.1", 0, 2));
  REQUIRE(recorder->finish(run_of("aa"), {}));
}

DecisionChange change_of(std::string app, std::string status) {
  DecisionChange change;
  change.scope.app = std::move(app);
  change.review.status = std::move(status);
  return change;
}

DecisionsStored store(const Scratch& scratch, std::vector<DecisionChange> changes) {
  auto stored = set_decisions(scratch.path(), changes, "ada", at_second(5));
  REQUIRE(stored);
  return *stored;
}

ClientGroup group_of(std::string id, std::vector<std::string> members) {
  ClientGroup group;
  group.id = std::move(id);
  group.members = std::move(members);
  return group;
}

}  // namespace

TEST_CASE("of two who change one decision the second is told", "[decisions]") {
  const Scratch scratch;
  record_two_apps(scratch);
  auto first = change_of("chat", "tolerated");
  first.expected_version = 0;
  CHECK(store(scratch, {first}).changed == 1);
  auto second = change_of("chat", "sanctioned");
  second.expected_version = 0;  // as it was when both looked
  const auto refused = store(scratch, {second, change_of("coder", "sanctioned")});
  REQUIRE(refused.problems.size() == 1);
  CHECK(refused.problems[0].kind == DecisionProblem::Kind::kConflict);
  CHECK_THAT(refused.problems[0].message, Catch::Contains("changed meanwhile by ada"));
  CHECK(refused.changed == 0);  // nothing of it, nor of what came with it
  CHECK(scratch.ask("SELECT count(*) FROM decision") == 1);
  CHECK(scratch.ask("SELECT count(*) FROM decision WHERE status = 'tolerated'") == 1);
  second.expected_version = 1;
  CHECK(store(scratch, {second}).changed == 1);
  CHECK(scratch.ask("SELECT version FROM decision") == 2);
}

TEST_CASE("what cannot be decided is refused, all of it told", "[decisions]") {
  const Scratch scratch;
  record_two_apps(scratch);
  auto bad_day = change_of("chat", "tolerated");
  bad_day.review.review_date = "2026-02-30";
  auto bad_link = change_of("coder", "tolerated");
  bad_link.links = {"javascript:alert(1)"};
  auto bad_group = change_of("coder", "tolerated");
  bad_group.scope.client_group = "nobody";
  const auto stored = store(scratch, {bad_day, bad_link, bad_group, change_of("nothing", "fine"),
                                      change_of("chat", "sanctioned")});
  std::vector<std::string> fields;
  for (const auto& problem : stored.problems)
    fields.push_back(std::to_string(problem.change) + " " + problem.field);
  CHECK(fields == std::vector<std::string>{"0 review_date", "1 links", "2 client_group", "3 status",
                                           "3 app", "4 app"});
  CHECK(scratch.ask("SELECT count(*) FROM decision") == 0);
  CHECK(scratch.ask("SELECT count(*) FROM audit") == 0);
}

TEST_CASE("the decision of a usage and a group goes before the app's own", "[decisions]") {
  const std::vector<Decision> decisions = {{{"chat", "", ""}, {}, {}, 1, {}, {}},
                                           {{"chat", "", "finance"}, {}, {}, 2, {}, {}},
                                           {{"chat", "upload", ""}, {}, {}, 3, {}, {}},
                                           {{"chat", "upload", "finance"}, {}, {}, 4, {}, {}}};
  struct Case {
    const char* usage;
    const char* group;
    std::int64_t version;
  };
  const auto each = GENERATE(values<Case>({{"", "", 1},
                                           {"web-chat", "", 1},
                                           {"web-chat", "sales", 1},
                                           {"web-chat", "finance", 2},
                                           {"upload", "", 3},
                                           {"upload", "sales", 3},
                                           {"upload", "finance", 4}}));
  const Decision* found = effective_decision(decisions, each.usage, each.group);
  REQUIRE(found != nullptr);
  CHECK(found->version == each.version);
  CHECK(effective_decision(std::span{decisions}.subspan(1, 1), each.usage, "") == nullptr);
}

TEST_CASE("every change is in the audit with its reason, before and after", "[decisions]") {
  const Scratch scratch;
  record_two_apps(scratch);
  REQUIRE(set_group(scratch.path(), group_of("finance", {"10.1.0.0/16"}), {}, "bob", at_second(1)));
  auto change = change_of("chat", "unsanctioned");
  change.scope.usage = "upload";
  change.scope.client_group = "finance";
  change.review.reason = "contracts";
  change.links = {"https://wiki.example/ai"};
  store(scratch, {change});
  CHECK(scratch.ask("SELECT count(*) FROM audit WHERE actor = 'ada' AND subject = 'chat' AND "
                    "field = 'status usage=upload group=finance' AND value_before = 'unreviewed' "
                    "AND value_after = 'unsanctioned' AND reason = 'contracts'") == 1);
  CHECK(scratch.ask("SELECT count(*) FROM audit WHERE field LIKE 'links%'") == 1);
  auto removed = remove_decision(scratch.path(), change.scope, 7, "eve", at_second(9));
  REQUIRE(removed);
  CHECK(removed->problems.size() == 1);
  removed = remove_decision(scratch.path(), change.scope, 1, "eve", at_second(9));
  REQUIRE(removed);
  CHECK(removed->changed == 1);
  CHECK(scratch.ask("SELECT count(*) FROM decision") == 0);
  auto pages = Pages::open(scratch.path());
  REQUIRE(pages);
  auto audit = pages->audit({.actor = "eve"}, {});
  REQUIRE(audit);
  CHECK(audit->total == 3);
  CHECK(audit->rows[0].after.empty());
}

TEST_CASE("decisions survive a spreadsheet, formulas too", "[decisions]") {
  Decision decision;
  decision.scope = {"chat", "upload", "finance"};
  decision.review = {"tolerated",  "=1+1",  "a, \"quoted\"\r\nline", "'apostrophe", "@class",
                     "2026-12-31", "-minus"};
  decision.links = {"https://a.example/1", "https://a.example/2"};
  decision.version = 3;
  const std::string csv = decisions_to_csv(std::span{&decision, 1});
  CHECK_THAT(csv, Catch::Contains(",'=1+1,") && Catch::Contains(",''apostrophe,") &&
                      Catch::Contains(",'@class,") && Catch::Contains(",'-minus,"));
  const DecisionImport back = decisions_from_csv("\xef\xbb\xbf" + csv, {});
  REQUIRE(back.problems.empty());
  REQUIRE(back.changes.size() == 1);
  CHECK(back.changes[0].scope == decision.scope);
  CHECK(back.changes[0].review == decision.review);
  CHECK(back.changes[0].links == decision.links);
  CHECK(back.changes[0].expected_version == 3);
  CHECK(back.lines[0] == 2);
}

TEST_CASE("every bad line of a file is told with its line and column", "[decisions]") {
  struct Case {
    const char* text;
    std::vector<std::pair<std::size_t, std::size_t>> places;
  };
  const std::vector<Case> cases = {
      {"", {{1, 0}}},
      {"app\nchat\n", {{1, 0}}},
      {"status\ntolerated\n", {{1, 0}}},
      {"app,status,colour\nchat,tolerated,red\n", {{1, 3}}},
      {"app,status,status\nchat,tolerated,tolerated\n", {{1, 3}}},
      {"app,status\nchat,fine\n", {{2, 2}}},
      {"app,status\n\nchat,fine\ncoder,bad\n", {{3, 2}, {4, 2}}},
      {"app,status\nchat\n", {{2, 2}}},
      {"app,status\nchat,tolerated,more\n", {{2, 3}}},
      {"app,status\n,tolerated\n", {{2, 1}}},
      {"app,status,review_date\nchat,tolerated,31.12.2026\n", {{2, 3}}},
      {"app,status,links\nchat,tolerated,ftp://x\n", {{2, 3}}},
      {"app,status,version\nchat,tolerated,one\n", {{2, 3}}},
      {"app,status\nchat,tolerated\nchat,sanctioned\n", {{3, 1}}},
      {"app,status\n\"chat,tolerated\n", {{2, 0}}},
      {"app,status\n\"ch\"at,tolerated\n", {{2, 0}}},
      {"app,status,reason\nchat,tolerated,\"two\nlines\"\ncoder,fine,x\n", {{4, 2}}},
  };
  for (const Case& each : cases) {
    INFO(each.text);
    const DecisionImport import = decisions_from_csv(each.text, {});
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for (const auto& problem : import.problems) places.emplace_back(problem.line, problem.column);
    CHECK(places == each.places);
  }
}

TEST_CASE("a column that a file does not have keeps what is stored", "[decisions]") {
  Decision stored;
  stored.scope.app = "chat";
  stored.review.owner = "Ada";
  stored.review.status = "tolerated";
  stored.links = {"https://a.example"};
  const auto import = decisions_from_csv("status,app\nsanctioned,chat\n", std::span{&stored, 1});
  REQUIRE(import.changes.size() == 1);
  CHECK(import.changes[0].review.owner == "Ada");
  CHECK(import.changes[0].review.status == "sanctioned");
  CHECK(import.changes[0].links.size() == 1);
  CHECK_FALSE(import.changes[0].expected_version);
}

TEST_CASE("CSV cut anywhere is read or refused, never more than was there", "[decisions]") {
  const std::string whole = "app,status,reason\r\nchat,tolerated,\"a \"\"b\"\"\r\nc\"\r\n";
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    const CsvTable table = read_csv(std::string_view{whole}.substr(0, cut));
    CHECK(table.rows.size() <= 2);
  }
}

TEST_CASE("members of groups are written one way, and mistakes are told", "[groups]") {
  struct Case {
    const char* text;
    const char* normal;
  };
  for (const Case& each : std::vector<Case>{{"10.1.0.0/16", "10.1.0.0/16"},
                                            {"10.1.2.3/32", "10.1.2.3"},
                                            {"0.0.0.0/0", "0.0.0.0/0"},
                                            {"2001:DB8::/32", "2001:db8::/32"},
                                            {"name:Build-7.Local", "name:build-7.local"}}) {
    auto normal = normal_member(each.text);
    REQUIRE(normal);
    CHECK(*normal == each.normal);
  }
  for (const char* bad :
       {"", "10.1", "10.1.0.0/", "10.1.0.0/33", "10.1.0.0/x", "10.1.0.1/16", "2001:db8::/129",
        "2001:db8::1/32", "name:", "name:a b", "host.example", "10.1.0.0/-1", "10.1.0.0/0016"}) {
    INFO(bad);
    CHECK_FALSE(normal_member(bad));
  }
  CHECK_THAT(normal_member("10.1.2.3/16").error().message, Catch::Contains("10.1.0.0/16?"));
}

TEST_CASE("the most specific member decides the group", "[groups]") {
  const std::vector<ClientGroup> groups = {
      group_of("all", {"10.0.0.0/8"}), group_of("site", {"10.1.0.0/16", "2001:db8::/32"}),
      group_of("one", {"10.1.0.7"}), group_of("builders", {"name:build-7"})};
  auto map = GroupMap::make(groups);
  REQUIRE(map);
  CHECK(map->group_of(address("10.9.0.1"), "") == "all");
  CHECK(map->group_of(address("10.1.0.1"), "") == "site");
  CHECK(map->group_of(address("10.1.0.7"), "") == "one");
  CHECK(map->group_of(address("10.1.0.7"), "BUILD-7") == "builders");
  CHECK(map->group_of(address("2001:db8::1"), "") == "site");
  CHECK(map->group_of(address("192.0.2.1"), "") == "");
  const std::vector<ClientGroup> everything = {group_of("six", {"::/0"})};
  CHECK(GroupMap::make(everything)->group_of(address("10.1.0.1"), "") == "");
  const std::vector<ClientGroup> twice = {group_of("a", {"10.0.0.0/8"}),
                                          group_of("b", {"10.0.0.0/8"})};
  CHECK_FALSE(GroupMap::make(twice));
}

TEST_CASE("groups are stored with their clients, and kept while decisions name them", "[groups]") {
  const Scratch scratch;
  record_two_apps(scratch);
  auto stored = set_group(scratch.path(), group_of("one", {"10.1.0.0/16"}), 0, "bob", at_second(1));
  REQUIRE(stored);
  CHECK(stored->clients == 1);
  stored = set_group(scratch.path(), group_of("two", {"10.1.0.0/16"}), {}, "bob", at_second(1));
  REQUIRE(stored);
  CHECK_THAT(stored->problem, Catch::Contains("in the group 'one' already"));
  stored = set_group(scratch.path(), group_of("one", {"10.2.0.0/16"}), 0, "eve", at_second(1));
  REQUIRE(stored);
  CHECK(stored->conflict);
  stored = set_group(scratch.path(), group_of("Bad Id", {"10.300.0.0/16", "x"}), {}, "eve",
                     at_second(1));
  REQUIRE(stored);
  CHECK_THAT(stored->problem,
             Catch::Contains("no id") && Catch::Contains("10.300") && Catch::Contains("'x'"));
  auto change = change_of("chat", "tolerated");
  change.scope.client_group = "one";
  store(scratch, {change});
  stored = remove_group(scratch.path(), "one", "bob", at_second(2));
  REQUIRE(stored);
  CHECK_THAT(stored->problem, Catch::Contains("'chat'"));
  REQUIRE(remove_decision(scratch.path(), change.scope, {}, "bob", at_second(2)));
  stored = remove_group(scratch.path(), "one", "bob", at_second(2));
  REQUIRE(stored);
  CHECK(stored->problem.empty());
  CHECK(scratch.ask("SELECT count(*) FROM client_membership") == 0);
  CHECK(scratch.ask("SELECT count(*) FROM audit WHERE action = 'group'") == 2);
}

TEST_CASE("a rating that changes says when and why", "[risk-history]") {
  const Scratch scratch;
  record_two_apps(scratch);
  auto history = risk_history(scratch.path(), "chat");
  REQUIRE(history);
  REQUIRE(history->size() == 1);
  const auto first = history->front().score;
  auto change = change_of("chat", "sanctioned");
  change.review.review_date = "2020-01-01";
  store(scratch, {change});
  history = risk_history(scratch.path(), "chat");
  REQUIRE(history);
  REQUIRE(history->size() == 2);
  CHECK(history->back().score == first - 10 + 4);  // decided, and overdue
  CHECK(history->back().at == at_second(900));
  CHECK(history->back().why ==
        std::vector<std::string>{"Decision: unreviewed -> sanctioned (-10)",
                                 "Date of the next review: not reviewed -> overdue (+4)"});
  store(scratch, {change});
  CHECK(risk_history(scratch.path(), "chat")->size() == 2);
  CHECK(risk_history(scratch.path(), "coder")->size() == 1);
  // Whoever decides on one app does not wait for all to be rated: others keep for their time.
  REQUIRE(scratch.execute("UPDATE decision SET status = 'unsanctioned' WHERE app = 'chat'"));
  store(scratch, {change_of("coder", "tolerated")});
  CHECK(risk_history(scratch.path(), "coder")->size() == 2);
  CHECK(risk_history(scratch.path(), "chat")->size() == 2);
}

TEST_CASE("an override holds for its days alone, and needs a reason", "[risk-history]") {
  const Scratch scratch;
  record_two_apps(scratch);  // 2023-11-14
  StoredOverride wanted;
  wanted.app = "chat";
  wanted.score = 5;
  wanted.from = "2023-11-01";
  wanted.until = "2023-11-13";
  CHECK_FALSE(add_override(scratch.path(), wanted, "ada", at_second(1)));
  wanted.reason = "contract";
  for (const auto& [from, until, score, app] :
       std::vector<std::tuple<std::string, std::string, int, std::string>>{
           {"2023-11-31", "", 5, "chat"},
           {"2023-11-02", "2023-11-01", 5, "chat"},
           {"2023-11-02", "tomorrow", 5, "chat"},
           {"2023-11-02", "", 101, "chat"},
           {"2023-11-02", "", -1, "chat"},
           {"2023-11-02", "", 5, "nothing"}}) {
    StoredOverride bad = wanted;
    bad.from = from;
    bad.until = until;
    bad.score = score;
    bad.app = app;
    CHECK_FALSE(add_override(scratch.path(), bad, "ada", at_second(1)));
  }
  const auto score_of = [&] {
    auto inventory = Inventory::open(scratch.path());
    REQUIRE(inventory);
    auto app = inventory->app("chat");
    REQUIRE(app);
    return (*app)->summary.rating->score;
  };
  const auto own = score_of();
  REQUIRE(add_override(scratch.path(), wanted, "ada", at_second(1)));
  CHECK(score_of() == own);  // it has expired
  wanted.until = "2023-11-14";
  auto id = add_override(scratch.path(), wanted, "ada", at_second(1));
  REQUIRE(id);
  CHECK(score_of() == 5);
  CHECK(risk_history(scratch.path(), "chat")->back().score == 5);
  REQUIRE(withdraw_override(scratch.path(), *id, "over", "ada", at_second(2)));
  CHECK_FALSE(*withdraw_override(scratch.path(), *id, "over", "ada", at_second(2)));
  CHECK(score_of() == own);
  CHECK(scratch.ask("SELECT count(*) FROM audit WHERE action = 'override'") == 3);
}

TEST_CASE("weights of an inventory's own stay when a run brings others", "[risk-history]") {
  const Scratch scratch;
  record_two_apps(scratch);
  CHECK_FALSE(set_rubric(scratch.path(), "levels: {}", "mine.yaml", "ada", at_second(1)));
  std::string mine = rubric_text();
  mine.replace(mine.find("low: 15"), 7, "low: 16");
  REQUIRE(set_rubric(scratch.path(), mine, "mine.yaml", "ada", at_second(1)));
  const auto is_mine = [&] {
    return scratch.ask("SELECT count(*) FROM risk_rubric WHERE yaml LIKE '%low: 16%'") == 1;
  };
  CHECK(is_mine());
  {
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    REQUIRE(recorder->finish(run_of("bb"), {}));
  }
  CHECK(is_mine());
  REQUIRE(set_rubric(scratch.path(), "", "", "ada", at_second(2)));
  {
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    REQUIRE(recorder->finish(run_of("cc"), {}));
  }
  CHECK_FALSE(is_mine());
}

TEST_CASE("a usage that there is not is refused with those that there are", "[decisions]") {
  const Scratch scratch;
  record_two_apps(scratch);
  const auto decide = [&](const char* usage) {
    auto change = change_of("chat", "sanctioned");
    change.scope.usage = usage;
    auto done = set_decisions(scratch.path(), {&change, 1}, "ada", at_second(5));
    REQUIRE(done);
    return *done;
  };
  for (const char* wrong : {"web_chat", "Web-chat", "web-chat ", "uploads", "no'such"}) {
    CAPTURE(wrong);
    const DecisionsStored refused = decide(wrong);
    REQUIRE(refused.problems.size() == 1);
    CHECK(refused.problems.front().field == "usage");
    CHECK(refused.problems.front().message.find("web-chat, ") != std::string::npos);
    CHECK(refused.changed == 0);
  }
  CHECK(scratch.ask("SELECT count(*) FROM decision") == 0);
  for (const char* right : {"web-chat", "upload", "voice"}) CHECK(decide(right).problems.empty());
  // Of local signatures, as it was seen; and one that was decided on before.
  CHECK(decide("own").problems.size() == 1);
  REQUIRE(scratch.execute("UPDATE sighting SET usage = 'own' WHERE app = 'coder'"));
  CHECK(decide("own").problems.empty());
  REQUIRE(scratch.execute("UPDATE sighting SET usage = ''"));
  CHECK(decide("own").problems.empty());
}

TEST_CASE("usages are those of the vocabulary", "[decisions]") {
  std::ifstream file{"signatures/vocabulary.yaml"};
  std::set<std::string> words{"upload"};
  bool within = false;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(' ')) within = line == "usages:";
    if (within && line.starts_with("  ")) words.insert(line.substr(2, line.find(':') - 2));
  }
  CHECK(words.size() > 40);
  CHECK(words == std::set<std::string>{kUsages.begin(), kUsages.end()});
}

}  // namespace gnomon::inventory
