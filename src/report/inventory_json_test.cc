#include "gnomon/report/inventory_json.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "gnomon/report/html_report.h"
#include "gnomon/report/inventory_csv.h"
#include "gnomon/report/numbers.h"
#include "gnomon/report/report_content.h"
#include "test_inventory.h"

namespace gnomon::report {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Brackets that match, outside strings that end: what a missing comma or brace would break.
bool is_balanced(std::string_view json) {
  std::string open;
  bool in_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_text) {
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '{' || c == '[') {
      open += c;
    } else if (c == '}' || c == ']') {
      if (open.empty() || open.back() != (c == '}' ? '{' : '[')) return false;
      open.pop_back();
    }
  }
  return open.empty() && !in_text;
}

TEST_CASE("an app is written whole", "[inventory_json]") {
  const SampleInventory sample;
  sample.make();
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  auto app = inventory->app("evil");
  REQUIRE(app);
  REQUIRE(*app);
  std::string out;
  write_app_json(out, **app);
  CHECK(out.starts_with(R"({"gnomon":"app","version":1,"app":{"id":"evil",)"));
  CHECK(is_balanced(out));
  for (const std::string_view part :
       {R"("name":"</script><img src=x onerror=alert(2)>")",
        R"-("attributes":{"notes":"@SUM(A1)"})-",
        R"("grade":"use","first_seen":"2026-11-24T09:01:30.000000Z")",
        R"("upload_events":2,"upload_bytes":1500000,"bytes_to_server":1600000)",
        R"("review":{"status":"unreviewed"})", R"("client":"2001:db8::1")",
        R"("flow_id":4000012,"file":"captures/monday.pcap","frame":4)", R"("part":"vendor")"})
    CHECK(contains(out, part));
}

TEST_CASE("a list and the whole report are valid and hold what the network said",
          "[inventory_json]") {
  const SampleInventory sample;
  sample.make();
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  auto report = json_report(*inventory);
  REQUIRE(report);
  CHECK(is_balanced(*report));
  CHECK(contains(*report, R"("gnomon":"report")"));
  // Every byte is kept: what is not UTF-8 as its code point.
  CHECK(contains(*report, R"(\"><script>alert(1)</script><!--' onload=x \u001b[31m\u00ff)"));
  CHECK(contains(*report, R"("statement":[)"));
  auto again = json_report(*inventory);
  REQUIRE(again);
  CHECK(*report == *again);
}

TEST_CASE("a report comes in pieces as rows are read, and ends where it cannot be written",
          "[inventory_json]") {
  const SampleInventory sample;
  {
    inventory::RecorderOptions options = SampleInventory::with_facts({});
    options.path = sample.path();
    auto recorder = inventory::Recorder::open(options);
    REQUIRE(recorder);
    for (int i = 0; i < 1'000; ++i) {
      const std::string client = "10.0." + std::to_string(i / 250) + '.' + std::to_string(i % 250);
      recorder->on_flow(SampleInventory::flow("chatter", "chat.example", client.c_str(), i,
                                              static_cast<std::uint64_t>(i) + 1));
    }
    inventory::RunInfo run;
    run.inputs = {{"captures/monday.pcap", "sha256:00ff", 123'456, ""}};
    run.last_packet = SampleInventory::at(2'000);
    REQUIRE(recorder->finish(run, {}));
  }
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  const auto whole = json_report(*inventory);
  REQUIRE(whole);
  CHECK(is_balanced(*whole));
  std::string joined;
  std::size_t longest = 0;
  std::size_t pieces = 0;
  const TextSink join = [&](std::string_view piece) -> std::optional<Error> {
    joined += piece;
    longest = std::max(longest, piece.size());
    ++pieces;
    return std::nullopt;
  };
  REQUIRE_FALSE(write_json_report(*inventory, {}, join));
  CHECK(joined == *whole);
  CHECK(pieces > 10);
  CHECK(longest < whole->size() / 8);

  std::size_t asked = 0;
  const auto failed = write_json_report(*inventory, {}, [&](std::string_view) {
    ++asked;
    return std::optional{Error{"no room"}};
  });
  REQUIRE(failed);
  CHECK(failed->message == "no room");
  CHECK(asked == 1);
}

TEST_CASE("who used an app and who only asked for it are told apart everywhere") {
  const SampleInventory sample;
  sample.make();
  {
    auto options = SampleInventory::with_facts({});
    options.path = sample.path();
    auto recorder = inventory::Recorder::open(std::move(options));
    REQUIRE(recorder);
    auto asked = SampleInventory::flow("chatter", "chat.example", "10.0.0.8", 0, 1);
    asked.identity.grade = observation::Grade::kName;
    asked.bytes_to_client = 0;
    recorder->on_flow(asked);
    inventory::RunInfo run;
    run.inputs = {{"captures/tuesday.pcap", "sha256:00aa", 1, ""}};
    REQUIRE(recorder->finish(run, {}));
  }
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  auto apps = inventory->apps({}, inventory::AppOrder::kClients);
  REQUIRE(apps);
  REQUIRE(apps->front().facts.id == "chatter");
  CHECK(used_text(apps->front().clients_used, apps->front().clients) == "2 (+1)");
  std::string csv;
  write_app_list_csv(csv, {apps->data(), 1});
  CHECK(csv.substr(0, csv.find('\r')).ends_with(",clients_used"));
  CHECK(csv.ends_with(",2\r\n"));

  auto clients = inventory->clients();
  REQUIRE(clients);
  csv.clear();
  write_client_list_csv(csv, *clients);
  CHECK(csv.substr(0, csv.find('\r')).ends_with(",app_ids,apps_used"));
  CHECK(contains(csv, ",chatter,1\r\n"));
  CHECK(contains(csv, ",chatter,0\r\n"));
  std::string json;
  write_client_list_json(json, *clients);
  CHECK(contains(json, R"("apps":["chatter"],"apps_used":0)"));
  CHECK(contains(json, R"("apps":["chatter"],"apps_used":1)"));

  auto content = read_report(*inventory, {});
  REQUIRE(content);
  const std::string page = html_report(*content);
  CHECK(contains(page, ">2 (+1)</td>"));
  CHECK(contains(page, ">0 (+1)</td>"));
  CHECK(contains(page, "(+2): two more only looked it up or asked for it"));
}

TEST_CASE("lists as CSV have a header and a row for each thing", "[inventory_csv]") {
  const SampleInventory sample;
  sample.make();
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  auto apps = inventory->apps({}, inventory::AppOrder::kName);
  REQUIRE(apps);
  std::string out;
  write_app_list_csv(out, *apps);
  CHECK(out.starts_with("app_id,app,vendor,vendor_country,category,risk_level,risk_score,"));
  CHECK(std::count(out.begin(), out.end(), '\n') == 4);
  CHECK(contains(out, "\r\nevil,</script><img src=x onerror=alert(2)>,'=1+1,CN,llm-api,"));
  CHECK(contains(out, "\r\nchatter,Chatter,Chat Ltd,US,chat-assistant,"));

  auto hosts = inventory->unknown_hosts(10);
  REQUIRE(hosts);
  out.clear();
  write_host_list_csv(out, *hosts);
  CHECK(contains(out, "\r\n'=cmd|' /C calc'!A0,"));
  CHECK_FALSE(contains(out, "\x1b"));

  auto clients = inventory->clients();
  REQUIRE(clients);
  out.clear();
  write_client_list_csv(out, *clients);
  CHECK(std::count(out.begin(), out.end(), '\n') == 5);

  auto runs = inventory->runs();
  REQUIRE(runs);
  out.clear();
  write_run_list_csv(out, *runs);
  CHECK(contains(out, "\r\n1,captures/monday.pcap,sha256:00ff,123456,cut at byte 77,,"));
}

}  // namespace gnomon::report
