#pragma once

#include <catch2/catch.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "api_builder.h"
#include "gnomon/identify/api_reader.h"
#include "gnomon/identify/asset_book.h"

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

// What the book says of a server after some exchanges, one line a product.
class Site {
 public:
  Site() : reader_(shipped()), book_(shipped()) {}

  Site& saw(const Talk& talk, const char* client = "10.0.0.9", const char* server = "10.0.0.1",
            bool tls = false) {
    const ApiFacts& facts = read_talk(reader_, scan_, talk);
    AssetSighting sighting;
    sighting.conversation.client = *IpAddress::parse(client);
    sighting.conversation.server = *IpAddress::parse(server);
    sighting.conversation.server_port = 8000;
    sighting.time = time_of(++seconds_, 0);
    sighting.host = talk.host;
    sighting.traits = facts.traits;
    sighting.said = facts.said;
    sighting.touches = facts.touches;
    sighting.model_requested = facts.model_requested;
    sighting.model_returned = facts.model_returned;
    sighting.status = talk.status;
    sighting.credential = facts.credential;
    sighting.call = facts.call;
    sighting.prompt = facts.prompt;
    sighting.tls = tls;
    if (sighting.speaks()) book_.see(sighting);
    return *this;
  }

  std::string told(bool all = true) {
    std::string text;
    book_.tell(time_of(seconds_, 0), all, [&](const observation::AssetRecord& record) {
      if (!text.empty()) text += "; ";
      text += record.product;
      if (!record.version.empty()) text.append(" ").append(record.version);
      for (const auto& each : record.models) text.append(" +").append(each);
      for (const auto& each : record.exposures) text.append(" !").append(each);
      text += record.authenticated == observation::Authenticated::kNo    ? " open"
              : record.authenticated == observation::Authenticated::kYes ? " closed"
                                                                         : "";
    });
    return text;
  }
  void wait(int seconds) { seconds_ += seconds; }

 private:
  ApiReader reader_;
  ApiScan scan_;
  AssetBook book_;
  int seconds_ = 0;
};

}  // namespace gnomon::identify
