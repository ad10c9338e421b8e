#pragma once

#include <catch2/catch.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "api_builder.h"
#include "gnomon/identify/api_reader.h"

namespace gnomon::identify {

// The knowledge in the tree, read once for all tests.
inline const ApiKnowledge& shipped() {
  static const ApiKnowledge knowledge = [] {
    std::vector<Problem> problems;
    auto loaded = ApiKnowledge::load("signatures", &problems);
    for (const Problem& each : problems) UNSCOPED_INFO(each.to_string());
    REQUIRE(loaded.has_value());
    return std::move(*loaded);
  }();
  return knowledge;
}

// One exchange, written down as tables of tests want it.
struct Talk {
  std::string method = "POST";
  std::string target = {};
  std::string request = {};
  std::string response = {};
  std::vector<ApiField> request_fields = {};
  std::vector<ApiField> response_fields = {};
  std::uint16_t status = 200;
  std::string host = "server.corp.example";
  bool websocket = false;
  bool known_app = false;
};

// Reads it with the bodies in pieces of `piece` bytes, 0 for one.
inline const ApiFacts& read_talk(ApiReader& reader, ApiScan& scan, const Talk& talk,
                                 std::size_t piece = 0) {
  scan.begin(shipped());
  const auto feed = [&](const std::string& body, bool response) {
    const std::size_t step = piece == 0 ? body.size() : piece;
    for (std::size_t at = 0; at < body.size(); at += step) {
      const std::string_view part = std::string_view{body}.substr(at, step);
      if (response) {
        scan.response(part, Time{});
      } else {
        scan.request(part, Time{});
      }
    }
  };
  feed(talk.request, false);
  feed(talk.response, true);
  ApiExchange exchange;
  exchange.method = talk.method;
  exchange.host = talk.host;
  exchange.target = talk.target;
  exchange.request_fields = talk.request_fields;
  exchange.response_fields = talk.response_fields;
  exchange.status = talk.status;
  exchange.request_bytes = talk.request.size();
  exchange.response_bytes = talk.response.size();
  exchange.websocket = talk.websocket;
  exchange.known_app = talk.known_app;
  exchange.bodies = &scan;
  return reader.read(exchange);
}

}  // namespace gnomon::identify
