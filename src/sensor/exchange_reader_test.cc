#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "gnomon/identify/api_reader.h"
#include "gnomon/sensor/replay.h"

using namespace gnomon;

namespace {

// Writes down what bodies gave.
struct Log final : observation::Sink {
  std::vector<std::string> calls, assets;
  std::size_t requests = 0;

  void on_flow(const observation::FlowRecord&) override {}
  void on_dns(const observation::DnsRecord&) override {}
  void on_http(const observation::HttpRecord&) override { ++requests; }
  void on_client_name(const observation::ClientNameRecord&) override {}
  void on_stats(const observation::StatsRecord&) override {}
  void on_model_call(const observation::ModelCallRecord& record) override {
    calls.push_back(std::string{record.family} + ' ' + std::string{record.host} + ' ' +
                    std::string{record.model_requested} + (record.streamed ? " streamed" : ""));
  }
  void on_asset(const observation::AssetRecord& record) override {
    assets.push_back(record.conversation.server.to_string() + ' ' + std::string{record.product});
  }
};

Log replayed(const std::string& capture, const identify::ApiKnowledge* api, unsigned workers,
             bool events) {
  static const auto catalogue = identify::Catalogue::load("signatures");
  REQUIRE(catalogue);
  Log log;
  sensor::ReplayOptions options;
  options.inputs = {"pcaps/" + capture};
  options.workers = workers;
  options.events = events;
  options.api = api;
  std::vector<observation::Sink*> sinks{&log};
  REQUIRE(sensor::replay(options, *catalogue, sinks, {}));
  return log;
}

}  // namespace

TEST_CASE("what exchanges carry is told, for any number of workers and with or without events") {
  const auto api = identify::ApiKnowledge::load("signatures");
  REQUIRE(api);
  const Log one = replayed("local/ollama.pcap", &*api, 1, true);
  CHECK_FALSE(one.calls.empty());
  CHECK_FALSE(one.assets.empty());
  CHECK(one.requests == 3);
  for (const std::string& call : one.calls)
    CHECK(call.find(" gpu1.corp.example ") != std::string::npos);
  const Log two = replayed("local/ollama.pcap", &*api, 2, false);
  CHECK(two.calls == one.calls);
  CHECK(two.assets == one.assets);
  CHECK(two.requests == 0);
}

TEST_CASE("HTTP/2 is read as HTTP/1 is") {
  const auto api = identify::ApiKnowledge::load("signatures");
  REQUIRE(api);
  const Log log = replayed("local/http2-shapes.pcap", &*api, 1, true);
  // Prior knowledge, after an upgrade, and four of Node.js.
  CHECK(log.calls.size() >= 5);
}

TEST_CASE("without knowledge of APIs bodies are not read") {
  const Log log = replayed("local/ollama.pcap", nullptr, 1, true);
  CHECK(log.calls.empty());
  CHECK(log.assets.empty());
  CHECK(log.requests == 3);
}
