// The part of Http1Connection that knows messages: their framing, which response answers which
// request, where they end, and tunnels.
#include <algorithm>

#include "gnomon/bytes/ascii.h"
#include "http1_lines.h"

namespace gnomon::message {
namespace {

// A copy of `head` in `buffer` (where it may already stand) in which every field is one line:
// obs-fold undone (RFC 9112 §5.2). The line after the start line is left alone, as it would
// continue that.
std::string_view unfold(std::string_view head, std::vector<std::uint8_t>& buffer) {
  const auto* start = reinterpret_cast<const std::uint8_t*>(head.data());
  if (start == buffer.data()) {
    buffer.resize(head.size());
  } else {
    buffer.assign(start, start + head.size());
  }
  std::size_t lines = 0;
  for (std::size_t i = 0; i + 1 < buffer.size(); ++i) {
    if (buffer[i] != '\n' || lines++ == 0 || (buffer[i + 1] != ' ' && buffer[i + 1] != '\t'))
      continue;
    buffer[i] = ' ';
    if (buffer[i - 1] == '\r') buffer[i - 1] = ' ';
  }
  return {reinterpret_cast<const char*>(buffer.data()), buffer.size()};
}

}  // namespace

// RFC 9112 §6.3: Transfer-Encoding wins, a request without either field has no body.
Http1Framing Http1Connection::request_framing(const Http1Request& request, Told part) {
  const Http1Fields& fields = request.fields;
  if (!fields.transfer_encoding.empty())
    return fields.chunked ? Http1Framing::kChunked : Http1Framing::kUnknown;
  if (fields.bad_content_length) return Http1Framing::kUnknown;
  if (fields.has_content_length)
    return fields.content_length == 0 ? Http1Framing::kNone : Http1Framing::kLength;
  const bool bodiless = request.method == "GET" || request.method == "HEAD";
  return part == Told::kCut && !bodiless ? Http1Framing::kUnknown : Http1Framing::kNone;
}

// True when a head was told whose message goes on. `head` may stand in the side's buffer.
bool Http1Connection::tell_head(Direction direction, Bytes head, Told part, Http1Events& events) {
  Side& from = side(direction);
  from.ending = {};
  from.broken = from.chunk_sought = false;
  from.sought = 0;
  from.seen_head = true;
  from.state = State::kHead;
  const bool told = direction == Direction::kToServer ? tell_request(as_text(head), part, events)
                                                      : tell_response(as_text(head), part, events);
  from.lost = false;
  if (from.state == State::kHead && !told) from.state = State::kBoundary;
  return told;
}

// The rest of a head will not come: what came of it in whole lines is told.
void Http1Connection::cut_short(Direction direction, Http1Events& events) {
  Side& from = side(direction);
  const bool told =
      tell_head(direction, Bytes{from.buffer}.first(from.scanned), Told::kCut, events);
  if (told) end_message(direction, false, events);
  if (from.state != State::kTunnel) from.buffer.clear();
}

void Http1Connection::start_body(Direction direction, Http1Events& events) {
  Side& from = side(direction);
  switch (from.framing) {
    case Http1Framing::kNone:
      end_message(direction, true, events);
      break;
    case Http1Framing::kLength:
    case Http1Framing::kChunked:
      begin_framed(from);
      // Where no answer is seen at all, none tells that the body was asked for.
      if (from.waits && side(Direction::kToClient).offset == 0) from.state = State::kWithheld;
      break;
    case Http1Framing::kUntilClose:
      from.state = State::kUntilClose;
      break;
    case Http1Framing::kUnknown:
      lose_step(direction, events);
      break;
  }
}

void Http1Connection::begin_framed(Side& from) {
  const bool chunked = from.framing == Http1Framing::kChunked;
  from.state = chunked ? State::kChunkSize : State::kLength;
  from.digits = 0;
}

void Http1Connection::end_message(Direction direction, bool complete, Http1Events& events) {
  Side& from = side(direction);
  from.in_message = false;
  from.state = State::kBoundary;
  from.ending.complete = complete && !from.broken;
  events.on_end(direction, from.exchange, from.ending);
  if (from.tunnel_at_end) enter_tunnel(direction, events);
}

// Where the next message begins is not known any more.
void Http1Connection::lose_step(Direction direction, Http1Events& events) {
  Side& from = side(direction);
  if (from.in_message) end_message(direction, false, events);
  if (from.state == State::kTunnel) return;
  from.buffer.clear();
  from.lost = true;
  from.state = State::kBoundary;
}

bool Http1Connection::tell_request(std::string_view head, Told part, Http1Events& events) {
  Side& from = side(Direction::kToServer);
  Http1Request request;
  bool read = read_http1_request(head, request);
  if (read && request.fields.folded) read = read_http1_request(unfold(head, from.buffer), request);
  if (!read) return false;
  request.offset = from.head_offset;
  request.truncated = part != Told::kWhole;
  request.framing = request_framing(request, part);
  request.exchange = from.exchange = next_exchange_++;
  if (next_exchange_ - oldest_exchange_ > kHttp1OutstandingMax)
    oldest_exchange_ = next_exchange_ - kHttp1OutstandingMax;
  Outstanding& outstanding = outstanding_[request.exchange % kHttp1OutstandingMax];
  outstanding = {.head = request.method == "HEAD", .connect = request.method == "CONNECT"};
  from.tunnel_asked = outstanding.connect || !request.fields.upgrade.empty();
  from.tunnel_at_end = false;
  from.waits = same_ignoring_case(request.fields.expect, "100-continue");
  from.framing = request.framing;
  from.remaining = request.fields.content_length;
  from.in_message = true;
  events.on_request(request);
  return true;
}

Http1Framing Http1Connection::response_framing(const Http1Response& response,
                                               const Outstanding& request, Told part) {
  const Http1Fields& fields = response.fields;
  if (response.status < 200 || response.status == 204 || response.status == 304 || request.head ||
      (request.connect && response.status < 300))
    return Http1Framing::kNone;
  if (fields.chunked) return Http1Framing::kChunked;
  if (!fields.transfer_encoding.empty()) return Http1Framing::kUntilClose;
  if (fields.bad_content_length) return Http1Framing::kUnknown;
  if (fields.has_content_length)
    return fields.content_length == 0 ? Http1Framing::kNone : Http1Framing::kLength;
  return part == Told::kCut ? Http1Framing::kUnknown : Http1Framing::kUntilClose;
}

// The request that the response at hand answers: the oldest outstanding one, unless responses were
// missed, when it is most likely the newest.
std::uint32_t Http1Connection::take_answered(bool interim) {
  if (oldest_exchange_ == next_exchange_) return kHttp1NoExchange;
  if (side(Direction::kToClient).lost) oldest_exchange_ = next_exchange_ - 1;
  return interim ? oldest_exchange_ : oldest_exchange_++;
}

bool Http1Connection::tell_response(std::string_view head, Told part, Http1Events& events) {
  Side& from = side(Direction::kToClient);
  Http1Response response;
  bool read = read_http1_response(head, response);
  if (read && response.fields.folded)
    read = read_http1_response(unfold(head, from.buffer), response);
  if (!read) return false;
  response.offset = from.head_offset;
  response.truncated = part != Told::kWhole;
  response.interim = response.status < 200 && response.status != 101;
  response.exchange = from.exchange = take_answered(response.interim);
  const bool paired = response.exchange != kHttp1NoExchange;
  Outstanding request;
  if (paired) request = outstanding_[response.exchange % kHttp1OutstandingMax];
  // A proxy's answer is known by its usual words where the CONNECT was not seen.
  if (!paired && response.status == 200 && !response.fields.has_content_length &&
      same_ignoring_case(response.reason, "connection established"))
    request.connect = true;
  response.framing = from.framing = response_framing(response, request, part);
  from.remaining = response.fields.content_length;

  const bool connected = request.connect && response.status >= 200 && response.status < 300;
  const bool granted = response.status == 101 || connected;
  const std::uint32_t exchange = response.exchange;
  const bool interim = response.interim;
  from.in_message = !interim;
  events.on_response(response);
  Side& to_server = side(Direction::kToServer);
  // Of the request in hand, of which nothing but the head has come: its client waits.
  const bool awaited = paired && to_server.waits && to_server.in_message &&
                       to_server.exchange == exchange && to_server.buffer.empty() &&
                       to_server.ending.body_bytes == 0 && to_server.ending.missing_bytes == 0;
  if (interim) {
    if (awaited && response.status == 100 && to_server.state == State::kWithheld)
      begin_framed(to_server);
    from.state = State::kBoundary;
    return false;
  }
  const bool nothing_came = to_server.state == State::kLength ||
                            (to_server.state == State::kChunkSize && to_server.digits == 0);
  if (awaited && nothing_came && !granted) to_server.state = State::kWithheld;
  if (granted) {
    end_message(Direction::kToClient, part == Told::kWhole, events);
    grant_tunnel(connected ? Http1Tunnel::kConnect : Http1Tunnel::kUpgrade, exchange, events);
    return false;
  }
  if (paired && exchange + 1 == next_exchange_) to_server.tunnel_asked = false;
  return true;
}

void Http1Connection::announce_tunnel(Http1Tunnel kind, std::uint32_t exchange,
                                      Http1Events& events) {
  if (tunnel_) return;
  tunnel_ = true;
  events.on_tunnel(kind, exchange);
}

void Http1Connection::grant_tunnel(Http1Tunnel kind, std::uint32_t exchange, Http1Events& events) {
  announce_tunnel(kind, exchange, events);
  enter_tunnel(Direction::kToClient, events);
  Side& to_server = side(Direction::kToServer);
  const bool latest = exchange == kHttp1NoExchange || exchange + 1 == next_exchange_;
  if (!latest || to_server.state == State::kFailed || to_server.state == State::kClosed ||
      to_server.state == State::kTunnel)
    return;
  if (to_server.in_message) {
    to_server.tunnel_at_end = true;
  } else {
    enter_tunnel(Direction::kToServer, events);
  }
}

// What was kept back, as it might have become a head, belongs to the tunnel.
void Http1Connection::enter_tunnel(Direction direction, Http1Events& events) {
  Side& from = side(direction);
  from.state = State::kTunnel;
  from.tunnel_at_end = false;
  if (direction == Direction::kToServer && !from.buffer.empty())
    events.on_tunnel_data(direction, from.buffer);
  from.buffer.clear();
}

}  // namespace gnomon::message
