#include "gnomon/report/listing.h"

#include <catch2/catch.hpp>
#include <set>

#include "gnomon/report/confidence.h"
#include "gnomon/report/html_report.h"
#include "test_inventory.h"

namespace gnomon::report {
namespace {

constexpr std::string_view kReasons[] = {"<b>name</b>", "CNAME to a platform"};
constexpr std::string_view kExposures[] = {"unauthenticated"};

// A sample inventory with one record of each kind, of a second capture.
void add_records(const SampleInventory& sample) {
  inventory::RecorderOptions options = SampleInventory::with_facts({});
  options.path = sample.path();
  auto recorder = inventory::Recorder::open(std::move(options));
  REQUIRE(recorder);
  const auto flow = SampleInventory::flow("chatter", "chat.example", "10.0.0.1", 0, 7);
  const auto fill = [&](auto& record) {
    record.place = flow.place;
    record.conversation = flow.conversation;
    record.time = flow.start;
    record.host = kHostileHost;
  };
  observation::FindingRecord finding;
  fill(finding);
  finding.identity.app = "chatter";
  finding.detector = "aws-key";
  finding.category = "secret.cloud";
  finding.severity = "critical";
  finding.confidence = "high";
  finding.count = 4;
  finding.unique_count = 1;
  finding.sample = "AKIA</td>****";
  finding.file_name = kHostileName;
  finding.reasons = kReasons;
  recorder->on_finding(finding);
  observation::AssetRecord asset;
  fill(asset);
  asset.product = "ollama";
  asset.exposures = kExposures;
  asset.authenticated = observation::Authenticated::kNo;
  recorder->on_asset(asset);
  observation::ModelCallRecord call;
  fill(call);
  call.identity.app = "chatter";
  call.family = "openai-chat";
  call.model_requested = "=1+1";
  call.tokens_in = 12;
  recorder->on_model_call(call);
  observation::CandidateRecord candidate;
  fill(candidate);
  candidate.score = 0.777;
  candidate.reasons = kReasons;
  recorder->on_candidate(candidate);
  observation::ArtifactRecord artifact;
  fill(artifact);
  artifact.kind = "model";
  artifact.format = "pickle";
  artifact.unsafe_format = true;
  artifact.bytes = 5'000'000;
  recorder->on_artifact(artifact);
  inventory::RunInfo run;
  run.inputs = {{"more.pcap", "sha256:11", 24, ""}};
  run.first_packet = run.last_packet = SampleInventory::at(0);
  REQUIRE(recorder->finish(run, {}));
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string csv_of(const SampleInventory& sample, std::string_view name) {
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  std::string out;
  for (const Listed& listed : listings()) {
    if (listed.name != name) continue;
    auto listing = listed.make(*inventory);
    REQUIRE(listing);
    write_listing_csv(out, *listing);
  }
  return out;
}

}  // namespace

TEST_CASE("every list has rows as wide as its columns, and keys that differ", "[listing]") {
  const SampleInventory sample;
  sample.make();
  add_records(sample);
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  std::size_t filled = 0;
  for (const Listed& listed : listings()) {
    INFO(listed.name);
    auto listing = listed.make(*inventory);
    REQUIRE(listing);
    CHECK(listing->name == listed.name);
    CHECK_FALSE(listing->none.empty());
    std::set<std::string_view> keys;
    for (const ListColumn& column : listing->columns) keys.insert(column.key);
    CHECK(keys.size() == listing->columns.size());
    for (const auto& row : listing->rows) {
      REQUIRE(row.size() == listing->columns.size());
      for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string_view key = listing->columns[i].key;
        INFO(key);
        if (key == "first_seen" || key == "last_seen") CHECK(std::holds_alternative<Time>(row[i]));
        if (key == "reasons") CHECK(std::holds_alternative<Texts>(row[i]));
      }
    }
    filled += listing->rows.empty() ? 0 : 1;
  }
  CHECK(filled == 5);
}

TEST_CASE("lists are safe to open in a spreadsheet", "[listing]") {
  const SampleInventory sample;
  sample.make();
  add_records(sample);
  CHECK(has(csv_of(sample, "models"), "\r\n'=1+1,"));
  CHECK(has(csv_of(sample, "findings"), "critical,aws-key,secret.cloud,chatter,10.0.0.1"));
}

TEST_CASE("a list as JSON has types and the coverage", "[listing]") {
  const SampleInventory sample;
  sample.make();
  add_records(sample);
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  const auto candidates = inventory->candidates();
  REQUIRE(candidates);
  std::string out;
  write_listing_json(out, list_candidates(*candidates), {});
  CHECK(has(out, R"("score":0.777)"));
  CHECK(has(out, R"("reasons":["<b>name</b>","CNAME to a platform"])"));
  CHECK(has(out, R"("decided_at":null)"));
  CHECK(has(out, R"("coverage":{)"));
}

TEST_CASE("a share is rounded, not cut", "[listing]") {
  struct Case {
    double value;
    const char* text;
  };
  for (const Case& each : {Case{0.966, "0.97"},
                           {0.964, "0.96"},
                           {0.731, "0.73"},
                           {0.005, "0.01"},
                           {0.004, "0.00"},
                           {0.996, "1.00"},
                           {0.994, "0.99"},
                           {1, "1.00"},
                           {2, "1.00"},
                           {-1, "0.00"}})
    CHECK(cell_text(Share{each.value}) == each.text);
}

TEST_CASE("a finding is listed with why it is one", "[listing]") {
  const SampleInventory sample;
  sample.make();
  add_records(sample);
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  const auto findings = inventory->findings();
  REQUIRE(findings);
  std::string out;
  write_listing_json(out, list_findings(*findings), {});
  CHECK(has(out, R"("reasons":["<b>name</b>","CNAME to a platform"])"));
}

TEST_CASE("findings of low confidence are taken out, and no others", "[listing]") {
  std::vector<inventory::FindingSummary> findings(4);
  for (std::size_t i = 0; i < findings.size(); ++i) {
    findings[i].detector = "d" + std::to_string(i);
    findings[i].confidence = i % 2 == 0 ? "low" : "high";
  }
  Listing list = list_findings(findings);
  const Listing low = take_low_confidence(list);
  REQUIRE(list.rows.size() == 2);
  REQUIRE(low.rows.size() == 2);
  const std::size_t detector = *column_of(list, "detector");
  CHECK(cell_text(list.rows[0][detector]) == "d1");
  CHECK(cell_text(list.rows[1][detector]) == "d3");
  CHECK(cell_text(low.rows[0][detector]) == "d0");
  CHECK(cell_text(low.rows[1][detector]) == "d2");
  CHECK(low.columns.size() == list.columns.size());
  // A list that tells no confidence keeps all.
  std::vector<inventory::HealthSummary> faults(2);
  Listing health = list_health(faults);
  CHECK(take_low_confidence(health).rows.empty());
  CHECK(health.rows.size() == 2);
}

TEST_CASE("rows are found by any of their texts", "[listing]") {
  inventory::ToolUse use;
  use.client = "10.0.0.1";
  use.tool = "Read_File";
  const Listing listing = list_tools({&use, 1});
  CHECK(row_holds(listing, 0, "read_f"));
  CHECK_FALSE(row_holds(listing, 0, "write"));
  CHECK(cell_text(listing.rows[0][*column_of(listing, "client")]) == "10.0.0.1");
  CHECK_FALSE(column_of(listing, "nothing"));
}

TEST_CASE("the page has every list, and nothing of it becomes markup", "[html]") {
  const SampleInventory sample;
  sample.make();
  add_records(sample);
  auto inventory = inventory::Inventory::open(sample.path());
  REQUIRE(inventory);
  auto content = read_report(*inventory, {});
  REQUIRE(content);
  const std::string page = html_report(*content);
  for (const Listed& listed : listings()) {
    INFO(listed.name);
    CHECK(has(page, "<section id=" + std::string{listed.name} + ">"));
    auto listing = listed.make(*inventory);
    REQUIRE(listing);
    // A list without rows says so where it stands, and needs no link.
    CHECK(has(page, "<a href=\"#" + std::string{listed.name} + "\">") == !listing->rows.empty());
  }
  CHECK(has(page, "AKIA&lt;/td&gt;****"));
  CHECK(has(page, "&lt;b&gt;name&lt;/b&gt;"));
  CHECK_FALSE(has(page, "<img"));
  CHECK(has(page, "4 findings of high confidence"));
  CHECK(has(page, "1 self-hosted AI server was seen. 1 answers without credentials."));
}

}  // namespace gnomon::report
