#include "gnomon/message/http1_stream.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "http1_event_log.h"

using namespace gnomon::message;

namespace {

constexpr Direction kToServer = Direction::kToServer;
constexpr Direction kToClient = Direction::kToClient;

struct Step {
  Direction direction;
  std::string_view bytes;
  std::uint64_t gap = 0;
  int close = 0;  // 1: finished, 2: merely over
};

Step client(std::string_view bytes) { return {kToServer, bytes}; }
Step server(std::string_view bytes) { return {kToClient, bytes}; }
Step client_gap(std::uint64_t bytes) { return {kToServer, {}, bytes}; }
Step server_gap(std::uint64_t bytes) { return {kToClient, {}, bytes}; }
Step client_closes() { return {kToServer, {}, 0, 1}; }
Step server_closes() { return {kToClient, {}, 0, 1}; }
Step server_ends() { return {kToClient, {}, 0, 2}; }

// Every piece is fed in parts of `size`, except that its first part is `first` (0: as the others).
std::string log_of(Http1Connection& connection, const std::vector<Step>& steps, std::size_t size,
                   std::size_t first = 0) {
  connection.reset();
  Http1EventLog log;
  for (const Step& step : steps) {
    if (step.gap != 0) connection.gap(step.direction, step.gap, log);
    if (step.close != 0) connection.close(step.direction, step.close == 1, log);
    std::size_t part = first == 0 ? size : first;
    for (std::size_t at = 0; at < step.bytes.size();) {
      const std::string_view piece = step.bytes.substr(at, part);
      // A copy of its own, so that a view kept too long is found by the sanitizer.
      const std::vector<std::uint8_t> copy(piece.begin(), piece.end());
      connection.feed(step.direction, copy, log);
      at += piece.size();
      part = size;
    }
  }
  return log.text;
}

void check(const std::vector<Step>& steps, const std::string& expected) {
  Http1Connection connection;
  REQUIRE(log_of(connection, steps, std::string::npos) == expected);
  std::size_t longest = 0;
  for (const Step& step : steps) longest = std::max(longest, step.bytes.size());
  for (std::size_t size = 1; size <= std::min<std::size_t>(longest, 9); ++size) {
    INFO("in parts of " << size);
    CHECK(log_of(connection, steps, size) == expected);
  }
  for (std::size_t first = 1; first < longest; ++first) {
    const std::string log = log_of(connection, steps, std::string::npos, first);
    if (log != expected) FAIL_CHECK("cut after " << first << ":\n" << log);
  }
}

}  // namespace

TEST_CASE("a request and its response are told in full") {
  check({client("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"),
         server("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: t\r\n\r\nyes")},
        "request 0 POST /a HTTP/1.1 length host=h\nbody> 0 hello\nend> 0 complete body=5\n"
        "response 0 200 OK length type=t\nbody< 0 yes\nend< 0 complete body=3");
}

TEST_CASE("pipelined requests are told at once and answered in order") {
  check(
      {client("GET /a HTTP/1.1\r\nHost: h\r\n\r\nHEAD /b HTTP/1.1\r\n\r\nGET /c HTTP/1.0\r\n\r\n"),
       server("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"
              "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 204 No\r\n\r\n")},
      "request 0 GET /a HTTP/1.1 none host=h\nend> 0 complete\n"
      "request 1 HEAD /b HTTP/1.1 none @28\nend> 1 complete\n"
      "request 2 GET /c HTTP/1.0 none @48\nend> 2 complete\n"
      "response 0 304 Not Modified none\nend< 0 complete\n"
      "response 1 200 OK none @48\nend< 1 complete\n"
      "response 2 204 No none @86\nend< 2 complete");
}

TEST_CASE("chunks are joined, extensions dropped, trailers told") {
  check({client("PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                "5;x=y\r\nhello\r\n00A \r\n, chunked \r\n1\nx\n0\r\nA-Trailer: \tv\r\nbad\r\n\r\n"
                "GET /b HTTP/1.1\r\n\r\n")},
        "request 0 PUT /a HTTP/1.1 chunked\nbody> 0 hello, chunked x\n"
        "trailer> 0 A-Trailer=v\nend> 0 complete body=16\n"
        "request 1 GET /b HTTP/1.1 none @108\nend> 1 complete");
}

TEST_CASE("Transfer-Encoding goes before Content-Length") {
  check({client("POST / HTTP/1.1\r\nContent-Length: 100\r\nTransfer-Encoding: chunked\r\n\r\n"
                "1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n")},
        "request 0 POST / HTTP/1.1 chunked\nbody> 0 a\nend> 0 complete body=1\n"
        "request 1 GET / HTTP/1.1 none @79\nend> 1 complete");
}

TEST_CASE("chunk lines that are none end the message, and the next head is found") {
  const auto* const bad = GENERATE("x\r\n", "\r\n", ";\r\n", "5x\r\n", "-1\r\n",
                                   "1000000000000000\r\n", "1\r\nabc\r\n");
  const std::string bytes =
      std::string{"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"} + bad + "junk\n";
  const std::string all = bytes + "GET /next HTTP/1.1\r\n\r\n";
  const bool one = std::string_view{bad}.starts_with("1\r");
  check({client(all)}, std::string{"request 0 POST / HTTP/1.1 chunked\n"} +
                           (one ? "body> 0 a\nend> 0 incomplete body=1\n" : "end> 0 incomplete\n") +
                           "request 1 GET /next HTTP/1.1 none @" + std::to_string(bytes.size()) +
                           "\nend> 1 complete");
}

TEST_CASE("a response without a length lasts until the server is done") {
  const std::vector<Step> steps{client("GET / HTTP/1.0\r\n\r\n"),
                                server("HTTP/1.0 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")};
  const std::string head =
      "request 0 GET / HTTP/1.0 none\nend> 0 complete\nresponse 0 200 OK until-close\n"
      "body< 0 HTTP/1.1 200 OK\r\n\r\n\n";
  std::vector<Step> closed = steps;
  closed.push_back(server_closes());
  check(closed, head + "end< 0 complete body=19");
  std::vector<Step> over = steps;
  over.push_back(server_ends());
  check(over, head + "end< 0 incomplete body=19");
}

TEST_CASE("interim responses do not answer the request") {
  check({client("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"),
         server("HTTP/1.1 100 Continue\r\n\r\n"), client("x"),
         server("HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: "
                "0\r\n\r\n")},
        "request 0 POST / HTTP/1.1 length\nresponse 0 100 Continue interim none\n"
        "body> 0 x\nend> 0 complete body=1\n"
        "response 0 103 Hints interim none @25\nresponse 0 201 Made none @56\nend< 0 complete");
}

TEST_CASE("line ends may be bare, heads may be preceded by empty lines, fields may be folded") {
  check({client("\r\n\r\nGET / HTTP/1.1\nHost:\n a.example\nUser-Agent: x\r\n\ty\r\n\n\r\n"
                "GET /2 HTTP/1.1\r\n Host: smuggled\r\nHost: b\r\n\r\n")},
        "request 0 GET / HTTP/1.1 none host=a.example agent=x  \ty @4\nend> 0 complete\n"
        "request 1 GET /2 HTTP/1.1 none host=b @58\nend> 1 complete");
}

TEST_CASE("CONNECT opens a tunnel when it is granted") {
  check({client("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n"),
         server("HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n\x16\x03"),
         client("GET / in the tunnel"), server("more"), client_gap(7), client_closes()},
        "request 0 CONNECT a.example:443 HTTP/1.1 none host=a.example:443\nend> 0 complete\n"
        "response 0 200 Connection established none\nend< 0 complete\ntunnel 0 connect\n"
        "data< 0 \x16\x03\ndata> 0 GET / in the tunnel\ndata< 0 more\nlost> 0 7");
}

TEST_CASE("CONNECT that is refused opens none") {
  check({client("CONNECT a.example:443 HTTP/1.1\r\n\r\n"),
         server("HTTP/1.1 407 Who\r\nContent-Length: 1\r\n\r\nx"),
         client("CONNECT a.example:443 HTTP/1.1\r\nProxy-Authorization: y\r\n\r\n"),
         server("HTTP/1.1 200 OK\r\n\r\n"), client("\r\n\x16")},
        "request 0 CONNECT a.example:443 HTTP/1.1 none\nend> 0 complete\n"
        "response 0 407 Who length\nbody< 0 x\nend< 0 complete body=1\n"
        "request 1 CONNECT a.example:443 HTTP/1.1 none @34\nend> 1 complete\n"
        "response 1 200 OK none @40\nend< 1 complete\ntunnel 1 connect\ndata> 0 \r\n\x16");
}

TEST_CASE("a tunnel is found from one direction alone") {
  check({client("CONNECT a.example:443 HTTP/1.1\r\n\r\n\x16\x03\x01")},
        "request 0 CONNECT a.example:443 HTTP/1.1 none\nend> 0 complete\ntunnel 0 connect\n"
        "data> 0 \x16\x03\x01");
  check({client("GET /s HTTP/1.1\r\nUpgrade: websocket\r\n\r\n\x81\x80....")},
        "request 0 GET /s HTTP/1.1 none\nend> 0 complete\ntunnel 0 upgrade\n"
        "data> 0 \x81\x80....");
  check({server("HTTP/1.1 200 Connection Established\r\n\r\n\x16\x03")},
        "response 200 Connection Established none\nend< complete\ntunnel connect\n"
        "data< 0 \x16\x03");
}

TEST_CASE("an upgrade is granted by 101, and what was held back goes into the tunnel") {
  check({client("GET /s HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nGE"),
         server("HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n\x81"), client("T")},
        "request 0 GET /s HTTP/1.1 none\nend> 0 complete\nresponse 0 101 Switching none\n"
        "end< 0 complete\ntunnel 0 upgrade\ndata> 0 GE\ndata< 0 \x81\ndata> 0 T");
}

TEST_CASE("an upgrade that is not granted leaves HTTP") {
  check({client("GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n"),
         server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
         client("\r\nGET /2 HTTP/1.1\r\n\r\n")},
        "request 0 GET / HTTP/1.1 none\nend> 0 complete\nresponse 0 200 OK none\n"
        "end< 0 complete\nrequest 1 GET /2 HTTP/1.1 none @34\nend> 1 complete");
}

TEST_CASE("an upgrade granted before the request's body ended waits for it") {
  check({client("POST / HTTP/1.1\r\nUpgrade: x\r\nContent-Length: 2\r\n\r\na"),
         server("HTTP/1.1 101 Go\r\n\r\n"), client("bGET")},
        "request 0 POST / HTTP/1.1 length\nbody> 0 a\nresponse 0 101 Go none\nend< 0 complete\n"
        "tunnel 0 upgrade\nbody> 0 b\nend> 0 complete body=2\ndata> 0 GET");
}

TEST_CASE("a gap inside a body of known length is stepped over") {
  check({client("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nab"), client_gap(5),
         client("hijGET /2 HTTP/1.1\r\n\r\n")},
        "request 0 POST / HTTP/1.1 length\nbody> 0 ab\nmissing> 0 5\nbody> 0 hij\n"
        "end> 0 incomplete body=5 missing=5\nrequest 1 GET /2 HTTP/1.1 none @49\n"
        "end> 1 complete");
  check({client("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n"), client_gap(5),
         client("GET /2 HTTP/1.1\r\n\r\n")},
        "request 0 POST / HTTP/1.1 length\nmissing> 0 5\nend> 0 incomplete missing=5\n"
        "request 1 GET /2 HTTP/1.1 none @43\nend> 1 complete");
  check({server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), server_gap(3),
         server("\r\n1\r\nx\r\n0\r\n\r\n")},
        "response 200 OK chunked\nbody< ab\nmissing< 3\nbody< x\n"
        "end< incomplete body=3 missing=3");
}

TEST_CASE("a gap beyond what is known ends the message, and the next head is found") {
  check({client("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nab"), client_gap(9),
         client("est of a line\r\nGET /2 HTTP/1.1\r\n\r\n")},
        "request 0 POST / HTTP/1.1 length\nbody> 0 ab\nmissing> 0 8\n"
        "end> 0 incomplete body=2 missing=8\nrequest 1 GET /2 HTTP/1.1 none @65\n"
        "end> 1 complete");
  check({client("GET / HTTP/1.1\r\nHost: a\r\nUser-Ag"), client_gap(100),
         client("GET /2 HTTP/1.1\r\nHost: b\r\n\r\n")},
        "request 0 GET / HTTP/1.1 none host=a truncated\nend> 0 incomplete\n"
        "request 1 GET /2 HTTP/1.1 none host=b @132\nend> 1 complete");
  check({client("GET / HT"), client_gap(1), client("GET /2 HTTP/1.1\r\n\r\n")},
        "request 0 GET /2 HTTP/1.1 none @9\nend> 0 complete");
  check({client("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5"), client_gap(1),
         client("\nGET /2 HTTP/1.1\r\n\r\n")},
        "request 0 POST / HTTP/1.1 chunked\nmissing> 0 1\nend> 0 incomplete missing=1\n"
        "request 1 GET /2 HTTP/1.1 none @50\nend> 1 complete");
}

TEST_CASE("behind a gap inside chunks the next chunk is found") {
  const std::string head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string next = "GET /2 HTTP/1.1\r\n\r\n";
  const std::string start = "request 0 POST / HTTP/1.1 chunked\n";
  struct Case {
    const char* name;
    std::string before;
    std::uint64_t gap;
    std::string after;
    std::string told;  // up to the end of the message
  };
  const auto each = GENERATE_COPY(values<Case>({
      {"at the start of a chunk", "2\r\nab\r\n", 9, "3\r\nxyz\r\n0\r\n\r\n",
       "body> 0 ab\nmissing> 0 9\nbody> 0 xyz\nend> 0 incomplete body=5 missing=9"},
      {"from one chunk into another", "5\r\nab", 9, "zz\r\n3;x=y\r\nxyz\r\n0\r\nA: b\r\n\r\n",
       "body> 0 ab\nmissing> 0 9\nbody> 0 zzxyz\ntrailer> 0 A=b\nend> 0 incomplete body=7 "
       "missing=9"},
      {"lines in between", "5\r\nab", 9, "one\r\ntwo\nthree\r\n\r\n1\r\nx\r\n0\r\n\r\n",
       "body> 0 ab\nmissing> 0 9\nbody> 0 one\r\ntwo\nthree\r\nx\nend> 0 incomplete body=19 "
       "missing=9"},
      {"a line of digits that is no size", "5\r\nab", 9, "one\r\n2\r\nthree\r\n1\r\nx\r\n0\r\n\r\n",
       "body> 0 ab\nmissing> 0 9\nbody> 0 onetheex\nend> 0 incomplete body=10 missing=9"},
      {"the end of the message is missing", "5\r\nab", 9, "one\r\n",
       "body> 0 ab\nmissing> 0 9\nbody> 0 one\nend> 0 incomplete body=5 missing=9"},
  }));
  INFO(each.name);
  const std::size_t offset = head.size() + each.before.size() + each.gap + each.after.size();
  check({client(head + each.before), client_gap(each.gap), client(each.after + next)},
        start + each.told + "\nrequest 1 GET /2 HTTP/1.1 none @" + std::to_string(offset) +
            "\nend> 1 complete");
}

TEST_CASE("a body that was not asked for may be withheld") {
  const std::string head = "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 30\r\n\r\n";
  const std::string chunked =
      "POST / HTTP/1.1\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string next = "POST /2 HTTP/1.1\r\nContent-Length: 2\r\n\r\nxy";
  const std::string refused = "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n";
  const std::string body = "PUT it there, all of this....\n";
  const auto second = [&](std::size_t offset) {
    return "\nrequest 1 POST /2 HTTP/1.1 length @" + std::to_string(offset) +
           "\nbody> 1 xy\nend> 1 complete body=2";
  };
  const std::string no = "\nresponse 0 417 No none\nend< 0 complete\n";
  SECTION("refused, and the next request comes in its place") {
    check({client(head), server(refused), client(next)},
          "request 0 POST / HTTP/1.1 length" + no + "end> 0 incomplete" + second(head.size()));
    check({client(chunked), server(refused), client(next)},
          "request 0 POST / HTTP/1.1 chunked" + no + "end> 0 incomplete" + second(chunked.size()));
  }
  SECTION("refused, and it comes all the same") {
    check({client(head), server(refused), client(body + next)},
          "request 0 POST / HTTP/1.1 length" + no + "body> 0 " + body +
              "\nend> 0 complete body=30" + second(head.size() + 30));
    check({client(chunked), server(refused), client("A\r\n0123456789\r\n0\r\n\r\n" + next)},
          "request 0 POST / HTTP/1.1 chunked" + no + "body> 0 0123456789\nend> 0 complete body=10" +
              second(chunked.size() + 20));
  }
  SECTION("no answer is seen at all") {
    check({client(head + next)},
          "request 0 POST / HTTP/1.1 length\nend> 0 incomplete" + second(head.size()));
    check({client(head + body + next)}, "request 0 POST / HTTP/1.1 length\nbody> 0 " + body +
                                            "\nend> 0 complete body=30" + second(head.size() + 30));
  }
  SECTION("asked for, it may hold a request") {
    const std::string inner = "GET /in/the/body HTTP/1.1\r\n..\n";
    check({client(head), server("HTTP/1.1 100 Go\r\n\r\n"), client(inner + next)},
          "request 0 POST / HTTP/1.1 length\nresponse 0 100 Go interim none\nbody> 0 " + inner +
              "\nend> 0 complete body=30" + second(head.size() + 30));
  }
  SECTION("nothing more comes") {
    check({client(head), server(refused), client("PO"), client_closes()},
          "request 0 POST / HTTP/1.1 length" + no + "body> 0 PO\nend> 0 incomplete body=2");
  }
}

TEST_CASE("a gap inside a body until close leaves it incomplete") {
  check({server("HTTP/1.0 200 OK\r\n\r\nab"), server_gap(2), server("cd"), server_closes()},
        "response 200 OK until-close\nbody< ab\nmissing< 2\nbody< cd\n"
        "end< incomplete body=4 missing=2");
}

TEST_CASE("after missed responses the newest request is answered") {
  check({client("GET /1 HTTP/1.1\r\n\r\n"), server_gap(100), client("GET /2 HTTP/1.1\r\n\r\n"),
         server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
         server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")},
        "request 0 GET /1 HTTP/1.1 none\nend> 0 complete\n"
        "request 1 GET /2 HTTP/1.1 none @19\nend> 1 complete\n"
        "response 1 200 OK none @100\nend< 1 complete\nresponse 200 OK none @138\nend< complete");
}

TEST_CASE("a gap that goes beyond a response may have taken others") {
  check({client("GET /0 HTTP/1.1\r\n\r\nGET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n"),
         server("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na"), server_gap(50),
         server("HTTP/1.1 204 x\r\n\r\n")},
        "request 0 GET /0 HTTP/1.1 none\nend> 0 complete\n"
        "request 1 GET /1 HTTP/1.1 none @19\nend> 1 complete\n"
        "request 2 GET /2 HTTP/1.1 none @38\nend> 2 complete\n"
        "response 0 200 OK length\nbody< 0 a\nmissing< 0 8\n"
        "end< 0 incomplete body=1 missing=8\nresponse 2 204 x none @89\nend< 2 complete");
}

TEST_CASE("a start in the middle finds the next heads") {
  check({server("rest of a body\r\nHTTP/1.1 not a status line\r\n\r\nHTTP/1.1 200 OK\r\n"
                "Content-Length: 1\r\n\r\nx"),
         client("body\nGET / HTTP/1.1 \r\n\r\n")},
        "response 200 OK length @46\nbody< x\nend< complete body=1\n"
        "request 0 GET / HTTP/1.1 none @5\nend> 0 complete");
}

TEST_CASE("a stream that never was HTTP fails after a bounded search") {
  const std::string noise(kHttp1SeekBytesFirst + 1, 'x');
  const std::string late = std::string(kHttp1SeekBytesFirst - 10, 'x') + "\n";
  Http1Connection connection;
  for (const std::size_t size : {std::size_t{1}, std::size_t{1000}, std::string::npos}) {
    CHECK(log_of(connection, {client(noise), client("\r\nGET / HTTP/1.1\r\n\r\n")}, size) ==
          "failure>");
    CHECK(connection.failed(kToServer));
    CHECK_FALSE(connection.failed());
    CHECK(log_of(connection, {client(late), client("GET / HTTP/1.1\r\n\r\n")}, size) ==
          "request 0 GET / HTTP/1.1 none @65527\nend> 0 complete");
  }
}

TEST_CASE("what follows the last head is looked through further") {
  const std::string get = "GET / HTTP/1.1\r\n\r\n";
  const std::string noise(kHttp1SeekBytesFirst * 2, 'x');
  Http1Connection connection;
  CHECK(log_of(connection, {client(get), client(noise), client("\n"), client(get)}, 1460) ==
        "request 0 GET / HTTP/1.1 none\nend> 0 complete\n"
        "request 1 GET / HTTP/1.1 none @131091\nend> 1 complete");
}

TEST_CASE("every message found begins the search anew") {
  const std::string get = "GET / HTTP/1.1\r\n\r\n";
  const std::string noise(kHttp1SeekBytesLater - 10, 'x');
  Http1Connection connection;
  const std::string log = log_of(connection,
                                 {client(get), client(noise), client("\n"), client(get),
                                  client(noise), client("\n"), client(get), client(noise + noise)},
                                 100000);
  CHECK(connection.requests() == 3);
  CHECK(log.ends_with("end> 2 complete\nfailure>"));
}

TEST_CASE("an overlong head is told once, with what stood in its first part") {
  std::string head = "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\nCookie: ";
  head += std::string(kHttp1HeadBytesMax, 'c') + "\r\nUser-Agent: late\r\n";
  const std::string all = head + "\r\nxyGET /2 HTTP/1.1\r\n\r\n";
  const std::string expected =
      "request 0 POST / HTTP/1.1 length host=a.example agent=late truncated\nbody> 0 xy\n"
      "end> 0 complete body=2\nrequest 1 GET /2 HTTP/1.1 none @" +
      std::to_string(head.size() + 4) + "\nend> 1 complete";
  Http1Connection connection;
  for (const std::size_t size : {std::size_t{1}, std::size_t{1460}, std::string::npos})
    CHECK(log_of(connection, {client(all)}, size) == expected);
  CHECK(connection.memory_bytes() <=
        sizeof(connection) + 2 * (kHttp1HeadBytesMax + kHttp1LateFieldBytesMax));
}

TEST_CASE("the limit of a head may fall anywhere") {
  Http1Connection connection;
  for (std::size_t size = kHttp1HeadBytesMax - 12; size < kHttp1HeadBytesMax + 8; ++size) {
    std::string all = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nA: ";
    all += std::string(size - all.size() - 9, 'c') + "\r\nB:b\r\n\r\nxyGET /2 HTTP/1.1\r\n\r\n";
    const std::string expected =
        std::string{"request 0 POST / HTTP/1.1 length host=a"} +
        (size > kHttp1HeadBytesMax ? " truncated" : "") +
        "\nbody> 0 xy\nend> 0 complete body=2\nrequest 1 GET /2 HTTP/1.1 none @" +
        std::to_string(size + 2) + "\nend> 1 complete";
    for (const std::size_t part :
         {std::size_t{1}, std::size_t{1000}, kHttp1HeadBytesMax, std::string::npos})
      CHECK(log_of(connection, {client(all)}, part) == expected);
  }
}

TEST_CASE("behind the limit of a head fields are read that frame its message, and few others") {
  struct Case {
    const char* name;
    std::string start;
    std::string late;
    std::string body;
    std::string told;
  };
  const std::string start = "POST / HTTP/1.1\r\nA: ";
  const std::string cookie = "Cookie: " + std::string(9000, 'c') + "\r\n";
  std::string many;
  for (int i = 0; i < 10; ++i) many += "User-Agent: " + std::string(498, 'u') + "\r\n";
  const auto each = GENERATE_COPY(values<Case>({
      {"a length", start, "Content-Length: 3\r\n", "abc",
       "length truncated\nbody> 0 abc\nend> 0 complete body=3"},
      {"a host and chunks", start, cookie + "HOST: late\r\ntransfer-encoding: chunked\r\n",
       "3\r\nabc\r\n0\r\n\r\n", "chunked host=late truncated\nbody> 0 abc\nend> 0 complete body=3"},
      {"no body", start, cookie, "", "none truncated\nend> 0 complete"},
      {"lengths that differ", "POST / HTTP/1.1\r\nContent-Length: 2\r\nA: ",
       "Content-Length: 3\r\n", "abc\n", "unknown truncated\nend> 0 incomplete"},
      {"what is wanted finds no room", start, many + "Content-Length: 3\r\n", "abc\n",
       "unknown agent=" + std::string(498, 'u') + " truncated\nend> 0 incomplete"},
  }));
  INFO(each.name);
  const std::string head =
      each.start + std::string(kHttp1HeadBytesMax, 'c') + "\r\n" + each.late + "\r\n";
  const std::string all = head + each.body + "GET /2 HTTP/1.1\r\n\r\n";
  const std::string expected = "request 0 POST / HTTP/1.1 " + each.told +
                               "\nrequest 1 GET /2 HTTP/1.1 none @" +
                               std::to_string(head.size() + each.body.size()) + "\nend> 1 complete";
  Http1Connection connection;
  for (const std::size_t part : {std::size_t{1}, std::size_t{1460}, std::string::npos})
    CHECK(log_of(connection, {client(all)}, part) == expected);
  CHECK(connection.memory_bytes() <=
        sizeof(connection) + 2 * (kHttp1HeadBytesMax + kHttp1LateFieldBytesMax));
  // A response that lasts to the end, as nothing says otherwise.
  const std::string answer =
      "HTTP/1.1 200 OK\r\nA: " + std::string(kHttp1HeadBytesMax, 'c') + "\r\n\r\nxyz";
  CHECK(log_of(connection, {server(answer)}, std::string::npos) ==
        "response 200 OK until-close truncated\nbody< xyz");
}

TEST_CASE("an overlong head that does not end is told with what came of it") {
  const std::string all =
      "POST / HTTP/1.1\r\nHost: a\r\nA: " + std::string(kHttp1HeadBytesMax, 'c') +
      "\r\nContent-Length: 3\r\nB:";
  Http1EventLog log;
  Http1Connection connection;
  const std::vector<std::uint8_t> bytes(all.begin(), all.end());
  connection.feed(Direction::kToServer, bytes, log);
  CHECK(log.text.empty());
  connection.close(Direction::kToServer, true, log);
  CHECK(log.text == "request 0 POST / HTTP/1.1 length host=a truncated\nend> 0 incomplete");
}

TEST_CASE("a request line beyond the limit is told shortened") {
  struct Case {
    const char* name;
    std::size_t size;  // of the line
    std::string version;
    bool told;
  };
  constexpr std::size_t kMax = kHttp1StartLineBytesMax;
  const auto each = GENERATE(values<Case>({
      {"one byte more", kMax + 1, "HTTP/1.1", true},
      {"the version across the limit", kMax + 5, "HTTP/1.1", true},
      {"twice as long", 2 * kMax, "HTTP/1.0", true},
      {"another protocol", kMax + 100, "SIP/2.0", false},
      {"no version", kMax + 100, "", false},
      {"of 70 KB", 70'000, "HTTP/1.1", false},
  }));
  INFO(each.name);
  std::string line = "GET /";
  line += std::string(each.size - line.size() - each.version.size() - 3, 'a') + " ";
  line += each.version + "\r\n";
  const std::string next = "GET /2 HTTP/1.1\r\nHost: b\r\n\r\n";
  const std::string all = "GET /0 HTTP/1.1\r\n\r\n" + line + "Host: a\r\n\r\n" + next;
  std::string expected = "request 0 GET /0 HTTP/1.1 none\nend> 0 complete\n";
  if (each.told)
    expected += "request 1 " + line.substr(0, kMax - 16) + " " + each.version +
                " none host=a truncated @19\nend> 1 complete\n";
  expected += "request " + std::string(each.told ? "2" : "1") + " GET /2 HTTP/1.1 none host=b @" +
              std::to_string(all.size() - next.size()) + "\nend> " + (each.told ? "2" : "1") +
              " complete";
  Http1Connection connection;
  for (const std::size_t part : {std::size_t{1}, std::size_t{1460}, std::string::npos})
    CHECK(log_of(connection, {client(all)}, part) == expected);
}

TEST_CASE("lengths that contradict each other end the message") {
  check({client("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab\r\n"
                "GET /2 HTTP/1.1\r\n\r\n")},
        "request 0 POST / HTTP/1.1 unknown\nend> 0 incomplete\n"
        "request 1 GET /2 HTTP/1.1 none @61\nend> 1 complete");
}

TEST_CASE("a body shorter than what follows leaves rubbish that is passed over") {
  check({client("POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nabcd\r\nGET /2 HTTP/1.1\r\n\r\n")},
        "request 0 POST / HTTP/1.1 length\nbody> 0 a\nend> 0 complete body=1\n"
        "request 1 GET /2 HTTP/1.1 none @44\nend> 1 complete");
}

TEST_CASE("the end of a direction ends its message") {
  const auto* const start =
      GENERATE("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab",
               "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
               "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n");
  Http1Connection connection;
  const std::string log = log_of(connection, {client(start), client_closes()}, 1);
  CHECK(log.ends_with("end> 0 incomplete body=2"));
}

TEST_CASE("a last chunk without its final empty line is an end") {
  check({client("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n"),
         client_closes()},
        "request 0 POST / HTTP/1.1 chunked\nbody> 0 ab\nend> 0 complete body=2");
}

TEST_CASE("what comes after the end is not read") {
  check({client_closes(), client("GET / HTTP/1.1\r\n\r\n"), client_gap(3), client_closes()}, "");
}

TEST_CASE("a request cut anywhere by the end tells no more than was there") {
  const std::string whole = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxy";
  Http1Connection connection;
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    const std::string log =
        log_of(connection, {client(std::string_view{whole}.substr(0, cut)), client_closes()}, 1);
    INFO(cut << ": " << log);
    CHECK(log.empty() == (cut < 17));
    CHECK((log.find("host=a") != std::string::npos) == (cut >= 26));
    CHECK((log.find("truncated") != std::string::npos) == (cut >= 17 && cut < whole.size() - 2));
    CHECK(log.ends_with("end> 0 complete body=2") == (cut == whole.size()));
  }
}

TEST_CASE("more requests than are remembered leave the oldest unanswered") {
  std::string requests;
  for (std::uint32_t i = 0; i < kHttp1OutstandingMax + 2; ++i) requests += "GET / HTTP/1.1\r\n\r\n";
  Http1Connection connection;
  const std::string log =
      log_of(connection, {client(requests), server("HTTP/1.1 204 x\r\n\r\n")}, std::string::npos);
  CHECK(connection.requests() == kHttp1OutstandingMax + 2);
  CHECK(log.ends_with("response 2 204 x none\nend< 2 complete"));
}

TEST_CASE("the answer to HEAD has no body, wherever the ring of requests stands") {
  std::vector<Step> steps;
  for (std::uint32_t i = 0; i < 2 * kHttp1OutstandingMax + 1; ++i) {
    steps.push_back(client(i % 2 == 0 ? "HEAD / HTTP/1.1\r\n\r\n" : "GET / HTTP/1.1\r\n\r\n"));
    steps.push_back(server("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"));
    if (i % 2 != 0) steps.push_back(server("x"));
  }
  Http1Connection connection;
  const std::string log = log_of(connection, steps, std::string::npos);
  CHECK(log.find("incomplete") == std::string::npos);
  CHECK(log.ends_with("response 64 200 OK none @2464\nend< 64 complete"));
}

TEST_CASE("a trailer line is cut at its limit, and a connection can be used again") {
  const std::string all =
      "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: " + std::string(5000, 'x') +
      "\r\n\r\nGET /2 HTTP/1.1\r\n\r\n";
  Http1Connection connection;
  for (const std::size_t size : {std::size_t{1}, std::size_t{1460}, std::string::npos}) {
    const std::string log = log_of(connection, {client(all)}, size);
    CHECK(log.find("trailer> 0 A=" + std::string(4096 - 3, 'x') + "\n") != std::string::npos);
    CHECK(log.ends_with("request 1 GET /2 HTTP/1.1 none @5056\nend> 1 complete"));
  }
}
