#include "gnomon/sensor/upload_reader.h"

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gnomon/content/scanner.h"
#include "gnomon/sensor/replay.h"
#include "quiet_sink.h"

using namespace gnomon;

namespace {

struct Log final : sensor::QuietSink {
  std::vector<std::string> findings, files;
  std::set<std::uint64_t> flows;

  void on_stats(const observation::StatsRecord& record) override {
    for (const auto& [name, value] : record.counters)
      if (name.starts_with("content.uploads")) counters[std::string{name}] = value;
  }
  void on_finding(const observation::FindingRecord& record) override {
    if (!record.detector.starts_with("profile-")) return;
    findings.push_back(std::string{record.detector} + " " + std::string{record.host} + " " +
                       std::string{record.file_name} + (record.partial ? "~ " : " ") +
                       std::to_string(record.place.frame));
    CHECK(record.place.file == "pcaps/local/uploads.pcap");
    CHECK(record.conversation.client.to_string() == "10.20.0.10");
    CHECK(record.conversation.server_port == 8000);
    flows.insert(record.conversation.flow_id);
  }
  void on_file(const observation::FileRecord& record) override {
    files.push_back(std::string{record.file_name} + " " + std::string{record.sha256});
  }
  std::map<std::string, std::uint64_t> counters;
};

Log replayed(const content::DetectorSet& detectors, unsigned workers) {
  static const auto catalogue = identify::Catalogue::load("signatures");
  REQUIRE(catalogue);
  Log log;
  sensor::ReplayOptions options;
  options.inputs = {"pcaps/local/uploads.pcap"};
  options.workers = workers;
  options.detectors = [&detectors] { return &detectors; };
  std::vector<observation::Sink*> sinks{&log};
  REQUIRE(sensor::replay(options, *catalogue, sinks, {}));
  return log;
}

}  // namespace

TEST_CASE("uploads whose pieces come over several connections are read whole, by any workers") {
  const auto detectors = content::DetectorSet::load("signatures/detectors");
  REQUIRE(detectors);
  const Log one = replayed(*detectors, 1);
  // By Content-Range, S3, Azure and tus, each whole; by Google's, in a first piece that came twice, and
  // over a connection that broke; then the one whose end nobody said.
  std::vector<std::string> patients;
  for (const std::string& each : one.findings) {
    if (each.starts_with("profile-patient ")) patients.push_back(each.substr(0, each.rfind(' ')));
  }
  const std::string found = "profile-patient storage.corp.example ";
  CHECK(patients == std::vector<std::string>{
                        found + "letter.docx", found + "letter.docx", found + "letter.docx",
                        found + "letter.docx", found + "letter.txt", found + "again.txt", found,
                        found});
  CHECK(one.findings.size() == 2 * patients.size());
  CHECK(one.flows.size() == 8);
  REQUIRE(one.files.size() == 6);
  for (const std::size_t at : {1U, 2U, 3U}) CHECK(one.files[at] == one.files[0]);
  CHECK(one.files[4].substr(one.files[4].find(' ')) == one.files[5].substr(one.files[5].find(' ')));
  CHECK(one.counters.at("content.uploads_joined") == 19);
  CHECK(one.counters.at("content.uploads_partial") == 0);
  for (const unsigned workers : {2U, 4U, 16U}) {
    const Log more = replayed(*detectors, workers);
    CHECK(more.findings == one.findings);
    CHECK(more.files == one.files);
    CHECK(more.flows == one.flows);
    CHECK(more.counters == one.counters);
  }
}

namespace {

// Pieces of one upload after another, each a request of its own.
struct Sending {
  explicit Sending(const content::DetectorSet& set) : detectors(set) { learn(); }

  void learn() {
    sensor::Knowledge knowledge;
    knowledge.detectors = [this] { return &detectors; };
    reader.change(std::make_shared<const sensor::Knowledge>(std::move(knowledge)));
  }
  void send(std::string_view target, std::string_view range, std::string_view text) {
    sensor::UploadRequest request;
    request.facts.method = "PUT";
    request.facts.host = "files.example";
    request.facts.target = target;
    request.facts.content_range = range;
    request.conversation.flow_id = ++frame;
    sensor::UploadStep step;
    step.piece = frame;
    step.time = Time{std::chrono::seconds{frame}};
    step.place = {frame, frame, "a.pcap"};
    step.request = &request;
    reader.see(step);
    step.request = nullptr;
    step.kind = sensor::UploadStep::Kind::kBytes;
    step.bytes = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    reader.see(step);
    step.kind = sensor::UploadStep::Kind::kEnd;
    step.bytes = {};
    step.complete = true;
    reader.see(step);
    reader.advance(step.time);
  }

  struct Told final : sensor::QuietSink {
    void on_finding(const observation::FindingRecord& record) override {
      if (record.detector == "iban") ibans.push_back(record.partial ? "partial" : "whole");
    }
    std::vector<std::string> ibans;
  };

  const content::DetectorSet& detectors;
  Told told;
  std::vector<observation::Sink*> sinks{&told};
  sensor::UploadReader reader{sinks};
  std::uint64_t frame = 0;
};

}  // namespace

TEST_CASE("an upload that has begun is read to its end by what it began with") {
  const auto detectors = content::DetectorSet::load("signatures/detectors");
  REQUIRE(detectors);
  Sending sending{*detectors};
  sending.send("/a", "bytes 0-23/40", "pay to IBAN GB82 WEST 12");
  sending.learn();  // between two pieces, when none is open
  sending.send("/b", "bytes 0-23/60", "pay to IBAN GB82 WEST 12");
  sending.learn();
  sending.send("/a", "bytes 24-39/40", "34 5698 7654 32 ");
  CHECK(sending.told.ibans == std::vector<std::string>{"whole"});
  sending.send("/b", "bytes 24-59/60", "34 5698 7654 32 and nothing besides.");
  CHECK(sending.told.ibans == std::vector<std::string>{"whole", "whole"});
  sending.send("/c", "bytes 0-23/40", "pay to IBAN GB82 WEST 12");
  sending.learn();
  sending.reader.finish();
  CHECK(sending.told.ibans.size() == 2);
  CHECK(sending.reader.counters().uploads_joined == 2);
  CHECK(sending.reader.counters().uploads_partial == 1);
}
