#include "gnomon/sensor/exchange_reader.h"

#include "gnomon/message/grpc_stream.h"
#include "gnomon/sensor/http_reader.h"

namespace gnomon::sensor {
namespace {

using message::Direction;
using Side = ExchangeBodies::Side;

std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_identity(std::string_view coding) {
  return coding.empty() || message::same_ignoring_case(coding, "identity");
}

bool says_json(std::string_view type) {
  return type.find("json") != std::string_view::npos || type.find("JSON") != std::string_view::npos;
}

}  // namespace

ExchangeReader::ExchangeReader(ExchangeHost& host, const identify::ApiKnowledge& api)
    : host_(host), api_(api), api_reader_(api) {}

// Known AI apps, servers inside the network, which may be anybody's own, and elsewhere only what
// looks like a call of an API: most of what travels is read no further than its head.
bool ExchangeReader::wants(const flow::Flow& flow, const message::HttpRequest& request,
                           TextPool::Id host, bool decrypted) const {
  const std::string_view type = request.known.content_type;
  // A whole URI is meant for a proxy, and says nothing of where that leads.
  const bool own =
      flow.address(flow::other(flow.client)).is_private() && !request.target.starts_with("http");
  const bool near = own || (host != TextPool::kNone && host_.knows_app(host));
  const bool call =
      request.method == "POST" && (says_json(type) || (decrypted && message::is_grpc(type)));
  return (near || call) && api_reader_.wants(request.method, request.target, type);
}

std::uint32_t ExchangeReader::open(const flow::Flow& flow, const message::HttpRequest& request,
                                   TextPool::Id host, bool decrypted) {
  if (!wants(flow, request, host, decrypted)) return kNone;
  if (bodies_.used() >= kBodiesMax) {
    ++counters_.refused;
    return kNone;
  }
  ++counters_.bodies;
  const std::uint32_t index = bodies_.take();
  ExchangeBodies& bodies = bodies_[index];
  for (Side& side : bodies.sides) {
    side.fields.clear();
    side.message.clear();
    side.scanning = side.opened = side.complete = false;
  }
  bodies.scheme.assign(decrypted ? std::string_view{"https"} : request.scheme);
  bodies.websocket = false;
  bodies.scan.begin(api_);
  request.fields.for_each([&](const message::HttpField& field) {
    bodies.side(Direction::kToServer).fields.add(field.name, field.value);
  });
  if (request.has_body) open_body(bodies, Direction::kToServer, request.known);
  return index;
}

void ExchangeReader::open_body(ExchangeBodies& bodies, Direction direction,
                               const message::Http1Fields& known) {
  Side& side = bodies.side(direction);
  if (side.opened) return;
  side.opened = true;
  // What is coded is not followed: ApiScan reads text.
  side.scanning = !message::is_grpc(known.content_type) && is_identity(known.content_encoding);
}

void ExchangeReader::response(std::uint32_t index, const HttpExchange& exchange,
                              const message::HttpResponse& response) {
  ExchangeBodies& bodies = bodies_[index];
  Side& side = bodies.side(Direction::kToClient);
  side.fields.clear();
  response.fields.for_each(
      [&](const message::HttpField& field) { side.fields.add(field.name, field.value); });
  bodies.websocket = exchange.upgrade == HttpUpgrade::kWebSocket;
  if (bodies.websocket) open_body(bodies, Direction::kToServer, message::Http1Fields{});
  open_body(bodies, Direction::kToClient, response.known);
}

void ExchangeReader::body(std::uint32_t index, Direction direction, Bytes bytes) {
  ExchangeBodies& bodies = bodies_[index];
  if (bodies.side(direction).scanning) scan(bodies, direction, as_text(bytes));
}

void ExchangeReader::scan(ExchangeBodies& bodies, Direction direction, std::string_view text) {
  if (direction == Direction::kToServer) {
    bodies.scan.request(text, host_.frame_time());
  } else {
    bodies.scan.response(text, host_.frame_time());
  }
}

void ExchangeReader::gap(std::uint32_t index, Direction direction, std::uint64_t) {
  ExchangeBodies& bodies = bodies_[index];
  Side& side = bodies.side(direction);
  side.message.clear();
  if (!side.scanning || bodies.websocket) return;
  if (direction == Direction::kToServer) {
    bodies.scan.request_gap();
  } else {
    bodies.scan.response_gap();
  }
}

void ExchangeReader::end(std::uint32_t index, Direction direction, bool complete) {
  bodies_[index].side(direction).complete = complete;
}

void ExchangeReader::message_data(std::uint32_t index, Direction direction, Bytes bytes) {
  std::string& message = bodies_[index].side(direction).message;
  message.append(as_text(bytes).substr(0, kMessageBytesMax - message.size()));
}

void ExchangeReader::message_end(std::uint32_t index, Direction direction, bool complete) {
  ExchangeBodies& bodies = bodies_[index];
  std::string& message = bodies.side(direction).message;
  if (complete && !message.empty()) scan(bodies, direction, message);
  message.clear();
}

void ExchangeReader::close(std::uint32_t index, const flow::Flow& flow,
                           const HttpExchange& exchange) {
  ExchangeBodies& bodies = bodies_[index];
  read_api(bodies, flow, exchange);
  for (Side& side : bodies.sides)
    if (side.message.capacity() > 8192) std::string{}.swap(side.message);
  bodies_.give_back(index);
}

void ExchangeReader::read_api(ExchangeBodies& bodies, const flow::Flow& flow,
                              const HttpExchange& exchange) {
  ++counters_.api_read;
  for (const Direction direction : {Direction::kToServer, Direction::kToClient}) {
    auto& fields = api_fields_[static_cast<std::size_t>(direction)];
    fields.clear();
    bodies.side(direction).fields.read_fields().for_each([&](const message::HttpField& field) {
      fields.push_back({field.name, field.value});
    });
  }
  identify::ApiExchange api;
  api.method = exchange.method;
  api.scheme = bodies.scheme;
  api.host = exchange.hostname;
  api.target = exchange.url;
  api.request_fields = api_fields_[0];
  api.response_fields = api_fields_[1];
  api.status = exchange.status;
  api.request_bytes = exchange.request_length + exchange.messages_length;
  api.response_bytes = exchange.response_length;
  api.bodies = &bodies.scan;
  api.client = flow.address(flow.client);
  api.server = flow.address(flow::other(flow.client));
  api.server_port = flow.port(flow::other(flow.client));
  api.tls = exchange.decrypted;
  api.websocket = bodies.websocket;
  api.known_app = exchange.host != TextPool::kNone && host_.knows_app(exchange.host);
  host_.tell_api(flow, exchange, api_reader_.read(api));
}

std::size_t ExchangeReader::memory_bytes() const {
  return bodies_.allocated() * sizeof(ExchangeBodies);
}

}  // namespace gnomon::sensor
