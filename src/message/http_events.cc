#include "gnomon/message/http_events.h"

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/text_parts.h"

namespace gnomon::message {
namespace {

std::string_view bare(std::string_view text) {
  return trimmed(text, [](char c) { return is_blank(c) || c == '\r'; });
}

HttpExchangeId id_of(std::uint32_t exchange) {
  return exchange == kHttp1NoExchange ? kHttpNoExchange : exchange;
}

}  // namespace

bool next_http1_field(std::string_view& lines, HttpField& field) {
  while (!lines.empty()) {
    const std::string_view line = take_until(lines, '\n');
    if (line.starts_with(' ') || line.starts_with('\t')) continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) continue;
    field = {bare(line.substr(0, colon)), bare(line.substr(colon + 1))};
    return true;
  }
  return false;
}

HttpFields::HttpFields(std::string_view head) : lines_(head) { take_until(lines_, '\n'); }

std::string_view HttpFields::find(std::string_view name) const {
  for (const HttpField& field : decoded_)
    if (same_ignoring_case(field.name, name)) return field.value;
  std::string_view lines = lines_;
  for (HttpField field; next_http1_field(lines, field);)
    if (same_ignoring_case(field.name, name)) return field.value;
  return {};
}

void Http1AsHttp::on_request(const Http1Request& request) {
  HttpRequest told;
  told.method = request.method;
  told.target = request.target;
  told.protocol = request.version;
  const std::string_view own = http1_target_authority(request.method, request.target);
  // What the target says is what is asked for, whatever Host says (RFC 9112, 3.2.2).
  told.authority = own.empty() && request.method != "CONNECT" ? request.fields.host : own;
  if (!own.empty() && request.method != "CONNECT")
    told.scheme = request.target.substr(0, request.target.find(':'));
  told.known = request.fields;
  told.fields = HttpFields{request.head};
  told.has_body = request.framing != Http1Framing::kNone;
  told.partial = request.truncated;
  to_.on_request(id_of(request.exchange), told);
}

void Http1AsHttp::on_response(const Http1Response& response) {
  HttpResponse told;
  told.protocol = response.version;
  told.status = response.status;
  told.known = response.fields;
  told.fields = HttpFields{response.head};
  told.interim = response.interim;
  told.partial = response.truncated;
  to_.on_response(id_of(response.exchange), told);
}

void Http1AsHttp::on_body(Direction direction, std::uint32_t exchange, Bytes bytes) {
  to_.on_body(direction, id_of(exchange), bytes);
}

void Http1AsHttp::on_body_gap(Direction direction, std::uint32_t exchange, std::uint64_t bytes) {
  to_.on_body_gap(direction, id_of(exchange), bytes);
}

void Http1AsHttp::on_trailer(Direction direction, std::uint32_t exchange, std::string_view name,
                             std::string_view value) {
  to_.on_trailer(direction, id_of(exchange), name, value);
}

void Http1AsHttp::on_end(Direction direction, std::uint32_t exchange, const Http1Ending& ending) {
  to_.on_end(direction, id_of(exchange), ending);
}

void Http1AsHttp::on_tunnel(Http1Tunnel kind, std::uint32_t exchange) {
  to_.on_tunnel(kind, id_of(exchange));
}

void Http1AsHttp::on_tunnel_data(Direction direction, Bytes bytes) {
  to_.on_tunnel_data(direction, bytes);
}

void Http1AsHttp::on_tunnel_gap(Direction direction, std::uint64_t bytes) {
  to_.on_tunnel_gap(direction, bytes);
}

}  // namespace gnomon::message
