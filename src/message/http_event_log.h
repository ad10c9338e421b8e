#pragma once

#include <string>
#include <string_view>

#include "gnomon/message/http_events.h"

namespace gnomon::message {

// Writes down what is told, one line an event; pieces of one body that follow each other are one.
struct HttpEventLog final : HttpEvents {
  std::string text;

  void on_request(HttpExchangeId exchange, const HttpRequest& request) override {
    start("request", exchange);
    text += request.method;
    for (const std::string_view each :
         {request.scheme, request.authority, request.target, request.protocol})
      (text += '|') += each;
    if (!request.connect_protocol.empty()) (text += " protocol=") += request.connect_protocol;
    request.fields.for_each([&](const HttpField& field) {
      ((text += ' ') += field.name) += '=';
      text += field.value;
    });
    if (!request.has_body) text += " bodiless";
    if (request.pushed) text += " pushed";
    if (request.partial) text += " partial";
  }
  void on_response(HttpExchangeId exchange, const HttpResponse& response) override {
    start("response", exchange);
    text += std::to_string(response.status);
    if (!response.known.content_type.empty()) (text += " type=") += response.known.content_type;
    if (response.interim) text += " interim";
    if (response.partial) text += " partial";
  }
  void on_body(Direction direction, HttpExchangeId exchange, Bytes bytes) override {
    const std::string key = arrow("body", direction) + std::to_string(exchange);
    if (open_ != key) start(arrow("body", direction), exchange);
    open_ = key;
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  void on_body_gap(Direction direction, HttpExchangeId exchange, std::uint64_t bytes) override {
    start(arrow("gap", direction), exchange);
    text += std::to_string(bytes);
  }
  void on_trailer(Direction direction, HttpExchangeId exchange, std::string_view name,
                  std::string_view value) override {
    start(arrow("trailer", direction), exchange);
    ((text += name) += '=') += value;
  }
  void on_end(Direction direction, HttpExchangeId exchange, const HttpEnding& ending) override {
    start(arrow("end", direction), exchange);
    text += ending.complete ? "complete" : "cut";
    if (ending.body_bytes > 0) (text += " body=") += std::to_string(ending.body_bytes);
    if (ending.missing_bytes > 0) (text += " missing=") += std::to_string(ending.missing_bytes);
  }
  void on_tunnel(HttpTunnel, HttpExchangeId exchange) override { start("tunnel", exchange); }
  void on_tunnel_data(Direction direction, Bytes bytes) override { on_body(direction, 0, bytes); }

 private:
  static std::string arrow(std::string_view word, Direction direction) {
    return std::string{word} + (direction == Direction::kToServer ? '>' : '<');
  }
  void start(std::string_view word, HttpExchangeId exchange) {
    open_.clear();
    if (!text.empty()) text += '\n';
    (text += word) += ' ';
    text += exchange == kHttpNoExchange ? std::string{"none "} : std::to_string(exchange) + ' ';
  }

  std::string open_;
};

}  // namespace gnomon::message
