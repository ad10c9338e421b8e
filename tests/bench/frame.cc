#include "frame.h"

#include <algorithm>

namespace gnomon::bench {
namespace {

constexpr std::uint16_t kEtherIpv4 = 0x0800;
constexpr std::uint16_t kEtherIpv6 = 0x86dd;
constexpr std::size_t kVlanTagsMax = 3;
constexpr std::size_t kExtensionHeadersMax = 8;

bool is_vlan(std::uint16_t ether_type) {
  return ether_type == 0x8100 || ether_type == 0x88a8 || ether_type == 0x9100;
}

// Next protocol after the extension headers; kNone (59) when they do not end.
std::uint8_t skip_extensions(ByteReader& in, std::uint8_t protocol, Layout& layout) {
  constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kFragment = 44, kNone = 59, kOptions = 60;
  for (std::size_t i = 0; i < kExtensionHeadersMax; ++i) {
    if (protocol == kFragment) {
      protocol = in.u8();
      in.take(1);
      const std::uint16_t offset_and_more = in.u16();
      in.take(4);
      layout.fragment = true;
      if ((offset_and_more & 0xfff8) != 0) layout.has_transport = false;
    } else if (protocol == kHopByHop || protocol == kRouting || protocol == kOptions) {
      protocol = in.u8();
      const std::size_t eights = in.u8();
      in.take(6 + 8 * eights);
    } else {
      return protocol;
    }
  }
  return kNone;
}

// RFC 1071, without the final complement. `sum` carries on from an earlier even-sized part.
std::uint32_t add_words(Bytes bytes, std::uint32_t sum) {
  std::size_t at = 0;
  for (; at + 1 < bytes.size(); at += 2) {
    sum += get16(bytes, at);
    if (sum >> 31 != 0) sum = (sum & 0xffff) + (sum >> 16);
  }
  if (at < bytes.size()) sum += static_cast<std::uint32_t>(bytes[at]) << 8;
  return sum;
}

std::uint16_t fold(std::uint32_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

std::uint16_t complement(std::uint32_t sum) {
  return static_cast<std::uint16_t>(~fold(sum) & 0xffff);
}

// RFC 1624, equation 3.
void adjust(std::span<std::uint8_t> frame, std::size_t checksum_at, std::uint16_t before,
            std::uint16_t after) {
  const std::uint32_t sum = static_cast<std::uint32_t>(~get16(frame, checksum_at) & 0xffff) +
                            static_cast<std::uint32_t>(~before & 0xffff) + after;
  put16(frame, checksum_at, complement(sum));
}

std::uint32_t pseudo_header_sum(Bytes frame, const Layout& layout) {
  const std::size_t transport_bytes = layout.end - layout.transport_at;
  const std::uint32_t sum =
      add_words(frame.subspan(layout.source_at(), 2 * layout.address_size()), layout.protocol);
  return sum + fold(static_cast<std::uint32_t>(transport_bytes));
}

Bytes network_header(Bytes frame, const Layout& layout) {
  return frame.subspan(layout.network_at, layout.transport_at - layout.network_at);
}

}  // namespace

Layout lay_out(Bytes frame) {
  ByteReader in{frame};
  in.take(12);
  std::uint16_t ether_type = in.u16();
  for (std::size_t i = 0; i < kVlanTagsMax && is_vlan(ether_type); ++i) {
    in.take(2);
    ether_type = in.u16();
  }

  Layout layout;
  layout.has_transport = true;
  layout.network_at = frame.size() - in.remaining();
  std::size_t datagram_bytes = 0;
  if (ether_type == kEtherIpv4) {
    layout.network = Layout::Network::kIpv4;
    const std::uint8_t version_and_words = in.u8();
    in.take(1);
    datagram_bytes = in.u16();
    in.take(2);
    const std::uint16_t fragment_word = in.u16();
    in.take(1);
    layout.protocol = in.u8();
    in.take(10);
    const std::size_t header_bytes = (version_and_words & 0xfu) * 4;
    if (version_and_words >> 4 != 4 || header_bytes < 20) return {};
    in.take(header_bytes - 20);
    layout.fragment = (fragment_word & 0x3fff) != 0;
    if ((fragment_word & 0x1fff) != 0) layout.has_transport = false;
  } else if (ether_type == kEtherIpv6) {
    layout.network = Layout::Network::kIpv6;
    const std::uint8_t version = in.u8() >> 4;
    in.take(3);
    datagram_bytes = 40 + std::size_t{in.u16()};
    const std::uint8_t next = in.u8();
    in.take(33);
    if (version != 6) return {};
    layout.protocol = skip_extensions(in, next, layout);
  } else {
    return {};
  }
  if (!in.ok()) return {};
  layout.transport_at = frame.size() - in.remaining();
  layout.end = std::min(frame.size(), layout.network_at + datagram_bytes);
  if (layout.end < layout.transport_at) layout.end = frame.size();  // length 0: TSO, not padding

  if (layout.has_transport && (layout.protocol == kTcp || layout.protocol == kUdp)) {
    layout.source_port = in.u16();
    layout.destination_port = in.u16();
    if (!in.ok()) layout.source_port = layout.destination_port = 0;
  }
  return layout;
}

Bytes payload_of(Bytes frame, const Layout& layout) {
  if (!layout.has_transport || layout.end > frame.size()) return {};
  const Bytes transport = frame.subspan(layout.transport_at, layout.end - layout.transport_at);
  if (layout.protocol == kUdp && transport.size() >= 8) return transport.subspan(8);
  if (layout.protocol == kTcp && transport.size() >= 20) {
    const std::size_t header_bytes = (transport[12] >> 4) * std::size_t{4};
    if (header_bytes >= 20 && header_bytes <= transport.size())
      return transport.subspan(header_bytes);
  }
  return {};
}

std::uint16_t get16(Bytes bytes, std::size_t at) {
  return static_cast<std::uint16_t>((bytes[at] << 8) | bytes[at + 1]);
}

std::uint32_t get32(Bytes bytes, std::size_t at) {
  return (static_cast<std::uint32_t>(get16(bytes, at)) << 16) | get16(bytes, at + 2);
}

void put16(std::span<std::uint8_t> bytes, std::size_t at, std::uint16_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value & 0xff);
}

void put32(std::span<std::uint8_t> bytes, std::size_t at, std::uint32_t value) {
  put16(bytes, at, static_cast<std::uint16_t>(value >> 16));
  put16(bytes, at + 2, static_cast<std::uint16_t>(value & 0xffff));
}

std::size_t transport_checksum_at(Bytes frame, const Layout& layout) {
  if (!layout.is_ip() || !layout.has_transport) return 0;
  std::size_t at = 0;
  if (layout.protocol == kTcp) at = layout.transport_at + 16;
  if (layout.protocol == kUdp) at = layout.transport_at + 6;
  if (layout.protocol == kIcmp6 && layout.network == Layout::Network::kIpv6)
    at = layout.transport_at + 2;
  if (at == 0 || at + 2 > frame.size()) return 0;
  if (layout.protocol == kUdp && get16(frame, at) == 0) return 0;
  return at;
}

void replace16(std::span<std::uint8_t> frame, const Layout& layout, std::size_t at,
               std::uint16_t value, bool in_network) {
  const std::uint16_t before = get16(frame, at);
  put16(frame, at, value);
  if (in_network && layout.network == Layout::Network::kIpv4)
    adjust(frame, layout.network_at + 10, before, value);
  const std::size_t checksum_at = transport_checksum_at(frame, layout);
  if (checksum_at == 0) return;
  adjust(frame, checksum_at, before, value);
  // Zero would say that there is no checksum.
  if (layout.protocol == kUdp && get16(frame, checksum_at) == 0) put16(frame, checksum_at, 0xffff);
}

void replace32(std::span<std::uint8_t> frame, const Layout& layout, std::size_t at,
               std::uint32_t value, bool in_network) {
  replace16(frame, layout, at, static_cast<std::uint16_t>(value >> 16), in_network);
  replace16(frame, layout, at + 2, static_cast<std::uint16_t>(value & 0xffff), in_network);
}

void seal(std::span<std::uint8_t> frame, const Layout& layout) {
  Layout whole = layout;
  whole.end = frame.size();
  const auto transport_bytes = static_cast<std::uint16_t>(frame.size() - layout.transport_at);
  if (layout.network == Layout::Network::kIpv4) {
    put16(frame, layout.network_at + 2,
          static_cast<std::uint16_t>(frame.size() - layout.network_at));
    put16(frame, layout.network_at + 10, 0);
    put16(frame, layout.network_at + 10, complement(add_words(network_header(frame, layout), 0)));
  } else {
    put16(frame, layout.network_at + 4,
          static_cast<std::uint16_t>(frame.size() - layout.network_at - 40));
  }
  if (layout.protocol == kUdp) put16(frame, layout.transport_at + 4, transport_bytes);
  const std::size_t checksum_at = layout.transport_at + (layout.protocol == kTcp ? 16 : 6);
  put16(frame, checksum_at, 0);
  std::uint16_t checksum = complement(
      add_words(Bytes{frame}.subspan(layout.transport_at), pseudo_header_sum(frame, whole)));
  if (layout.protocol == kUdp && checksum == 0) checksum = 0xffff;
  put16(frame, checksum_at, checksum);
}

bool checksums_hold(Bytes frame, const Layout& layout) {
  if (layout.network == Layout::Network::kIpv4 &&
      fold(add_words(network_header(frame, layout), 0)) != 0xffff)
    return false;
  if (transport_checksum_at(frame, layout) == 0) return true;
  const Bytes transport = frame.subspan(layout.transport_at, layout.end - layout.transport_at);
  return fold(add_words(transport, pseudo_header_sum(frame, layout))) == 0xffff;
}

}  // namespace gnomon::bench
