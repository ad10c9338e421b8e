// DNS over HTTP (RFC 8484), where HTTP can be read: each response that is a DNS message is told as one.
#include "gnomon/bytes/free_room.h"
#include "gnomon/message/dns_message.h"
#include "gnomon/sensor/http_reader.h"

namespace gnomon::sensor {
// The query itself is in the response too.
void HttpReader::expect_dns(HttpExchange& exchange, const message::HttpResponse& response) {
  exchange.dns_answer = response.status / 100 == 2 && response.known.content_encoding.empty() &&
                        message::is_dns_media_type(response.known.content_type);
}

void HttpReader::keep_dns(HttpExchange& exchange, Bytes bytes) {
  if (bytes.size() > message::kDnsMessageBytesMax - exchange.dns.size()) return drop_dns(exchange);
  exchange.dns.insert(exchange.dns.end(), bytes.begin(), bytes.end());
}

void HttpReader::drop_dns(HttpExchange& exchange) {
  exchange.dns_answer = false;
  free_room(exchange.dns);
}

void HttpReader::end_dns(HttpExchange& exchange, bool complete) {
  if (complete && !exchange.dns.empty()) host_.tell_dns(*flow_, exchange.dns);
  drop_dns(exchange);
}

}  // namespace gnomon::sensor
