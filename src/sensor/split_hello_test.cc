// Hellos that are cut into records so that nobody reads their name, behind other protocols too.
#include <catch2/catch.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "../message/hello_samples.h"
#include "quiet_sink.h"
#include "replayed_connections.h"

using namespace gnomon;
using observation::HostSource;
using sensor::testing::Capture;

namespace {

struct Log final : sensor::QuietSink {
  std::vector<std::pair<std::string, HostSource>> hosts;

  void on_flow(const observation::FlowRecord& record) override {
    hosts.emplace_back(record.host, record.host_source);
  }
  void on_stats(const observation::StatsRecord& record) override {
    if (record.final) counters = {record.counters.begin(), record.counters.end()};
  }
  std::map<std::string, std::uint64_t, std::less<>> counters;
};

using Segments = std::vector<std::pair<bool, std::string>>;  // by the client, or by the server

Log log_of(const Segments& segments) {
  Capture capture;
  Capture::Connection connection;
  capture.open(connection);
  for (const auto& [up, bytes] : segments)
    capture.send(connection, up, Capture::kPush | Capture::kAck, bytes);
  capture.close(connection);
  Log log;
  capture.replay(log);
  return log;
}

std::string text(const message::samples::Octets& bytes) { return {bytes.begin(), bytes.end()}; }

message::samples::Octets hello(std::size_t key_bytes = 32) {
  using namespace message::samples;
  HelloParts parts = browser_hello("wanted.example", key_bytes);
  std::swap(parts.extensions[1], parts.extensions[4]);  // the name before the key share
  return handshake(1, hello_body(parts));
}

}  // namespace

TEST_CASE("a hello whose first record holds one byte is found behind what came before it") {
  using message::samples::record;
  const message::samples::Octets whole = hello();
  const std::string first = text(record(22, {whole.begin(), whole.begin() + 1}));
  const std::string rest = text(record(22, {whole.begin() + 1, whole.end()}));
  const std::string line = "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n";
  const std::string binary =
      std::string("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", 16) + std::string(12, '\x01');
  const std::string none;
  struct Case {
    const char* what;
    Segments before;
    std::string in_front;  // in the hello's own segment
  };
  const auto each = GENERATE_COPY(values<Case>({
      {"nothing", {}, none},
      {"SOCKS5",
       {{true, std::string("\5\1\0", 3)},
        {false, std::string("\5\0", 2)},
        {true, std::string("\5\1\0\1\xc0\0\2\x9\1\xbb", 10)},
        {false, std::string("\5\0\0\1\0\0\0\0\0\0", 10)}},
       none},
      {"STARTTLS",
       {{false, "220 mx ESMTP\r\n"},
        {true, "EHLO a\r\n"},
        {false, "250 STARTTLS\r\n"},
        {true, "STARTTLS\r\n"},
        {false, "220 go\r\n"}},
       none},
      {"a PROXY header", {{true, line}}, none},
      {"two in a segment each", {{true, line}, {true, binary}}, none},
      {"two, one of them in the hello's", {{true, line}}, binary},
  }));
  INFO(each.what);
  Segments segments = each.before;
  segments.emplace_back(true, each.in_front + first);
  segments.emplace_back(true, rest);
  const Log log = log_of(segments);
  REQUIRE(log.hosts.size() == 1);
  CHECK(log.hosts[0].first == "wanted.example");
  CHECK(log.hosts[0].second == HostSource::kTlsSni);
}

TEST_CASE("what may become a hello and does not is watched no longer than anything else") {
  Segments segments{{true, "220 what\r\n"}};
  for (unsigned i = 0; i < 300; ++i) {
    segments.emplace_back(true, "\x16");
    segments.emplace_back(true, "no");
  }
  const std::string late = text(message::samples::records(hello(), 1));
  segments.emplace_back(true, late);
  CHECK(log_of(segments).hosts[0].first.empty());
}

TEST_CASE("of a hello in too many records the name is told, and that it was cut") {
  const bool cut = GENERATE(false, true);
  std::string stream = text(message::samples::records(hello(2'200), 1));
  Segments segments;
  const std::size_t step = cut ? 1'400 : stream.size();
  for (std::size_t at = 0; at < stream.size(); at += step)
    segments.emplace_back(true, stream.substr(at, step));
  const Log log = log_of(segments);
  REQUIRE(log.hosts.size() == 1);
  CHECK(log.hosts[0].first == "wanted.example");
  CHECK(log.hosts[0].second == HostSource::kTlsSniPartial);
  CHECK(log.counters.at("coverage.named_tls_sni_partial") == 1);
  CHECK(log.counters.at("coverage.named_tls_sni") == 0);
}

namespace {

struct Requests final : sensor::QuietSink {
  std::vector<std::string> hosts;

  void on_http(const observation::HttpRecord& record) override {
    hosts.emplace_back(record.hostname);
  }
};

}  // namespace

TEST_CASE("a request has the host that its target names, or its Host field") {
  struct Case {
    std::string head;
    std::string host;
  };
  const auto each = GENERATE(values<Case>({
      {"GET /a HTTP/1.1\r\nHost: A.example\r\n", "a.example"},
      {"GET /a HTTP/1.0\r\n", ""},
      {"GET http://A.example/a HTTP/1.0\r\n", "a.example"},
      {"GET http://a.example/a HTTP/1.1\r\nHost: proxy.example\r\n", "a.example"},
      {"GET http://a.example/a HTTP/1.1\r\nHost:\r\n", "a.example"},
      {"CONNECT a.example:443 HTTP/1.1\r\n", ""},
      {"CONNECT a.example:443 HTTP/1.1\r\nHost: b.example:443\r\n", "b.example"},
  }));
  INFO(each.head);
  Capture capture;
  Capture::Connection connection;
  capture.open(connection);
  capture.send(connection, true, Capture::kPush | Capture::kAck, each.head + "\r\n");
  capture.send(connection, false, Capture::kPush | Capture::kAck,
               "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  capture.close(connection);
  Requests log;
  capture.replay(log);
  CHECK(log.hosts == std::vector<std::string>{each.host});
}
