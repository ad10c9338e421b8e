#pragma once

#include <string>

#include "gnomon/message/http1_stream.h"

namespace gnomon::message {

// Writes down what a connection tells, for tests and the fuzz target. Pieces of one body that
// follow each other are joined, so that the log does not depend on how the bytes were cut.
class Http1EventLog : public Http1Events {
 public:
  void on_request(const Http1Request& request) override {
    start("request ", request.exchange);
    (text += request.method) += ' ';
    (text += request.target) += ' ';
    text += request.version;
    fields(request.fields, request.framing, request.truncated, request.offset);
  }
  void on_response(const Http1Response& response) override {
    start("response ", response.exchange);
    text += std::to_string(response.status);
    if (!response.reason.empty()) (text += ' ') += response.reason;
    if (response.interim) text += " interim";
    fields(response.fields, response.framing, response.truncated, response.offset);
  }
  void on_body(Direction direction, std::uint32_t exchange, Bytes bytes) override {
    piece("body", direction, exchange, bytes);
  }
  void on_body_gap(Direction direction, std::uint32_t exchange, std::uint64_t bytes) override {
    start(arrow("missing", direction), exchange);
    text += std::to_string(bytes);
  }
  void on_trailer(Direction direction, std::uint32_t exchange, std::string_view name,
                  std::string_view value) override {
    start(arrow("trailer", direction), exchange);
    ((text += name) += '=') += value;
  }
  void on_end(Direction direction, std::uint32_t exchange, const Http1Ending& ending) override {
    start(arrow("end", direction), exchange);
    text += ending.complete ? "complete" : "incomplete";
    if (ending.body_bytes != 0) (text += " body=") += std::to_string(ending.body_bytes);
    if (ending.missing_bytes != 0) (text += " missing=") += std::to_string(ending.missing_bytes);
  }
  void on_tunnel(Http1Tunnel kind, std::uint32_t exchange) override {
    start("tunnel ", exchange);
    text += kind == Http1Tunnel::kConnect ? "connect" : "upgrade";
  }
  void on_tunnel_data(Direction direction, Bytes bytes) override {
    piece("data", direction, 0, bytes);
  }
  void on_tunnel_gap(Direction direction, std::uint64_t bytes) override {
    start(arrow("lost", direction), 0);
    text += std::to_string(bytes);
  }
  void on_failure(Direction direction) override {
    start(direction == Direction::kToServer ? "failure>" : "failure<", kHttp1NoExchange);
  }

  std::string text;  // one line an event

 private:
  static std::string arrow(std::string_view word, Direction direction) {
    return std::string{word} + (direction == Direction::kToServer ? "> " : "< ");
  }
  void start(std::string_view word, std::uint32_t exchange) {
    if (!text.empty()) text += '\n';
    open_.clear();
    text += word;
    if (exchange != kHttp1NoExchange) (text += std::to_string(exchange)) += ' ';
  }
  void piece(std::string_view word, Direction direction, std::uint32_t exchange, Bytes bytes) {
    const std::string key = arrow(word, direction) + std::to_string(exchange);
    if (open_ != key) {
      start(arrow(word, direction), exchange);
      open_ = key;
    }
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  void fields(const Http1Fields& fields, Http1Framing framing, bool truncated,
              std::uint64_t offset) {
    constexpr std::string_view kWords[] = {"none", "length", "chunked", "until-close", "unknown"};
    (text += ' ') += kWords[static_cast<std::size_t>(framing)];
    if (fields.has_host) (text += " host=") += fields.host;
    if (!fields.user_agent.empty()) (text += " agent=") += fields.user_agent;
    if (!fields.content_type.empty()) (text += " type=") += fields.content_type;
    if (truncated) text += " truncated";
    if (offset != 0) (text += " @") += std::to_string(offset);
  }

  std::string open_;
};

}  // namespace gnomon::message
