#include "gnomon/packet/decoder.h"

#include <algorithm>

#include "dissection.h"
#include "flow_hash.h"
#include "gnomon/packet/bpf_filter.h"

// The way of nearly every packet: Ethernet, IPv4, TCP or UDP. It stands in one file so that the
// compiler makes one function of it.
namespace gnomon::packet {
namespace {

constexpr std::uint16_t kLinkEthernet = 1;
// How far ahead of the frame being decoded headers are fetched from memory.
constexpr std::size_t kPrefetchFrames = 8;

// What an IP header of 20 bytes leaves of the longest datagram that is sent as one frame.
constexpr std::uint32_t kTcpBytesOfEthernet = 1500 - 20;
constexpr std::uint32_t kTcpBytesOfJumbo = 9216 - 20;

constexpr std::uint16_t kIp4MoreFragments = 0x2000;
constexpr std::uint16_t kIp4FragmentOffset = 0x1fff;

// Community ID v1 gives ICMP ports: the type, and the type of the answer where there is one, else
// the code (github.com/corelight/community-id-spec, "pseudo-code").
int icmp_answer(std::uint8_t protocol, std::uint8_t type) {
  if (protocol == kIcmp) {
    switch (type) {
      case 0:
        return 8;  // echo
      case 8:
        return 0;
      case 9:
        return 10;  // router advertisement, solicitation
      case 10:
        return 9;
      case 13:
        return 14;  // timestamp
      case 14:
        return 13;
      case 15:
        return 16;  // information
      case 16:
        return 15;
      case 17:
        return 18;  // address mask
      case 18:
        return 17;
      default:
        return -1;
    }
  }
  switch (type) {
    case 128:
      return 129;  // echo
    case 129:
      return 128;
    case 130:
      return 131;  // multicast listener
    case 131:
      return 130;
    case 133:
      return 134;  // router
    case 134:
      return 133;
    case 135:
      return 136;  // neighbour
    case 136:
      return 135;
    case 139:
      return 140;  // node information
    case 140:
      return 139;
    case 144:
      return 145;  // home agent
    case 145:
      return 144;
    default:
      return -1;
  }
}

void set_payload(Packet& packet, const View& payload) {
  packet.payload = payload.at();
  packet.payload_bytes = payload.captured();
  packet.payload_wire_bytes = payload.wire();
  packet.truncated = payload.captured() < payload.wire();
}

Outcome finish(Packet& packet, std::uint8_t protocol, const View& transport, const View& payload) {
  packet.protocol = protocol;
  set_payload(packet, payload);
  set_flow_hash(packet);
  set_fingerprint(packet, transport);
  return Outcome::kPacket;
}

// What a SYN says its sender can receive (RFC 9293, 3.7.1): whether packets longer than Ethernet's
// are to be expected.
void note_segment_size(DecodeCounters& counters, const View& segment, std::uint32_t header_bytes) {
  constexpr std::uint8_t kEnd = 0;
  constexpr std::uint8_t kNothing = 1;
  constexpr std::uint8_t kSegmentSize = 2;
  constexpr std::uint16_t kEthernetSize = 1500 - 40;
  constexpr std::uint16_t kJumboSize = 9216 - 40;
  const std::uint32_t end = std::min(header_bytes, segment.captured());
  for (std::uint32_t at = 20; at + 4 <= end;) {
    const std::uint8_t kind = segment.u8(at);
    if (kind == kEnd) return;
    if (kind == kNothing) {
      ++at;
      continue;
    }
    const std::uint8_t length = segment.u8(at + 1);
    if (kind == kSegmentSize && length == 4) {
      const std::uint16_t size = segment.u16(at + 2);
      ++counters.tcp_syns;
      counters.tcp_syns_jumbo += size > kEthernetSize;
      counters.tcp_syns_loopback += size > kJumboSize;
      return;
    }
    if (length < 2) return;
    at += length;
  }
}

Outcome decode_tcp(Dissection& d, const View& segment) {
  if (!segment.has(20)) return segment.wire() < 20 ? Outcome::kBadHeader : Outcome::kCutHeader;
  const std::uint32_t header_bytes = std::uint32_t{segment.u8(12)} >> 4 << 2;
  Packet& packet = d.packet;
  packet.source_port = segment.u16(0);
  packet.destination_port = segment.u16(2);
  packet.tcp_sequence = segment.u32(4);
  packet.tcp_acknowledgement = segment.u32(8);
  packet.tcp_flags = segment.u8(13);
  ++d.counters.tcp;
  if (segment.wire() > kTcpBytesOfEthernet && !packet.reassembled) [[unlikely]] {
    ++d.counters.tcp_over_1500;
    d.counters.tcp_over_9216 += segment.wire() > kTcpBytesOfJumbo;
  }
  if ((packet.tcp_flags & kSyn) != 0) note_segment_size(d.counters, segment, header_bytes);
  // Where the header ends may be a lie, and options may be cut: the flow is known, its payload is
  // not.
  View payload{segment.at() + segment.captured(), 0, 0};
  if (header_bytes >= 20 && header_bytes <= segment.wire())
    payload = segment.has(header_bytes) ? segment.after(header_bytes)
                                        : View{payload.at(), 0, segment.wire() - header_bytes};
  return finish(packet, kTcp, segment, payload);
}

Outcome decode_udp(Dissection& d, const View& segment) {
  if (!segment.has(8)) return segment.wire() < 8 ? Outcome::kBadHeader : Outcome::kCutHeader;
  const std::uint32_t length = segment.u16(4);
  const std::uint16_t source_port = segment.u16(0);
  const std::uint16_t destination_port = segment.u16(2);
  // Length 0 is a jumbogram's (RFC 2675). Other lengths below 8 cannot be: the flow is known, its
  // payload is not.
  const bool jumbo = length == 0 && d.packet.ip_version == 6;
  const View payload = (jumbo ? segment : segment.first(std::max(length, 8U))).after(8);
  if (may_be_udp_tunnel(source_port, destination_port)) [[unlikely]] {
    const Outcome inside = decode_udp_tunnel(d, source_port, destination_port, payload);
    if (leaves_packet(inside) || carries_no_flow(inside)) return inside;
  }
  d.packet.source_port = source_port;
  d.packet.destination_port = destination_port;
  ++d.counters.udp;
  return finish(d.packet, kUdp, segment, payload);
}

Outcome decode_sctp(Dissection& d, const View& segment) {
  if (!segment.has(12)) return segment.wire() < 12 ? Outcome::kBadHeader : Outcome::kCutHeader;
  d.packet.source_port = segment.u16(0);
  d.packet.destination_port = segment.u16(2);
  ++d.counters.sctp;
  return finish(d.packet, kSctp, segment, segment);
}

Outcome decode_icmp(Dissection& d, std::uint8_t protocol, const View& message) {
  if (!message.has(2)) return message.wire() < 2 ? Outcome::kBadHeader : Outcome::kCutHeader;
  const std::uint8_t type = message.u8(0);
  const int answer = icmp_answer(protocol, type);
  d.packet.source_port = type;
  d.packet.destination_port = answer < 0 ? message.u8(1) : static_cast<std::uint16_t>(answer);
  ++d.counters.icmp;
  return finish(d.packet, protocol, message, message);
}

void count(DecodeCounters& counters, Outcome outcome) {
  switch (outcome) {
    case Outcome::kPacket:
      ++counters.packets;
      return;
    case Outcome::kFragment:
      ++counters.fragments;
      return;
    case Outcome::kArp:
      ++counters.arp;
      return;
    case Outcome::kNonIp:
    case Outcome::kControl:
      ++counters.non_ip;
      return;
    case Outcome::kEncrypted:
      ++counters.encrypted;
      return;
    case Outcome::kUnknownLinkType:
      ++counters.unknown_link_type;
      return;
    case Outcome::kUnknownEthertype:
      ++counters.unknown_ethertype;
      return;
    case Outcome::kBadHeader:
      ++counters.bad_header;
      return;
    case Outcome::kCutHeader:
      ++counters.cut_header;
      return;
  }
}

}  // namespace

Outcome finish_packet(Dissection& d, std::uint8_t protocol, View rest) {
  ++d.counters.other_protocol;
  return finish(d.packet, protocol, rest, rest);
}

Outcome finish_fragment(Dissection& d, std::uint8_t protocol, View rest) {
  d.packet.fragment = true;
  finish(d.packet, protocol, rest, rest);
  return Outcome::kFragment;
}

Outcome decode_transport(Dissection& d, std::uint8_t protocol, View rest) {
  switch (protocol) {
    case kTcp:
      return decode_tcp(d, rest);
    case kUdp:
      return decode_udp(d, rest);
    case kIcmp:
    case kIcmp6:
      return decode_icmp(d, protocol, rest);
    case kSctp:
      return decode_sctp(d, rest);
    default: {
      const Outcome inside = decode_ip_tunnel(d, protocol, rest);
      if (leaves_packet(inside) || carries_no_flow(inside)) return inside;
      return finish_packet(d, protocol, rest);
    }
  }
}

// RFC 791, 3.1.
Outcome decode_ip4(Dissection& d, View datagram) {
  if (!datagram.has(20)) return Outcome::kCutHeader;
  const std::uint8_t first = datagram.u8(0);
  const std::uint32_t header_bytes = std::uint32_t{first & 0x0fU} << 2;
  // Some senders and rewriting tools leave IPv4's ethertype on IPv6.
  if (first >> 4 == 6) return decode_ip6(d, datagram);
  if (first >> 4 != 4 || header_bytes < 20) return Outcome::kBadHeader;
  if (!datagram.has(header_bytes)) return Outcome::kCutHeader;
  const std::uint32_t length = datagram.u16(2);
  if (length != 0) {
    if (length < header_bytes) return Outcome::kBadHeader;
    datagram = datagram.first(length);
  } else {
    ++d.counters.length_missing;
  }
  ++d.counters.ipv4;
  d.packet.network = datagram.at();
  d.packet.ip_version = 4;
  const std::uint8_t protocol = datagram.u8(9);
  const View rest = datagram.after(header_bytes);
  const std::uint16_t fragment = datagram.u16(6);
  if ((fragment & (kIp4MoreFragments | kIp4FragmentOffset)) != 0) [[unlikely]] {
    // A first fragment of which a part is missing can never be put together, yet names its flow.
    const bool usable =
        (fragment & kIp4FragmentOffset) == 0 && rest.captured() + header_bytes < length;
    if (!usable) return finish_fragment(d, protocol, rest);
  }
  return decode_transport(d, protocol, rest);
}

// IEEE 802.3, 3.2: 6 bytes destination, 6 source, 2 type or length.
Outcome decode_ethernet(Dissection& d, View frame) {
  if (!frame.has(14)) return Outcome::kCutHeader;
  return decode_ethertype(d, frame.u16(12), frame.after(14));
}

void Decoder::decode(const FrameBlock& in, DecodedBlock& out) const {
  out.datagrams_.clear();
  out.fragments_.clear();
  out.count_ = 0;
  if (out.packets_.size() < in.frames.size()) out.packets_.resize(in.frames.size());
  const std::size_t frames = in.frames.size();
  Packet fresh;  // copied, as g++ clears 88 bytes more slowly than it copies them
  fresh.input = in.input;
  for (std::size_t i = 0; i < frames; ++i) {
    if (i + kPrefetchFrames < frames) __builtin_prefetch(in.frames[i + kPrefetchFrames].data);
    const Frame& frame = in.frames[i];
    ++out.counters.frames;
    out.counters.bytes += frame.wire_bytes;
    out.counters.cut_frames += frame.captured_bytes < frame.wire_bytes;
    // IEEE 802, 8.2.2: the first bit sent of an address to a group.
    if (frame.link_type == kLinkEthernet && frame.captured_bytes > 0)
      out.counters.group_frames += frame.data[0] & 1;
    if (filter_ != nullptr && !filter_->accepts(frame)) {
      // Nor does a filter know what a link type is that nobody here knows.
      ++(knows_link(frame.link_type) ? out.counters.filtered : out.counters.unknown_link_type);
      continue;
    }
    Packet& packet = out.packets_[out.count_];
    packet = fresh;
    packet.time = frame.time;
    packet.number = in.first_number + i;
    packet.wire_bytes = frame.wire_bytes;
    Dissection d{packet, out.counters, tunnel_depth_max_};
    const View view{frame.data, frame.captured_bytes, frame.wire_bytes};
    Outcome outcome;
    if (frame.link_type == kLinkEthernet && view.has(14) && view.u16(12) == kEthertypeIp4)
      outcome = decode_ip4(d, view.after(14));
    else
      outcome = decode_link(d, frame.link_type, view);
    count(out.counters, outcome);
    if (!leaves_packet(outcome)) continue;
    if (outcome == Outcome::kFragment)
      out.fragments_.push_back(static_cast<std::uint32_t>(out.count_));
    ++out.count_;
  }
}

bool Decoder::decode_datagram(Bytes datagram, Packet& packet, DecodeCounters& counters) const {
  const Packet fragment = packet;
  packet.fragment = false;
  packet.reassembled = true;
  Dissection d{packet, counters, tunnel_depth_max_};
  const auto size = static_cast<std::uint32_t>(datagram.size());
  const Outcome outcome = decode_ip(d, {datagram.data(), size, size});
  if (leaves_packet(outcome)) return true;
  packet = fragment;
  return false;
}

}  // namespace gnomon::packet
