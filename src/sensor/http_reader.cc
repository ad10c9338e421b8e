#include "gnomon/sensor/http_reader.h"

#include <algorithm>
#include <utility>

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/free_room.h"

namespace gnomon::sensor {
namespace {

using message::Direction;
using message::HttpExchangeId;

void keep(std::string& to, std::string_view text) {
  to.assign(text.substr(0, HttpExchange::kTextMax));
}

void let_go(HttpExchange& exchange) {
  for (std::string* const text :
       {&exchange.hostname, &exchange.url, &exchange.method, &exchange.user_agent,
        &exchange.request_type, &exchange.response_type, &exchange.protocol})
    free_room(*text);
}

void lower(std::string& text) {
  for (char& each : text) each = to_lower(each);
}

HttpUpgrade upgrade_of(std::string_view protocols) {
  if (protocols.empty()) return HttpUpgrade::kNone;
  if (message::http1_list_has(protocols, "websocket")) return HttpUpgrade::kWebSocket;
  if (message::http1_list_has(protocols, "h2c")) return HttpUpgrade::kHttp2;
  return HttpUpgrade::kOther;
}

}  // namespace

void HttpReader::open(FlowNotes& notes, flow::FlowIndex index, HttpStart start, bool decrypted) {
  notes.http = connections_.take();
  notes.http_seen = true;
  HttpConnection& connection = connections_[notes.http];
  connection.parser.reset();
  connection.exchanges.clear();
  connection.latest = 0;
  connection.opened = ++openings_;
  connection.deflate = {};
  connection.start = start;
  connection.asked = connection.granted = HttpUpgrade::kNone;
  connection.decrypted = decrypted || notes.decrypted;
  connection_ = &connection;
  notes_ = &notes;
  if (start == HttpStart::kHttp2) start_http2(message::Http2Connection::Start::kWhole);
  if (start == HttpStart::kHttp2Middle) start_http2(message::Http2Connection::Start::kMiddle);
  if (start == HttpStart::kHttp3 && multiplexed_room()) {
    ++counters_.http3_connections;
    connection.http3 = http3_.take();
    http3_[connection.http3].reset();
  }
  opened_.add({{index, notes.serial}, notes.http, openings_}, is_open());
}

bool HttpReader::multiplexed_room() {
  if (http2_.used() + http3_.used() < kMultiplexedMax) return true;
  ++counters_.refused;
  notes_->give_up();
  return false;
}

void HttpReader::start_http2(message::Http2Connection::Start start) {
  if (!multiplexed_room()) return;
  notes_->http2 = true;
  ++counters_.http2_connections;
  connection_->http2 = http2_.take();
  http2_[connection_->http2].reset(start);
}

bool HttpReader::oldest_if_full(flow::FlowIndex& index, std::uint32_t& serial) {
  if (connections_.used() < kConnectionsMax) return false;
  const auto oldest = opened_.take_oldest(is_open());
  if (!oldest) return false;
  index = oldest->flow;
  serial = oldest->serial;
  ++counters_.given_up;
  return true;
}

void HttpReader::begin(const flow::Flow& flow, FlowNotes& notes) {
  flow_ = &flow;
  notes_ = &notes;
  connection_ = &connections_[notes.http];
  connection_->flow = &flow;
  connection_->notes = &notes;
  tunnel_opened_ = false;
}

bool HttpReader::failed(const FlowNotes& notes) const {
  const HttpConnection& connection = connections_[notes.http];
  if (connection.parser.in_tunnel()) {
    if (connection.websocket != FlowNotes::kNone)
      return sockets_[connection.websocket].stream.failed();
    return connection.http2 != FlowNotes::kNone && http2_[connection.http2].failed();
  }
  if (connection.http2 != FlowNotes::kNone) return http2_[connection.http2].failed();
  return connection.http3 == FlowNotes::kNone && connection.parser.failed();
}

void HttpReader::feed(const flow::Flow& flow, FlowNotes& notes, Direction direction, Bytes bytes) {
  begin(flow, notes);
  if (connection_->http2 != FlowNotes::kNone && !connection_->parser.in_tunnel()) {
    http2_[connection_->http2].feed(direction, bytes, *this);
  } else {
    connection_->parser.feed(direction, bytes, http1_);
  }
}

void HttpReader::gap(const flow::Flow& flow, FlowNotes& notes, Direction direction,
                     std::uint64_t count) {
  begin(flow, notes);
  if (connection_->http2 != FlowNotes::kNone && !connection_->parser.in_tunnel()) {
    http2_[connection_->http2].gap(direction, count, *this);
  } else {
    connection_->parser.gap(direction, count, http1_);
  }
}

void HttpReader::feed_stream(const flow::Flow& flow, FlowNotes& notes, Direction direction,
                             std::uint64_t stream, Bytes bytes, bool fin) {
  begin(flow, notes);
  if (connection_->http3 == FlowNotes::kNone) return;
  http3_[connection_->http3].feed(direction, stream, bytes, fin, *this);
}

void HttpReader::gap_stream(const flow::Flow& flow, FlowNotes& notes, Direction direction,
                            std::uint64_t stream, std::uint64_t count) {
  begin(flow, notes);
  if (connection_->http3 == FlowNotes::kNone) return;
  http3_[connection_->http3].gap(direction, stream, count, *this);
}

void HttpReader::reset_stream(const flow::Flow& flow, FlowNotes& notes, Direction direction,
                              std::uint64_t stream) {
  begin(flow, notes);
  if (connection_->http3 == FlowNotes::kNone) return;
  http3_[connection_->http3].reset_stream(direction, stream, *this);
}

void HttpReader::close(const flow::Flow& flow, FlowNotes& notes, bool finished) {
  begin(flow, notes);
  HttpConnection& connection = *connection_;
  connection.parser.close(Direction::kToServer, finished, http1_);
  connection.parser.close(Direction::kToClient, finished, http1_);
  if (connection.http2 != FlowNotes::kNone) {
    message::Http2Connection& http2 = http2_[connection.http2];
    http2.close(Direction::kToServer, *this);
    http2.close(Direction::kToClient, *this);
    counters_.http2.add(http2.counters());
    counters_.streams_dropped += http2.streams_dropped();
    http2_.give_back(std::exchange(connection.http2, FlowNotes::kNone));
  }
  if (connection.http3 != FlowNotes::kNone) {
    message::Http3Connection& http3 = http3_[connection.http3];
    http3.close(*this);
    counters_.http3.add(http3.counters());
    counters_.streams_dropped += http3.streams_dropped();
    http3_.give_back(std::exchange(connection.http3, FlowNotes::kNone));
  }
  if (connection.websocket != FlowNotes::kNone) {
    use_socket(connection.websocket, upgraded_exchange());
    end_websocket(connection.websocket);
  }
  while (!connection.exchanges.empty()) emit(0);
  connection.opened = 0;
  connections_.give_back(notes.http);
  notes.http = FlowNotes::kNone;
}

HttpExchange* HttpReader::find(HttpExchangeId id) {
  const std::vector<std::uint32_t>& exchanges = connection_->exchanges;
  if (connection_->latest < exchanges.size()) {
    HttpExchange& latest = exchanges_[exchanges[connection_->latest]];
    if (latest.exchange == id) return &latest;
  }
  for (std::size_t i = 0; i < exchanges.size(); ++i) {
    if (exchanges_[exchanges[i]].exchange != id) continue;
    connection_->latest = i;
    return &exchanges_[exchanges[i]];
  }
  return nullptr;
}

void HttpReader::on_request(HttpExchangeId id, const message::HttpRequest& request) {
  if (request.pushed) return;  // nobody asked for it
  ++counters_.requests;
  counters_.heads_shortened += request.partial;
  HttpNotes& notes = host_.http_notes(*notes_);
  ++notes.requests;

  const bool connect = request.method == "CONNECT" && request.connect_protocol.empty();
  lowered_.assign(message::host_without_port(request.authority));
  lower(lowered_);
  const bool first = notes_->host == TextPool::kNone;
  if (!lowered_.empty()) {
    host_.set_host(
        *notes_, lowered_,
        connect ? observation::HostSource::kHttpConnect : observation::HostSource::kHttpHost);
  }
  TextPool& texts = host_.texts();
  // A field that refers to what a gap took: the connection has said before whom it talks to.
  if (lowered_.empty() && request.partial && connection_->start == HttpStart::kHttp2 && !connect)
    lowered_.assign(texts.text(notes_->host));
  if (notes.user_agent == TextPool::kNone && !request.known.user_agent.empty())
    notes.user_agent = texts.intern(request.known.user_agent.substr(0, 512));
  if (first && notes.path == TextPool::kNone) {
    notes.path = texts.intern(request.target.substr(0, 512));
    notes.method = texts.intern(request.method.substr(0, 32));
  }
  connection_->asked = upgrade_of(request.known.upgrade);
  connection_->granted = HttpUpgrade::kNone;

  const TextPool::Id host = lowered_.empty() ? TextPool::kNone : texts.intern(lowered_);
  make_room_for_exchange();
  const std::uint32_t bodies =
      bodies_ == nullptr ? ExchangeReader::kNone
                         : bodies_->open(*flow_, request, lowered_, host, connection_->decrypted);
  const std::size_t outstanding_max = connection_->start == HttpStart::kHttp1
                                          ? message::kHttp1OutstandingMax
                                          : kExchangesPerConnectionMax;
  if (connection_->exchanges.size() >= outstanding_max) emit(0);
  const std::uint32_t index = take_exchange();
  connection_->latest = connection_->exchanges.size();
  connection_->exchanges.push_back(index);
  start_exchange(exchanges_[index], id, request, host);
  exchanges_[index].bodies = bodies;
  if (bodies != ExchangeReader::kNone) bodies_->belongs_to(bodies, exchanges_[index]);
}

void HttpReader::start_exchange(HttpExchange& fresh, HttpExchangeId id,
                                const message::HttpRequest& request, TextPool::Id host) {
  fresh.exchange = id;
  fresh.host = host;
  fresh.hostname = lowered_;
  const bool connect = request.method == "CONNECT";
  if (connect) {  // what it leads to is in the target alone
    fresh.hostname.assign(message::host_without_port(request.known.host));
    lower(fresh.hostname);
  }
  keep(fresh.url, request.target);
  keep(fresh.method, request.method);
  keep(fresh.user_agent, request.known.user_agent);
  keep(fresh.request_type, request.known.content_type);
  fresh.response_type.clear();
  keep(fresh.protocol, request.protocol);
  fresh.time = host_.turn().time;
  fresh.number = host_.turn().frame;
  fresh.request_length = fresh.response_length = fresh.messages_length = 0;
  fresh.websocket = FlowNotes::kNone;
  fresh.status = 0;
  fresh.upgrade = HttpUpgrade::kNone;
  fresh.request_ended = fresh.request_complete = false;
  fresh.response_ended = fresh.response_complete = false;
  fresh.decrypted = connection_->decrypted;
  fresh.hashing = fresh.has_sha = false;
  drop_dns(fresh);
  fresh.tunnel = connect;
  // RFC 8441: the stream of an extended CONNECT carries what an upgraded connection does.
  if (connect && same_ignoring_case(request.connect_protocol, "websocket")) {
    fresh.upgrade = HttpUpgrade::kWebSocket;
    fresh.websocket = start_websocket({});
  }
}

void HttpReader::on_response(HttpExchangeId id, const message::HttpResponse& response) {
  ++counters_.responses;
  if (response.interim) {
    const HttpExchange* exchange = find(id);
    if (exchange != nullptr && exchange->bodies != ExchangeReader::kNone)
      bodies_->place(exchange->bodies, response);
    return;
  }
  if (response.status == 101) {
    connection_->granted = upgrade_of(response.known.upgrade);
    if (connection_->granted == HttpUpgrade::kNone) connection_->granted = connection_->asked;
    connection_->deflate =
        message::read_websocket_extensions(response.fields.find("Sec-WebSocket-Extensions"));
  }
  HttpExchange* exchange = find(id);
  if (exchange == nullptr) return;
  exchange->status = response.status;
  keep(exchange->response_type, response.known.content_type);
  expect_dns(*exchange, response);
  if (response.status == 101) exchange->upgrade = connection_->granted;
  if (exchange->websocket != FlowNotes::kNone) {
    const message::WebSocketDeflate deflate =
        message::read_websocket_extensions(response.fields.find("Sec-WebSocket-Extensions"));
    if (deflate.on) sockets_[exchange->websocket].stream.reset(deflate);
  }
  if (exchange->bodies != ExchangeReader::kNone)
    bodies_->response(exchange->bodies, *exchange, response);
}

void HttpReader::on_body(Direction direction, HttpExchangeId id, Bytes bytes) {
  HttpExchange* exchange = find(id);
  if (exchange != nullptr && exchange->websocket != FlowNotes::kNone) {
    use_socket(exchange->websocket, exchange).stream.feed(direction, bytes, *this);
    return;
  }
  if (direction == Direction::kToServer) host_.http_notes(*notes_).upload_bytes += bytes.size();
  if (exchange == nullptr) return;
  if (exchange->bodies != ExchangeReader::kNone) bodies_->body(exchange->bodies, direction, bytes);
  if (direction == Direction::kToClient) {
    exchange->response_length += bytes.size();
    if (exchange->dns_answer) keep_dns(*exchange, bytes);
    return;
  }
  exchange->request_length += bytes.size();
  if (exchange->tunnel || !hash_requests_) return;
  if (!exchange->hashing) {
    exchange->sha.start();
    exchange->hashing = true;
  }
  exchange->sha.add(bytes);
}

void HttpReader::on_body_gap(Direction direction, HttpExchangeId id, std::uint64_t bytes) {
  HttpExchange* exchange = find(id);
  if (exchange != nullptr && exchange->websocket != FlowNotes::kNone) {
    use_socket(exchange->websocket, exchange).stream.gap(direction, bytes, *this);
    return;
  }
  if (direction == Direction::kToServer) host_.http_notes(*notes_).upload_bytes += bytes;
  if (exchange == nullptr) return;
  if (direction == Direction::kToClient) drop_dns(*exchange);
  if (exchange->bodies != ExchangeReader::kNone) bodies_->gap(exchange->bodies, direction, bytes);
}

void HttpReader::on_end(Direction direction, HttpExchangeId id, const message::HttpEnding& ending) {
  HttpExchange* exchange = find(id);
  const bool socket = exchange != nullptr && exchange->websocket != FlowNotes::kNone;
  if (direction == Direction::kToServer && ending.body_bytes + ending.missing_bytes > 0 && !socket)
    ++host_.http_notes(*notes_).uploads;
  if (exchange == nullptr) return;
  if (exchange->bodies != ExchangeReader::kNone)
    bodies_->end(exchange->bodies, direction, ending.complete);
  if (direction == Direction::kToServer) {
    exchange->request_ended = true;
    exchange->request_complete = ending.complete;
    if (exchange->hashing && ending.complete) {
      exchange->sha_text = to_hex(exchange->sha.finish());
      exchange->has_sha = true;
    }
  } else {
    exchange->response_complete = ending.complete;
    end_dns(*exchange, ending.complete);
    // What the connection becomes goes on as this exchange.
    const bool goes_on = exchange->upgrade != HttpUpgrade::kNone && exchange->status == 101;
    exchange->response_ended = !goes_on;
  }
  emit_if_over(*exchange);
}

void HttpReader::emit_if_over(HttpExchange& exchange) {
  if (!exchange.request_ended || !exchange.response_ended) return;
  for (std::size_t i = 0; i < connection_->exchanges.size(); ++i) {
    if (&exchanges_[connection_->exchanges[i]] != &exchange) continue;
    emit(i);
    return;
  }
}

void HttpReader::emit(std::size_t position) {
  const std::uint32_t index = connection_->exchanges[position];
  connection_->exchanges.erase(connection_->exchanges.begin() +
                               static_cast<std::ptrdiff_t>(position));
  HttpExchange& exchange = exchanges_[index];
  if (exchange.websocket != FlowNotes::kNone) {
    use_socket(exchange.websocket, &exchange);
    end_websocket(exchange.websocket);
  }
  host_.emit(*flow_, exchange);
  if (exchange.bodies != ExchangeReader::kNone) {
    bodies_->close(exchange.bodies, *flow_, exchange);
    HttpNotes& notes = host_.http_notes(*notes_);
    // The word may belong to knowledge that goes before the flow does.
    if (notes.api_usage.empty() && !bodies_->usage().empty())
      notes.api_usage = *usages_.emplace(bodies_->usage()).first;
  }
  host_.texts().release(exchange.host);
  let_go(exchange);
  give_back_exchange(index);
}

// Requests that nobody answers do not keep those that come after them from being told.
void HttpReader::make_room_for_exchange() {
  while (exchanges_.used() >= kExchangesMax) {
    ++counters_.exchanges_given_up;
    // The reader works on the connection that the exchange is of, and then on the present one
    // again.
    HttpConnection* const current =
        std::exchange(connection_, &connections_[exchanges_[oldest_exchange_].connection]);
    const flow::Flow* const current_flow = std::exchange(flow_, connection_->flow);
    FlowNotes* const current_notes = std::exchange(notes_, connection_->notes);
    notes_->give_up();
    emit(0);  // of its connection it is the oldest too
    connection_ = current;
    flow_ = current_flow;
    notes_ = current_notes;
  }
}

std::uint32_t HttpReader::take_exchange() {
  const std::uint32_t index = exchanges_.take();
  HttpExchange& fresh = exchanges_[index];
  fresh.connection = notes_->http;
  fresh.older = newest_exchange_;
  fresh.newer = FlowNotes::kNone;
  (fresh.older == FlowNotes::kNone ? oldest_exchange_ : exchanges_[fresh.older].newer) = index;
  newest_exchange_ = index;
  return index;
}

void HttpReader::give_back_exchange(std::uint32_t index) {
  const HttpExchange& gone = exchanges_[index];
  (gone.older == FlowNotes::kNone ? oldest_exchange_ : exchanges_[gone.older].newer) = gone.newer;
  (gone.newer == FlowNotes::kNone ? newest_exchange_ : exchanges_[gone.newer].older) = gone.older;
  exchanges_.give_back(index);
}

std::size_t HttpReader::memory_bytes() const {
  return connections_.allocated() * sizeof(HttpConnection) +
         exchanges_.allocated() * sizeof(HttpExchange) +
         http2_.allocated() * sizeof(message::Http2Connection) +
         http3_.allocated() * sizeof(message::Http3Connection) +
         sockets_.allocated() * sizeof(HttpSocket);
}

}  // namespace gnomon::sensor
