#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "gnomon/identify/api_reader.h"
#include "gnomon/sensor/http_reader.h"
#include "gnomon/sensor/knowledge.h"
#include "gnomon/sensor/replay.h"
#include "quiet_sink.h"

using namespace gnomon;

namespace {

// Writes down what bodies gave.
struct Log final : sensor::QuietSink {
  std::vector<std::string> calls, assets;
  std::size_t requests = 0;

  void on_http(const observation::HttpRecord&) override { ++requests; }
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
  CHECK(two.requests == one.requests);
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

namespace {

// Stands for a shard.
struct Host final : sensor::ExchangeHost {
  std::vector<std::string> told, artifacts;
  bool source = false;

  [[nodiscard]] std::uint64_t frame_number() const override { return 1; }
  [[nodiscard]] Time frame_time() const override { return {}; }
  bool knows_app(sensor::TextPool::Id) override { return false; }
  bool is_source(sensor::TextPool::Id) override { return source; }
  void tell_api(const flow::Flow& flow, const sensor::HttpExchange& exchange,
                const identify::ApiFacts& facts) override {
    if (!facts.artifact_kind.empty())
      artifacts.push_back(std::string{facts.repository} + " " + std::string{facts.revision} + " " +
                          std::string{facts.format} + " " + std::to_string(facts.artifact_bytes));
    told.push_back(exchange.url + " from port " + std::to_string(flow.lower_port));
  }
  void tell_finding(const flow::Flow*, const sensor::HttpExchange*, std::uint64_t,
                    const observation::FindingRecord&) override {}
  void tell_file(const flow::Flow*, const sensor::HttpExchange*, std::uint64_t,
                 const observation::FileRecord&) override {}
  sensor::FindingOrigin origin_of(const flow::Flow*, const sensor::HttpExchange*,
                                  std::string_view) override {
    return {};
  }
  void tell_finding(const sensor::FindingOrigin&, std::uint64_t,
                    const observation::FindingRecord&) override {}
  void tell_file(const sensor::FindingOrigin&, std::uint64_t,
                 const observation::FileRecord&) override {}
  std::uint64_t begin_piece(const flow::Flow&, const content::ExchangeFacts&) override { return 1; }
  void place_piece(std::uint64_t, std::string_view) override {}
  void piece_bytes(std::uint64_t, Bytes) override {}
  void piece_gap(std::uint64_t, std::uint64_t) override {}
  void end_piece(std::uint64_t, const sensor::HttpExchange&, bool) override {}
};

// A reader of exchanges that knows the APIs that are shipped.
struct Reading {
  Result<identify::ApiKnowledge> api = identify::ApiKnowledge::load("signatures");
  Host host;
  sensor::ExchangeReader reader{host, knowledge()};

  [[nodiscard]] std::shared_ptr<const sensor::Knowledge> knowledge() const {
    REQUIRE(api);
    auto made = std::make_shared<sensor::Knowledge>();
    made->api = &*api;
    return made;
  }
};

}  // namespace

TEST_CASE("the exchange that is silent longest makes room, and what came of it is told") {
  Reading reading;
  Host& host = reading.host;
  sensor::ExchangeReader& reader = reading.reader;
  std::vector<sensor::HttpExchange> exchanges(sensor::ExchangeReader::kBodiesMax + 3);
  const auto open = [&](std::size_t i) {
    message::HttpRequest request;
    request.method = "POST";
    request.target = "/v1/chat/completions";
    request.known.content_type = "application/json";
    flow::Flow flow;
    flow.lower_port = static_cast<std::uint16_t>(i);
    exchanges[i].url = request.target;
    exchanges[i].bodies = reader.open(flow, request, "gpu1.corp.example", 0, false);
    REQUIRE(exchanges[i].bodies != sensor::ExchangeReader::kNone);
    reader.belongs_to(exchanges[i].bodies, exchanges[i]);
  };
  std::size_t next = 0;
  while (next < sensor::ExchangeReader::kBodiesMax) open(next++);
  CHECK(host.told.empty());
  // Something comes of the first; the third is over before anybody needs its place.
  const std::string text = R"({"model":)";
  reader.body(exchanges[0].bodies, message::Direction::kToServer,
              Bytes{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  reader.close(exchanges[2].bodies, flow::Flow{}, exchanges[2]);
  CHECK(host.told.size() == 1);
  open(next++);
  CHECK(reader.counters().given_up == 0);
  open(next++);
  open(next++);
  CHECK(reader.counters().given_up == 2);
  CHECK(host.told == std::vector<std::string>{"/v1/chat/completions from port 0",
                                              "/v1/chat/completions from port 1",
                                              "/v1/chat/completions from port 3"});
  CHECK(exchanges[0].bodies != sensor::ExchangeReader::kNone);
  CHECK(exchanges[1].bodies == sensor::ExchangeReader::kNone);
  CHECK(exchanges[3].bodies == sensor::ExchangeReader::kNone);
}

TEST_CASE("of what registries on the internet give, packages of AI are read and no more") {
  Reading reading;
  Host& host = reading.host;
  sensor::ExchangeReader& reader = reading.reader;
  const auto fetch = [&](const char* hostname, const char* target, bool known_source,
                         const char* user_agent = "") {
    host.source = known_source;
    message::HttpRequest request;
    request.method = "GET";
    request.target = target;
    request.known.user_agent = user_agent;
    const message::HttpField client{"user-agent", user_agent};
    request.fields = message::HttpFields{std::span{&client, 1}};
    sensor::HttpExchange exchange;
    exchange.method = request.method;
    exchange.url = request.target;
    exchange.hostname = hostname;
    exchange.host = sensor::TextPool::kNone;
    exchange.bodies = reader.open(flow::Flow{}, request, hostname, 0, true);
    if (exchange.bodies == sensor::ExchangeReader::kNone) return false;
    reader.belongs_to(exchange.bodies, exchange);
    exchange.status = 200;
    exchange.response_length = 1'234;
    reader.response(exchange.bodies, exchange, {});
    reader.body(exchange.bodies, message::Direction::kToClient,
                Bytes{reinterpret_cast<const std::uint8_t*>("PK\x03\x04"), 4});
    reader.close(exchange.bodies, flow::Flow{}, exchange);
    return true;
  };
  const char* wheel = "/packages/1/2/3/openai-1.30.1-py3-none-any.whl";
  CHECK(fetch("files.pythonhosted.org", wheel, true));
  CHECK(host.artifacts == std::vector<std::string>{"openai 1.30.1 wheel 1234"});
  CHECK_FALSE(
      fetch("files.pythonhosted.org", "/packages/1/2/3/requests-2.0-py3-none-any.whl", true));
  CHECK_FALSE(fetch("files.pythonhosted.org", "/favicon.ico", true));
  CHECK_FALSE(fetch("www.shop.example", wheel, false));
  CHECK(host.artifacts.size() == 1);
  // A mirror of it has a name that nobody knows, and its clients.
  CHECK(fetch("mirror.example", wheel, false, "pip/24.0 {\"cpu\":\"x86_64\"}"));
  CHECK(host.artifacts.size() == 2);
  CHECK_FALSE(fetch("mirror.example", wheel, false, "Mozilla/5.0 (X11; Linux x86_64)"));
}

TEST_CASE("at addresses outside calls are read whose path an API is told by") {
  struct Case {
    const char* method;
    const char* target;
    const char* user_agent;
    bool read;
  };
  const auto each = GENERATE(values<Case>({
      {"POST", "/api/generate", "curl/8.5.0", true},
      {"POST", "/v1/audio/transcriptions", "", true},
      {"POST", "/v1/chat/completions", "Mozilla/5.0 (X11; Linux x86_64)", true},
      {"GET", "/api/tags", "curl/8.5.0", true},
      {"GET", "/api/tags", "Mozilla/5.0 (X11; Linux x86_64)", false},
      {"POST", "/contact", "curl/8.5.0", false},
      {"GET", "/", "curl/8.5.0", false},
  }));
  INFO(each.method << ' ' << each.target << ' ' << each.user_agent);
  Reading reading;
  message::HttpRequest request;
  request.method = each.method;
  request.target = each.target;
  request.known.user_agent = each.user_agent;
  CHECK((reading.reader.open(flow::Flow{}, request, "ai.example", 0, false) !=
         sensor::ExchangeReader::kNone) == each.read);
}

TEST_CASE("hosts of hubs and registries are known by name") {
  const auto api = identify::ApiKnowledge::load("signatures");
  REQUIRE(api);
  for (const char* host :
       {"pypi.org", "files.pythonhosted.org", "registry.npmjs.org", "conda.anaconda.org",
        "index.crates.io", "ghcr.io", "registry-1.docker.io", "registry.modelcontextprotocol.io",
        "cdn-lfs-us-1.hf.co", "www.kaggle.com"})
    CHECK(api->is_source(host));
  for (const char* host : {"", "pypi.org.example", "notpypi.org", "www.shop.example", "github.io"})
    CHECK_FALSE(api->is_source(host));
}
