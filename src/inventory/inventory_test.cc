#include "gnomon/inventory/inventory.h"

#include <algorithm>

#include "test_records.h"

namespace gnomon::inventory {

using observation::Coverage;
using observation::FlowRecord;

// Three apps: one much used, one little, one only asked for.
void fill(const Scratch& scratch, std::string_view sha256 = "aa") {
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  recorder->on_flow(use_of("chat", "chat.example", "10.0.0.1", 0, 1));
  recorder->on_flow(use_of("chat", "chat.example", "10.0.0.2", 10, 2));
  recorder->on_flow(use_of("chat", "api.chat.example", "10.0.0.2", 7'200, 3));
  FlowRecord program = use_of("coder", "coder.example", "10.0.0.2", 20, 4);
  program.client_kind = "sdk";
  program.app_proto = "http";
  program.identity.usage = "coding-assistant";
  program.identity.grade = Grade::kUse;
  program.identity.why = "an upload was seen";
  recorder->on_flow(program);
  FlowRecord asked = use_of("other", "other.example", "10.0.0.3", 30, 5);
  asked.identity.grade = Grade::kName;
  asked.bytes_to_client = 0;
  asked.client_kind = "";
  recorder->on_flow(asked);
  recorder->on_flow(use_of("", "big.example", "10.0.0.1", 0, 6));
  recorder->on_flow(use_of("", "big.example", "10.0.0.2", 0, 7));
  recorder->on_flow(use_of("", "small.example", "10.0.0.1", 0, 8));

  observation::ClientNameRecord name;
  name.client = address("10.0.0.2");
  name.time = at_second(0);
  for (const auto& [text, source] :
       {std::pair{"phone", "mdns"}, {"desk", "dhcp"}, {"zzz", "mdns"}}) {
    name.name = text;
    name.source = source;
    recorder->on_client_name(name);
  }
  Coverage coverage;
  coverage.flows = 8;
  coverage.undecoded = {{"arp", 2}, {"encrypted", 1}};
  RunInfo run = run_of(sha256);
  run.inputs[0].damage = "cut at byte 77";
  run.filter = "tcp";
  REQUIRE(recorder->finish(run, coverage));
}

std::vector<std::string> ids(const std::vector<AppSummary>& apps) {
  std::vector<std::string> result;
  for (const AppSummary& app : apps) result.push_back(app.facts.id);
  return result;
}

using Ids = std::vector<std::string>;

TEST_CASE("apps are read with what was seen and what is known", "[inventory]") {
  const Scratch scratch;
  fill(scratch);
  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  auto apps = inventory->apps({}, AppOrder::kName);
  REQUIRE(apps);
  REQUIRE(ids(*apps) == Ids{"chat", "coder", "other"});
  const AppSummary& chat = (*apps)[0];
  CHECK(chat.facts == some_facts()[0]);
  CHECK(chat.grade == Grade::kSession);
  CHECK(chat.first_seen == at_second(0));
  CHECK(chat.last_seen == at_second(7'500));
  CHECK(chat.counts == Counts{3, 3, 0, 0, 3, 30, 300, 3'000});
  CHECK(chat.clients == 2);
  CHECK(chat.usages == std::vector<std::string>{"web-chat"});
  CHECK(chat.client_kinds == std::vector<std::string>{"browser"});
  CHECK(chat.review == Review{});
  CHECK((*apps)[2].counts.sessions == 0);
  CHECK((*apps)[2].counts.flows == 1);
}

TEST_CASE("a filter keeps what meets all of it, an order is total", "[inventory]") {
  const Scratch scratch;
  fill(scratch);
  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  const auto with = [&](auto change, AppOrder order = AppOrder::kName) {
    AppFilter filter;
    change(filter);
    auto apps = inventory->apps(filter, order);
    REQUIRE(apps);
    return ids(*apps);
  };
  CHECK(with([](AppFilter& f) { f.text = "CHAT"; }) == Ids{"chat"});
  CHECK(with([](AppFilter& f) { f.category = "coding-assistant"; }) == Ids{"coder"});
  CHECK(with([](AppFilter& f) { f.client = "10.0.0.2"; }) == Ids{"chat", "coder"});
  CHECK(with([](AppFilter& f) { f.usage = "coding-assistant"; }) == Ids{"coder"});
  CHECK(with([](AppFilter& f) { f.grade_min = Grade::kSession; }) == Ids{"chat", "coder"});
  CHECK(with([](AppFilter& f) { f.status = "sanctioned"; }).empty());
  CHECK(with([](AppFilter& f) { f.level_min = RiskLevel::kCritical; }).empty());
  CHECK(with([](AppFilter& f) {
          f.client = "10.0.0.2";
          f.text = "code";
        }) == Ids{"coder"});
  const auto all = [](AppFilter&) {};
  CHECK(with(all, AppOrder::kLastSeen) == Ids{"chat", "other", "coder"});
  CHECK(with(all, AppOrder::kFirstSeen) == Ids{"chat", "coder", "other"});
  CHECK(with(all, AppOrder::kClients) == Ids{"chat", "coder", "other"});
  CHECK(with(all, AppOrder::kBytes) == Ids{"chat", "coder", "other"});
  CHECK(with(all, AppOrder::kFlows) == Ids{"chat", "coder", "other"});
}

TEST_CASE("an app is read whole, down to the packets", "[inventory]") {
  const Scratch scratch;
  fill(scratch);
  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  auto found = inventory->app("chat");
  REQUIRE(found);
  REQUIRE(*found);
  const AppDetail& chat = **found;
  REQUIRE(chat.clients.size() == 2);
  CHECK(chat.clients[0].client == "10.0.0.2");
  CHECK(chat.clients[0].name == "desk");
  CHECK(chat.clients[0].counts.flows == 2);
  CHECK(chat.clients[1].client == "10.0.0.1");
  CHECK(chat.clients[1].name.empty());
  REQUIRE(chat.endpoints.size() == 2);
  CHECK(chat.endpoints[0].host == "chat.example");
  CHECK(chat.endpoints[0].clients == 2);
  CHECK(chat.endpoints[0].port == 443);
  CHECK(chat.endpoints[0].protocol == "tcp");
  CHECK(chat.endpoints[0].host_sources == std::vector<std::string>{"tls_sni"});
  REQUIRE(chat.sightings.size() == 3);
  const Sighting& first = chat.sightings[0];
  CHECK(first.client == "10.0.0.1");
  CHECK(first.time == at_second(0));
  CHECK(first.flow_id == 7);
  CHECK(first.file == "folder/a.pcap");
  CHECK(first.frame == 1);
  CHECK(first.why == "bytes flowed both ways");
  CHECK(first.run == 1);
  REQUIRE(chat.hours.size() == 2);
  CHECK(chat.hours[0].start == std::chrono::floor<std::chrono::hours>(at_second(0)));
  CHECK(chat.hours[0].counts.flows == 2);
  CHECK(chat.hours[0].clients == 2);
  CHECK(chat.hours[1].counts.flows == 1);

  auto none = inventory->app("nothing");
  REQUIRE(none);
  CHECK_FALSE(*none);
}

// What there is to tell of an app, row by row.
std::string told_of(const AppDetail& app) {
  std::string text;
  const auto add = [&](const auto& row) {
    text += std::to_string(row.counts.flows) + ' ' + std::to_string(row.counts.upload_bytes) + ' ' +
            std::to_string(row.counts.bytes_to_client) + '\n';
  };
  for (const AppClient& each : app.clients) {
    text += each.client + ' ' + each.name + ' ' + std::to_string(static_cast<int>(each.grade));
    for (const auto& words : {each.usages, each.client_kinds})
      for (const std::string& word : words) text += ' ' + word;
    text += ' ' + std::to_string((each.last_seen - each.first_seen).count()) + ' ';
    add(each);
  }
  for (const AppEndpoint& each : app.endpoints) {
    text += each.host + ' ' + std::to_string(each.clients) + ' ' + each.app_proto + ' ';
    for (const std::string& source : each.host_sources) text += source + ' ';
    add(each);
  }
  for (const Sighting& each : app.sightings) add(each);
  for (const TimelinePoint& each : app.hours) {
    text += std::to_string(each.start.time_since_epoch().count()) + ' ' +
            std::to_string(each.clients) + ' ';
    add(each);
  }
  return text;
}

TEST_CASE("an app read from the sums that are kept is what adding up gives", "[inventory]") {
  for (const bool again : {false, true}) {
    const Scratch scratch;
    fill(scratch);
    if (again) fill(scratch, "bb");  // the same hours in another run
    std::string told[2];
    for (const bool kept : {true, false}) {
      if (!kept) REQUIRE(scratch.execute("UPDATE totals_state SET fits = 0"));
      auto inventory = Inventory::open(scratch.path());
      REQUIRE(inventory);
      for (const char* id : {"chat", "coder", "other"}) {
        const auto app = inventory->app(id);
        REQUIRE(app);
        REQUIRE(*app);
        CHECK_FALSE((*app)->clients.empty());
        told[kept ? 1 : 0] += told_of(**app);
      }
      const auto clients = inventory->clients();
      REQUIRE(clients);
      for (const ClientSummary& each : *clients) {
        told[kept ? 1 : 0] += each.client + ' ' + each.name;
        for (const std::string& app : each.app_ids) told[kept ? 1 : 0] += ' ' + app;
      }
      const auto lean = inventory->app_without_rows("chat");
      REQUIRE(lean);
      REQUIRE(*lean);
      CHECK((*lean)->clients.empty());
      CHECK((*lean)->sightings.empty());
      CHECK((*lean)->endpoints.size() == 2);
    }
    CHECK(told[0] == told[1]);
  }
}

TEST_CASE("an app's rating follows from what was observed of it", "[inventory]") {
  const Scratch scratch;
  fill(scratch);
  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  auto found = inventory->app("coder");
  REQUIRE(found);
  REQUIRE((*found)->summary.rating);
  const auto value = [](const AppDetail& app, std::string_view key) {
    for (const RiskRow& row : app.summary.rating->rows)
      if (row.key == key) return row.value;
    return std::string{"no such row"};
  };
  CHECK(value(**found, "upload_events") == "1");
  CHECK(value(**found, "upload_bytes") == "10 bytes");
  CHECK(value(**found, "bytes") == "1,100 bytes");
  CHECK(value(**found, "clients") == "1");
  CHECK(value(**found, "non_browser_percent") == "100 %");
  CHECK(value(**found, "cleartext_flows") == "1");
  CHECK(value(**found, "off_hours_percent") == "100 %");  // 22:13
  CHECK(value(**found, "growth_percent") == "not visible");
  CHECK(value(**found, "secrets") == "not visible");
  CHECK(value(**found, "vendor_country") == "unknown");
  CHECK(value(**found, "status") == "unreviewed");

  // What was only asked for was not used.
  found = inventory->app("other");
  REQUIRE(found);
  CHECK(value(**found, "bytes") == "0 bytes");
  CHECK(value(**found, "non_browser_percent") == "not visible");
}

TEST_CASE("growth is this week over the one before, once there are two", "[inventory]") {
  const Scratch scratch;
  constexpr std::int64_t kDay = 86'400;
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  recorder->on_flow(use_of("chat", "chat.example", "10.0.0.1", 0, 1));
  recorder->on_flow(use_of("chat", "chat.example", "10.0.0.1", 2 * kDay, 2));
  for (std::uint64_t i = 0; i < 3; ++i)
    recorder->on_flow(use_of("chat", "chat.example", "10.0.0.1", 10 * kDay, 3 + i));
  recorder->on_flow(use_of("coder", "coder.example", "10.0.0.1", 14 * kDay, 7));
  RunInfo run = run_of("aa");
  run.last_packet = at_second(14 * kDay);
  REQUIRE(recorder->finish(run, {}));
  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  auto apps = inventory->apps({}, AppOrder::kName);
  REQUIRE(apps);
  const auto growth = [](const AppSummary& app) { return app.rating->rows; };
  for (const RiskRow& row : growth((*apps)[0]))
    if (row.key == "growth_percent") CHECK(row.value == "200 %");
  for (const RiskRow& row : growth((*apps)[1]))
    if (row.key == "growth_percent") CHECK(row.value == "1,000 %");
}

TEST_CASE("what was only asked for is not said to have got anything", "[inventory]") {
  const Scratch scratch;
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  const auto used = use_of("chat", "chat.example", "10.0.0.1", 0, 1);
  recorder->on_flow(used);
  auto asked = use_of("coder", "coder.example", "10.0.0.1", 10, 2);
  asked.identity.grade = Grade::kName;  // one side of it
  recorder->on_flow(asked);
  REQUIRE(recorder->finish(run_of("aa"), {}));
  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  const auto totals = inventory->totals();
  REQUIRE(totals);
  REQUIRE(used.bytes_to_server > 0);
  CHECK(totals->counts.bytes_to_server == used.bytes_to_server + asked.bytes_to_server);
  CHECK(totals->counts_used.bytes_to_server == used.bytes_to_server);
  CHECK(totals->counts_used.upload_events == 1);
}

TEST_CASE("clients, runs, coverage, unknown hosts, timeline and totals", "[inventory]") {
  const Scratch scratch;
  fill(scratch);
  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);

  auto clients = inventory->clients();
  REQUIRE(clients);
  REQUIRE(clients->size() == 3);
  CHECK((*clients)[0].client == "10.0.0.2");
  CHECK((*clients)[0].name == "desk");
  CHECK((*clients)[0].name_source == "dhcp");
  CHECK((*clients)[0].app_ids == std::vector<std::string>{"chat", "coder"});
  CHECK((*clients)[0].grade == Grade::kUse);

  auto runs = inventory->runs();
  REQUIRE(runs);
  REQUIRE(runs->size() == 1);
  CHECK((*runs)[0].filter == "tcp");
  CHECK((*runs)[0].inputs[0].damage == "cut at byte 77");
  CHECK((*runs)[0].inputs[0].bytes == 1'000);
  CHECK((*runs)[0].coverage.undecoded.size() == 2);
  CHECK((*runs)[0].last_packet == at_second(900));

  auto hosts = inventory->unknown_hosts(1);
  REQUIRE(hosts);
  REQUIRE(hosts->size() == 1);
  CHECK((*hosts)[0].host == "big.example");
  CHECK((*hosts)[0].clients == 2);
  CHECK((*hosts)[0].sessions == 2);
  CHECK_FALSE((*hosts)[0].more_clients);

  auto hours = inventory->timeline();
  REQUIRE(hours);
  REQUIRE(hours->size() == 2);
  CHECK((*hours)[0].counts.flows == 4);
  CHECK((*hours)[0].apps == 3);
  CHECK((*hours)[0].clients == 3);
  CHECK((*hours)[0].start == std::chrono::floor<std::chrono::hours>(at_second(0)));

  auto totals = inventory->totals();
  REQUIRE(totals);
  CHECK(totals->apps == 3);
  CHECK(totals->apps_used == 2);
  CHECK(totals->clients == 3);
  CHECK(totals->clients_used == 2);
  CHECK(totals->unknown_hosts == 2);
  CHECK(totals->runs == 1);
  CHECK(totals->counts.flows == 5);
  CHECK(totals->first_packet == at_second(0));
  CHECK(totals->apps_by_category == std::vector<std::pair<std::string, std::uint64_t>>{
                                        {"", 1}, {"chat-assistant", 1}, {"coding-assistant", 1}});
  std::uint64_t rated = 0;
  for (const std::uint64_t number : totals->apps_by_level) rated += number;
  CHECK(rated == 3);
}

TEST_CASE("runs add up, and coverage with them", "[inventory]") {
  const Scratch scratch;
  fill(scratch, "aa");
  fill(scratch, "bb");
  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  auto apps = inventory->apps({}, AppOrder::kName);
  REQUIRE(apps);
  CHECK((*apps)[0].counts.flows == 6);
  CHECK((*apps)[0].clients == 2);
  auto coverage = inventory->coverage();
  REQUIRE(coverage);
  CHECK(coverage->flows == 16);
  CHECK(coverage->undecoded ==
        std::vector<std::pair<std::string, std::uint64_t>>{{"arp", 4}, {"encrypted", 2}});
}

TEST_CASE("what is open stays as it was, and an empty inventory is one", "[inventory]") {
  const Scratch scratch;
  {
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
  }
  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  CHECK(inventory->apps()->empty());
  fill(scratch);
  CHECK(inventory->apps()->empty());
  CHECK(inventory->totals()->runs == 0);
  CHECK(inventory->timeline()->empty());
  auto later = Inventory::open(scratch.path());
  REQUIRE(later);
  CHECK(later->apps()->size() == 3);
  CHECK_FALSE((*later->apps())[0].rating == std::nullopt);
}

TEST_CASE("a rubric of one's own goes before the stored one, and none is none", "[inventory]") {
  const Scratch scratch;
  {
    RecorderOptions options = options_for(scratch);
    options.risk_rubric.clear();
    auto recorder = Recorder::open(std::move(options));
    REQUIRE(recorder);
    recorder->on_flow(use_of("chat", "chat.example", "10.0.0.1", 0, 1));
    REQUIRE(recorder->finish(run_of("aa"), {}));
  }
  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  CHECK_FALSE((*inventory->apps())[0].rating);
  auto rubric = RiskRubric::parse(rubric_text(), "risk.yaml");
  REQUIRE(rubric);
  auto rated = Inventory::open(scratch.path(), *rubric);
  REQUIRE(rated);
  CHECK((*rated->apps())[0].rating);
}

TEST_CASE("names from the network are bytes: kept whole, and one line of the dump", "[inventory]") {
  const Scratch scratch;
  {
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    const std::string host{"a\0b\n\xff'\";--", 11};
    recorder->on_flow(use_of("chat", host, "10.0.0.1", 0, 1));
    recorder->on_flow(use_of("", host, "10.0.0.1", 0, 2));
    REQUIRE(recorder->finish(run_of("aa"), {}));
  }
  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  CHECK((*inventory->unknown_hosts(9))[0].host.size() == 11);
  CHECK_THAT(*inventory->dump(), Catch::Contains("a\\x00b\\n\\xff'\";--"));
}

}  // namespace gnomon::inventory
