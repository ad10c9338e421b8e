#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gnomon/content/scanner.h"
#include "gnomon/sensor/replay.h"

using namespace gnomon;

namespace {

struct Log final : observation::Sink {
  std::vector<std::string> findings, files;
  std::set<std::uint64_t> flows;

  void on_flow(const observation::FlowRecord&) override {}
  void on_dns(const observation::DnsRecord&) override {}
  void on_http(const observation::HttpRecord&) override {}
  void on_client_name(const observation::ClientNameRecord&) override {}
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
  // By Content-Range, by S3 and by tus, each whole, of connections of its own.
  REQUIRE(one.findings.size() == 6);
  CHECK(one.findings[1].starts_with("profile-patient storage.corp.example letter.docx "));
  CHECK(one.findings[3].starts_with("profile-patient storage.corp.example letter.docx "));
  CHECK(one.findings[5].starts_with("profile-patient storage.corp.example  "));
  CHECK(one.flows.size() == 3);
  REQUIRE(one.files.size() == 2);
  CHECK(one.files[0] == one.files[1]);
  CHECK(one.counters.at("content.uploads_joined") == 8);
  CHECK(one.counters.at("content.uploads_partial") == 0);
  for (const unsigned workers : {2U, 4U, 16U}) {
    const Log more = replayed(*detectors, workers);
    CHECK(more.findings == one.findings);
    CHECK(more.files == one.files);
    CHECK(more.flows == one.flows);
    CHECK(more.counters == one.counters);
  }
}
