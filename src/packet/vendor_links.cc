#include "dissection.h"

// Link types that one vendor's devices or programs write.
namespace gnomon::packet {
namespace {

using DecodeLink = Outcome (*)(Dissection&, View);

// Juniper: a magic number, flags, extensions where flag 0x80 says so; flag 0x02: no link header.
Outcome decode_juniper(Dissection& d, View frame, DecodeLink link) {
  if (!frame.has(6)) return Outcome::kCutHeader;
  if (frame.u32(0) >> 8 != 0x4d4743) return Outcome::kBadHeader;
  const std::uint8_t flags = frame.u8(3);
  const std::uint32_t header_bytes = (flags & 0x80) != 0 ? 6 + std::uint32_t{frame.u16(4)} : 4;
  if (!frame.has(header_bytes)) return Outcome::kCutHeader;
  const View rest = frame.after(header_bytes);
  if ((flags & 0x02) == 0) return link(d, rest);
  if (!rest.has(4)) return Outcome::kCutHeader;
  return decode_ip(d, rest.after(4));
}

// A header of fixed size with an ethertype in it.
Outcome decode_typed(Dissection& d, View frame, std::uint32_t type_at, std::uint32_t header_bytes) {
  if (!frame.has(header_bytes)) return Outcome::kCutHeader;
  return decode_ethertype(d, frame.u16(type_at), frame.after(header_bytes));
}

}  // namespace

// Of PPPoE links too: whole frames.
Outcome decode_juniper_ethernet(Dissection& d, View frame) {
  return decode_juniper(d, frame, decode_ethernet);
}
Outcome decode_juniper_cisco_hdlc(Dissection& d, View frame) {
  return decode_juniper(d, frame, decode_cisco_hdlc);
}

// Apple's IP over FireWire: two addresses of 8 bytes.
Outcome decode_firewire(Dissection& d, View frame) { return decode_typed(d, frame, 16, 18); }

// Symantec's firewall, versions 2 and 3. Version 3 has zeros where the other has its type.
Outcome decode_symantec(Dissection& d, View frame) {
  if (!frame.has(8)) return Outcome::kCutHeader;
  return frame.u16(6) != 0 ? decode_typed(d, frame, 6, 44) : decode_typed(d, frame, 20, 56);
}

// IEEE 802.3, 65.1.3.2: the preamble, in which the logical link and a check sum stand.
Outcome decode_epon(Dissection& d, View frame) {
  if (!frame.has(8)) return Outcome::kCutHeader;
  return decode_ethernet(d, frame.after(8));
}

// Endace's records: 16 bytes with the type at 8, the top bit of which announces extensions of 8
// bytes, each with such a bit of its own.
Outcome decode_erf(Dissection& d, View frame) {
  enum ErfType : std::uint8_t {
    kHdlc = 1,
    kEthernet = 2,
    kColourHdlc = 10,
    kColourEthernet = 11,
    kMeteredHdlc = 15,
    kMeteredEthernet = 16,
    kHashHdlc = 19,
    kHashEthernet = 20,
    kIp4 = 22,
    kIp6 = 23,
  };
  constexpr int kExtensionsMax = 16;
  if (!frame.has(16)) return Outcome::kCutHeader;
  const std::uint8_t type = frame.u8(8) & 0x7f;
  bool more = (frame.u8(8) & 0x80) != 0;
  View rest = frame.after(16);
  for (int extensions = 0; more; ++extensions) {
    if (extensions == kExtensionsMax) return Outcome::kBadHeader;
    if (!rest.has(8)) return Outcome::kCutHeader;
    more = (rest.u8(0) & 0x80) != 0;
    rest = rest.after(8);
  }
  switch (type) {
    case kHdlc:
    case kColourHdlc:
    case kMeteredHdlc:
    case kHashHdlc:
      return decode_ppp_serial(d, rest);
    case kEthernet:
    case kColourEthernet:
    case kMeteredEthernet:
    case kHashEthernet:  // after the frame's offset and a byte of padding
      return rest.has(2) ? decode_ethernet(d, rest.after(2)) : Outcome::kCutHeader;
    case kIp4:
    case kIp6:
      return decode_ip(d, rest);
    default:
      return Outcome::kNonIp;
  }
}

}  // namespace gnomon::packet
