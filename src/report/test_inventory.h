#pragma once

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "gnomon/inventory/recorder.h"
#include "gnomon/inventory/review.h"

// A small inventory for tests, made as replay makes one: two apps in use, one of them decided on,
// one that was only asked for, and whatever a hostile network can put into names.
namespace gnomon::report {

inline constexpr std::string_view kHostileHost =
    "\"><script>alert(1)</script><!--' onload=x \x1b[31m\xff\xe2\x80\xae.example";
inline constexpr std::string_view kHostileName = "</script><img src=x onerror=alert(2)>";

class SampleInventory {
 public:
  SampleInventory() {
    static int count = 0;
    folder_ = std::filesystem::temp_directory_path() /
              ("gnomon_report_test_" + std::to_string(getpid()) + "_" + std::to_string(++count));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~SampleInventory() { std::filesystem::remove_all(folder_); }
  SampleInventory(const SampleInventory&) = delete;
  SampleInventory& operator=(const SampleInventory&) = delete;

  [[nodiscard]] std::filesystem::path folder() const { return folder_; }
  [[nodiscard]] std::string path() const { return (folder_ / "inventory.db").string(); }

  // Of seconds after 2026-11-24 09:00.
  static Time at(std::int64_t second) { return time_of(1'795'510'800 + second, 0); }

  static observation::FlowRecord flow(std::string_view app, std::string_view host,
                                      const char* client, std::int64_t second,
                                      std::uint64_t number) {
    observation::FlowRecord record;
    record.place = {number, number, "captures/monday.pcap"};
    record.conversation.flow_id = number * 1'000'003;
    record.conversation.client = *IpAddress::parse(client);
    record.conversation.server = *IpAddress::parse("192.0.2.9");
    record.conversation.server_port = 443;
    record.conversation.protocol = 6;
    record.start = at(second);
    record.end = at(second + 30);
    record.packets_to_server = 20;
    record.packets_to_client = 30;
    record.bytes_to_server = 4'000;
    record.bytes_to_client = 9'000;
    record.app_proto = "tls";
    record.host = host;
    record.host_source = observation::HostSource::kTlsSni;
    record.client_kind = "browser";
    record.identity.app = app;
    record.identity.role = "web-ui";
    record.identity.category = "chat-assistant";
    record.identity.usage = "web-chat";
    record.identity.why = "data both ways beyond the handshake";
    record.identity.grade = observation::Grade::kSession;
    return record;
  }

  // Makes the inventory; the rubric is the project's own.
  void make() const {
    auto recorder = inventory::Recorder::open(options());
    REQUIRE(recorder);
    recorder->on_flow(flow("chatter", "chat.example", "10.0.0.1", 0, 1));
    recorder->on_flow(flow("chatter", "chat.example", "10.0.0.2", 7'200, 2));
    recorder->on_flow(flow("chatter", kHostileHost, "10.0.0.1", 60, 3));
    observation::FlowRecord upload = flow("evil", "evil.example", "2001:db8::1", 90, 4);
    upload.identity.usage = "api";
    upload.identity.grade = observation::Grade::kUse;
    upload.client_kind = "sdk";
    upload.upload_events = 2;
    upload.upload_bytes = 1'500'000;
    upload.bytes_to_server = 1'600'000;
    recorder->on_flow(upload);
    observation::FlowRecord asked = flow("quiet", "quiet.example", "10.0.0.3", 100, 5);
    asked.identity.grade = observation::Grade::kName;
    asked.bytes_to_client = 0;
    recorder->on_flow(asked);
    recorder->on_flow(flow("", kHostileHost, "10.0.0.1", 5, 6));
    recorder->on_flow(flow("", "=cmd|' /C calc'!A0", "10.0.0.1", 6, 7));

    observation::ClientNameRecord name;
    name.client = *IpAddress::parse("10.0.0.1");
    name.time = at(0);
    name.mac = "00:11:22:33:44:55";
    name.name = "anna\x1b]0;owned\x07-laptop";
    name.source = "dhcp";
    recorder->on_client_name(name);

    observation::Coverage coverage;
    coverage.frames = 350;
    coverage.flows = 7;
    coverage.flows_with_payload = 7;
    coverage.named_tls_sni = 7;
    coverage.undecoded = {{"unknown_ethertype", 3}};
    inventory::RunInfo run;
    run.inputs = {{"captures/monday.pcap", "sha256:00ff", 123'456, "cut at byte 77"}};
    run.first_packet = at(0);
    run.last_packet = at(7'230);
    REQUIRE(recorder->finish(run, coverage));
  }

  static inventory::RecorderOptions with_facts(std::vector<inventory::AppFacts> facts) {
    inventory::RecorderOptions options;
    options.apps = std::move(facts);
    std::ifstream file{"signatures/risk.yaml"};
    options.risk_rubric = {std::istreambuf_iterator<char>{file}, {}};
    return options;
  }

 private:
  [[nodiscard]] inventory::RecorderOptions options() const {
    inventory::RecorderOptions options = with_facts(
        {{"chatter", "Chatter", "Chat Ltd", "US", "chat-assistant", {{"soc2", "yes"}}},
         {"evil", std::string{kHostileName}, "=1+1", "CN", "llm-api", {{"notes", "@SUM(A1)"}}},
         {"quiet", "Quiet", "", "", "chat-assistant", {}}});
    options.path = path();
    return options;
  }

  std::filesystem::path folder_;
};

}  // namespace gnomon::report
