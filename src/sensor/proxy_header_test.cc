#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "quiet_sink.h"
#include "replayed_connections.h"

using namespace gnomon;
using sensor::testing::Capture;

namespace {

struct Log final : sensor::QuietSink {
  std::vector<std::string> urls;
  std::size_t flows = 0;

  void on_http(const observation::HttpRecord& record) override { urls.emplace_back(record.url); }
  void on_flow(const observation::FlowRecord&) override { ++flows; }
};

const std::string kLine = "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n";
const std::string kBinary =
    std::string("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", 16) + std::string(12, '\x01');
const std::string kRequest = "GET /wanted HTTP/1.1\r\nHost: a.example\r\n\r\n";

// A client's segments.
void add(Capture& capture, const std::vector<std::string>& segments, unsigned port = 40000) {
  Capture::Connection connection;
  connection.client_port = port;
  capture.open(connection);
  for (const std::string& each : segments)
    capture.send(connection, true, Capture::kPush | Capture::kAck, each);
  capture.close(connection);
}

Log log_of(const Capture& capture) {
  Log log;
  capture.replay(log);
  return log;
}

}  // namespace

TEST_CASE("a request is read behind as many PROXY headers as balancers write") {
  struct Case {
    const char* name;
    std::string headers;
    bool read;
  };
  const auto each = GENERATE(values<Case>({
      {"none", {}, true},
      {"a line", kLine, true},
      {"a binary one", kBinary, true},
      {"two of both kinds", kLine + kBinary, true},
      {"three", kLine + kLine + kBinary, false},
      {"a line and what is none", kLine + "PROXY ", false},
  }));
  INFO(each.name);
  const std::vector<std::string> wanted(each.read ? 1 : 0, "/wanted");
  Capture capture;
  add(capture, {each.headers + kRequest});
  CHECK(log_of(capture).urls == wanted);
}

TEST_CASE("a request behind a PROXY header may be cut anywhere") {
  const std::string whole = kLine + kRequest;
  Capture capture;
  for (std::size_t cut = kLine.size(); cut < whole.size(); ++cut)
    add(capture, {whole.substr(0, cut), whole.substr(cut)}, 40000 + static_cast<unsigned>(cut));
  CHECK(log_of(capture).urls == std::vector<std::string>(kRequest.size(), "/wanted"));
}

TEST_CASE("a segment full of PROXY lines is not read line by line") {
  // To copy the rest of it for every line took 16 GB.
  std::string lines;
  for (unsigned i = 0; i < 64'000; ++i) lines += "PROXY \r\n";
  Capture capture;
  add(capture, {lines + kRequest});
  const Log log = log_of(capture);
  CHECK(log.flows == 1);
  CHECK(log.urls.empty());
}
