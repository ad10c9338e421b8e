#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"

// Google's QUIC from before the IETF's: Q024 to Q046 with the hello in the clear, and the hello's
// own form, which Q050 still has.
namespace gnomon::message {

// The client hello, "CHLO". Views into the bytes that were parsed.
struct GoogleHello {
  std::string_view server_name;  // tag SNI; empty when absent
  std::string_view user_agent;   // tag UAID: "Chrome/80.0.3987.132 Windows NT 6.3; Win64; x64"
};

// Nothing when it is not a CHLO or ends too soon.
std::optional<GoogleHello> parse_google_hello(Bytes message);

// What the first packet of a datagram shows. `version` is 0 when it is not Google's QUIC in clear.
struct GooglePacket {
  std::uint32_t version = 0;
  std::optional<GoogleHello> hello;
};
GooglePacket read_google_packet(Bytes datagram);

// True when the header is that of a client's packet with one of the versions above.
bool looks_like_google_quic(Bytes datagram);

}  // namespace gnomon::message
