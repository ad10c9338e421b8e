#include "dissection.h"

// IEEE 802.11 and the headers that capture programs put before it.
namespace gnomon::packet {
namespace {

// Bits of the frame control field, first byte in the high half.
enum FrameControl : std::uint16_t {
  kToAccessPoint = 0x0001,
  kFromAccessPoint = 0x0002,
  kProtected = 0x0040,
  kOrder = 0x0080,  // an HT control field follows in QoS frames
};

std::uint16_t little_u16(const View& view, std::uint32_t offset) {
  return __builtin_bswap16(view.u16(offset));
}
std::uint32_t little_u32(const View& view, std::uint32_t offset) {
  return __builtin_bswap32(view.u32(offset));
}

// An aggregate (802.11n A-MSDU) holds several frames; the first is reported.
Outcome decode_aggregate(Dissection& d, View rest) {
  if (!rest.has(14)) return Outcome::kCutHeader;
  const std::uint32_t length = rest.u16(12);
  // Each is padded to 4 bytes, the last excepted.
  d.counters.tunnel_not_decoded += rest.wire() > ((14 + length + 3) & ~3U) + 14;
  return decode_llc(d, rest.after(14).first(length));
}

}  // namespace

// IEEE 802.11, 9.2.3. `padded_header`: the header is padded to 4 bytes (radiotap says so).
Outcome decode_80211(Dissection& d, View frame, bool padded_header, bool swapped_control) {
  if (!frame.has(2)) return Outcome::kCutHeader;
  const std::uint16_t control = swapped_control ? little_u16(frame, 0) : frame.u16(0);
  const unsigned version = control >> 8 & 0x03;
  const unsigned type = control >> 10 & 0x03;
  const unsigned subtype = control >> 12 & 0x0f;
  if (version != 0) return Outcome::kBadHeader;
  if (type != 2 || (subtype & 0x4) != 0) return Outcome::kNonIp;  // not data, or empty data
  std::uint32_t header_bytes = 24;
  if ((control & kToAccessPoint) != 0 && (control & kFromAccessPoint) != 0) header_bytes += 6;
  bool aggregate = false;
  if ((subtype & 0x8) != 0) {  // QoS
    if (!frame.has(header_bytes + 2)) return Outcome::kCutHeader;
    aggregate = (frame.u8(header_bytes) & 0x80) != 0;
    header_bytes += 2;
    if ((control & kOrder) != 0) header_bytes += 4;
  }
  if (padded_header) header_bytes = (header_bytes + 3) & ~3U;
  if ((control & kProtected) != 0) return Outcome::kEncrypted;
  if (!frame.has(header_bytes)) return Outcome::kCutHeader;
  ++d.counters.wireless;
  const View inside = frame.after(header_bytes);
  return aggregate ? decode_aggregate(d, inside) : decode_llc(d, inside);
}

// radiotap.org: version, pad, length, a bit for each field that follows, the lowest first.
Outcome decode_radiotap(Dissection& d, View rest) {
  constexpr std::uint32_t kMore = 0x80000000;
  constexpr int kPresentWordsMax = 16;
  if (!rest.has(8)) return Outcome::kCutHeader;
  const std::uint32_t header_bytes = little_u16(rest, 2);
  if (rest.u8(0) != 0 || header_bytes < 8) return Outcome::kBadHeader;
  if (!rest.has(header_bytes)) return Outcome::kCutHeader;
  const std::uint32_t present = little_u32(rest, 4);
  std::uint32_t at = 8;
  std::uint32_t word = present;
  for (int words = 1; (word & kMore) != 0; ++words) {
    if (words == kPresentWordsMax || at + 4 > header_bytes) return Outcome::kBadHeader;
    word = little_u32(rest, at);
    at += 4;
  }
  if ((present & 1) != 0) at = ((at + 7) & ~7U) + 8;  // a timestamp, aligned
  bool padded = false;
  if ((present & 2) != 0 && at < header_bytes) padded = (rest.u8(at) & 0x20) != 0;
  return decode_80211(d, rest.after(header_bytes), padded, false);
}

}  // namespace gnomon::packet
