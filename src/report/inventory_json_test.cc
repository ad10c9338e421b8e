#include "gnomon/report/inventory_json.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "gnomon/report/inventory_csv.h"
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
