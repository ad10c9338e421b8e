#include <catch2/catch.hpp>
#include <fstream>
#include <optional>
#include <string>
#include <utility>

#include "gnomon/inventory/groups.h"
#include "gnomon/report/html_report.h"
#include "gnomon/report/inventory_json.h"
#include "gnomon/report/report_content.h"
#include "gnomon/report/xlsx_report.h"
#include "test_inventory.h"

namespace gnomon::report {
namespace {

ReportContent content_of(const SampleInventory& sample, const ReportOptions& options = {}) {
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  auto content = read_report(*inventory, options);
  REQUIRE(content);
  return std::move(*content);
}

std::string apps_of(const ReportContent& content) {
  std::string out;
  for (const inventory::AppSummary& app : content.apps)
    out += app.facts.id + ":" + std::to_string(app.clients) + "/" +
           std::to_string(app.counts.sessions) + " ";
  return out;
}

std::string changes_of(const ReportChanges& changes) {
  std::string out;
  for (const ReportChange& change : changes.changes)
    out += std::string{change.kind} + (change.worse ? "!" : "") + " " + change.subject + "; ";
  return out;
}

std::string text_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

observation::DnsRecord lookup_of(const char* client, std::int64_t second) {
  observation::DnsRecord lookup;
  lookup.place = {3, 3, "captures/monday.pcap"};
  lookup.conversation.client = *IpAddress::parse(client);
  lookup.conversation.server = *IpAddress::parse("192.0.2.53");
  lookup.conversation.server_port = 53;
  lookup.conversation.protocol = 17;
  lookup.time = SampleInventory::at(second);
  lookup.rrname = "chat.example";
  lookup.identity.app = "chatter";
  lookup.identity.grade = observation::Grade::kDns;
  return lookup;
}

// Records with an app called chatter; `finished` may go on with the recorder.
template <class Record, class Finished>
void record(const SampleInventory& sample, const Record& each, const Finished& finished) {
  auto options = SampleInventory::with_facts({{"chatter", "Chatter", "", "", "", {}}});
  options.path = sample.path();
  auto recorder = inventory::Recorder::open(std::move(options));
  REQUIRE(recorder);
  each(*recorder);
  inventory::RunInfo run;
  run.inputs = {{"captures/monday.pcap", "sha256:00ff", 1, ""}};
  run.first_packet = SampleInventory::at(0);
  run.last_packet = SampleInventory::at(40'000);
  observation::Coverage coverage;
  coverage.flows_with_payload = coverage.named_tls_sni = 3;
  REQUIRE(recorder->finish(run, coverage));
  finished(*recorder);
}

}  // namespace

TEST_CASE("a report of a period holds what was used within it") {
  const SampleInventory sample;
  sample.make();
  ReportOptions options;
  options.period.since = SampleInventory::at(3'600);
  const ReportContent late = content_of(sample, options);
  CHECK(apps_of(late) == "chatter:1/1 ");
  CHECK(late.scope == "since 2026-11-24 10:00 UTC");
  CHECK(late.totals.apps_used == 1);
  CHECK(late.totals.clients == 1);
  REQUIRE(late.clients.size() == 1);
  CHECK(late.clients.front().client == "10.0.0.2");
  CHECK(late.timeline.bars.size() == 1);
  REQUIRE(late.sections.size() == 1);
  CHECK(late.sections.front().detail.sightings.size() == 1);
  CHECK(html_report(late).find("This report: since 2026-11-24 10:00 UTC") != std::string::npos);

  options.period.since.reset();
  options.period.until = SampleInventory::at(3'600);
  const ReportContent early = content_of(sample, options);
  CHECK(apps_of(early).find("chatter:1/2 ") != std::string::npos);
  CHECK(apps_of(early).find("evil:1/1 ") != std::string::npos);
  CHECK(apps_of(early).find("quiet:1/0 ") != std::string::npos);
  CHECK(early.totals.apps_used == 2);

  options.period.until = SampleInventory::at(-3'600);
  CHECK(content_of(sample, options).apps.empty());
}

TEST_CASE("what was only looked up in a period is told so, whatever it was at other times") {
  const SampleInventory sample;
  {
    auto recorder = inventory::Recorder::open([&] {
      auto options = SampleInventory::with_facts(
          {{"chatter", "Chatter", "", "", "", {}}, {"other", "Other", "", "", "", {}}});
      options.path = sample.path();
      return options;
    }());
    REQUIRE(recorder);
    recorder->on_flow(SampleInventory::flow("chatter", "chat.example", "10.0.0.1", 0, 1));
    recorder->on_flow(SampleInventory::flow("other", "other.example", "10.0.0.2", 7'300, 2));
    recorder->on_dns(lookup_of("10.0.0.7", 7'200));
    inventory::RunInfo run;
    run.inputs = {{"captures/monday.pcap", "sha256:00ff", 1, ""}};
    run.first_packet = SampleInventory::at(0);
    run.last_packet = SampleInventory::at(7'400);
    REQUIRE(recorder->finish(run, {}));
  }
  ReportOptions options;
  options.period.since = SampleInventory::at(7'200);
  const ReportContent late = content_of(sample, options);
  REQUIRE(late.apps.size() == 2);
  CHECK(apps_of(late).find("chatter:1/0 ") != std::string::npos);
  CHECK(apps_of(late).find("other:1/1 ") != std::string::npos);
  for (const inventory::AppSummary& app : late.apps) {
    const bool used = app.facts.id == "other";
    CHECK(app.grade == (used ? observation::Grade::kSession : observation::Grade::kDns));
    CHECK(app.clients_used == (used ? 1 : 0));
  }
  CHECK(late.totals.apps_used == 1);
  CHECK(late.totals.clients == 2);
  CHECK(late.totals.clients_used == 1);
  CHECK(late.clients.size() == 2);

  // And not when the lookup is of another time.
  options.period.since = SampleInventory::at(10'800);
  CHECK(content_of(sample, options).apps.empty());
  options.period.since.reset();
  options.period.until = SampleInventory::at(3'600);
  const ReportContent early = content_of(sample, options);
  CHECK(apps_of(early) == "chatter:1/1 ");
  CHECK(early.totals.clients == 1);
}

TEST_CASE("of lookups a period holds the first and the last, and nothing between") {
  const SampleInventory sample;
  record(
      sample,
      [](inventory::Recorder& recorder) {
        recorder.on_dns(lookup_of("10.0.0.7", 3'540));
        recorder.on_dns(lookup_of("10.0.0.7", 32'340));
      },
      [](inventory::Recorder&) {});
  struct Row {
    std::optional<std::int64_t> since, until;
    std::optional<std::int64_t> first, last;  // none: it is in no report
    std::uint64_t lookups;
  };
  const auto row = GENERATE(values<Row>({
      {10'800, 14'400, {}, {}, 0},
      {36'000, {}, {}, {}, 0},
      {{}, 3'600, 3'540, 3'540, 0},
      {14'400, {}, 32'340, 32'340, 0},
      {0, 36'000, 3'540, 32'340, 2},
  }));
  ReportOptions options;
  if (row.since) options.period.since = SampleInventory::at(*row.since);
  if (row.until) options.period.until = SampleInventory::at(*row.until);
  const ReportContent content = content_of(sample, options);
  CAPTURE(content.scope);
  REQUIRE(content.apps.size() == (row.first ? 1 : 0));
  REQUIRE(content.clients.size() == content.apps.size());
  CHECK(content.totals.clients == content.apps.size());
  if (!row.first) return;
  CHECK(content.apps[0].grade == observation::Grade::kDns);
  CHECK(content.apps[0].first_seen == SampleInventory::at(*row.first));
  CHECK(content.apps[0].last_seen == SampleInventory::at(*row.last));
  CHECK(content.apps[0].counts.lookups == row.lookups);
  CHECK(content.clients[0].first_seen == SampleInventory::at(*row.first));
  CHECK(content.clients[0].last_seen == SampleInventory::at(*row.last));
}

TEST_CASE("what was used before its host was known is in reports of a period and of a group") {
  const SampleInventory sample;
  record(
      sample,
      [](inventory::Recorder& recorder) {
        std::uint64_t number = 0;
        for (const auto& [host, second] : {std::pair{"later.example", 3'600},
                                           {"later.example", 10'800},
                                           {"other.example", 10'800}}) {
          auto flow = SampleInventory::flow("", host, "10.0.0.1", second, ++number);
          flow.payload_to_server = flow.payload_to_client = 2'000;
          recorder.on_flow(flow);
        }
      },
      [](inventory::Recorder& recorder) {
        const auto judge = [](const observation::FlowRecord& flow) {
          observation::Identity identity;
          if (flow.host != "later.example") return identity;
          identity.app = "chatter";
          identity.grade = observation::Grade::kSession;
          return identity;
        };
        const auto matched = recorder.rematch(judge, SampleInventory::at(50'000));
        REQUIRE(matched);
        REQUIRE(matched->size() == 1);
      });
  inventory::ClientGroup group;
  group.id = "lab";
  group.members = {"10.0.0.0/24"};
  REQUIRE(inventory::set_group(sample.path(), group, {}, "ann", SampleInventory::at(0)));
  ReportOptions options;
  options.period.client_group = "lab";
  const ReportContent whole = content_of(sample, options);
  CHECK(apps_of(whole) == "chatter:1/2 ");
  CHECK(whole.totals.apps_used == 1);
  CHECK(whole.totals.clients_used == 1);
  REQUIRE(whole.apps.size() == 1);
  CHECK(whole.apps[0].grade == observation::Grade::kSession);
  CHECK(whole.apps[0].clients_used == 1);
  REQUIRE(whole.clients.size() == 1);
  CHECK(whole.clients[0].apps_used == 1);
  // Hosts that stay unknown are there, though not in it.
  const std::string page = html_report(whole);
  CHECK(page.find("are not kept by group of clients") != std::string::npos);
  CHECK(page.find("No host with a name was seen") == std::string::npos);

  // What reaches out of the period: which of it was a session is not known.
  options.period.client_group.clear();
  options.period.until = SampleInventory::at(7'200);
  const ReportContent early = content_of(sample, options);
  CHECK(apps_of(early) == "chatter:1/0 ");
  REQUIRE(early.apps.size() == 1);
  CHECK(early.apps[0].grade == observation::Grade::kName);
  CHECK(early.apps[0].first_seen == SampleInventory::at(3'600));
  CHECK(early.totals.apps_used == 0);
  CHECK(html_report(early).find("was seen in this time") != std::string::npos);
  options.period.since = SampleInventory::at(7'200);
  options.period.until = SampleInventory::at(10'800);
  CHECK(content_of(sample, options).apps.empty());
}

TEST_CASE("what spread since an earlier report is told of those who used an app") {
  const SampleInventory sample;
  sample.make();
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  ReportContent now = content_of(sample);
  auto before = snapshot_of(*inventory);
  REQUIRE(before);
  for (inventory::AppSummary& app : now.apps)
    if (app.facts.id == "chatter") app.clients = 251;  // of whom two used it
  CHECK(changes_of(changes_since(*before, now)).find("spread") == std::string::npos);
  for (inventory::AppSummary& app : now.apps)
    if (app.facts.id == "chatter") app.clients_used = 251;
  CHECK(changes_of(changes_since(*before, now)) == "spread! Chatter; ");
  std::string use;
  for (const Finding& each : findings(now))
    if (each.subject == "Use") use = each.text;
  CHECK(use.find("Chatter (251 clients)") != std::string::npos);
}

TEST_CASE("a report of a group holds hours, places and servers of its own clients alone") {
  const SampleInventory sample;
  record(
      sample,
      [](inventory::Recorder& recorder) {
        recorder.on_flow(SampleInventory::flow("chatter", "one.example", "10.0.0.1", 60, 1));
        recorder.on_flow(SampleInventory::flow("chatter", "two.example", "10.1.0.1", 7'260, 2));
        observation::AssetRecord asset;
        asset.place = {3, 3, "captures/monday.pcap"};
        asset.conversation.client = *IpAddress::parse("10.1.0.1");
        asset.conversation.server = *IpAddress::parse("10.9.0.9");
        asset.conversation.server_port = 11'434;
        asset.time = SampleInventory::at(7'260);
        asset.product = "ollama";
        recorder.on_asset(asset);
      },
      [](inventory::Recorder&) {});
  for (const auto& [id, network] : {std::pair{"lab", "10.0.0.0/24"}, {"house", "10.1.0.0/24"}}) {
    inventory::ClientGroup group;
    group.id = id;
    group.members = {network};
    REQUIRE(inventory::set_group(sample.path(), group, {}, "ann", SampleInventory::at(0)));
  }
  ReportOptions options;
  options.period.client_group = "lab";
  const ReportContent lab = content_of(sample, options);
  REQUIRE(lab.sections.size() == 1);
  const inventory::AppDetail& detail = lab.sections[0].detail;
  REQUIRE(detail.hours.size() == 1);
  CHECK(detail.hours[0].start == SampleInventory::at(0));
  REQUIRE(detail.endpoints.size() == 1);
  CHECK(detail.endpoints[0].host == "one.example");
  CHECK(lab.totals.assets == 0);
  options.period.client_group = "house";
  CHECK(content_of(sample, options).totals.assets == 1);

  // The hour before a period is not in it.
  options.period.client_group.clear();
  options.period.since = SampleInventory::at(3'600);
  const ReportContent late = content_of(sample, options);
  REQUIRE(late.sections.size() == 1);
  REQUIRE(late.sections[0].detail.hours.size() == 1);
  CHECK(late.sections[0].detail.hours[0].start == SampleInventory::at(7'200));
}

TEST_CASE("a part of an hour counts as the hour, in every list, and is said") {
  const SampleInventory sample;
  sample.make();
  ReportOptions whole;
  whole.period.since = SampleInventory::at(3'600);
  ReportOptions part;
  part.period.since = SampleInventory::at(3'600 + 1'800);
  const ReportContent content = content_of(sample, part);
  CHECK(content.scope == "since 2026-11-24 10:00 UTC (in whole hours)");
  CHECK(apps_of(content) == apps_of(content_of(sample, whole)));
  CHECK(content.totals.unknown_hosts == content_of(sample, whole).totals.unknown_hosts);
  part.period.since.reset();
  part.period.until = SampleInventory::at(1);
  CHECK(content_of(sample, part).scope == "until 2026-11-24 10:00 UTC (in whole hours)");
}

TEST_CASE("a group that is not there is refused by name") {
  const SampleInventory sample;
  sample.make();
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  ReportOptions options;
  options.period.client_group = "lab";
  const auto content = read_report(*inventory, options);
  REQUIRE_FALSE(content);
  CHECK(content.error().message.find("no client group 'lab'") != std::string::npos);
}

TEST_CASE("a report that names no clients names none in any format") {
  const SampleInventory sample;
  sample.make();
  ReportOptions options;
  options.clients = false;
  const std::string page = html_report(content_of(sample, options));
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  const auto json = json_report(*inventory, options);
  REQUIRE(json);
  for (const char* client : {"10.0.0.1", "10.0.0.2", "2001:db8::1", "00:11:22:33:44:55", "anna"}) {
    INFO(client);
    CHECK(page.find(client) == std::string::npos);
    CHECK(json->find(client) == std::string::npos);
  }
  CHECK(page.find("does not name them") != std::string::npos);
}

TEST_CASE("what changed since an earlier report is told, the worst first") {
  const SampleInventory sample;
  sample.make();
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  auto same = snapshot_of(*inventory);
  REQUIRE(same);
  ReportOptions options;
  options.previous = *same;
  CHECK(changes_of(*content_of(sample, options).changes).empty());

  ReportSnapshot before = *same;
  before.apps.erase("evil");
  before.apps.at("chatter").status = "sanctioned";
  ReportSnapshot::App& chatter = before.apps.at("chatter");
  chatter.level = chatter.level == "minimal" ? "critical" : "minimal";
  ReportSnapshot::App gone;
  gone.name = "Gone";
  gone.grade = "session";
  before.apps.emplace("gone", gone);
  options.previous = before;
  const ReportContent content = content_of(sample, options);
  const std::string changes = changes_of(*content.changes);
  CHECK(changes.starts_with("new app! " + std::string{kHostileName}));
  CHECK(changes.find("risk Chatter; ") != std::string::npos);
  CHECK(changes.find("decision Chatter; ") != std::string::npos);
  CHECK(changes.find("not seen Gone; ") != std::string::npos);
  const std::string page = html_report(content);
  CHECK(page.find("id=changes") != std::string::npos);
  CHECK(page.find("Was sanctioned, is unreviewed.") != std::string::npos);
  CHECK(page.find("</script><img") == std::string::npos);
}

TEST_CASE("a snapshot is the same after it was written, and is read from a report and an inventory") {
  const SampleInventory sample;
  sample.make();
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  auto snapshot = snapshot_of(*inventory);
  REQUIRE(snapshot);
  const std::string wanted = snapshot_json(*snapshot);
  const std::string path = (sample.folder() / "last.json").string();
  std::ofstream{path} << wanted;
  const std::string report = (sample.folder() / "report.json").string();
  auto json = json_report(*inventory);
  REQUIRE(json);
  std::ofstream{report} << *json;
  for (const std::string& from : {path, report, sample.path()}) {
    INFO(from);
    const auto read = read_snapshot(from);
    REQUIRE(read);
    CHECK(snapshot_json(*read) == wanted);
  }
  for (const char* text : {"", "{", "[]", "{}", "{\"gnomon\":\"apps\"}", "no json"}) {
    std::ofstream{path} << text;
    INFO(text);
    CHECK_FALSE(read_snapshot(path));
  }
  CHECK_FALSE(read_snapshot(sample.folder() / "nothing"));
}

TEST_CASE("a workbook is the same every time, and says where it cannot be written") {
  const SampleInventory sample;
  sample.make();
  const ReportContent content = content_of(sample);
  const std::string first = (sample.folder() / "a.xlsx").string();
  const std::string second = (sample.folder() / "b.xlsx").string();
  CHECK_FALSE(write_xlsx_report(content, first));
  CHECK_FALSE(write_xlsx_report(content, second));
  CHECK(text_of(first).starts_with("PK"));
  CHECK(text_of(first) == text_of(second));
  CHECK(write_xlsx_report(content, sample.folder() / "no" / "c.xlsx"));
}

}  // namespace gnomon::report
