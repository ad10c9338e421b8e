#include "gnomon/inventory/pages.h"

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
  const auto hours = inventory->timeline();
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
  struct Lists {
    std::vector<AppSummary> apps;
    std::vector<TimelinePoint> hours;
    Totals totals;
  };
  const auto read = [&] {
    auto inventory = Inventory::open(scratch.path());
    REQUIRE(inventory);
    return Lists{*inventory->apps(), *inventory->timeline(), *inventory->totals()};
  };
  auto pages = Pages::open(scratch.path());
  REQUIRE(pages);
  const Lists kept = read();
  const std::string kept_text = told(*pages, scratch);
  CHECK(kept_text.find("Laptop-7") != std::string::npos);
  REQUIRE(scratch.ask("SELECT count(*) FROM totals_state") == 1);
  REQUIRE(scratch.execute("DELETE FROM totals_state"));
  const Lists added_up = read();
  REQUIRE(kept.apps.size() == 2);
  REQUIRE(added_up.apps.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) CHECK(same(kept.apps[i], added_up.apps[i]));
  REQUIRE(added_up.hours.size() == kept.hours.size());
  for (std::size_t i = 0; i < kept.hours.size(); ++i) {
    CHECK(added_up.hours[i].start == kept.hours[i].start);
    CHECK(added_up.hours[i].counts == kept.hours[i].counts);
  }
  CHECK(added_up.totals.clients == kept.totals.clients);
  CHECK(added_up.totals.counts == kept.totals.counts);
  CHECK(added_up.totals.findings == kept.totals.findings);
  CHECK(told(*pages, scratch) == kept_text);
  // What is only half sure is counted apart.
  CHECK(kept.totals.findings == 2 * 3);
}

TEST_CASE("sums that do not fit are believed in a large inventory alone, and for two hours",
          "[pages]") {
  const Scratch scratch;
  record(scratch, "aa", 0);
  const auto clients = [&] { return Inventory::open(scratch.path())->totals()->clients; };
  REQUIRE(scratch.execute("UPDATE totals_state SET clients = 99"));
  CHECK(clients() == 99);
  REQUIRE(scratch.execute("UPDATE totals_state SET fits = 0"));
  CHECK(clients() == 5);
  REQUIRE(scratch.execute("UPDATE totals_state SET sightings = 300000"));
  CHECK(clients() == 99);
  REQUIRE(scratch.execute("UPDATE totals_state SET as_of_ns = as_of_ns - 7201000000000"));
  CHECK(clients() == 5);
}

TEST_CASE("lists come in pieces, in order, and say how long they are", "[pages]") {
  const Scratch scratch;
  record(scratch, "aa", 0);
  auto pages = Pages::open(scratch.path());
  REQUIRE(pages);
  auto app = pages->app_parts("chat", {0, 3});
  REQUIRE(app);
  CHECK(app->clients.total == 5);
  CHECK(app->clients.rows.size() == 3);
  CHECK(app->endpoints.total == 1);
  auto rest = pages->app_clients("chat", {3, 10});
  REQUIRE(rest);
  CHECK(rest->total == 5);
  CHECK(rest->rows.size() == 2);
  CHECK(pages->app_clients("chat", {9, 2})->rows.empty());
  CHECK(pages->app_parts("nothing")->clients.total == 0);
  CHECK(pages->apps_of_client("10.0.0.1")->size() == 2);
  CHECK(pages->apps_of_client("10.0.0.1")->front().client == "coder");
  CHECK(pages->app_timeline("coder")->size() == 1);
  CHECK(pages->evidence("chat", "10.0.0.1", {})->total == 1);
}

TEST_CASE("an open page sees what was finished since", "[pages]") {
  const Scratch scratch;
  record(scratch, "aa", 0);
  auto pages = Pages::open(scratch.path());
  REQUIRE(pages);
  const auto flows = [&] {
    auto app = pages->app_parts("chat");
    REQUIRE(app);
    std::uint64_t sum = 0;
    for (const AppClient& client : app->clients.rows) sum += client.counts.flows;
    return sum;
  };
  CHECK(flows() == 5);
  record(scratch, "bb", 700'000);
  CHECK(flows() == 10);
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
    const auto hours = inventory->timeline();
    REQUIRE(hours->size() == 2);
    CHECK((*hours)[0].apps == 2);
    CHECK((*hours)[0].clients == 3);
    CHECK((*hours)[0].counts.flows == 4);
    CHECK((*hours)[1].apps == 1);
    CHECK((*hours)[1].clients == 2);
    auto pages = Pages::open(scratch.path());
    REQUIRE(pages);
    CHECK(pages->app_timeline("coder")->front().clients == 2);
  }
}

}  // namespace gnomon::inventory
