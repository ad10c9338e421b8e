// Connections and datagrams whose first bytes come in unusual ways.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "../message/quic_samples.h"
#include "quiet_sink.h"
#include "replayed_connections.h"

using namespace gnomon;
using namespace std::string_literals;
using sensor::testing::Capture;

namespace {

struct Log final : sensor::QuietSink {
  std::vector<std::string> urls;
  std::vector<std::string> hosts;  // of flows
  std::vector<std::string> lookups;

  void on_http(const observation::HttpRecord& record) override { urls.emplace_back(record.url); }
  void on_flow(const observation::FlowRecord& record) override { hosts.emplace_back(record.host); }
  void on_dns(const observation::DnsRecord& record) override {
    lookups.push_back(std::string{record.rrname} + (record.answered ? "!" : "?"));
  }
};

Log log_of(const Capture& capture) {
  Log log;
  capture.replay(log);
  return log;
}

constexpr unsigned kData = Capture::kPush | Capture::kAck;
const std::string kRequest = "GET /wanted HTTP/1.1\r\nHost: a.example\r\n\r\n";

std::string hello() {
  using namespace message::samples;
  const Octets whole = record(22, handshake(1, hello_body(browser_hello("claude.ai"))));
  return {whole.begin(), whole.end()};
}

std::string question(const std::string& label) {
  return std::string{static_cast<char>(label.size())} + label + "\7example\0\0\1\0\1"s;
}
std::string query(const std::vector<std::string>& labels, char id = 7) {
  std::string message = "\0"s + id + "\1\0\0"s + static_cast<char>(labels.size()) + "\0\0\0\0\0\0"s;
  for (const std::string& each : labels) message += question(each);
  return message;
}
std::string framed(const std::string& message) {
  return std::string{static_cast<char>(message.size() >> 8), static_cast<char>(message.size())} +
         message;
}

}  // namespace

TEST_CASE("a stream is read whose FIN comes with its first bytes, or before them") {
  for (const std::string& payload : {hello(), kRequest}) {
    for (const std::uint32_t start : {1000U, 0xf0000000U}) {
      for (const bool late : {false, true}) {
        INFO(payload[0] << " from " << start << (late ? " late" : ""));
        Capture capture;
        Capture::Connection on;
        on.client = start;
        capture.open(on);
        if (late) {
          Capture::Connection end = on;
          end.client += static_cast<std::uint32_t>(payload.size());
          capture.send(end, true, Capture::kFin | Capture::kAck);
          capture.send(on, true, kData, payload);
        } else {
          capture.send(on, true, Capture::kFin | kData, payload);
        }
        capture.send(on, false, Capture::kFin | Capture::kAck);
        const Log log = log_of(capture);
        REQUIRE(log.hosts.size() == 1);
        CHECK(log.hosts[0] == (payload == kRequest ? "a.example" : "claude.ai"));
        CHECK(log.urls.size() == (payload == kRequest ? 1 : 0));
      }
    }
  }
}

TEST_CASE("DNS over TCP may come in segments of any size") {
  const std::string all = framed(query({"a"})) + framed(query({"b"}, 8));
  for (const std::size_t first : {1U, 2U, 3U, 20U}) {
    INFO(first);
    Capture capture;
    Capture::Connection on;
    on.server_port = 53;
    capture.open(on);
    capture.send(on, true, kData, all.substr(0, first));
    capture.send(on, true, kData, all.substr(first));
    capture.close(on);
    CHECK(log_of(capture).lookups == std::vector<std::string>{"a.example?", "b.example?"});
  }
}

TEST_CASE("each question that nobody answers is told once") {
  Capture capture;
  Capture::Connection on;
  on.server_port = 53;
  capture.open(on);
  capture.send(on, true, kData, framed(query({"one"})) + framed(query({"two"})));
  capture.send(on, true, kData, framed(query({"one"})));  // again
  capture.send(on, true, kData, framed(query({"three", "four"}, 8)));
  std::string answer = query({"two"});
  answer[2] = static_cast<char>(0x81);
  capture.send(on, false, kData, framed(answer));
  capture.close(on);
  CHECK(log_of(capture).lookups == std::vector<std::string>{"two.example!", "one.example?",
                                                            "three.example?", "four.example?"});
}

TEST_CASE("QUIC from or to a port of names and addresses is QUIC") {
  using namespace message::samples;
  const auto made = message::QuicCrypto::create();
  REQUIRE(made);
  const message::QuicCrypto& crypto = *made;
  const Octets said = handshake(1, hello_body(browser_hello("claude.ai")));
  const Octets datagram = sealed_packet(crypto, {{1, 2, 3, 4, 5, 6, 7, 8}},
                                        payload_of({crypto_frame(said, 0, said.size())}));
  for (const unsigned port : {53U, 67U, 68U, 546U, 547U, 5353U, 5355U, 40000U}) {
    for (const bool of_client : {false, true}) {
      INFO(port << (of_client ? " of the client" : " of the server"));
      Capture capture;
      capture.send_datagram(true, of_client ? port : 50000, of_client ? 443 : port, datagram);
      CHECK(log_of(capture).hosts == std::vector<std::string>{"claude.ai"});
    }
  }
  // A query is one, whatever its number.
  Capture capture;
  for (const int id : {0, 0xc0}) {
    std::string asked = query({"a"});
    asked[0] = static_cast<char>(id);
    capture.send_datagram(true, 50000, 53, {asked.begin(), asked.end()});
  }
  CHECK(log_of(capture).lookups == std::vector<std::string>{"a.example?", "a.example?"});
}

TEST_CASE("a hello is found behind SQL Server's header and behind many commands") {
  Capture capture;
  Capture::Connection sql;
  sql.server_port = 1433;
  capture.open(sql);
  capture.send(sql, true, kData, "\x12\1\0\x0e\0\0\1\0\0\0\0\0\0\0"s);
  capture.send(sql, false, kData, "\4\1\0\x0e\0\0\1\0\0\0\0\0\0\0"s);
  const std::string inside = hello();
  const std::size_t size = inside.size() + 8;
  capture.send(
      sql, true, kData,
      "\x12\1"s + static_cast<char>(size >> 8) + static_cast<char>(size) + "\0\0\1\0"s + inside);
  capture.close(sql);

  Capture::Connection mail;
  mail.server_port = 25;
  mail.client_port = 40001;
  capture.open(mail);
  for (int i = 0; i < 60; ++i) {
    capture.send(mail, true, kData, "NOOP\r\n");
    capture.send(mail, false, kData, "250 ok\r\n");
  }
  capture.send(mail, true, kData, inside);
  capture.close(mail);
  CHECK(log_of(capture).hosts == std::vector<std::string>{"claude.ai", "claude.ai"});
}
