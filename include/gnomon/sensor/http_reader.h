#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "gnomon/bytes/sha256.h"
#include "gnomon/flow/flow.h"
#include "gnomon/message/http1_stream.h"
#include "gnomon/message/http2_connection.h"
#include "gnomon/message/http3_connection.h"
#include "gnomon/message/http_events.h"
#include "gnomon/message/websocket_stream.h"
#include "gnomon/sensor/claim_queue.h"
#include "gnomon/sensor/exchange_reader.h"
#include "gnomon/sensor/flow_notes.h"
#include "gnomon/sensor/pool.h"
#include "gnomon/sensor/turn.h"

namespace gnomon::sensor {

// What an HTTP/1 connection becomes after 101, or an exchange of HTTP/2 by extended CONNECT.
enum class HttpUpgrade : std::uint8_t { kNone, kWebSocket, kHttp2, kOther };

// A request on its way to its response. Text keeps its room when the exchange is used again.
struct HttpExchange {
  static constexpr std::size_t kTextMax = 8192;  // of a URL or a header value kept

  std::string hostname, url, method, user_agent, request_type, response_type, protocol;
  TextPool::Id host = TextPool::kNone;  // the name that stands for the request's server
  Time time;
  std::uint64_t number = 0;
  std::uint64_t request_length = 0;
  std::uint64_t response_length = 0;
  std::uint64_t messages_length = 0;  // of a WebSocket's messages to the server
  message::HttpExchangeId exchange = 0;
  std::uint32_t websocket = FlowNotes::kNone;
  std::uint32_t bodies = ExchangeReader::kNone;
  std::uint32_t connection = FlowNotes::kNone;
  // Its neighbours among all exchanges, by age.
  std::uint32_t older = FlowNotes::kNone;
  std::uint32_t newer = FlowNotes::kNone;
  std::uint16_t status = 0;
  HttpUpgrade upgrade = HttpUpgrade::kNone;
  bool request_ended = false;
  bool request_complete = false;
  bool response_ended = false;
  bool response_complete = false;
  bool tunnel = false;  // CONNECT: what follows are no bodies
  bool hashing = false;
  Sha256 sha;
  std::array<char, 64> sha_text{};
  bool has_sha = false;
  bool decrypted = false;
  bool dns_answer = false;        // the response is a DNS message (RFC 8484), whole so far
  std::vector<std::uint8_t> dns;  // of it
};

// How a connection is to be read.
enum class HttpStart : std::uint8_t {
  kHttp1,
  kHttp2,        // begins with the client's preface
  kHttp2Middle,  // frames from somewhere
  kHttp3,        // streams of QUIC, by feed_stream()
};

struct HttpSocket {
  message::WebSocketStream stream;
  std::uint64_t message_bytes = 0;  // of the message to the server that is coming
};

struct HttpConnection {
  // Whose it is, from the first bytes on.
  const flow::Flow* flow = nullptr;
  FlowNotes* notes = nullptr;
  message::Http1Connection parser;
  std::vector<std::uint32_t> exchanges;  // outstanding, oldest first
  std::size_t latest = 0;                // position of the exchange that was last asked for
  std::uint32_t http2 = FlowNotes::kNone;
  std::uint32_t http3 = FlowNotes::kNone;
  std::uint32_t websocket = FlowNotes::kNone;
  std::uint64_t opened = 0;           // the number of its opening, from 1; 0 while it is not open
  message::WebSocketDeflate deflate;  // of the upgrade that was granted last
  HttpStart start = HttpStart::kHttp1;
  HttpUpgrade asked = HttpUpgrade::kNone;    // by the last request
  HttpUpgrade granted = HttpUpgrade::kNone;  // by its response
  bool decrypted = false;
};

struct HttpCounters {
  std::uint64_t requests = 0;
  std::uint64_t responses = 0;
  std::uint64_t heads_shortened = 0;  // told without all of their fields
  std::uint64_t given_up = 0;  // connections whose reading ended early because too many were open
  std::uint64_t exchanges_given_up = 0;  // told as they were because too many were outstanding
  std::uint64_t http2_connections = 0;
  std::uint64_t http3_connections = 0;
  std::uint64_t streams_dropped = 0;  // of HTTP/2 and /3, ended because too many were open
  std::uint64_t websockets = 0;
  std::uint64_t refused = 0;  // connections of HTTP/2 and /3 and WebSockets beyond the limits
  message::Http2Counters http2;
  message::Http3Counters http3;
  message::WebSocketCounters websocket;
};

// What the reader needs of the shard it belongs to.
class HttpHost {
 public:
  virtual TextPool& texts() = 0;
  virtual Turn& turn() = 0;
  virtual void emit(const flow::Flow& flow, const HttpExchange& exchange) = 0;
  // The body of a response to a DNS query over HTTP.
  virtual void tell_dns(const flow::Flow& flow, Bytes message) = 0;
  virtual void set_host(FlowNotes& notes, std::string_view host,
                        observation::HostSource source) = 0;
  virtual HttpNotes& http_notes(FlowNotes& notes) = 0;

 protected:
  ~HttpHost() = default;
};

// Reads the HTTP connections of one shard, of every version, seen in clear or decrypted, and the
// WebSockets they become: keeps parsers and outstanding requests in pools, bounded.
class HttpReader final : message::HttpEvents, message::WebSocketEvents {
 public:
  // `hash_requests`: the SHA-256 of their bodies is wanted in records.
  HttpReader(HttpHost& host, bool hash_requests) : host_(host), hash_requests_(hash_requests) {}
  // From now on `bodies` reads what requests and responses carry.
  void read_bodies(ExchangeReader* bodies) { bodies_ = bodies; }

  static constexpr std::size_t kConnectionsMax = 4096;  // read at once in a shard
  static constexpr std::size_t kMultiplexedMax = 1024;  // of them HTTP/2 or HTTP/3
  static constexpr std::size_t kWebSocketsMax = 512;
  static constexpr std::size_t kExchangesMax = 8192;  // outstanding at once in a shard
  static constexpr std::size_t kExchangesPerConnectionMax = message::HttpStreamTable::kStreamsMax;

  // `decrypted`: what comes was inside TLS or QUIC.
  void open(FlowNotes& notes, flow::FlowIndex index, HttpStart start, bool decrypted);
  void feed(const flow::Flow& flow, FlowNotes& notes, message::Direction direction, Bytes bytes);
  void gap(const flow::Flow& flow, FlowNotes& notes, message::Direction direction,
           std::uint64_t count);
  // Of connections opened as HTTP/3: the next bytes of a stream.
  void feed_stream(const flow::Flow& flow, FlowNotes& notes, message::Direction direction,
                   std::uint64_t stream, Bytes bytes, bool fin);
  void gap_stream(const flow::Flow& flow, FlowNotes& notes, message::Direction direction,
                  std::uint64_t stream, std::uint64_t count);
  void reset_stream(const flow::Flow& flow, FlowNotes& notes, message::Direction direction,
                    std::uint64_t stream);
  // The connection is over or is not read any further: outstanding requests are told as they are.
  void close(const flow::Flow& flow, FlowNotes& notes, bool finished);

  [[nodiscard]] bool failed(const FlowNotes& notes) const;
  // The flow whose reading has to end before another may begin: true with its index and serial
  // when too many are open.
  bool oldest_if_full(flow::FlowIndex& index, std::uint32_t& serial);

  // Bytes of a tunnel that feed() came upon; the caller reads them on as a new stream.
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
  void on_request(message::HttpExchangeId id, const message::HttpRequest& request) override;
  void on_response(message::HttpExchangeId id, const message::HttpResponse& response) override;
  void on_body(message::Direction direction, message::HttpExchangeId id, Bytes bytes) override;
  void on_body_gap(message::Direction direction, message::HttpExchangeId id,
                   std::uint64_t bytes) override;
  void on_end(message::Direction direction, message::HttpExchangeId id,
              const message::HttpEnding& ending) override;
  void on_tunnel(message::HttpTunnel kind, message::HttpExchangeId id) override;
  void on_tunnel_data(message::Direction direction, Bytes bytes) override;
  void on_tunnel_gap(message::Direction direction, std::uint64_t bytes) override;

  void on_ws_message(message::Direction direction, bool text) override;
  void on_ws_data(message::Direction direction, Bytes bytes) override;
  void on_ws_gap(message::Direction direction, std::uint64_t bytes) override;
  void on_ws_end(message::Direction direction, bool complete) override;

  void begin(const flow::Flow& flow, FlowNotes& notes);
  bool multiplexed_room();
  HttpExchange* upgraded_exchange();
  void start_http2(message::Http2Connection::Start start);
  std::uint32_t start_websocket(const message::WebSocketDeflate& deflate);
  void end_websocket(std::uint32_t& websocket);
  HttpSocket& use_socket(std::uint32_t websocket, HttpExchange* exchange);
  void start_exchange(HttpExchange& fresh, message::HttpExchangeId id,
                      const message::HttpRequest& request, TextPool::Id host);
  HttpExchange* find(message::HttpExchangeId id);
  // DNS over HTTP (http_dns.cc)
  static void expect_dns(HttpExchange& exchange, const message::HttpResponse& response);
  static void keep_dns(HttpExchange& exchange, Bytes bytes);
  static void drop_dns(HttpExchange& exchange);
  void end_dns(HttpExchange& exchange, bool complete);
  void make_room_for_exchange();
  std::uint32_t take_exchange();
  void give_back_exchange(std::uint32_t index);
  void emit(std::size_t position);
  void emit_if_over(HttpExchange& exchange);

  HttpHost& host_;
  ExchangeReader* bodies_ = nullptr;
  std::set<std::string, std::less<>> usages_;  // words of a small vocabulary
  message::Http1AsHttp http1_{*this};
  Pool<HttpConnection> connections_;
  Pool<HttpExchange> exchanges_;
  Pool<message::Http2Connection> http2_;
  Pool<message::Http3Connection> http3_;
  Pool<HttpSocket> sockets_;
  // A flow may open one connection after another: each has a number of its own.
  struct Opened : Claim {
    std::uint32_t connection;
    std::uint64_t number;
  };
  [[nodiscard]] auto is_open() const {
    return [this](const Opened& claim) {
      return connections_[claim.connection].opened == claim.number;
    };
  }
  ClaimQueue<Opened> opened_{kConnectionsMax};
  std::uint64_t openings_ = 0;
  std::uint32_t oldest_exchange_ = FlowNotes::kNone;
  std::uint32_t newest_exchange_ = FlowNotes::kNone;
  HttpCounters counters_;

  // The connection that is being fed; the WebSocket, and its exchange where one is kept.
  const flow::Flow* flow_ = nullptr;
  FlowNotes* notes_ = nullptr;
  HttpConnection* connection_ = nullptr;
  HttpSocket* socket_ = nullptr;
  HttpExchange* socket_exchange_ = nullptr;
  std::string lowered_;
  bool hash_requests_;
  bool tunnel_opened_ = false;
  bool tunnel_is_connect_ = false;
  std::vector<TunnelPiece> tunnel_pieces_;
  std::vector<std::uint8_t> tunnel_bytes_;
};

}  // namespace gnomon::sensor
