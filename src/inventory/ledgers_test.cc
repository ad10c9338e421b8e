#include "ledgers.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <random>

#include "test_records.h"

namespace gnomon::inventory {
namespace {

using Give = std::function<void(Recorder&)>;

constexpr std::string_view kTools[] = {"read_file", "send_mail"};
constexpr std::string_view kModels[] = {"llama3", "qwen"};
constexpr std::string_view kExposures[] = {"unauthenticated", "admin-api"};
constexpr std::string_view kReasons[] = {"name scores 0.91", "CNAME to an AI platform"};
constexpr std::string_view kTraits[] = {"path /api/tags", "header server: ollama"};
constexpr std::string_view kReferences[] = {"LLM02", "AML.T0024"};
constexpr std::string_view kSigns[] = {"label", "checksum"};

// Everything there is to record, by clients that differ, at times that differ.
std::vector<Give> some_of_everything() {
  std::vector<Give> all;
  for (std::uint64_t i = 1; i <= 12; ++i) {
    const char* client = i % 3 == 0 ? "10.0.0.1" : i % 3 == 1 ? "10.0.1.2" : "198.51.100.7";
    const auto second = static_cast<std::int64_t>(i * 37 % 1000);
    all.push_back([=](Recorder& to) {
      auto record = finding_of(client, "aws-key", i % 2 == 0 ? "h1" : "h2", second, i);
      record.references = kReferences;
      record.reasons = std::span{kSigns}.first(i % 3);
      to.on_finding(record);
    });
    all.push_back([=](Recorder& to) {
      auto record = record_at<observation::FileRecord>(client, second, i);
      record.identity.app = "chat";
      record.file_name = i % 2 == 0 ? "plan.pdf" : "list.csv";
      record.file_type = i % 2 == 0 ? "pdf" : "csv";
      record.size = 100 * i;
      record.complete = i % 4 != 0;
      to.on_file(record);
    });
    all.push_back([=](Recorder& to) {
      auto record = asset_of(client, i % 2 == 0 ? "ollama" : "openai-compatible", second, i);
      record.models = std::span{kModels}.first(1 + i % 2);
      record.exposures = std::span{kExposures}.first(i % 3);
      record.reasons = kTraits;
      to.on_asset(record);
    });
    all.push_back([=](Recorder& to) {
      auto record = call_of(client, second, i);
      record.tools_offered = kTools;
      record.tools_called = std::span{kTools}.first(i % 3);
      to.on_model_call(record);
    });
    all.push_back([=](Recorder& to) {
      auto record = record_at<observation::HttpRecord>(client, second, i);
      record.conversation.server = address("10.0.9.9");
      record.conversation.server_port = 11434;
      to.on_http(record);
    });
    all.push_back([=](Recorder& to) {
      auto record = record_at<observation::ArtifactRecord>(client, second, i);
      record.kind = "model";
      record.repository = "org/model";
      record.file = i % 2 == 0 ? "weights.bin" : "weights.safetensors";
      record.format = i % 2 == 0 ? "pickle" : "safetensors";
      record.unsafe_format = i % 2 == 0;
      record.bytes = i % 3 == 0 ? 0 : 1000 * i;
      if (i % 3 != 0) record.fetched_from = i % 2 == 0 ? "cdn1.example" : "cdn2.example";
      to.on_artifact(record);
    });
    all.push_back([=](Recorder& to) {
      to.on_candidate(candidate_of(client, "odd.example", 0.5 + 0.01 * static_cast<double>(i),
                                   std::span{kReasons}.first(1 + i % 2), second, i));
    });
  }
  // The same client and minute once more, so that a burst adds up.
  all.push_back([](Recorder& to) { to.on_model_call(call_of("10.0.0.1", 37 * 3, 40)); });
  all.push_back(
      [](Recorder& to) { to.on_flow(use_of("chat", "chat.example", "10.0.0.1", 0, 50)); });
  return all;
}

void record_in(const Scratch& scratch, const std::vector<Give>& all, std::size_t flush_every,
               std::string_view sha = "aa", bool again = false) {
  RecorderOptions options = options_for(scratch);
  options.anomaly_rules = anomaly_text();
  options.again = again;
  auto recorder = Recorder::open(std::move(options));
  REQUIRE(recorder);
  std::size_t given = 0;
  for (const Give& give : all) {
    give(*recorder);
    if (flush_every > 0 && ++given % flush_every == 0) REQUIRE(recorder->flush());
  }
  REQUIRE(recorder->finish(run_of(sha), {}));
}

}  // namespace

TEST_CASE("neither the order of records nor where batches end changes what is kept", "[ledgers]") {
  std::vector<Give> all = some_of_everything();
  std::string expected;
  {
    const Scratch scratch;
    record_in(scratch, all, 0);
    expected = dump_of(scratch);
  }
  CHECK(expected.find("AKIA************MPLE") != std::string::npos);
  std::mt19937 random{7};
  for (const std::size_t flush_every : {0U, 1U, 5U, 17U}) {
    std::shuffle(all.begin(), all.end(), random);
    const Scratch scratch;
    record_in(scratch, all, flush_every);
    CHECK(dump_of(scratch) == expected);
  }
}

TEST_CASE("the same bytes again change nothing, and a replaced run leaves nothing", "[ledgers]") {
  const Scratch scratch;
  const std::vector<Give> all = some_of_everything();
  record_in(scratch, all, 0);
  const std::string once = dump_of(scratch);
  record_in(scratch, all, 0);
  CHECK(dump_of(scratch) == once);
  record_in(scratch, all, 3, "aa", true);
  CHECK(dump_of(scratch) == once);
  record_in(scratch, {}, 0, "aa", true);
  for (const LedgerTable& table : kLedgers)
    CHECK(scratch.ask("SELECT count(*) FROM " + std::string{table.name}) == 0);
}

TEST_CASE("findings add up by app, client, direction and detector", "[ledgers]") {
  const Scratch scratch;
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  recorder->on_finding(finding_of("10.0.0.1", "aws-key", "h1", 10, 2));
  recorder->on_finding(finding_of("10.0.0.1", "aws-key", "h1", 5, 1));
  recorder->on_finding(finding_of("10.0.0.1", "aws-key", "h2", 20, 3));
  recorder->on_finding(finding_of("10.0.0.2", "aws-key", "h1", 20, 4));
  auto answer = finding_of("10.0.0.1", "aws-key", "h1", 30, 5);
  answer.to_server = false;
  recorder->on_finding(answer);
  REQUIRE(recorder->finish(run_of("aa"), {}));
  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  const auto findings = inventory->findings();
  REQUIRE(findings);
  REQUIRE(findings->size() == 3);
  const FindingSummary& first = findings->front();
  CHECK(first.client == "10.0.0.1");
  CHECK(first.direction == "to_server");
  CHECK(first.count == 6);
  CHECK(first.bodies == 3);
  CHECK(first.unique_count == 2);  // h1 twice is one value
  CHECK(first.first_seen == at_second(5));
  CHECK(first.last_seen == at_second(20));
  CHECK(first.sample == "AKIA************MPLE");
}

TEST_CASE("a finding keeps why it is one, an artifact the storage that it came from", "[ledgers]") {
  const Scratch scratch;
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  auto finding = finding_of("10.0.0.1", "aws-key", "h1", 5, 1);
  finding.reasons = kSigns;
  recorder->on_finding(finding);
  // The redirect, then two parts of what it led to.
  auto artifact = record_at<observation::ArtifactRecord>("10.0.0.1", 5, 2);
  artifact.kind = "model";
  artifact.repository = "org/model";
  artifact.host = "hub.example";
  recorder->on_artifact(artifact);
  artifact.bytes = 1000;
  artifact.fetched_from = "cdn.example";
  for (const std::uint64_t number : {3, 4}) {
    artifact.place.number = artifact.place.frame = number;
    artifact.time = at_second(static_cast<std::int64_t>(number) * 10);
    recorder->on_artifact(artifact);
  }
  REQUIRE(recorder->finish(run_of("aa"), {}));
  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  const auto findings = inventory->findings();
  REQUIRE(findings);
  REQUIRE(findings->size() == 1);
  CHECK(findings->front().reasons == "checksum; label");
  const auto artifacts = inventory->artifacts();
  REQUIRE(artifacts);
  REQUIRE(artifacts->size() == 1);
  CHECK(artifacts->front().fetched_from == "cdn.example");
  CHECK(artifacts->front().times == 3);
  CHECK(artifacts->front().bytes == 2000);
  CHECK(artifacts->front().first_seen == at_second(5));
  CHECK(artifacts->front().proof.frame == 3);
}

TEST_CASE("a server with several products names them all", "[ledgers]") {
  const Scratch scratch;
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  std::uint64_t number = 0;
  for (const char* product : {"open-webui", "ollama", "openai-compatible", "ollama"}) {
    ++number;
    recorder->on_asset(asset_of("10.0.0.1", product, static_cast<std::int64_t>(number), number));
  }
  REQUIRE(recorder->finish(run_of("aa"), {}));
  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  const auto assets = inventory->assets();
  REQUIRE(assets);
  REQUIRE(assets->size() == 1);
  CHECK(assets->front().product == "ollama");  // seen most often
  CHECK(assets->front().product_names == std::vector<std::string>{"ollama", "open-webui"});
  CHECK(assets->front().versions == std::vector<std::string>{"ollama 0.5.1", "open-webui 0.5.1"});
}

TEST_CASE("a server of which only its APIs are known names them all", "[ledgers]") {
  const Scratch scratch;
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  recorder->on_asset(asset_of("10.0.0.1", "openai-compatible", 1, 1));
  recorder->on_asset(asset_of("10.0.0.1", "anthropic-compatible", 2, 2));
  REQUIRE(recorder->finish(run_of("aa"), {}));
  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  const auto assets = inventory->assets();
  REQUIRE(assets);
  REQUIRE(assets->size() == 1);
  CHECK(assets->front().product_names ==
        std::vector<std::string>{"anthropic-compatible", "openai-compatible"});
}

TEST_CASE("a server is its best product, with models, exposures and clients", "[ledgers]") {
  const Scratch scratch;
  record_in(scratch, some_of_everything(), 0);
  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  const auto assets = inventory->assets();
  REQUIRE(assets);
  REQUIRE(assets->size() == 1);
  const Asset& asset = assets->front();
  CHECK(asset.server() == "10.0.9.9:11434");
  CHECK(asset.product == "ollama");
  CHECK(asset.product_names == std::vector<std::string>{"ollama"});
  CHECK(asset.versions == std::vector<std::string>{"0.5.1"});
  CHECK(asset.models == std::vector<std::string>{"llama3", "qwen"});
  CHECK(asset.exposures ==
        std::vector<std::string>{"admin-api", "unauthenticated", "public-clients"});
  CHECK(asset.authenticated == "no");
  CHECK(asset.tls == "no");
  CHECK(asset.clients == 3);
  CHECK(asset.networks == std::vector<std::string>{"10.0.0.0/24 private", "10.0.1.0/24 private",
                                                   "198.51.100.0/24 public"});
  CHECK(asset.calls == 13);
  CHECK(asset.tokens == 13 * 30);
  REQUIRE(asset.rating);
  CHECK(asset.rating->score == 85);  // 35 + 30 + 20
  std::int32_t sum = 0;
  for (const RiskRow& row : asset.rating->rows) sum += row.points;
  CHECK(sum == asset.rating->score);
  CHECK(asset.by_client.front().observations == 8);  // four requests, told of four times
}

TEST_CASE("who only asks is a client of the server; who asks elsewhere is not", "[ledgers]") {
  const Scratch scratch;
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  const auto ask = [&](const char* client, const char* server) {
    auto record = record_at<observation::HttpRecord>(client, 1, 1);
    record.conversation.server = address(server);
    record.conversation.server_port = 11434;
    recorder->on_http(record);
  };
  ask("10.0.0.5", "10.0.9.9");
  ask("10.0.0.6", "10.0.9.8");
  recorder->on_asset(asset_of("10.0.0.1", "ollama", 5, 2));
  REQUIRE(recorder->finish(run_of("aa"), {}));
  CHECK(scratch.ask("SELECT count(*) FROM v_asset_clients") == 2);
  CHECK(scratch.ask("SELECT count(*) FROM v_asset_clients WHERE client = '10.0.0.6'") == 0);
}

TEST_CASE("beyond a limit sums stay whole where they can, and what was felt is counted",
          "[ledgers]") {
  const Scratch scratch;
  RecorderOptions options = options_for(scratch);
  options.limits.ledger_rows_max = 2;
  options.limits.minutes_max = 1;
  auto recorder = Recorder::open(std::move(options));
  REQUIRE(recorder);
  const char* clients[] = {"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"};
  std::uint64_t number = 0;
  for (const char* client : clients) {
    ++number;
    recorder->on_finding(finding_of(client, "aws-key", "h", 0, number));
    recorder->on_model_call(call_of(client, static_cast<std::int64_t>(number) * 3600, number));
    recorder->on_candidate(candidate_of(client, std::string{"host"} + client, 1, {}, 0, number));
  }
  REQUIRE(recorder->finish(run_of("aa"), {}));
  CHECK(scratch.ask("SELECT count(*) FROM finding") == 3);
  CHECK(scratch.ask("SELECT sum(count) FROM finding") == 8);
  CHECK(scratch.ask("SELECT count FROM finding WHERE client = '' AND value_hash = ''") == 4);
  CHECK(scratch.ask("SELECT sum(calls) FROM model_call") == 4);
  CHECK(scratch.ask("SELECT count(*) FROM candidate") == 2);
  const auto counter = [&](const std::string& name) {
    return scratch.ask("SELECT value FROM run_counter WHERE name = 'inventory." + name + "'");
  };
  CHECK(counter("finding_folded") == 2);
  CHECK(counter("candidate_dropped") == 2);
  CHECK(counter("minutes_closed_early") > 0);
}

TEST_CASE("a text that fills megabytes is cut, at a whole character", "[ledgers]") {
  const Scratch scratch;
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  std::string name(511, 'a');
  name += "\xc3\xa4";
  name.append(1'000'000, 'b');
  auto record = record_at<observation::FileRecord>("10.0.0.1", 0, 1);
  record.file_name = name;
  recorder->on_file(record);
  REQUIRE(recorder->finish(run_of("aa"), {}));
  CHECK(scratch.ask("SELECT length(CAST(file_name AS BLOB)) FROM file") == 511);
}

TEST_CASE("a score that is no number is none", "[ledgers]") {
  const Scratch scratch;
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  for (const double score : {std::numeric_limits<double>::quiet_NaN(), -3.0, 7.0})
    recorder->on_candidate(
        candidate_of("10.0.0.1", score > 0 ? "a.example" : "b.example", score, {}, 0, 1));
  REQUIRE(recorder->finish(run_of("aa"), {}));
  CHECK(scratch.ask("SELECT best_score = 1.0 FROM v_candidates WHERE host = 'a.example'") == 1);
  CHECK(scratch.ask("SELECT best_score = 0.0 FROM v_candidates WHERE host = 'b.example'") == 1);
}

TEST_CASE("a network is told with what kind of addresses it has", "[ledgers]") {
  CHECK(network_of(address("10.1.2.3")) == "10.1.2.0/24 private");
  CHECK(network_of(address("8.8.8.8")) == "8.8.8.0/24 public");
  CHECK(network_of(address("fd00:1:2:3:4::9")) == "fd00:1:2:3::/64 private");
  CHECK(network_of(address("2001:db8:0:1::9")) == "2001:db8:0:1::/64 public");
}

}  // namespace gnomon::inventory
