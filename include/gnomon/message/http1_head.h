#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/message/likeness.h"

// Heads of HTTP/1.0 and HTTP/1.1 messages (RFC 9110, RFC 9112). Nothing here keeps or copies bytes:
// every view points into what was parsed.
namespace gnomon::message {

// Bytes of one head, start line included, that are kept. Of what a longer head says beyond them
// only fields are read without which the message is not understood, and the head is reported with
// `truncated` set.
inline constexpr std::size_t kHttp1HeadBytesMax = std::size_t{32} * 1024;
inline constexpr std::size_t kHttp1LateFieldBytesMax = 4096;

// Of a request line that is longer the first part is told; a longer status line is taken for
// something else.
inline constexpr std::size_t kHttp1StartLineBytesMax = std::size_t{16} * 1024;

// Is this the start of an HTTP/1 request? Yes when the first line is whole and reads `METHOD target
// HTTP/1.x` (or OPTIONS alone), or when a line that has not ended yet has a registered method and
// begins a target that only HTTP has. RTSP, SIP, ICAP, HTTP/2's preface and SSDP answers are told
// apart by the version. An empty line may stand before it.
Likeness http1_request_likeness(Bytes start);

// Is this the start of an HTTP/1 response (`HTTP/1.x NNN`)?
Likeness http1_response_likeness(Bytes start);

inline bool looks_like_http1_request(Bytes start) {
  return http1_request_likeness(start) == Likeness::kYes;
}
inline bool looks_like_http1_response(Bytes start) {
  return http1_response_likeness(start) == Likeness::kYes;
}

// How the end of a body is found (RFC 9112 §6.3). kUnknown: the head's fields contradict each
// other, or were cut off.
enum class Http1Framing : std::uint8_t { kNone, kLength, kChunked, kUntilClose, kUnknown };

// The fields of a head that anybody here asks for; empty when absent. Values are trimmed, and as
// they were sent otherwise. Of a repeated field the first counts, Content-Length and
// Transfer-Encoding excepted, which are judged together.
struct Http1Fields {
  std::string_view host;  // may be empty although present: see has_host
  std::string_view user_agent;
  std::string_view content_type;
  std::string_view content_encoding;
  std::string_view content_disposition;
  std::string_view transfer_encoding;
  std::string_view connection;
  std::string_view upgrade;
  std::string_view expect;
  std::string_view accept;
  std::string_view origin;
  std::string_view referer;
  std::string_view server;
  std::string_view location;
  std::string_view websocket_protocol;  // Sec-WebSocket-Protocol
  std::uint64_t content_length = 0;     // valid when has_content_length
  std::uint16_t count = 0;              // header fields, all of them
  bool has_host = false;
  bool several_hosts = false;  // more than one Host field: RFC 9112 §3.2 forbids it
  bool has_content_length = false;
  bool bad_content_length = false;  // not a number, or several that differ
  bool chunked = false;             // the last transfer coding is "chunked"
  bool has_authorization = false;   // Authorization or Proxy-Authorization
  bool has_api_key = false;         // X-API-Key, Api-Key, X-Goog-Api-Key: never its value
  bool has_cookie = false;
  bool folded = false;  // a field goes on in a further line (obs-fold), which was passed over
};

// The head of a request. Views into its bytes.
struct Http1Request {
  std::string_view method;
  std::string_view target;   // origin, absolute, authority (CONNECT) or asterisk form
  std::string_view version;  // "HTTP/1.1"; with target empty where OPTIONS stands alone
  Http1Fields fields;
  std::string_view head;     // the whole head as sent, for whoever needs another field
  std::uint64_t offset = 0;  // of the head's first byte in its direction, gaps counted
  std::uint32_t exchange = 0;
  Http1Framing framing = Http1Framing::kNone;
  bool truncated = false;  // not the whole head: fields may be missing, and the target's end
};

// The head of a response. Views into its bytes.
struct Http1Response {
  std::string_view version;
  std::string_view reason;
  std::uint16_t status = 0;
  Http1Fields fields;
  std::string_view head;
  std::uint64_t offset = 0;
  std::uint32_t exchange = 0;  // of the request it answers; see kHttp1NoExchange
  Http1Framing framing = Http1Framing::kNone;
  bool interim = false;  // 1xx other than 101: the final response is still to come
  bool truncated = false;
};

// Takes one field into `fields`, if it is one of those; counts it.
void read_known_field(std::string_view name, std::string_view value, Http1Fields& fields);

// Reads the start line and fields of `head`, which is made of whole lines. False when the start
// line is not one. Sets neither offset, exchange, framing nor truncated.
bool read_http1_request(std::string_view head, Http1Request& request);
bool read_http1_response(std::string_view head, Http1Response& response);

// "example.com" of "Example.com:8080", "2001:db8::1" of "[2001:db8::1]:443". Case is kept; blanks
// around and dots at the end are taken off. A bare IPv6 address comes back whole.
std::string_view host_without_port(std::string_view authority);

// The authority of an absolute-form target ("http://user@example.com:81/a" gives "example.com:81")
// or, for CONNECT, the target itself. Empty for the other forms.
std::string_view http1_target_authority(std::string_view method, std::string_view target);

// True when `list`, comma separated, holds `token` in any case: Connection, Upgrade.
bool http1_list_has(std::string_view list, std::string_view token);

}  // namespace gnomon::message
