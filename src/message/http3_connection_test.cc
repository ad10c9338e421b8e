#include "gnomon/message/http3_connection.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "http3_samples.h"
#include "http_event_log.h"

using namespace gnomon;
using namespace gnomon::message;
using namespace gnomon::message::http3_samples;

namespace {

struct Step {
  Direction direction;
  std::uint64_t stream;
  std::string bytes;
  bool fin = false;
  std::uint64_t gap = 0;
  bool reset = false;
};

Step client(std::uint64_t stream, std::string bytes, bool fin = false) {
  return {Direction::kToServer, stream, std::move(bytes), fin};
}
Step server(std::uint64_t stream, std::string bytes, bool fin = false) {
  return {Direction::kToClient, stream, std::move(bytes), fin};
}
Step client_gap(std::uint64_t stream, std::uint64_t bytes) {
  return {Direction::kToServer, stream, {}, false, bytes};
}

std::string log_of(Http3Connection& connection, const std::vector<Step>& steps, std::size_t size) {
  connection.reset();
  HttpEventLog log;
  for (const Step& step : steps) {
    if (step.gap != 0) connection.gap(step.direction, step.stream, step.gap, log);
    if (step.reset) connection.reset_stream(step.direction, step.stream, log);
    for (std::size_t at = 0; at < step.bytes.size(); at += size) {
      const std::string_view piece = std::string_view{step.bytes}.substr(at, size);
      const std::vector<std::uint8_t> copy(piece.begin(), piece.end());
      connection.feed(step.direction, step.stream, copy, false, log);
    }
    if (step.fin) connection.feed(step.direction, step.stream, {}, true, log);
  }
  connection.close(log);
  return log.text;
}

Http3Counters check(const std::vector<Step>& steps, const std::string& expected) {
  Http3Connection connection;
  CHECK(log_of(connection, steps, std::string::npos) == expected);
  const Http3Counters counters = connection.counters();
  for (std::size_t size = 1; size <= 8; ++size) {
    INFO("in parts of " << size);
    CHECK(log_of(connection, steps, size) == expected);
  }
  return counters;
}

}  // namespace

TEST_CASE("HTTP/3 requests and responses are told in full") {
  check({client(2, kControl), server(3, kControl),
         client(0,
                headers(kStatic + kPostRoot + literal("content-type", "t")) + data("he") +
                    frame(0x21, "grease") + data("llo") + headers(kStatic + literal("sum", "9")),
                true),
         client(4, headers(kStatic + kGetRoot), true),
         server(4, headers(kStatic + kOk) + data("four"), true),
         server(0, headers(kStatic + literal(":status", "103")) + headers(kStatic + kOk), true)},
        "request 0 POST|https|h|/|HTTP/3 content-type=t\nbody> 0 hello\ntrailer> 0 sum=9\n"
        "end> 0 complete body=5\nrequest 4 GET|https|h|/|HTTP/3\nend> 4 complete\n"
        "response 4 200\nbody< 4 four\nend< 4 complete body=4\nresponse 0 103 interim\n"
        "response 0 200\nend< 0 complete");
}

TEST_CASE("a field section waits for the encoder stream, and holds back its own stream alone") {
  const Http3Counters counters =
      check({server(3, kControl), client(0, headers(kDynamic + "\xd4") + data("late"), true),
             client(4, headers(kStatic + kGetRoot), true), client(6, kEncoder)},
            "request 4 GET|https|h|/|HTTP/3\nend> 4 complete\n"
            "request 0 POST|||/d|HTTP/3\nbody> 0 late\nend> 0 complete body=4");
  CHECK(counters.sections_blocked == 1);
  CHECK(counters.sections_broken == 0);
}

TEST_CASE("what an encoder says of its table serves where the settings were not seen") {
  check({client(6, kEncoder), client(0, headers(kDynamic + "\xd1"), true)},
        "request 0 GET|||/d|HTTP/3\nend> 0 complete");
}

TEST_CASE("a section that waits in vain is read without what it waits for") {
  const Http3Counters counters =
      check({server(3, kControl), client(0, headers(kDynamic + kPostRoot) + data("x"), true)},
            "request 0 POST|https|h|/|HTTP/3 partial\nbody> 0 x\nend> 0 cut body=1");
  CHECK(counters.sections_broken == 1);
}

TEST_CASE("after a hole in the encoder stream the static part is read") {
  check({server(3, kControl), client(6, kEncoder), client_gap(6, 10),
         client(0, headers(kDynamic + kPostRoot), true),
         client(4, headers(kStatic + kGetRoot), true)},
        "request 0 POST|https|h|/|HTTP/3 partial\nend> 0 cut\n"
        "request 4 GET|https|h|/|HTTP/3\nend> 4 complete");
}

TEST_CASE("a gap inside DATA is stepped over, any other ends the stream") {
  const std::string body = data("0123456789");
  check({client(0, headers(kStatic + kPostRoot) + body.substr(0, 4)), client_gap(0, 5),
         client(0, body.substr(9) + data("z"), true)},
        "request 0 POST|https|h|/|HTTP/3\nbody> 0 01\ngap> 0 5\nbody> 0 789z\n"
        "end> 0 cut body=6 missing=5");
  const Http3Counters counters =
      check({client(0, headers(kStatic + kPostRoot) + body.substr(0, 4)), client_gap(0, 50),
             client(0, "lost", true)},
            "request 0 POST|https|h|/|HTTP/3\nbody> 0 01\ngap> 0 8\nend> 0 cut body=2 missing=8");
  CHECK(counters.streams_lost == 1);
}

TEST_CASE("streams end by reset, in the middle of a frame, or with the connection") {
  check({client(0, headers(kStatic + kPostRoot) + data("a")),
         client(4, headers(kStatic + kGetRoot)),
         {Direction::kToServer, 4, {}, false, 0, true},
         client(8, headers(kStatic + kPostRoot) + data("abc").substr(0, 3), true)},
        "request 0 POST|https|h|/|HTTP/3\nbody> 0 a\nrequest 4 GET|https|h|/|HTTP/3\nend> 4 cut\n"
        "request 8 POST|https|h|/|HTTP/3\nbody> 8 a\nend> 8 cut body=1\nend> 0 cut body=1");
}

TEST_CASE("streams of other kinds are passed over") {
  check({client(10, number(0x54) + "webtransport"), server(7, number(1) + "push"),
         server(1, "two-way, of the server"), client(0, number(0x41) + number(0) + "raw bytes"),
         client(14, number(3) + "decoder")},
        "");
}

TEST_CASE("sections that are too long, or broken, are counted") {
  Http3Counters counters =
      check({client(0, headers(std::string(70000, 'x')) + data("a"), true)}, "");
  CHECK(counters.sections_too_long == 1);
  counters = check({client(0, headers(kStatic + kPostRoot + "\xff\xff\xff\xff"), true)},
                   "request 0 POST|https|h|/|HTTP/3 partial\nend> 0 cut");
  CHECK(counters.sections_broken == 1);
}

TEST_CASE("a few bytes that stand for many fields are not kept beyond the limit of HTTP/3") {
  std::string encoder = number(2) + "\x3f\xe1\x1f" + "\x41z" + "\x7f\xa0\x1e";
  encoder += std::string(3999, 'v');
  Http3Connection connection;
  const std::string bomb = kDynamic.substr(0, 2) + kGetRoot + std::string(60000, '\x80');
  const std::string log =
      log_of(connection, {server(3, kControl), client(6, encoder), client(0, headers(bomb), true)},
             std::string::npos);
  CHECK(log.size() < HttpFieldBlock::kBytesMax + 1000);
  CHECK(log.find(" z=vvv") != std::string::npos);
  CHECK(connection.counters().fields_dropped == 1);
}

TEST_CASE("waiting is bounded in bytes, sections and streams") {
  std::vector<Step> steps{server(3, kControl)};
  for (std::uint64_t i = 0; i < 40; ++i)
    steps.push_back(client(4 * i, headers(kDynamic + kPostRoot) + data(std::string(9000, 'b'))));
  std::string many;
  for (int i = 0; i < 20000; ++i) many += headers(kDynamic);
  steps.push_back(client(400, many));
  Http3Connection connection;
  connection.reset();
  HttpEventLog log;
  for (const Step& step : steps) {
    const std::vector<std::uint8_t> copy(step.bytes.begin(), step.bytes.end());
    connection.feed(step.direction, step.stream, copy, false, log);
  }
  CHECK(connection.memory_bytes() < std::size_t{2} << 20);
  CHECK(connection.counters().sections_broken > 20000);
  connection.close(log);
}

TEST_CASE("more streams than are read at once are refused") {
  Http3Connection connection;
  connection.reset();
  HttpEventLog log;
  const std::vector<std::uint8_t> one{1};
  for (std::uint64_t i = 0; i <= Http3Connection::kReadersMax; ++i)
    connection.feed(Direction::kToServer, 4 * i, one, false, log);
  CHECK(connection.counters().streams_refused == 1);
}
