#include "gnomon/inventory/pages.h"

#include "gnomon/inventory/groups.h"
#include "test_records.h"

namespace gnomon::inventory {
namespace {

void record(const Scratch& scratch, std::string_view input, std::int64_t second,
            bool again = false) {
  auto options = options_for(scratch);
  options.again = again;
  auto recorder = Recorder::open(options);
  REQUIRE(recorder);
  for (int i = 0; i < 5; ++i) {
    const std::string client = "10.0.0." + std::to_string(i);
    recorder->on_flow(use_of("chat", "chat.example", client.c_str(), second + i * 3'000,
                             static_cast<std::uint64_t>(i) + 1));
  }
  auto coder = use_of("coder", "api.coder.example", "10.0.0.1", second + 90'000, 9);
  coder.bytes_to_client = 1'000'000;
  coder.client_kind = "sdk";
  coder.app_proto = "http";
  recorder->on_flow(coder);
  observation::ClientNameRecord name;
  name.client = address("10.0.0.1");
  name.name = "Laptop-7";
  name.source = "dhcp";
  name.time = at_second(second);
  recorder->on_client_name(name);
  recorder->on_finding(finding_of("10.0.0.1", "aws-access-key", "h1", second, 5));
  auto unsure = finding_of("10.0.0.2", "source-code", "h2", second, 6);
  unsure.confidence = "low";
  unsure.count = 500;
  recorder->on_finding(unsure);
  RunInfo run = run_of(input);
  run.first_packet = at_second(second);
  run.last_packet = at_second(second + 100'000);
  REQUIRE(recorder->finish(run, {}));
}

bool same(const AppSummary& a, const AppSummary& b) {
  return a.facts == b.facts && a.grade == b.grade && a.first_seen == b.first_seen &&
         a.last_seen == b.last_seen && a.counts == b.counts && a.clients == b.clients &&
         a.clients_used == b.clients_used && a.usages == b.usages &&
         a.client_kinds == b.client_kinds && a.review == b.review &&
         a.rating->score == b.rating->score && a.rating->confidence == b.rating->confidence;
}

// Everything that pages and lists read from sums, as text.
std::string told(Pages& pages, const Scratch& scratch) {
  std::string text;
  const auto add = [&text](const auto&... words) { ((text += words, text += ' '), ...); };
  const auto counts = [&](const Counts& each) {
    add(std::to_string(each.flows), std::to_string(each.sessions),
        std::to_string(each.bytes_to_server), std::to_string(each.bytes_to_client));
  };
  const auto words = [&](const std::vector<std::string>& all) {
    for (const std::string& each : all) add(each);
  };
  for (const char* app : {"chat", "coder"}) {
    auto parts = pages.app_parts(app, {0, 3});
    REQUIRE(parts);
    add(app, std::to_string(parts->clients.total));
    auto more = pages.app_clients(app, {3, 10});
    REQUIRE(more);
    for (const auto* page : {&parts->clients, &*more})
      for (const AppClient& client : page->rows) {
        add(client.client, client.name, std::to_string(static_cast<int>(client.grade)));
        words(client.usages);
        words(client.client_kinds);
        counts(client.counts);
      }
    for (const AppEndpoint& endpoint : parts->endpoints.rows) {
      add(endpoint.host, endpoint.role, std::to_string(endpoint.port), endpoint.app_proto,
          std::to_string(endpoint.clients));
      words(endpoint.host_sources);
      counts(endpoint.counts);
    }
    auto evidence = pages.evidence(app, {}, {0, 4});
    REQUIRE(evidence);
    add(std::to_string(evidence->total), evidence->rows.front().client);
  }
  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  const auto clients = inventory->clients();
  for (const ClientSummary& client : *clients) {
    add(client.client, client.name, client.name_source, client.mac, std::to_string(client.apps),
        std::to_string(client.apps_used));
    words(client.app_ids);
    counts(client.counts);
  }
  const auto hours = inventory->timeline(Interval::kHour);
  for (const TimelinePoint& point : *hours) counts(point.counts);
  return text;
}

}  // namespace

TEST_CASE("the sums that are kept are those of what was seen", "[pages]") {
  const Scratch scratch;
  record(scratch, "aa", 0);
  record(scratch, "bb", 700'000);
  record(scratch, "cc", 1'400'000);
  record(scratch, "bb", 700'500, true);  // in place of an earlier one
  const auto read = [&] {
    auto inventory = Inventory::open(scratch.path());
    REQUIRE(inventory);
    auto apps = inventory->apps();
    REQUIRE(apps);
    return *apps;
  };
  auto pages = Pages::open(scratch.path());
  REQUIRE(pages);
  const auto kept = read();
  auto kept_days = pages->timeline(Interval::kHour);
  auto kept_clients = pages->clients({}, {});
  auto kept_totals = pages->totals();
  const std::string kept_text = told(*pages, scratch);
  CHECK(kept_text.find("Laptop-7") != std::string::npos);
  REQUIRE(scratch.ask("SELECT count(*) FROM totals_state") == 1);
  REQUIRE(scratch.execute("DELETE FROM totals_state"));
  const auto added_up = read();
  REQUIRE(kept.size() == 2);
  REQUIRE(added_up.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) CHECK(same(kept[i], added_up[i]));
  auto days = pages->timeline(Interval::kHour);
  REQUIRE(days->size() == kept_days->size());
  for (std::size_t i = 0; i < days->size(); ++i) {
    CHECK((*days)[i].start == (*kept_days)[i].start);
    CHECK((*days)[i].counts == (*kept_days)[i].counts);
  }
  auto clients = pages->clients({}, {});
  REQUIRE(clients->rows.size() == kept_clients->rows.size());
  for (std::size_t i = 0; i < clients->rows.size(); ++i) {
    CHECK(clients->rows[i].summary.client == kept_clients->rows[i].summary.client);
    CHECK(clients->rows[i].summary.name == kept_clients->rows[i].summary.name);
    CHECK(clients->rows[i].summary.counts == kept_clients->rows[i].summary.counts);
  }
  auto totals = pages->totals();
  CHECK(totals->clients == kept_totals->clients);
  CHECK(totals->counts == kept_totals->counts);
  CHECK(totals->findings == kept_totals->findings);
  CHECK(told(*pages, scratch) == kept_text);
  // What is only half sure is counted apart.
  CHECK(totals->findings == 2 * 3);
}

TEST_CASE("sums that do not fit are believed in a large inventory alone, and for two hours",
          "[pages]") {
  const Scratch scratch;
  record(scratch, "aa", 0);
  auto pages = Pages::open(scratch.path());
  REQUIRE(pages);
  REQUIRE(scratch.execute("UPDATE totals_state SET clients = 99"));
  CHECK(pages->totals()->clients == 99);
  REQUIRE(scratch.execute("UPDATE totals_state SET fits = 0"));
  CHECK(pages->totals()->clients == 5);
  REQUIRE(scratch.execute("UPDATE totals_state SET sightings = 300000"));
  CHECK(pages->totals()->clients == 99);
  REQUIRE(scratch.execute("UPDATE totals_state SET as_of_ns = as_of_ns - 7201000000000"));
  CHECK(pages->totals()->clients == 5);
}

TEST_CASE("lists come in pieces, in order, and say how long they are", "[pages]") {
  const Scratch scratch;
  record(scratch, "aa", 0);
  ClientGroup group;
  group.id = "one";
  group.members = {"10.0.0.1"};
  REQUIRE(set_group(scratch.path(), group, {}, "ada", at_second(1)));
  auto pages = Pages::open(scratch.path());
  REQUIRE(pages);
  auto clients = pages->clients({.order = ClientOrder::kAddress}, {1, 2});
  REQUIRE(clients);
  CHECK(clients->total == 5);
  REQUIRE(clients->rows.size() == 2);
  CHECK(clients->rows[0].summary.client == "10.0.0.1");
  CHECK(clients->rows[0].client_group == "one");
  CHECK(clients->rows[0].summary.app_ids == std::vector<std::string>{"chat", "coder"});
  CHECK(clients->rows[1].summary.client == "10.0.0.2");
  CHECK(pages->clients({}, {9, 2})->rows.empty());
  CHECK(pages->clients({}, {})->rows[0].summary.client == "10.0.0.1");  // most bytes
  CHECK(pages->clients({.text = "LAPTOP"}, {})->total == 1);
  CHECK(pages->clients({.text = "%"}, {})->total == 0);
  CHECK(pages->clients({.text = "10.0.0._"}, {})->total == 0);
  CHECK(pages->clients({.client_group = "one"}, {})->total == 1);
  CHECK(pages->clients({.app = "coder"}, {})->total == 1);
  CHECK(pages->clients({.text = "10.0", .client_group = "one", .app = "coder"}, {})->total == 1);

  auto apps = pages->apps({}, AppOrder::kName, {1, 5});
  REQUIRE(apps);
  CHECK(apps->total == 2);
  REQUIRE(apps->rows.size() == 1);
  CHECK(apps->rows[0].facts.id == "coder");
  AppFilter filter;
  filter.client = "10.0.0.2";
  CHECK(pages->apps(filter, AppOrder::kName, {})->total == 1);

  auto app = pages->app("chat", {0, 3});
  REQUIRE(app);
  REQUIRE(*app);
  CHECK((*app)->clients.total == 5);
  CHECK((*app)->clients.rows.size() == 3);
  CHECK((*app)->endpoints.total == 1);
  CHECK_FALSE(*pages->app("nothing"));
  CHECK(pages->apps_of_client("10.0.0.1")->size() == 2);
  CHECK(pages->apps_of_client("10.0.0.1")->front().client == "coder");
  CHECK(pages->client_timeline("10.0.0.1", Interval::kDay)->size() == 2);
  CHECK(pages->findings("chat", {})->total == 2);
  CHECK(pages->findings("coder", {})->total == 0);
}

TEST_CASE("without client data nothing names a client, and the numbers stay", "[pages]") {
  const Scratch scratch;
  record(scratch, "aa", 0);
  REQUIRE(scratch.execute(
      "INSERT INTO alert VALUES ('x', 'new-client', 'chat', '10.0.0.1', '', '', 5, 1, 6, 1, 'low', "
      "'', 'New client of chat: 10.0.0.1', '10.0.0.1 first used chat', '', '', 0, 0)"));
  auto pages = Pages::open(scratch.path(), ClientData::kLeftOut);
  REQUIRE(pages);
  CHECK(pages->clients({}, {})->total == 5);
  CHECK(pages->clients({}, {})->rows.empty());
  CHECK((*pages->app("chat"))->clients.total == 5);
  CHECK((*pages->app("chat"))->clients.rows.empty());
  CHECK(pages->apps_of_client("10.0.0.1")->empty());
  CHECK(pages->client_timeline("10.0.0.1", Interval::kDay)->empty());
  CHECK(pages->findings("", {})->rows.at(0).client.empty());
  auto alerts = pages->alerts({}, {});
  REQUIRE(alerts->rows.size() == 1);
  CHECK(alerts->rows[0].client.empty());
  CHECK(alerts->rows[0].title == "New client of chat: a client");
  CHECK(alerts->rows[0].explanation == "a client first used chat");
}

TEST_CASE("an open page sees what was finished since", "[pages]") {
  const Scratch scratch;
  record(scratch, "aa", 0);
  auto pages = Pages::open(scratch.path());
  REQUIRE(pages);
  CHECK(pages->totals()->runs == 1);
  const auto before = pages->generation();
  record(scratch, "bb", 700'000);
  CHECK(*pages->generation() != *before);
  CHECK(pages->totals()->runs == 2);
  CHECK(pages->apps({}, AppOrder::kName, {})->rows[0].counts.flows == 10);
}

TEST_CASE("who only asked for an app is none of those who used it", "[pages]") {
  const Scratch scratch;
  {
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    recorder->on_flow(use_of("chat", "chat.example", "10.0.0.1", 0, 1));
    for (std::uint64_t i = 2; i < 60; ++i) {
      const std::string client = "10.0.0." + std::to_string(i);
      auto asked = use_of("chat", "chat.example", client.c_str(), 10, i);
      asked.identity.grade = Grade::kName;
      asked.bytes_to_client = 0;
      recorder->on_flow(asked);
    }
    auto asked = use_of("coder", "api.coder.example", "10.0.0.1", 20, 99);
    asked.identity.grade = Grade::kName;
    recorder->on_flow(asked);
    RunInfo run = run_of("aa");
    run.last_packet = at_second(400);
    REQUIRE(recorder->finish(run, {}));
  }
  for (const bool kept : {true, false}) {
    CAPTURE(kept);
    if (!kept) REQUIRE(scratch.execute("DELETE FROM totals_state"));
    auto inventory = Inventory::open(scratch.path());
    REQUIRE(inventory);
    const auto apps = inventory->apps({}, AppOrder::kName);
    REQUIRE(apps->size() == 2);
    CHECK((*apps)[0].clients == 59);
    CHECK((*apps)[0].clients_used == 1);
    CHECK((*apps)[1].clients == 1);
    CHECK((*apps)[1].clients_used == 0);
    // "The more use it": of use one client is told.
    for (const RiskRow& row : (*apps)[0].rating->rows)
      if (row.key == "clients") CHECK(row.value == "1");
    const auto clients = inventory->clients();
    REQUIRE(clients->size() == 59);
    CHECK(clients->front().client == "10.0.0.1");
    CHECK(clients->front().apps == 2);
    CHECK(clients->front().apps_used == 1);
    CHECK(clients->back().apps_used == 0);
    auto pages = Pages::open(scratch.path());
    REQUIRE(pages);
    const auto rows = pages->clients({}, {});
    CHECK(rows->rows.front().summary.apps_used == 1);
    CHECK(rows->rows.back().summary.apps_used == 0);
  }
}

TEST_CASE("apps and clients of an hour that two runs share are counted once", "[pages]") {
  const Scratch scratch;
  const auto add = [&](std::string_view input, std::string_view app, const char* client,
                       std::int64_t second) {
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    recorder->on_flow(use_of(app, "host.example", client, second, 1));
    recorder->on_flow(use_of(app, "host.example", "10.0.0.9", second, 2));
    RunInfo run = run_of(input);
    run.last_packet = at_second(10'000);
    REQUIRE(recorder->finish(run, {}));
  };
  add("aa", "chat", "10.0.0.1", 0);
  add("bb", "coder", "10.0.0.2", 60);
  add("cc", "coder", "10.0.0.3", 3'600);
  for (const bool kept : {true, false}) {
    CAPTURE(kept);
    if (!kept) REQUIRE(scratch.execute("DELETE FROM totals_state"));
    auto inventory = Inventory::open(scratch.path());
    REQUIRE(inventory);
    const auto hours = inventory->timeline(Interval::kHour);
    REQUIRE(hours->size() == 2);
    CHECK((*hours)[0].apps == 2);
    CHECK((*hours)[0].clients == 3);
    CHECK((*hours)[0].counts.flows == 4);
    CHECK((*hours)[1].apps == 1);
    CHECK((*hours)[1].clients == 2);
    const auto days = inventory->timeline(Interval::kDay);
    REQUIRE(days->size() == 1);
    CHECK(days->front().apps == 2);
    CHECK(days->front().clients == 4);
    auto pages = Pages::open(scratch.path());
    REQUIRE(pages);
    CHECK(pages->app_timeline("coder", Interval::kHour)->front().clients == 2);
    CHECK(pages->app_timeline("coder", Interval::kDay)->front().clients == 3);
  }
}

}  // namespace gnomon::inventory
