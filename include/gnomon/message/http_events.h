#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/message/direction.h"
#include "gnomon/message/http1_head.h"
#include "gnomon/message/http1_stream.h"

// What HTTP says, whatever its version. Readers of all versions tell the same events, so that
// whoever looks at requests and bodies need not know how they travelled.
namespace gnomon::message {

// Tells exchanges of one connection apart: the request's number in HTTP/1, the stream in HTTP/2 and
// HTTP/3.
using HttpExchangeId = std::uint64_t;
inline constexpr HttpExchangeId kHttpNoExchange = ~HttpExchangeId{0};

struct HttpField {
  std::string_view name;  // as sent: compare without regard to case
  std::string_view value;
};

// Takes the next field line off `lines`; false when there is none. Lines that are no field are
// passed over.
bool next_http1_field(std::string_view& lines, HttpField& field);

// All fields of a head, in order: HTTP/1's lines, read as they are asked for, or decoded ones.
// Pseudo-header fields (":path") are not among them.
class HttpFields {
 public:
  HttpFields() = default;
  // `head` begins with its start line.
  explicit HttpFields(std::string_view head);
  explicit HttpFields(std::span<const HttpField> decoded) : decoded_(decoded) {}

  template <class Visit>
  void for_each(Visit visit) const {
    for (const HttpField& field : decoded_) visit(field);
    std::string_view lines = lines_;
    for (HttpField field; next_http1_field(lines, field);) visit(field);
  }
  // Value of the first field of that name, in any case; empty when there is none.
  [[nodiscard]] std::string_view find(std::string_view name) const;

 private:
  std::string_view lines_;
  std::span<const HttpField> decoded_;
};

// A request of any version of HTTP. Views are valid during the event that tells of it.
struct HttpRequest {
  std::string_view method;
  std::string_view scheme;            // empty where it is not said, as mostly in HTTP/1
  std::string_view authority;         // :authority, the target's own, or Host; port included
  std::string_view target;            // path with query; HTTP/1: as in the request line
  std::string_view protocol;          // "HTTP/1.1", "HTTP/2", "HTTP/3"
  std::string_view connect_protocol;  // :protocol of an extended CONNECT (RFC 8441): "websocket"
  Http1Fields known;
  HttpFields fields;
  bool has_body = true;  // false: surely none follows
  bool pushed = false;   // promised by the server: nobody sent it
  bool partial = false;  // some of the head is missing, or could not be decoded
};

// A response of any version of HTTP. Views are valid during the event that tells of it.
struct HttpResponse {
  std::string_view protocol;
  std::uint16_t status = 0;
  Http1Fields known;
  HttpFields fields;
  bool interim = false;  // 1xx other than 101: the final response is still to come
  bool partial = false;
};

using HttpEnding = Http1Ending;
using HttpTunnel = Http1Tunnel;

// Told what a connection says. Views and bytes are valid during the call only. Of each exchange:
// request head, body pieces, trailers, end; the same for its response; the two may interleave, and
// exchanges of HTTP/2 and HTTP/3 interleave with each other. Every message that was told a head is
// told an end, at the latest when the connection closes.
class HttpEvents {
 public:
  virtual ~HttpEvents() = default;

  virtual void on_request(HttpExchangeId exchange, const HttpRequest& request) = 0;
  // `exchange` is kHttpNoExchange when its request was not seen.
  virtual void on_response(HttpExchangeId exchange, const HttpResponse& response) = 0;
  // After transfer-decoding, before content-decoding.
  virtual void on_body(Direction direction, HttpExchangeId exchange, Bytes bytes) = 0;
  virtual void on_body_gap(Direction direction, HttpExchangeId exchange, std::uint64_t bytes) = 0;
  virtual void on_trailer(Direction, HttpExchangeId, std::string_view /*name*/,
                          std::string_view /*value*/) {}
  virtual void on_end(Direction direction, HttpExchangeId exchange, const HttpEnding& ending) = 0;

  // HTTP/1 only: CONNECT or Upgrade was granted, and what follows is not HTTP/1.
  virtual void on_tunnel(HttpTunnel, HttpExchangeId) {}
  virtual void on_tunnel_data(Direction, Bytes) {}
  virtual void on_tunnel_gap(Direction, std::uint64_t /*bytes*/) {}
};

// Hands on what an Http1Connection tells.
class Http1AsHttp final : public Http1Events {
 public:
  explicit Http1AsHttp(HttpEvents& to) : to_(to) {}

  void on_request(const Http1Request& request) override;
  void on_response(const Http1Response& response) override;
  void on_body(Direction direction, std::uint32_t exchange, Bytes bytes) override;
  void on_body_gap(Direction direction, std::uint32_t exchange, std::uint64_t bytes) override;
  void on_trailer(Direction direction, std::uint32_t exchange, std::string_view name,
                  std::string_view value) override;
  void on_end(Direction direction, std::uint32_t exchange, const Http1Ending& ending) override;
  void on_tunnel(Http1Tunnel kind, std::uint32_t exchange) override;
  void on_tunnel_data(Direction direction, Bytes bytes) override;
  void on_tunnel_gap(Direction direction, std::uint64_t bytes) override;

 private:
  HttpEvents& to_;
};

}  // namespace gnomon::message
