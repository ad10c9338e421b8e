#include "quic_google.h"

#include <algorithm>

#include "gnomon/message/quic_version.h"

namespace gnomon::message {
namespace {

constexpr std::uint32_t tag(const char (&letters)[5]) {
  return static_cast<std::uint32_t>(static_cast<unsigned char>(letters[0])) << 24 |
         static_cast<std::uint32_t>(static_cast<unsigned char>(letters[1])) << 16 |
         static_cast<std::uint32_t>(static_cast<unsigned char>(letters[2])) << 8 |
         static_cast<std::uint32_t>(static_cast<unsigned char>(letters[3]));
}

// Tags of one hello that are looked at. Chrome sends 27.
constexpr std::size_t kTagsMax = 128;
constexpr std::size_t kHashBytes = 12;

// Public header up to Q043:
//   flags: 0x01 version, 0x02 reset, 0x08 eight-byte connection id (older: 0x0c, and clients set
//   both bits to this day), 0x30 packet number length
constexpr std::uint8_t kFlagVersion = 0x01;
constexpr std::uint8_t kFlagReset = 0x02;
constexpr std::uint8_t kFlagConnectionId = 0x08;
constexpr std::uint8_t kFlagReserved = 0x80;
constexpr std::size_t kNumberBytes[] = {1, 2, 4, 6};
constexpr std::uint32_t kFirstWithoutPrivateFlags = 0x51303334;  // Q034
constexpr std::uint32_t kFirstLongHeader = 0x51303434;           // Q044
constexpr std::uint32_t kLastFourByteNumber = 0x51303434;        // Q044

std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Reads up to the frames; the version, or 0 when this is no such packet.
std::uint32_t read_public_header(ByteReader& in) {
  const std::uint8_t flags = in.u8();
  const std::uint8_t unwanted = kFlagReset | kFlagReserved;
  if ((flags & (kFlagVersion | kFlagConnectionId)) != (kFlagVersion | kFlagConnectionId) ||
      (flags & unwanted) != 0)
    return 0;
  in.take(8);
  const std::uint32_t version = in.u32();
  in.take(kNumberBytes[(flags >> 4) & 3]);
  in.take(kHashBytes);
  if (version < kFirstWithoutPrivateFlags) in.u8();
  const bool fits = is_google_quic_in_clear(version) && version < kFirstLongHeader;
  return in.ok() && fits ? version : 0;
}

// Q044 and Q046:
//   first byte, version, one byte of two lengths (0, else three more than it says), both ids
std::uint32_t read_long_header(ByteReader& in) {
  const std::uint8_t first = in.u8();
  const std::uint32_t version = in.u32();
  const std::uint8_t lengths = in.u8();
  const auto id_bytes = [](unsigned nibble) { return nibble == 0 ? 0u : nibble + 3u; };
  in.take(id_bytes(lengths >> 4));
  in.take(id_bytes(lengths & 0xf));
  in.take(version <= kLastFourByteNumber ? 4 : (first & 0x03u) + 1u);
  in.take(kHashBytes);
  const bool fits = is_google_quic_in_clear(version) && version >= kFirstLongHeader;
  return in.ok() && fits && (first & 0x80) != 0 ? version : 0;
}

std::uint32_t read_header(ByteReader& in, Bytes datagram) {
  if (datagram.empty()) return 0;
  return (datagram[0] & 0x80) != 0 ? read_long_header(in) : read_public_header(in);
}

}  // namespace

// CHLO, number of tags (little-endian from here), two bytes of padding, then per tag its name and
// where its value ends, then the values.
std::optional<GoogleHello> parse_google_hello(Bytes message) {
  ByteReader in{message};
  if (in.u32() != tag("CHLO")) return std::nullopt;
  const auto little_endian = [&in](int width) {
    std::uint32_t value = 0;
    for (int i = 0; i < width; ++i) value |= static_cast<std::uint32_t>(in.u8()) << (8 * i);
    return value;
  };
  const std::size_t tags = little_endian(2);
  in.take(2);
  if (!in.ok() || tags > kTagsMax) return std::nullopt;

  GoogleHello hello;
  ByteReader index = in.nested(8 * tags);
  const Bytes values = in.take(in.remaining());
  std::size_t begin = 0;
  while (!index.at_end()) {
    const std::uint32_t name = index.u32();
    std::size_t end = 0;
    for (int i = 0; i < 4; ++i) end |= static_cast<std::size_t>(index.u8()) << (8 * i);
    if (end < begin || end > values.size()) return std::nullopt;
    const Bytes value = values.subspan(begin, end - begin);
    if (name == (tag("SNI\0") & 0xffffff00)) hello.server_name = as_text(value);
    if (name == tag("UAID")) hello.user_agent = as_text(value);
    begin = end;
  }
  return index.ok() ? std::optional{hello} : std::nullopt;
}

GooglePacket read_google_packet(Bytes datagram) {
  ByteReader in{datagram};
  GooglePacket packet{read_header(in, datagram), std::nullopt};
  if (packet.version == 0) return packet;

  // STREAM frame: 1fdooossS; stream 1 is the handshake. Padding may come first.
  std::uint8_t type = in.u8();
  while (type == 0 && !in.at_end()) type = in.u8();
  constexpr std::uint8_t kStream = 0x80;
  constexpr std::uint8_t kHasLength = 0x20;
  const unsigned offset_code = (type >> 2) & 7u;
  if ((type & kStream) == 0 || offset_code != 0) return packet;
  std::uint8_t stream = 0;
  std::uint8_t others = 0;  // of a longer number, in either byte order
  for (unsigned i = 0; i <= (type & 3u); ++i) {
    const std::uint8_t byte = in.u8();
    stream = std::max(stream, byte);
    others = static_cast<std::uint8_t>(others + (byte != 0 ? 1 : 0));
  }
  if (stream != 1 || others != 1) return packet;
  // The hello knows its own length, and what follows it is padding.
  if ((type & kHasLength) != 0) in.u16();
  packet.hello = parse_google_hello(in.take(in.remaining()));
  return packet;
}

bool looks_like_google_quic(Bytes datagram) {
  ByteReader in{datagram};
  return read_header(in, datagram) != 0;
}

}  // namespace gnomon::message
