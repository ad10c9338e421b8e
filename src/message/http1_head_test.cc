#include "gnomon/message/http1_head.h"

#include <catch2/catch.hpp>
#include <string>

using namespace gnomon::message;
using gnomon::Bytes;

namespace {

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Http1Request request_of(std::string_view head) {
  Http1Request request;
  REQUIRE(read_http1_request(head, request));
  return request;
}

Http1Fields fields_of(std::string_view lines) {
  static std::string head;
  head = "GET / HTTP/1.1\r\n" + std::string{lines} + "\r\n";
  return request_of(head).fields;
}

}  // namespace

TEST_CASE("the first bytes of requests are known, and those of other protocols are not") {
  struct Case {
    std::string_view start;
    Likeness likeness;
  };
  const auto test = GENERATE(values<Case>({
      {"GET / HTTP/1.1\r\n", Likeness::kYes},
      {"GET /a?b=c HTTP/1.0\n", Likeness::kYes},
      {"GET /a b HTTP/1.1\r\n", Likeness::kYes},
      {"POST http://a.example/x HTTP/1.1\r\n", Likeness::kYes},
      {"OPTIONS * HTTP/1.1\r\n", Likeness::kYes},
      {"CONNECT a.example:443 HTTP/1.1\r\n", Likeness::kYes},
      {"SUBSCRIBE /event HTTP/1.1\r\n", Likeness::kYes},
      {"NOTIFY * HTTP/1.1\r\n", Likeness::kYes},
      {"VERSION-CONTROL /a HTTP/1.1\r\n", Likeness::kYes},
      {"FROBNICATE /a HTTP/1.1\r\n", Likeness::kYes},
      {"GET /the/line/has/not/ended", Likeness::kYes},
      {"PROPFIND https://a.example", Likeness::kYes},
      {"GET HTTP/1.1\r\n", Likeness::kYes},
      {"GET  HTTP/1.1\r\n", Likeness::kYes},
      {"GET /HTTP/1.1\r\n", Likeness::kYes},
      {"CCM_POST / HTTP/1.\r\n", Likeness::kYes},
      {"OPTIONS\r\n", Likeness::kYes},
      {"OPTIONS\nHost: a.example\n\n", Likeness::kYes},
      {"OPTIONS \r\n", Likeness::kYes},

      {"", Likeness::kNotYet},
      {"G", Likeness::kNotYet},
      {"GET", Likeness::kNotYet},
      {"GET ", Likeness::kNotYet},
      {"OPTIONS", Likeness::kNotYet},
      {"OPTIONS\r", Likeness::kNotYet},
      {"OPTIONS *", Likeness::kNotYet},
      {"OPTIONS rtsp://a.example/x", Likeness::kNotYet},
      {"FROBNICATE /a", Likeness::kNotYet},

      {"get / HTTP/1.1\r\n", Likeness::kNo},
      {" GET / HTTP/1.1\r\n", Likeness::kNo},
      {"GET /\r\n", Likeness::kNo},
      {"GET / HTTP/2.0\r\n", Likeness::kNo},
      {"GET / HTTP/1.10\r\n", Likeness::kNo},
      {"GET /HTTP/1.10\r\n", Likeness::kNo},
      {"GET / HTTP/1\r\n", Likeness::kNo},
      {"GET /\x01HTTP/1.1\r\n", Likeness::kNo},
      {"FROBNICATE HTTP/1.1\r\n", Likeness::kNo},
      {"FROBNICATE / HTTP/1.\r\n", Likeness::kNo},
      {"\r\nGET / HTTP/1.1\r\n", Likeness::kYes},
      {"\nGET / HTTP/1.1\r\n", Likeness::kYes},
      {"\r\nGET /", Likeness::kYes},
      {"\r", Likeness::kNotYet},
      {"\r\n", Likeness::kNotYet},
      {"\r\nGE", Likeness::kNotYet},
      {"\rGET / HTTP/1.1\r\n", Likeness::kNo},
      {"\r\n\r\nGET / HTTP/1.1\r\n", Likeness::kNo},
      {"\r\n220 mail.example\r\n", Likeness::kNo},
      {"GET\r\n", Likeness::kNo},
      {"POST\r\n", Likeness::kNo},
      {"OPTION\r\n", Likeness::kNo},
      {"OPTIONSS\r\n", Likeness::kNo},
      {"OPTIONS\rX", Likeness::kNo},
      {"OPTIONS\tX", Likeness::kNo},
      {"OPTIONS /a\r\n", Likeness::kNo},
      {"GET / http/1.1\r\n", Likeness::kNo},
      {"GET /\x01 HTTP/1.1\r\n", Likeness::kNo},
      {"GET /\x01", Likeness::kNo},
      {"PRI * HTTP/2.0\r\n", Likeness::kNo},
      {"OPTIONS rtsp://a.example/x RTSP/1.0\r\n", Likeness::kNo},
      {"DESCRIBE rtsp://a.example/x RTSP/1.0\r\n", Likeness::kNo},
      {"OPTIONS sip:a@a.example SIP/2.0\r\n", Likeness::kNo},
      {"REGISTER sip:a.example SIP/2.0\r\n", Likeness::kNo},
      {"REQMOD icap://a.example/x ICAP/1.0\r\n", Likeness::kNo},
      {"USER anonymous\r\n", Likeness::kNo},
      {"EHLO a.example\r\n", Likeness::kNo},
      {"SSH-2.0-OpenSSH_9.2\r\n", Likeness::kNo},
      {"HTTP/1.1 200 OK\r\n", Likeness::kNo},
      {"\x16\x03\x01\x02\x00\x01", Likeness::kNo},
      {"ABCDEFGHIJKLMNOPQRSTU", Likeness::kNo},
  }));
  INFO(test.start);
  CHECK(http1_request_likeness(bytes_of(test.start)) == test.likeness);
}

TEST_CASE("a request line that lacks blanks is taken apart") {
  struct Case {
    std::string_view line, method, target, version;
  };
  const auto test = GENERATE(values<Case>({
      {"GET /a HTTP/1.1", "GET", "/a", "HTTP/1.1"},
      {"GET /a b HTTP/1.1", "GET", "/a b", "HTTP/1.1"},
      {"GET /aHTTP/1.0", "GET", "/a", "HTTP/1.0"},
      {"GET /a bHTTP/1.0", "GET", "/a b", "HTTP/1.0"},
      {"GET HTTP/1.1", "GET", "", "HTTP/1.1"},
      {"GET / HTTP/1.", "GET", "/", "HTTP/1."},
      {"GET /HTTP/1.1 HTTP/1.0", "GET", "/HTTP/1.1", "HTTP/1.0"},
      {"OPTIONS", "OPTIONS", "", ""},
      {"OPTIONS ", "OPTIONS", "", ""},
  }));
  INFO(test.line);
  Http1Request request;
  const std::string head = std::string{test.line} + "\r\nHost: a.example\r\n\r\n";
  REQUIRE(read_http1_request(head, request));
  CHECK(request.method == test.method);
  CHECK(request.target == test.target);
  CHECK(request.version == test.version);
  CHECK(request.fields.host == "a.example");
}

TEST_CASE("a request line longer than the limit is known by its beginning") {
  const std::string path(kHttp1StartLineBytesMax, 'a');
  CHECK(http1_request_likeness(bytes_of("GET /" + path + " HTTP/1.1\r\n")) == Likeness::kYes);
  CHECK(http1_request_likeness(bytes_of("GRT /" + path + " HTTP/1.1\r\n")) == Likeness::kNo);
  CHECK(http1_request_likeness(bytes_of("GET " + path + " HTTP/1.1\r\n")) == Likeness::kNo);
  CHECK(http1_request_likeness(bytes_of("GET /\1" + path + " HTTP/1.1\r\n")) == Likeness::kNo);
  CHECK(http1_request_likeness(bytes_of("GET /" + path.substr(100) + " HTTP/1.1\r\n")) ==
        Likeness::kYes);
}

TEST_CASE("a request is never judged yes and then, with more bytes of the same line, no") {
  const std::string line = "GET /some/path?with=query HTTP/1.1\r\n";
  for (std::size_t cut = 0; cut <= line.size(); ++cut)
    CHECK(http1_request_likeness(bytes_of(line).first(cut)) ==
          (cut < 5 ? Likeness::kNotYet : Likeness::kYes));
}

TEST_CASE("the first bytes of responses are known") {
  struct Case {
    std::string_view start;
    Likeness likeness;
  };
  const auto test = GENERATE(values<Case>({
      {"HTTP/1.1 200 OK\r\n", Likeness::kYes},
      {"HTTP/1.0 404\r\n", Likeness::kYes},
      {"HTTP/1.1 200\n", Likeness::kYes},
      {"", Likeness::kNotYet},
      {"HTTP/1.1 20", Likeness::kNotYet},
      {"HTTP/1.1 200", Likeness::kNotYet},
      {"HTTP/2.0 200 OK\r\n", Likeness::kNo},
      {"HTTP/1.1  200 OK\r\n", Likeness::kNo},
      {"HTTP/1.1 2000 OK\r\n", Likeness::kNo},
      {"HTTP/1.1 OK\r\n", Likeness::kNo},
      {"HTTP/1.1 099 OK\r\n", Likeness::kNo},
      {"RTSP/1.0 200 OK\r\n", Likeness::kNo},
      {"SIP/2.0 200 OK\r\n", Likeness::kNo},
      {"ICY 200 OK\r\n", Likeness::kNo},
      {"http/1.1 200 OK\r\n", Likeness::kNo},
  }));
  INFO(test.start);
  CHECK(http1_response_likeness(bytes_of(test.start)) == test.likeness);
}

TEST_CASE("a request head gives its line and the fields that are asked for") {
  const Http1Request request = request_of(
      "POST /v1/chat?x=1 HTTP/1.1\r\nHOST: \tapi.example:8443 \r\nUser-Agent: a b/1\r\n"
      "Content-Type: application/json\r\ncontent-length: 12\r\nAuthorization: Bearer x\r\n"
      "X-Api-Key: k\r\nCookie: c\r\nContent-Encoding: gzip\r\nExpect: 100-continue\r\n"
      "Content-Disposition: attachment; filename=a\r\nOrigin: https://o.example\r\n"
      "Referer: https://r.example/\r\nSec-WebSocket-Protocol: chat\r\nConnection: Upgrade\r\n"
      "Upgrade: websocket\r\nAccept: */*\r\nX-Other: y\r\n\r\n");
  CHECK(request.method == "POST");
  CHECK(request.target == "/v1/chat?x=1");
  CHECK(request.version == "HTTP/1.1");
  const Http1Fields& fields = request.fields;
  CHECK(fields.host == "api.example:8443");
  CHECK(fields.has_host);
  CHECK_FALSE(fields.several_hosts);
  CHECK(fields.user_agent == "a b/1");
  CHECK(fields.content_type == "application/json");
  CHECK(fields.has_content_length);
  CHECK(fields.content_length == 12);
  CHECK(fields.has_authorization);
  CHECK(fields.has_api_key);
  CHECK(fields.has_cookie);
  CHECK(fields.content_encoding == "gzip");
  CHECK(fields.expect == "100-continue");
  CHECK(fields.content_disposition == "attachment; filename=a");
  CHECK(fields.origin == "https://o.example");
  CHECK(fields.referer == "https://r.example/");
  CHECK(fields.websocket_protocol == "chat");
  CHECK(fields.connection == "Upgrade");
  CHECK(fields.upgrade == "websocket");
  CHECK(fields.accept == "*/*");
  CHECK(fields.count == 17);
}

TEST_CASE("of a repeated Host the first counts, and the repetition is told") {
  const Http1Fields fields = fields_of("Host: a\r\nHost: b\r\n");
  CHECK(fields.host == "a");
  CHECK(fields.several_hosts);
  const Http1Fields empty_first = fields_of("Host:\r\nHost: b\r\n");
  CHECK(empty_first.host.empty());
  CHECK(empty_first.several_hosts);
}

TEST_CASE("lines that are no fields are passed over") {
  struct Case {
    std::string_view lines;
    std::string_view host;
    bool folded;
  };
  const auto test = GENERATE(values<Case>({
      {"nonsense\r\nHost: a\r\n", "a", false},
      {": empty name\r\nHost: a\r\n", "a", false},
      {"Host : a\r\n", "a", false},
      {"Host:a\n", "a", false},
      {" Host: b\r\nHost: a\r\n", "a", false},
      {"Host: a\r\n b\r\n", "a", true},
      {"X-Host: b\r\n", "", false},
      {"Hos: b\r\n", "", false},
      {"Hosts: b\r\n", "", false},
      {"", "", false},
  }));
  INFO(test.lines);
  const Http1Fields fields = fields_of(test.lines);
  CHECK(fields.host == test.host);
  CHECK(fields.folded == test.folded);
}

TEST_CASE("a Content-Length is a number, and repetitions agree") {
  struct Case {
    std::string_view lines;
    bool good;
    std::uint64_t length;
  };
  const auto test = GENERATE(values<Case>({
      {"Content-Length: 5\r\n", true, 5},
      {"Content-Length: 5, 5\r\n", true, 5},
      {"Content-Length: 5\r\nContent-Length: 5\r\n", true, 5},
      {"Content-Length: 999999999999999999\r\n", true, 999999999999999999},
      {"Content-Length: 5\r\nContent-Length: 6\r\n", false, 0},
      {"Content-Length: 5, 6\r\n", false, 0},
      {"Content-Length: -5\r\n", false, 0},
      {"Content-Length: +5\r\n", false, 0},
      {"Content-Length: 0x5\r\n", false, 0},
      {"Content-Length: 5 5\r\n", false, 0},
      {"Content-Length:\r\n", false, 0},
      {"Content-Length: ,\r\n", false, 0},
      {"Content-Length: 99999999999999999999\r\n", false, 0},
  }));
  INFO(test.lines);
  const Http1Fields fields = fields_of(test.lines);
  CHECK(fields.bad_content_length == !test.good);
  if (test.good) CHECK(fields.content_length == test.length);
}

TEST_CASE("a body is in chunks when chunked is the last coding") {
  struct Case {
    std::string_view lines;
    bool chunked;
    bool coded;
  };
  const auto test = GENERATE(values<Case>({
      {"Transfer-Encoding: chunked\r\n", true, true},
      {"Transfer-Encoding: gzip, Chunked\r\n", true, true},
      {"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", true, true},
      {"Transfer-Encoding: chunked, gzip\r\n", false, true},
      {"Transfer-Encoding: xchunked\r\n", false, true},
      {"Transfer-Encoding: identity\r\n", false, false},
      {"TE: chunked\r\n", false, false},
  }));
  INFO(test.lines);
  const Http1Fields fields = fields_of(test.lines);
  CHECK(fields.chunked == test.chunked);
  CHECK(fields.transfer_encoding.empty() == !test.coded);
}

TEST_CASE("a response head gives its status") {
  Http1Response response;
  REQUIRE(read_http1_response(
      "HTTP/1.1 307 Temporary Redirect\r\nServer: s\r\nLocation: /x\r\n\r\n", response));
  CHECK(response.status == 307);
  CHECK(response.reason == "Temporary Redirect");
  CHECK(response.fields.server == "s");
  CHECK(response.fields.location == "/x");
  CHECK_FALSE(read_http1_response("HTTP/1.1 30\r\n\r\n", response));
  CHECK_FALSE(read_http1_response("", response));
}

TEST_CASE("a host is freed of its port and of what surrounds it") {
  struct Case {
    std::string_view authority;
    std::string_view host;
  };
  const auto test = GENERATE(values<Case>({
      {"a.example", "a.example"},
      {"a.example:8080", "a.example"},
      {" a.example. ", "a.example"},
      {"a.example.:80", "a.example"},
      {"10.0.0.1:1", "10.0.0.1"},
      {"[2001:db8::1]:443", "2001:db8::1"},
      {"[2001:db8::1]", "2001:db8::1"},
      {"2001:db8::1", "2001:db8::1"},
      {"[2001:db8::1", "[2001:db8::1"},
      {"a.example:", "a.example"},
      {"a.example:99999", "a.example"},
      {"a.example:80x", "a.example"},
      {":80", ""},
      {"", ""},
  }));
  INFO(test.authority);
  CHECK(host_without_port(test.authority) == test.host);
}

TEST_CASE("the authority of absolute and authority forms is found, and of others there is none") {
  struct Case {
    std::string_view method;
    std::string_view target;
    std::string_view authority;
  };
  const auto test = GENERATE(values<Case>({
      {"GET", "http://a.example/x", "a.example"},
      {"GET", "http://a.example", "a.example"},
      {"GET", "HTTPS://u:p@a.example:81?x=/y", "a.example:81"},
      {"GET", "ws://[::1]:3/x", "[::1]:3"},
      {"CONNECT", "a.example:443", "a.example:443"},
      {"GET", "/x?u=http://a.example/", ""},
      {"OPTIONS", "*", ""},
      {"GET", "a.example:443", ""},
      {"GET", "://a.example/", ""},
      {"GET", "", ""},
  }));
  INFO(test.target);
  CHECK(http1_target_authority(test.method, test.target) == test.authority);
}

TEST_CASE("a list is searched for whole tokens") {
  CHECK(http1_list_has("keep-alive, Upgrade", "upgrade"));
  CHECK(http1_list_has("upgrade", "upgrade"));
  CHECK_FALSE(http1_list_has("keep-alive, upgraded", "upgrade"));
  CHECK_FALSE(http1_list_has("", "upgrade"));
}
