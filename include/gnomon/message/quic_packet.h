#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "gnomon/bytes/byte_reader.h"

// QUIC's packets with a long header, as far as they can be read without keys (RFC 9000 §17.2).
namespace gnomon::message {

enum class QuicPacketType : std::uint8_t {
  kInitial,
  kZeroRtt,
  kHandshake,
  kRetry,
  kVersionNegotiation,
};

struct QuicLongHeader {
  QuicPacketType type = QuicPacketType::kInitial;
  std::uint32_t version = 0;
  Bytes destination_id;
  Bytes source_id;
  Bytes packet;                   // from the first byte to the end that its length gives
  std::size_t number_offset = 0;  // of the (protected) packet number in `packet`
  bool cut = false;               // the datagram ends before the packet does
};

// Reads the packet at the front of `in` and steps over it, so that coalesced ones follow; Retry and
// version negotiation take all there is. Nothing, and `in` untouched, when it is no long header or
// of a version that Gnomon does not know.
//
// The fixed bit is required, unless the packet is known to be QUIC's: ends may agree to send
// anything in its place (RFC 9287).
enum class QuicFixedBit : std::uint8_t { kRequired, kAny };
std::optional<QuicLongHeader> read_quic_long_header(
    ByteReader& in, QuicFixedBit fixed_bit = QuicFixedBit::kRequired);

// A number of 1, 2, 4 or 8 bytes (RFC 9000 §16).
std::uint64_t read_quic_integer(ByteReader& in);

// Steps over what follows the type of an ACK frame (RFC 9000 §19.3).
void skip_quic_ack(ByteReader& in, bool with_ecn_counts);

}  // namespace gnomon::message
