#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "gnomon/bytes/ip_address.h"

namespace gnomon::identify {

class ApiScan;

// A field of an HTTP head, as it was sent.
struct ApiField {
  std::string_view name;  // any case; HTTP/2 pseudo-fields may be among them and are passed over
  std::string_view value;
};

// One finished HTTP exchange (of any version), WebSocket connection or MCP stream, as ApiReader
// wants to see it. Views are borrowed during the call only. What is not known is left out.
struct ApiExchange {
  std::string_view method;  // "POST"; "GET" for a WebSocket
  std::string_view scheme;  // "https" where the protocol says; may be empty
  std::string_view host;    // lower case, without port; empty when there is none
  std::string_view target;  // as sent: path and query, or an absolute URI
  std::span<const ApiField> request_fields;
  std::span<const ApiField> response_fields;  // of the final response
  std::uint16_t status = 0;                   // 0 when no response was seen
  std::uint64_t request_bytes = 0;            // of bodies, as they were on the wire
  std::uint64_t response_bytes = 0;
  // Told the bodies while they came; null when they were not read.
  ApiScan* bodies = nullptr;

  IpAddress client;
  IpAddress server;
  std::uint16_t server_port = 0;
  bool tls = false;  // inside TLS or QUIC, whoever decrypted it
  bool websocket = false;
  // The catalogue knows the host as that of an app: it is somebody's service, no self-hosted
  // server.
  bool known_app = false;
};

}  // namespace gnomon::identify
