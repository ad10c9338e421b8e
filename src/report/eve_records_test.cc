#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "gnomon/report/eve_writer.h"
#include "test_inventory.h"

namespace gnomon::report {
namespace {

// The lines that are written for what `give` gives.
template <class Give>
std::string events_of(const Give& give) {
  const SampleInventory folder;
  const std::string path = (folder.folder() / "events.json").string();
  auto writer = EveWriter::open(path);
  REQUIRE(writer);
  give(**writer);
  REQUIRE_FALSE((*writer)->close());
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

template <class Record>
Record record() {
  const auto flow = SampleInventory::flow("chatter", "chat.example", "10.0.0.1", 0, 7);
  Record made;
  made.place = flow.place;
  made.conversation = flow.conversation;
  made.time = flow.start;
  made.host = "chat.example";
  return made;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

constexpr std::string_view kWords[] = {"a \"quoted\" one", "b\xff"};

}  // namespace

TEST_CASE("a finding carries what it must, masked, in the shape of EVE", "[events]") {
  auto finding = record<observation::FindingRecord>();
  finding.identity.app = "chatter";
  finding.identity.category = "chat-assistant";
  finding.detector = "aws-key";
  finding.category = "secret.cloud";
  finding.severity = "critical";
  finding.confidence = "high";
  finding.count = 3;
  finding.unique_count = 2;
  finding.sample = "AKIA****";
  finding.references = kWords;
  constexpr std::string_view kReasons[] = {"checksum", "label"};
  finding.reasons = kReasons;
  const std::string line = events_of([&](EveWriter& to) { to.on_finding(finding); });
  CHECK(has(line, R"("timestamp":"2026-11-24T09:00:00.000000+0000")"));
  CHECK(has(line, R"("event_type":"finding")"));
  CHECK(has(line, R"("src_ip":"10.0.0.1","dest_ip":"192.0.2.9")"));
  CHECK(has(line, R"("pcap_cnt":7)"));
  CHECK(has(line, R"("app":"chatter","detector":"aws-key","category":"secret.cloud",)"
                  R"("severity":"critical","confidence":"high","direction":"to_server",)"
                  R"("count":3,"unique_count":2,"sample":"AKIA****")"));
  CHECK(has(line, R"("reasons":["checksum","label"])"));
  CHECK_FALSE(has(line, "chat-assistant"));  // category is of what was found
  CHECK_FALSE(has(line, "\xff"));
  CHECK(line.ends_with("}}\n"));
}

TEST_CASE("a file says whether it was seen whole", "[events]") {
  auto file = record<observation::FileRecord>();
  file.file_name = "plan.pdf";
  file.file_type = "pdf";
  file.sha256 = "ab";
  file.size = 10;
  file.complete = true;
  CHECK(has(events_of([&](EveWriter& to) { to.on_file(file); }),
            R"("fileinfo":{"filename":"plan.pdf","magic":"pdf","gaps":false,"state":"CLOSED",)"
            R"("sha256":"ab","stored":false,"size":10})"));
  file.complete = false;
  file.gap_bytes = 3;
  file.sha256 = {};
  const std::string torn = events_of([&](EveWriter& to) { to.on_file(file); });
  CHECK(has(torn, R"("gaps":true,"state":"TRUNCATED","stored":false,"size":10})"));
  CHECK(has(torn, R"("gap_bytes":3)"));
}

TEST_CASE("whether a server asks for credentials may be unknown", "[events]") {
  using observation::Authenticated;
  auto asset = record<observation::AssetRecord>();
  asset.product = "ollama";
  const auto line = [&](Authenticated known) {
    asset.authenticated = known;
    return events_of([&](EveWriter& to) { to.on_asset(asset); });
  };
  CHECK(has(line(Authenticated::kUnknown), R"("models":[],"authenticated":null)"));
  CHECK(has(line(Authenticated::kNo), R"("authenticated":false)"));
  CHECK(has(line(Authenticated::kYes), R"("authenticated":true)"));
}

TEST_CASE("calls, artifacts and candidates have their own events", "[events]") {
  auto call = record<observation::ModelCallRecord>();
  call.family = "mcp";
  call.tools_called = std::span{kWords}.first(1);
  CHECK(has(events_of([&](EveWriter& to) { to.on_model_call(call); }),
            R"("tools_called":["a \"quoted\" one"],"streamed":false,"authenticated":false)"));
  auto artifact = record<observation::ArtifactRecord>();
  artifact.kind = "model";
  artifact.unsafe_format = true;
  CHECK(has(events_of([&](EveWriter& to) { to.on_artifact(artifact); }),
            R"("kind":"model","unsafe_format":true,"bytes":0)"));
  auto candidate = record<observation::CandidateRecord>();
  for (const auto& [score, text] : {std::pair{0.12345, "0.123"}, {7.0, "1"}, {-1.0, "0"}}) {
    candidate.score = score;
    CHECK(has(events_of([&](EveWriter& to) { to.on_candidate(candidate); }),
              R"("host":"chat.example","score":)" + std::string{text} + ","));
  }
}

TEST_CASE("an alert is Suricata's, with every number as metadata", "[events]") {
  inventory::Alert alert;
  alert.kind = "request-burst";
  alert.severity = "critical";
  alert.client = "10.0.0.1";
  alert.server = "[2001:db8::7]:8000";
  alert.time = alert.period = SampleInventory::at(0);
  alert.signature_id = 9'100'006;
  alert.title = "Burst";
  alert.explanation = "600 calls";
  alert.numbers = {{"calls_per_minute", "600"}};
  const std::string line = events_of([&](EveWriter& to) { to.on_alert(alert); });
  CHECK(has(line, R"("event_type":"alert","src_ip":"10.0.0.1","dest_ip":"2001:db8::7",)"
                  R"("dest_port":8000,"alert":{"action":"allowed","gid":1,)"
                  R"("signature_id":9100006,"rev":1,"signature":"Burst",)"
                  R"("category":"Abuse of a self-hosted AI server","severity":1,)"
                  R"("metadata":{"signature_severity":["critical"],"kind":["request-burst"],)"
                  R"("calls_per_minute":["600"]}})"));
  CHECK(has(line, R"("why":"600 calls")"));
}

TEST_CASE("what is wrong with the mirror is an alert when it begins and when it ends", "[events]") {
  using observation::HealthState;
  observation::HealthRecord fault;
  fault.check = "one-sided";
  fault.title = "One direction";
  fault.severity = observation::HealthSeverity::kWarning;
  fault.first = SampleInventory::at(0);
  fault.last = SampleInventory::at(1);
  fault.evidence = "3 of 4";
  fault.part = 3;
  fault.whole = 4;
  for (const HealthState state : {HealthState::kGoesOn, HealthState::kFinal}) {
    fault.state = state;
    CHECK(events_of([&](EveWriter& to) { to.on_health(fault); }).empty());
  }
  for (const HealthState state : {HealthState::kBegan, HealthState::kEnded}) {
    fault.state = state;
    const std::string line = events_of([&](EveWriter& to) { to.on_health(fault); });
    CHECK(has(line, R"("event_type":"alert","alert":{"action":"allowed","gid":1,)"
                    R"("signature_id":9200003,"rev":1,"signature":"One direction",)"
                    R"("category":"Sensor health","severity":2,)"
                    R"("metadata":{"signature_severity":["warning"],"kind":["one-sided"]}})"));
    CHECK(has(line, state == HealthState::kBegan ? R"("state":"began")" : R"("state":"ended")"));
    CHECK(has(line, R"("evidence":"3 of 4")"));
    CHECK(has(line, R"("part":3,"whole":4)"));
  }
}

}  // namespace gnomon::report
