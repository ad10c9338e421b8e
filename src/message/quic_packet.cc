#include "gnomon/message/quic_packet.h"

#include "gnomon/message/quic_crypto.h"
#include "gnomon/message/quic_version.h"

namespace gnomon::message {
namespace {

constexpr std::uint8_t kLongForm = 0x80;
constexpr std::uint8_t kFixedBit = 0x40;

// RFC 9000 §17.2 and RFC 9369 §3.2: two bits, numbered anew in version 2.
QuicPacketType packet_type(std::uint8_t first, std::uint32_t version) {
  constexpr QuicPacketType kTypes[] = {QuicPacketType::kInitial, QuicPacketType::kZeroRtt,
                                       QuicPacketType::kHandshake, QuicPacketType::kRetry};
  const unsigned number = (first >> 4) & 3u;
  return kTypes[is_quic_version2(version) ? (number + 3u) & 3u : number];
}

}  // namespace

std::uint64_t read_quic_integer(ByteReader& in) {
  const std::uint8_t first = in.u8();
  std::uint64_t value = first & 0x3fu;
  const unsigned more = (1u << (first >> 6)) - 1u;
  for (unsigned i = 0; i < more; ++i) value = (value << 8) | in.u8();
  return in.ok() ? value : 0;
}

void skip_quic_ack(ByteReader& in, bool with_ecn_counts) {
  read_quic_integer(in);  // largest acknowledged
  read_quic_integer(in);  // delay
  const std::uint64_t ranges = read_quic_integer(in);
  read_quic_integer(in);  // first range
  for (std::uint64_t i = 0; i < ranges && in.ok(); ++i) {
    read_quic_integer(in);  // gap
    read_quic_integer(in);  // length
  }
  for (int i = 0; with_ecn_counts && i < 3; ++i) read_quic_integer(in);
}

std::optional<QuicLongHeader> read_quic_long_header(ByteReader& in, QuicFixedBit fixed_bit) {
  ByteReader ahead = in;
  const Bytes all = ByteReader{in}.take(in.remaining());
  QuicLongHeader header;
  const std::uint8_t first = ahead.u8();
  if ((first & kLongForm) == 0) return std::nullopt;
  header.version = ahead.u32();
  const bool fixed = (first & kFixedBit) != 0 || fixed_bit == QuicFixedBit::kAny;
  if (header.version != 0 && (!fixed || !quic_salt(header.version))) return std::nullopt;
  header.destination_id = ahead.take(ahead.u8());
  header.source_id = ahead.take(ahead.u8());
  if (!ahead.ok() || header.destination_id.size() > kQuicConnectionIdBytesMax ||
      header.source_id.size() > kQuicConnectionIdBytesMax)
    return std::nullopt;

  header.packet = all;
  header.type = header.version == 0 ? QuicPacketType::kVersionNegotiation
                                    : packet_type(first, header.version);
  if (header.type == QuicPacketType::kVersionNegotiation || header.type == QuicPacketType::kRetry) {
    in.take(all.size());
    return header;
  }

  if (header.type == QuicPacketType::kInitial) {
    const std::uint64_t token_bytes = read_quic_integer(ahead);
    if (token_bytes > ahead.remaining()) return std::nullopt;
    ahead.take(static_cast<std::size_t>(token_bytes));
  }
  const std::uint64_t length = read_quic_integer(ahead);
  if (!ahead.ok()) return std::nullopt;
  header.number_offset = all.size() - ahead.remaining();
  header.cut = length > ahead.remaining();
  const std::size_t rest = header.cut ? ahead.remaining() : static_cast<std::size_t>(length);
  header.packet = in.take(header.number_offset + rest);
  return header;
}

}  // namespace gnomon::message
