#pragma once

#include <sqlite3.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "gnomon/inventory/inventory.h"
#include "gnomon/inventory/recorder.h"

// What the tests of this layer share: a folder of their own, eyes of their own, records to give.
namespace gnomon::inventory {

// Gone when the test is.
class Scratch {
 public:
  Scratch() {
    static int count = 0;
    folder_ = std::filesystem::temp_directory_path() /
              ("gnomon_inventory_test_" + std::to_string(getpid()) + "_" + std::to_string(++count));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~Scratch() { std::filesystem::remove_all(folder_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::filesystem::path folder() const { return folder_; }
  std::filesystem::path path() const { return folder_ / "inventory.db"; }

  // As somebody else would ask: through another connection. -1 when it cannot be asked.
  std::int64_t ask(const std::string& sql) const {
    std::int64_t answer = -1;
    sqlite3* database = nullptr;
    sqlite3_stmt* statement = nullptr;
    sqlite3_open_v2(path().c_str(), &database, SQLITE_OPEN_READONLY, nullptr);
    if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
      answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close_v2(database);
    return answer;
  }

  // Makes or changes a database as another program would.
  bool execute(const std::string& sql) const {
    sqlite3* database = nullptr;
    sqlite3_open_v2(path().c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    const bool done = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
    sqlite3_close_v2(database);
    return done;
  }

 private:
  std::filesystem::path folder_;
};

inline std::string rubric_text() {
  std::ifstream file{"signatures/risk.yaml"};
  return {std::istreambuf_iterator<char>{file}, {}};
}

inline IpAddress address(const char* text) { return *IpAddress::parse(text); }

inline Time at_second(std::int64_t second) { return time_of(1'700'000'000 + second, 0); }

inline std::vector<AppFacts> some_facts() {
  return {{"chat", "Chat", "Chat Ltd", "US", "chat-assistant", {{"soc2", "yes"}, {"sso", "no"}}},
          {"coder", "Coder", "", "", "coding-assistant", {}}};
}

inline RecorderOptions options_for(const Scratch& scratch) {
  RecorderOptions options;
  options.path = scratch.path();
  options.apps = some_facts();
  options.risk_rubric = rubric_text();
  return options;
}

// A flow that used an app: five minutes, both ways.
inline observation::FlowRecord use_of(std::string_view app, std::string_view host,
                                      const char* client, std::int64_t second,
                                      std::uint64_t number) {
  observation::FlowRecord flow;
  flow.place = {number, number, "folder/a.pcap"};
  flow.conversation.flow_id = number * 7;
  flow.conversation.client = address(client);
  flow.conversation.server = address("203.0.113.9");
  flow.conversation.server_port = 443;
  flow.conversation.protocol = 6;
  flow.bytes_to_server = 100;
  flow.bytes_to_client = 1'000;
  flow.payload_to_server = flow.payload_to_client = 50;
  flow.start = at_second(second);
  flow.end = at_second(second + 300);
  flow.app_proto = "tls";
  flow.host = host;
  flow.host_source = observation::HostSource::kTlsSni;
  flow.client_kind = "browser";
  flow.upload_events = 1;
  flow.upload_bytes = 10;
  if (!app.empty()) {
    flow.identity.app = app;
    flow.identity.role = "web-ui";
    flow.identity.usage = "web-chat";
    flow.identity.why = "bytes flowed both ways";
    flow.identity.grade = Grade::kSession;
  }
  return flow;
}

inline std::string anomaly_text() {
  std::ifstream file{"signatures/anomalies.yaml"};
  return {std::istreambuf_iterator<char>{file}, {}};
}

// Records of content, servers and hosts, as their producers make them.
template <class Record>
Record record_at(const char* client, std::int64_t second, std::uint64_t number) {
  Record record;
  record.place = {number, number, "folder/a.pcap"};
  record.conversation.flow_id = number * 7;
  record.conversation.client = address(client);
  record.conversation.server = address("203.0.113.9");
  record.conversation.server_port = 443;
  record.conversation.protocol = 6;
  record.time = at_second(second);
  if constexpr (requires { record.host; }) record.host = "chat.example";
  return record;
}

inline observation::FindingRecord finding_of(const char* client, std::string_view detector,
                                             std::string_view hash, std::int64_t second,
                                             std::uint64_t number) {
  auto record = record_at<observation::FindingRecord>(client, second, number);
  record.identity.app = "chat";
  record.detector = detector;
  record.category = "secret.cloud";
  record.severity = "critical";
  record.confidence = "high";
  record.role = "user";
  record.count = 2;
  record.unique_count = 1;
  record.sample = "AKIA************MPLE";
  record.value_hash = hash;
  record.file_name = "keys.txt";
  record.file_type = "text";
  return record;
}

inline observation::AssetRecord asset_of(const char* client, std::string_view product,
                                         std::int64_t second, std::uint64_t number) {
  auto record = record_at<observation::AssetRecord>(client, second, number);
  record.conversation.server = address("10.0.9.9");
  record.conversation.server_port = 11434;
  record.host = {};
  record.product = product;
  record.kind = "inference";
  record.version = "0.5.1";
  record.authenticated = observation::Authenticated::kNo;
  return record;
}

inline observation::ModelCallRecord call_of(const char* client, std::int64_t second,
                                            std::uint64_t number) {
  auto record = record_at<observation::ModelCallRecord>(client, second, number);
  record.conversation.server = address("10.0.9.9");
  record.conversation.server_port = 11434;
  record.host = {};
  record.family = "ollama";
  record.operation = "chat";
  record.model_requested = "llama3";
  record.model_returned = "llama3:8b";
  record.tokens_in = 10;
  record.tokens_out = 20;
  return record;
}

inline observation::CandidateRecord candidate_of(const char* client, std::string_view host,
                                                 double score,
                                                 std::span<const std::string_view> reasons,
                                                 std::int64_t second, std::uint64_t number) {
  auto record = record_at<observation::CandidateRecord>(client, second, number);
  record.host = host;
  record.score = score;
  record.reasons = reasons;
  return record;
}

inline RunInfo run_of(std::string_view sha256) {
  RunInfo run;
  run.inputs.push_back({"folder/a.pcap", std::string{sha256}, 1'000, ""});
  run.first_packet = at_second(0);
  run.last_packet = at_second(900);
  return run;
}

inline std::string dump_of(const Scratch& scratch) {
  auto inventory = Inventory::open(scratch.path());
  if (!inventory) return inventory.error().message;
  auto dump = inventory->dump();
  return dump ? *dump : dump.error().message;
}

}  // namespace gnomon::inventory
