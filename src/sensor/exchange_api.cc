// Which exchanges are read as calls of model APIs, and what they say as such.
#include <string_view>

#include "exchange_judge.h"
#include "gnomon/sensor/http_reader.h"

namespace gnomon::sensor {
namespace {

using message::Direction;

bool says_json(std::string_view type) {
  return type.find("json") != std::string_view::npos || type.find("JSON") != std::string_view::npos;
}

// Pages ask for much, and ask no API of models.
bool is_browser(const message::HttpRequest& request) {
  return request.known.user_agent.starts_with("Mozilla/");
}

}  // namespace

// Known AI apps, servers inside the network, which may be anybody's own, and elsewhere only what
// looks like a call of an API, or fetches something of AI: most of what travels is read no further
// than its head.
ExchangeReader::Interest ExchangeReader::interest_in(const ExchangeJudge& judge,
                                                     const flow::Flow& flow,
                                                     const message::HttpRequest& request,
                                                     std::string_view hostname, TextPool::Id host,
                                                     bool decrypted) const {
  const std::string_view type = request.known.content_type;
  // A whole URI is meant for a proxy, and says nothing of where that leads.
  const bool own =
      flow.address(flow::other(flow.client)).is_private() && !request.target.starts_with("http");
  if (own || (host != TextPool::kNone && host_.knows_app(host))) return Interest::kWhole;
  const bool post = request.method == "POST";
  if (post && (says_json(type) || (decrypted && message::is_grpc(type)))) return Interest::kWhole;
  if (!judge.api) return Interest::kNone;
  const bool browser = is_browser(request);
  if (browser && !post && (host == TextPool::kNone || !host_.is_source(host)))
    return Interest::kNone;
  const identify::ApiReader::FirstLook look =
      judge.api->look(request.method, hostname, request.target, request.known.user_agent);
  // Clients leave the type out, or say another: curl -d.
  if (look.calls && (post || !browser)) return Interest::kWhole;
  // What hubs give is public.
  return look.fetches ? Interest::kFetch : Interest::kNone;
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
  api.bodies = bodies.scanned ? &bodies.scan : nullptr;
  api.client = flow.address(flow.client);
  api.server = flow.address(flow::other(flow.client));
  api.server_port = flow.port(flow::other(flow.client));
  api.tls = exchange.decrypted;
  api.websocket = bodies.websocket;
  // A registry is nobody's self-hosted server.
  api.known_app =
      bodies.fetch || (exchange.host != TextPool::kNone && host_.knows_app(exchange.host));
  const identify::ApiFacts& facts = bodies.judge->api->read(api);
  usage_ = facts.usage;
  if (bodies.judge == judges_.back().get()) {
    host_.tell_api(flow, exchange, facts);
    return;
  }
  // What speaks for products is told by its place in knowledge that is no longer the current one.
  identify::ApiFacts plain = facts;
  plain.traits = {};
  plain.said = {};
  plain.touches = {};
  plain.call = false;
  host_.tell_api(flow, exchange, plain);
}

}  // namespace gnomon::sensor
