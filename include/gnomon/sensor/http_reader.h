#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "gnomon/bytes/sha256.h"
#include "gnomon/flow/flow.h"
#include "gnomon/message/http1_stream.h"
#include "gnomon/sensor/flow_notes.h"
#include "gnomon/sensor/pool.h"
#include "gnomon/sensor/turn.h"

namespace gnomon::sensor {

// A request on its way to its response. Text keeps its room when the exchange is used again.
struct HttpExchange {
  static constexpr std::size_t kTextMax = 8192;  // of a URL or a header value kept

  std::string hostname, url, method, user_agent, request_type, response_type, protocol;
  TextPool::Id host = TextPool::kNone;  // the name that stands for the request's server
  Time time;
  std::uint64_t number = 0;
  std::uint64_t request_length = 0;
  std::uint64_t response_length = 0;
  std::uint32_t exchange = 0;
  std::uint16_t status = 0;
  bool request_ended = false;
  bool request_complete = false;
  bool response_ended = false;
  bool response_complete = false;
  bool hashing = false;
  Sha256 sha;
  std::array<char, 64> sha_text{};
  bool has_sha = false;
  bool decrypted = false;
};

struct HttpConnection {
  message::Http1Connection parser;
  std::vector<std::uint32_t> exchanges;  // outstanding, oldest first
  std::uint32_t flow_serial = 0;
  flow::FlowIndex flow = flow::kNoFlow;
};

struct HttpCounters {
  std::uint64_t requests = 0;
  std::uint64_t responses = 0;
  std::uint64_t given_up = 0;  // connections whose reading ended early because too many were open
  std::uint64_t exchanges_dropped = 0;
};

// What the reader needs of the shard it belongs to.
class HttpHost {
 public:
  virtual TextPool& texts() = 0;
  virtual Turn& turn() = 0;
  // Whether a record of a request to this host is wanted: events are, or an AI app is there.
  virtual bool wants_requests_of(TextPool::Id host) = 0;
  virtual void emit(const flow::Flow& flow, const HttpExchange& exchange) = 0;
  virtual void set_host(FlowNotes& notes, std::string_view host,
                        observation::HostSource source) = 0;
  virtual HttpNotes& http_notes(FlowNotes& notes) = 0;

 protected:
  ~HttpHost() = default;
};

// Reads HTTP/1 connections of one shard: keeps parsers and outstanding requests in pools, bounded.
class HttpReader final : message::Http1Events {
 public:
  explicit HttpReader(HttpHost& host) : host_(host) {}

  static constexpr std::size_t kConnectionsMax = 4096;  // read at once in a shard
  static constexpr std::size_t kExchangesMax = 8192;

  void open(FlowNotes& notes, flow::FlowIndex index);
  void feed(const flow::Flow& flow, FlowNotes& notes, message::Direction direction, Bytes bytes);
  void gap(const flow::Flow& flow, FlowNotes& notes, message::Direction direction,
           std::uint32_t count);
  // The connection is over or is not read any further: outstanding requests are told as they are.
  void close(const flow::Flow& flow, FlowNotes& notes, bool finished);

  [[nodiscard]] bool failed(const FlowNotes& notes) const {
    return connections_[notes.http].parser.failed();
  }
  // The flow whose reading has to end before another may begin: true with its index and serial
  // when too many are open.
  bool oldest_if_full(flow::FlowIndex& index, std::uint32_t& serial);

  // Bytes of a CONNECT tunnel that feed() came upon; the caller reads them on as a new stream.
  struct TunnelPiece {
    message::Direction direction;
    std::uint32_t size;
  };
  [[nodiscard]] bool tunnel_opened() const { return tunnel_opened_; }
  [[nodiscard]] bool tunnel_is_connect() const { return tunnel_is_connect_; }
  // Moves the pieces out; they are in the order in which they came.
  void take_tunnel(std::vector<TunnelPiece>& pieces, std::vector<std::uint8_t>& bytes);

  [[nodiscard]] const HttpCounters& counters() const { return counters_; }
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  void on_request(const message::Http1Request& request) override;
  void on_response(const message::Http1Response& response) override;
  void on_body(message::Direction direction, std::uint32_t exchange, Bytes bytes) override;
  void on_body_gap(message::Direction direction, std::uint32_t exchange,
                   std::uint64_t bytes) override;
  void on_end(message::Direction direction, std::uint32_t exchange,
              const message::Http1Ending& ending) override;
  void on_tunnel(message::Http1Tunnel kind, std::uint32_t exchange) override;
  void on_tunnel_data(message::Direction direction, Bytes bytes) override;

  void begin(const flow::Flow& flow, FlowNotes& notes);
  HttpExchange* find(std::uint32_t exchange);
  void emit(std::size_t position);

  HttpHost& host_;
  Pool<HttpConnection> connections_;
  Pool<HttpExchange> exchanges_;
  struct Opened {
    flow::FlowIndex flow;
    std::uint32_t serial;
    std::uint32_t connection;
  };
  std::deque<Opened> opened_;  // oldest first; those that are closed are passed over
  HttpCounters counters_;

  // The connection that is being fed.
  const flow::Flow* flow_ = nullptr;
  FlowNotes* notes_ = nullptr;
  HttpConnection* connection_ = nullptr;
  std::string lowered_;
  bool tunnel_opened_ = false;
  bool tunnel_is_connect_ = false;
  std::vector<TunnelPiece> tunnel_pieces_;
  std::vector<std::uint8_t> tunnel_bytes_;
};

}  // namespace gnomon::sensor
