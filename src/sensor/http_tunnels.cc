// What HTTP connections become: WebSockets, HTTP/2 after an upgrade, and what CONNECT leads to.
#include <utility>

#include "gnomon/sensor/http_reader.h"

namespace gnomon::sensor {

using message::Direction;
using message::HttpExchangeId;

// Nothing of HTTP/1 follows. A WebSocket and HTTP/2 are read on here; what else may come, and
// everything behind CONNECT, is the caller's.
void HttpReader::on_tunnel(message::HttpTunnel kind, HttpExchangeId id) {
  HttpUpgrade upgrade = connection_->granted;
  if (upgrade == HttpUpgrade::kNone) upgrade = connection_->asked;
  HttpExchange* exchange = find(id);
  if (kind == message::HttpTunnel::kUpgrade && upgrade == HttpUpgrade::kWebSocket) {
    connection_->websocket = start_websocket(connection_->deflate);
    if (exchange != nullptr && exchange->bodies != ExchangeReader::kNone &&
        connection_->websocket != FlowNotes::kNone)
      bodies_->messages_follow(exchange->bodies, *exchange);
    if (connection_->websocket != FlowNotes::kNone) return;
  }
  if (kind == message::HttpTunnel::kUpgrade && upgrade == HttpUpgrade::kHttp2) {
    connection_->start = HttpStart::kHttp2;
    start_http2(message::Http2Connection::Start::kUpgraded);
    if (exchange != nullptr) {
      exchange->exchange = 1;  // its answer comes on stream 1 (RFC 7540 §3.2)
      exchange->upgrade = HttpUpgrade::kNone;
      exchange->protocol = "HTTP/2";
    }
    return;
  }
  if (exchange != nullptr) {
    exchange->response_ended = true;
    emit_if_over(*exchange);
  }
  tunnel_opened_ = true;
  tunnel_is_connect_ = kind == message::HttpTunnel::kConnect;
}

void HttpReader::on_tunnel_data(Direction direction, Bytes bytes) {
  if (connection_->websocket != FlowNotes::kNone) {
    use_socket(connection_->websocket, upgraded_exchange()).stream.feed(direction, bytes, *this);
    return;
  }
  if (connection_->http2 != FlowNotes::kNone) {
    http2_[connection_->http2].feed(direction, bytes, *this);
    return;
  }
  tunnel_opened_ = true;
  tunnel_pieces_.push_back({direction, static_cast<std::uint32_t>(bytes.size())});
  tunnel_bytes_.insert(tunnel_bytes_.end(), bytes.begin(), bytes.end());
}

void HttpReader::on_tunnel_gap(Direction direction, std::uint64_t bytes) {
  if (connection_->websocket != FlowNotes::kNone) {
    use_socket(connection_->websocket, upgraded_exchange()).stream.gap(direction, bytes, *this);
  } else if (connection_->http2 != FlowNotes::kNone) {
    http2_[connection_->http2].gap(direction, bytes, *this);
  }
}

std::uint32_t HttpReader::start_websocket(const message::WebSocketDeflate& deflate) {
  if (sockets_.used() >= kWebSocketsMax) {
    ++counters_.refused;
    notes_->give_up();
    return FlowNotes::kNone;
  }
  ++counters_.websockets;
  const std::uint32_t index = sockets_.take();
  sockets_[index].stream.reset(deflate);
  sockets_[index].message_bytes = 0;
  return index;
}

void HttpReader::end_websocket(std::uint32_t& websocket) {
  message::WebSocketStream& stream = sockets_[websocket].stream;
  stream.close(*this);
  counters_.websocket.add(stream.counters());
  sockets_.give_back(std::exchange(websocket, FlowNotes::kNone));
}

HttpSocket& HttpReader::use_socket(std::uint32_t websocket, HttpExchange* exchange) {
  socket_ = &sockets_[websocket];
  socket_exchange_ = exchange;
  return *socket_;
}

// The exchange that a whole connection became a WebSocket for: the last, where one was kept.
HttpExchange* HttpReader::upgraded_exchange() {
  return connection_->exchanges.empty() ? nullptr : &exchanges_[connection_->exchanges.back()];
}

void HttpReader::on_ws_message(Direction direction, bool) {
  if (direction == Direction::kToServer) socket_->message_bytes = 0;
}

void HttpReader::on_ws_data(Direction direction, Bytes bytes) {
  if (direction == Direction::kToServer) socket_->message_bytes += bytes.size();
  if (socket_exchange_ != nullptr && socket_exchange_->bodies != ExchangeReader::kNone)
    bodies_->message_data(socket_exchange_->bodies, direction, bytes);
}

void HttpReader::on_ws_gap(Direction direction, std::uint64_t bytes) {
  if (direction == Direction::kToServer) socket_->message_bytes += bytes;
  if (socket_exchange_ != nullptr && socket_exchange_->bodies != ExchangeReader::kNone)
    bodies_->gap(socket_exchange_->bodies, direction, bytes);
}

// A message to the server is an upload like a request's body.
void HttpReader::on_ws_end(Direction direction, bool complete) {
  if (socket_exchange_ != nullptr && socket_exchange_->bodies != ExchangeReader::kNone)
    bodies_->message_end(socket_exchange_->bodies, direction, complete);
  if (direction == Direction::kToClient || socket_->message_bytes == 0) return;
  const std::uint64_t bytes = std::exchange(socket_->message_bytes, 0);
  HttpNotes& notes = host_.http_notes(*notes_);
  ++notes.uploads;
  notes.upload_bytes += bytes;
  if (socket_exchange_ != nullptr) socket_exchange_->messages_length += bytes;
}

void HttpReader::take_tunnel(std::vector<TunnelPiece>& pieces, std::vector<std::uint8_t>& bytes) {
  pieces.clear();
  bytes.clear();
  std::swap(pieces, tunnel_pieces_);
  std::swap(bytes, tunnel_bytes_);
  tunnel_opened_ = false;
}

}  // namespace gnomon::sensor
