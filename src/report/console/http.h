#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// One request and its answer, as plain values: what the console's own code sees of HTTP. The server
// (http_server.h) fills and writes them.
namespace gnomon::report::console {

struct Request {
  std::string method;  // "GET"
  std::string target;  // as sent: path and query, still encoded
  std::string body;
  std::string peer;  // address
  bool tls = false;
  // Header fields that are looked at; empty when not sent. Sent twice, `repeated` says so.
  std::string host;
  std::string cookie;
  std::string origin;
  std::string content_type;
  std::string csrf_token;  // X-CSRF-Token
  std::string if_none_match;
  std::string accept;  // may be sent more than once
  std::string sec_fetch_site;
  bool repeated = false;  // one of them was sent more than once
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

using Handler = std::function<Response(const Request& request)>;

// An answer of which the body is {"error": {"code": ..., "message": ...}}.
Response error_response(int status, std::string_view code, std::string_view message);
// "404" as "Not Found".
std::string_view reason_of(int status);

}  // namespace gnomon::report::console
