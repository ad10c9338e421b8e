#include "gnomon/sensor/http_reader.h"

#include <algorithm>
#include <utility>

namespace gnomon::sensor {
namespace {

using message::Direction;

void keep(std::string& to, std::string_view text) {
  to.assign(text.substr(0, HttpExchange::kTextMax));
}

}  // namespace

void HttpReader::open(FlowNotes& notes, flow::FlowIndex index) {
  notes.http = connections_.take();
  notes.http_seen = true;
  HttpConnection& connection = connections_[notes.http];
  connection.parser.reset();
  connection.exchanges.clear();
  connection.flow = index;
  connection.flow_serial = notes.serial;
  opened_.push_back({index, notes.serial, notes.http});
}

bool HttpReader::oldest_if_full(flow::FlowIndex& index, std::uint32_t& serial) {
  // Entries of connections closed since are dropped here, so the queue stays near the pool's size.
  while (!opened_.empty() &&
         (connections_.used() >= kConnectionsMax || opened_.size() > 2 * kConnectionsMax)) {
    const Opened oldest = opened_.front();
    const HttpConnection& connection = connections_[oldest.connection];
    opened_.pop_front();
    if (connection.flow != oldest.flow || connection.flow_serial != oldest.serial) continue;
    index = oldest.flow;
    serial = oldest.serial;
    ++counters_.given_up;
    return true;
  }
  return false;
}

void HttpReader::begin(const flow::Flow& flow, FlowNotes& notes) {
  flow_ = &flow;
  notes_ = &notes;
  connection_ = &connections_[notes.http];
  tunnel_opened_ = false;
}

void HttpReader::feed(const flow::Flow& flow, FlowNotes& notes, Direction direction, Bytes bytes) {
  begin(flow, notes);
  connection_->parser.feed(direction, bytes, *this);
}

void HttpReader::gap(const flow::Flow& flow, FlowNotes& notes, Direction direction,
                     std::uint32_t count) {
  begin(flow, notes);
  connection_->parser.gap(direction, count, *this);
}

void HttpReader::close(const flow::Flow& flow, FlowNotes& notes, bool finished) {
  begin(flow, notes);
  connection_->parser.close(Direction::kToServer, finished, *this);
  connection_->parser.close(Direction::kToClient, finished, *this);
  while (!connection_->exchanges.empty()) emit(0);
  connection_->flow = flow::kNoFlow;
  connections_.give_back(notes.http);
  notes.http = FlowNotes::kNone;
}

HttpExchange* HttpReader::find(std::uint32_t exchange) {
  for (const std::uint32_t each : connection_->exchanges)
    if (exchanges_[each].exchange == exchange) return &exchanges_[each];
  return nullptr;
}

void HttpReader::on_request(const message::Http1Request& request) {
  ++counters_.requests;
  HttpNotes& notes = host_.http_notes(*notes_);
  ++notes.requests;

  const std::string_view authority =
      message::http1_target_authority(request.method, request.target);
  const bool connect = request.method == "CONNECT";
  std::string_view name = message::host_without_port(
      request.fields.host.empty() || connect ? authority : request.fields.host);
  lowered_.assign(name);
  for (char& each : lowered_)
    if (each >= 'A' && each <= 'Z') each = static_cast<char>(each - 'A' + 'a');
  const bool first = notes_->host == TextPool::kNone;
  if (!lowered_.empty()) {
    host_.set_host(
        *notes_, lowered_,
        connect ? observation::HostSource::kHttpConnect : observation::HostSource::kHttpHost);
  }
  TextPool& texts = host_.texts();
  if (notes.user_agent == TextPool::kNone && !request.fields.user_agent.empty())
    notes.user_agent = texts.intern(request.fields.user_agent.substr(0, 512));
  if (first && notes.path == TextPool::kNone) {
    notes.path = texts.intern(request.target.substr(0, 512));
    notes.method = texts.intern(request.method.substr(0, 32));
  }

  const TextPool::Id host = lowered_.empty() ? TextPool::kNone : texts.intern(lowered_);
  if (!host_.wants_requests_of(host) || exchanges_.used() >= kExchangesMax) {
    if (exchanges_.used() >= kExchangesMax) ++counters_.exchanges_dropped;
    texts.release(host);
    return;
  }
  if (connection_->exchanges.size() >= message::kHttp1OutstandingMax) emit(0);
  const std::uint32_t index = exchanges_.take();
  HttpExchange& fresh = exchanges_[index];
  connection_->exchanges.push_back(index);
  fresh.exchange = request.exchange;
  fresh.host = host;
  fresh.hostname = lowered_;
  if (!request.fields.has_host || connect) {
    // Only what the Host field says is reported as the request's hostname.
    lowered_.assign(message::host_without_port(request.fields.host));
    for (char& each : lowered_)
      if (each >= 'A' && each <= 'Z') each = static_cast<char>(each - 'A' + 'a');
    fresh.hostname = lowered_;
  }
  keep(fresh.url, request.target);
  keep(fresh.method, request.method);
  keep(fresh.user_agent, request.fields.user_agent);
  keep(fresh.request_type, request.fields.content_type);
  fresh.response_type.clear();
  keep(fresh.protocol, request.version);
  fresh.time = host_.turn().time;
  fresh.number = host_.turn().number;
  fresh.request_length = fresh.response_length = 0;
  fresh.status = 0;
  fresh.request_ended = fresh.request_complete = false;
  fresh.response_ended = fresh.response_complete = false;
  fresh.hashing = fresh.has_sha = false;
  fresh.decrypted = notes_->decrypted;
}

void HttpReader::on_response(const message::Http1Response& response) {
  ++counters_.responses;
  if (response.interim) return;
  HttpExchange* exchange = find(response.exchange);
  if (exchange == nullptr) return;
  exchange->status = response.status;
  keep(exchange->response_type, response.fields.content_type);
}

void HttpReader::on_body(Direction direction, std::uint32_t number, Bytes bytes) {
  if (direction == Direction::kToServer) host_.http_notes(*notes_).upload_bytes += bytes.size();
  HttpExchange* exchange = find(number);
  if (exchange == nullptr) return;
  if (direction == Direction::kToClient) {
    exchange->response_length += bytes.size();
    return;
  }
  if (!exchange->hashing) {
    exchange->sha.start();
    exchange->hashing = true;
  }
  exchange->sha.add(bytes);
  exchange->request_length += bytes.size();
}

void HttpReader::on_body_gap(Direction direction, std::uint32_t, std::uint64_t bytes) {
  if (direction == Direction::kToServer) host_.http_notes(*notes_).upload_bytes += bytes;
}

void HttpReader::on_end(Direction direction, std::uint32_t number,
                        const message::Http1Ending& ending) {
  if (direction == Direction::kToServer && ending.body_bytes + ending.missing_bytes > 0)
    ++host_.http_notes(*notes_).uploads;
  HttpExchange* exchange = find(number);
  if (exchange == nullptr) return;
  if (direction == Direction::kToServer) {
    exchange->request_ended = true;
    exchange->request_complete = ending.complete;
    if (exchange->hashing && ending.complete) {
      exchange->sha_text = to_hex(exchange->sha.finish());
      exchange->has_sha = true;
    }
  } else {
    exchange->response_ended = true;
    exchange->response_complete = ending.complete;
  }
  if (!exchange->request_ended || !exchange->response_ended) return;
  for (std::size_t i = 0; i < connection_->exchanges.size(); ++i) {
    if (&exchanges_[connection_->exchanges[i]] != exchange) continue;
    emit(i);
    return;
  }
}

void HttpReader::emit(std::size_t position) {
  const std::uint32_t index = connection_->exchanges[position];
  connection_->exchanges.erase(connection_->exchanges.begin() +
                               static_cast<std::ptrdiff_t>(position));
  HttpExchange& exchange = exchanges_[index];
  host_.emit(*flow_, exchange);
  host_.texts().release(exchange.host);
  exchanges_.give_back(index);
}

void HttpReader::on_tunnel(message::Http1Tunnel kind, std::uint32_t) {
  tunnel_opened_ = true;
  tunnel_is_connect_ = kind == message::Http1Tunnel::kConnect;
}

void HttpReader::on_tunnel_data(Direction direction, Bytes bytes) {
  tunnel_opened_ = true;
  tunnel_pieces_.push_back({direction, static_cast<std::uint32_t>(bytes.size())});
  tunnel_bytes_.insert(tunnel_bytes_.end(), bytes.begin(), bytes.end());
}

void HttpReader::take_tunnel(std::vector<TunnelPiece>& pieces, std::vector<std::uint8_t>& bytes) {
  pieces.clear();
  bytes.clear();
  std::swap(pieces, tunnel_pieces_);
  std::swap(bytes, tunnel_bytes_);
  tunnel_opened_ = false;
}

std::size_t HttpReader::memory_bytes() const {
  return connections_.allocated() * sizeof(HttpConnection) +
         exchanges_.allocated() * sizeof(HttpExchange);
}

}  // namespace gnomon::sensor
