// More at once than there is room for: the oldest gives way, and what comes then is read.
#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "../message/hello_samples.h"
#include "gnomon/packet/decoder.h"
#include "gnomon/sensor/worker.h"
#include "quiet_sink.h"
#include "replayed_connections.h"

using namespace gnomon;
using namespace std::string_literals;
using observation::HostSource;
using packet::testing::Raw;
using sensor::testing::Capture;

namespace {

constexpr unsigned kData = Capture::kPush | Capture::kAck;

// The shard of a conversation with 10.0.0.2, as Capture writes it.
unsigned shard_of(unsigned protocol, const Raw& client, unsigned client_port,
                  unsigned server_port) {
  using namespace packet::testing;
  Ip4Fields fields;
  fields.source = client;
  const Raw segment = protocol == packet::kTcp ? tcp(client_port, server_port, {})
                                               : udp(client_port, server_port, {});
  return sensor::shard_of(decode(101, ip4(protocol, segment, fields)).packets()[0].hash);
}

// Calls `make` for as many connections as it takes of one shard.
void fill_shard(std::size_t count, unsigned server_port,
                const std::function<void(Capture::Connection&)>& make) {
  for (unsigned address = 1; address < 255; ++address)
    for (unsigned port = 20'000; port < 21'000; ++port) {
      Capture::Connection on;
      on.client_address = {10, 1, 0, static_cast<std::uint8_t>(address)};
      on.client_port = port;
      on.server_port = server_port;
      if (shard_of(packet::kTcp, on.client_address, port, server_port) != 0) continue;
      make(on);
      if (--count == 0) return;
    }
  FAIL("not enough connections of one shard");
}

struct Log final : sensor::QuietSink {
  std::size_t requests = 0;
  std::size_t answered = 0;
  std::size_t flows_given_up = 0;
  std::vector<std::string> answered_urls;
  std::vector<std::pair<std::string, HostSource>> hosts;  // of flows that have one
  std::vector<std::string> lookups;

  void on_http(const observation::HttpRecord& record) override {
    ++requests;
    if (record.status != 0) answered_urls.emplace_back(record.url);
  }
  void on_flow(const observation::FlowRecord& record) override {
    flows_given_up += record.given_up;
    if (!record.host.empty()) hosts.emplace_back(record.host, record.host_source);
  }
  void on_dns(const observation::DnsRecord& record) override {
    lookups.push_back(std::string{record.rrname} + (record.answered ? "!" : "?"));
  }
};

Log log_of(const Capture& capture) {
  Log log;
  capture.replay(log);
  return log;
}

std::string text(const message::samples::Octets& bytes) { return {bytes.begin(), bytes.end()}; }

// A question for LABEL.example, of the type A, or the answer that there is none.
Raw dns(const std::string& label, unsigned id, bool answer = false, unsigned type = 1) {
  using namespace packet::testing;
  return u16(id) + u16(answer ? 0x8180 : 0x0100) + u16(1) + u16(0) + u16(0) + u16(0) +
         u8(static_cast<unsigned>(label.size())) + packet::testing::text(label) + u8(7) +
         packet::testing::text("example") + u8(0) + u16(type) + u16(1);
}

using Lookups = std::vector<std::string>;

}  // namespace

TEST_CASE("requests that nobody answers keep no other from being told") {
  const std::string unanswered = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
  std::string segment;
  for (unsigned i = 0; i < 32; ++i) segment += unanswered;
  Capture capture;
  constexpr std::size_t kConnections = 257;  // 8,224 requests: 32 more than are kept
  fill_shard(kConnections, 80, [&](Capture::Connection& on) {
    capture.open(on);
    capture.send(on, true, kData, segment);
  });
  fill_shard(1, 11434, [&](Capture::Connection& on) {
    capture.open(on);
    capture.send(on, true, kData, "GET /wanted HTTP/1.1\r\nHost: b.example\r\n\r\n");
    capture.send(on, false, kData, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    capture.close(on);
  });
  const Log log = log_of(capture);
  CHECK(log.requests == kConnections * 32 + 1);
  CHECK(log.answered_urls == std::vector<std::string>{"/wanted"});
  CHECK(log.flows_given_up == 2);  // whose 33 oldest requests are told before their time
}

TEST_CASE("half a hello of many keeps no other from being read") {
  using namespace message::samples;
  const std::string hello =
      text(record(22, handshake(1, hello_body(browser_hello("wanted.example")))));
  const std::string first =
      text(record(22, handshake(1, hello_body(browser_hello("first.example")))));
  const std::size_t half = first.find("first.example") + 40;
  Capture capture;
  bool begun = false;
  fill_shard(4'096, 443, [&](Capture::Connection& on) {
    capture.send(on, true, Capture::kSyn);
    capture.send(on, true, kData, begun ? "\x16" : first.substr(0, half));
    begun = true;
  });
  fill_shard(1, 8443, [&](Capture::Connection& on) {
    capture.open(on);
    capture.send(on, true, kData, hello.substr(0, 100));
    capture.send(on, true, kData, hello.substr(100));
    capture.close(on);
  });
  const Log log = log_of(capture);
  REQUIRE(log.hosts.size() == 2);
  CHECK(std::count(log.hosts.begin(), log.hosts.end(),
                   std::pair{"wanted.example"s, HostSource::kTlsSni}) == 1);
  CHECK(std::count(log.hosts.begin(), log.hosts.end(),
                   std::pair{"first.example"s, HostSource::kTlsSniPartial}) == 1);
  CHECK(log.flows_given_up == 1);
}

TEST_CASE("DNS questions that nobody answers are all told, and no other is kept from it") {
  Capture capture;
  std::vector<std::pair<unsigned, unsigned>> ports;
  for (const unsigned server : {53U, 5300U})
    for (unsigned client = 1024; client < 65'536 && ports.size() < 4'098; ++client)
      if (shard_of(packet::kUdp, {10, 0, 0, 1}, client, server) == 0)
        ports.emplace_back(client, server);
  REQUIRE(ports.size() == 4'098);
  for (const auto& [client, server] : ports) {
    const bool last = client == ports.back().first && server == ports.back().second;
    capture.send_datagram(true, client, server, dns(last ? "last" : "other", client));
  }
  Lookups lookups = log_of(capture).lookups;
  REQUIRE(lookups.size() == ports.size());
  CHECK(std::count(lookups.begin(), lookups.end(), "other.example?") ==
        static_cast<std::ptrdiff_t>(ports.size()) - 1);
  CHECK(std::count(lookups.begin(), lookups.end(), "last.example?") == 1);
}

TEST_CASE("a question that is captured behind its answer is told once") {
  struct Message {
    bool up;
    Raw bytes;
    unsigned client_port = 50'000;
  };
  struct Case {
    const char* what;
    std::vector<Message> messages;
    Lookups told;
  };
  constexpr unsigned kAaaa = 28;
  const auto each = GENERATE_COPY(values<Case>({
      {"in order", {{true, dns("a", 1)}, {false, dns("a", 1, true)}}, {"a.example!"}},
      {"behind it", {{false, dns("a", 1, true)}, {true, dns("a", 1)}}, {"a.example!"}},
      {"two of them",
       {{false, dns("a", 1, true)},
        {false, dns("a", 2, true, kAaaa)},
        {true, dns("a", 1)},
        {true, dns("a", 2, false, kAaaa)}},
       {"a.example!", "a.example!"}},
      {"asked again while the answer was on its way",
       {{true, dns("a", 1)}, {false, dns("a", 1, true)}, {true, dns("a", 1)}},
       {"a.example!"}},
      {"of another id",
       {{false, dns("a", 1, true)}, {true, dns("a", 2)}},
       {"a.example!", "a.example?"}},
      {"of another type",
       {{false, dns("a", 1, true)}, {true, dns("a", 1, false, kAaaa)}},
       {"a.example!", "a.example?"}},
      {"of another name",
       {{false, dns("a", 1, true)}, {true, dns("b", 1)}},
       {"a.example!", "b.example?"}},
      {"of another flow",
       {{false, dns("a", 1, true)}, {true, dns("a", 1), 50'001}},
       {"a.example!", "a.example?"}},
  }));
  INFO(each.what);
  Capture capture;
  for (const Message& message : each.messages)
    capture.send_datagram(message.up, message.client_port, 53, message.bytes);
  CHECK(log_of(capture).lookups == each.told);
}

TEST_CASE("a question long after an answer is another one") {
  Capture capture;
  capture.send_datagram(false, 50'000, 53, dns("a", 1, true));
  capture.wait(1'500);
  capture.send_datagram(true, 50'000, 53, dns("a", 1));
  CHECK(log_of(capture).lookups == Lookups{"a.example!", "a.example?"});
}
