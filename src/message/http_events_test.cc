#include "gnomon/message/http_events.h"

#include <array>
#include <catch2/catch.hpp>
#include <string>

#include "http_event_log.h"

using namespace gnomon;
using namespace gnomon::message;

namespace {

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string told(std::string_view to_server, std::string_view to_client) {
  HttpEventLog log;
  Http1AsHttp adapter{log};
  Http1Connection connection;
  connection.feed(Direction::kToServer, bytes_of(to_server), adapter);
  connection.feed(Direction::kToClient, bytes_of(to_client), adapter);
  return log.text;
}

}  // namespace

TEST_CASE("HTTP/1 is told like the other versions") {
  CHECK(
      told(
          "POST /a?b HTTP/1.1\r\nHost: H:80\r\nX-One:  1 \r\nbroken\r\nContent-Length: 2\r\n\r\nhi",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: t\r\n\r\n"
          "1\r\nx\r\n0\r\nSum: 9\r\n\r\n") ==
      "request 0 POST||H:80|/a?b|HTTP/1.1 Host=H:80 X-One=1 Content-Length=2\n"
      "body> 0 hi\nend> 0 complete body=2\nresponse 0 200 type=t\nbody< 0 x\n"
      "trailer< 0 Sum=9\nend< 0 complete body=1");
}

TEST_CASE("the authority is the target's own, whatever Host says, else Host's") {
  CHECK(told("GET http://a.b:81/c HTTP/1.1\r\nHost: proxy:3128\r\n\r\n", {}) ==
        "request 0 GET|http|a.b:81|http://a.b:81/c|HTTP/1.1 Host=proxy:3128 bodiless\n"
        "end> 0 complete");
  CHECK(told("GET HTTP://A.b/c HTTP/1.1\r\nHost: x\r\n\r\n", {}) ==
        "request 0 GET|HTTP|A.b|HTTP://A.b/c|HTTP/1.1 Host=x bodiless\nend> 0 complete");
  CHECK(told("GET /c?d=http://a.b/ HTTP/1.1\r\nHost: x\r\n\r\n", {}) ==
        "request 0 GET||x|/c?d=http://a.b/|HTTP/1.1 Host=x bodiless\nend> 0 complete");
  CHECK(told("GET http://u@a.b:81/c HTTP/1.0\r\n\r\n", {}) ==
        "request 0 GET|http|a.b:81|http://u@a.b:81/c|HTTP/1.0 bodiless\nend> 0 complete");
  CHECK(told("CONNECT c.d:443 HTTP/1.1\r\nHost: proxy\r\n\r\n", "HTTP/1.1 200 ok\r\n\r\nTLS") ==
        "request 0 CONNECT||c.d:443|c.d:443|HTTP/1.1 Host=proxy bodiless\nend> 0 complete\n"
        "response 0 200\nend< 0 complete\ntunnel 0 \nbody< 0 TLS");
}

TEST_CASE("a response without its request says so") {
  CHECK(told({}, "HTTP/1.1 204 No\r\n\r\n") == "response none 204\nend< none complete");
}

TEST_CASE("decoded fields are found and visited as lines are") {
  const std::array<HttpField, 3> decoded{{{"a", "1"}, {"b", "2"}, {"a", "3"}}};
  const HttpFields fields{decoded};
  CHECK(fields.find("A") == "1");
  CHECK(fields.find("b") == "2");
  CHECK(fields.find("c").empty());
  std::string all;
  fields.for_each([&](const HttpField& field) { (all += field.name) += field.value; });
  CHECK(all == "a1b2a3");
  CHECK(HttpFields{"GET / HTTP/1.1\r\nA: 1\r\n more\r\n:x\r\nB:2"}.find("b") == "2");
  CHECK(HttpFields{}.find("a").empty());
}
