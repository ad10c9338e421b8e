#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "gnomon/packet/capture_reader.h"
#include "gnomon/packet/decode_counters.h"
#include "gnomon/packet/packet.h"

namespace gnomon::packet {

class BpfFilter;

// The packets of one FrameBlock, in frame order. They point into that block, and those made of
// fragments into `datagrams`. Reused from decode() to decode() it allocates nothing once warm.
class DecodedBlock {
 public:
  // Packets with `fragment` set are not whole: leave them out of flows. IpReassembler turns those
  // that complete a datagram into the whole packet, in place.
  [[nodiscard]] std::span<Packet> packets() { return {packets_.data(), count_}; }
  [[nodiscard]] std::span<const Packet> packets() const { return {packets_.data(), count_}; }
  // Indices into packets() of those that decode() found to be IP fragments, ascending.
  [[nodiscard]] const std::vector<std::uint32_t>& fragments() const { return fragments_; }

  DecodeCounters counters;  // added to by decode(); whoever reads them resets them

 private:
  friend class Decoder;
  friend class IpReassembler;

  std::vector<Packet> packets_;  // only ever grows; the first count_ are meant
  std::size_t count_ = 0;
  std::vector<std::uint32_t> fragments_;
  std::vector<std::unique_ptr<std::uint8_t[]>> datagrams_;  // reassembled, cleared by decode()
};

// Whether a UDP payload holds, behind a header of whatever kind, an IP packet that ends with it: of
// IPv4 the header's checksum is right, of IPv6 its ethertype stands before it. What says yes is a
// tunnel that nobody told us the port of.
bool holds_ip_packet(Bytes payload);

// Takes link layers and tunnels off frames and reports the innermost IP packet of each, with the
// hash, the fingerprint and the order that the flow table wants.
//
// A tunnel whose inside cannot be decoded is reported as the outer packet. ICMP errors are not
// searched for the packet they quote. A TCP or UDP header of which the fixed part is missing gives
// no packet: bad_header and cut_header count them. One that lies about its length has no payload.
//
// Packet::hash is alike for both directions and good in all 32 bits. Packet::fingerprint is alike
// for a frame and a copy of it that a mirror port took elsewhere: it covers what a hop, a tag and
// a tunnel leave alone (addresses, IPv4 identification, lengths, TCP sequence numbers, flags and
// checksum, UDP checksum and the first 32 bytes of other payloads). It cannot tell a TCP
// retransmission from a copy over IPv6 without TCP timestamps, nor a repeated UDP message without
// IPv4 identification; those wanting to know look at the time between the two.
//
// Immutable: one may be shared by all threads.
class Decoder {
 public:
  static constexpr int kTunnelDepthMax = 8;

  // `filter`, when given, sees whole frames first and outlives the decoder.
  explicit Decoder(const BpfFilter* filter = nullptr, int tunnel_depth_max = kTunnelDepthMax)
      : filter_(filter), tunnel_depth_max_(tunnel_depth_max) {}

  // Replaces the packets of `out`, adds to its counters.
  void decode(const FrameBlock& in, DecodedBlock& out) const;

  // Goes on with a datagram that was put together from fragments: its IP header whole, lengths put
  // right. `packet` is the last fragment and becomes the whole packet, or another fragment when
  // the datagram holds one; false, and a count, when there is nothing to report.
  bool decode_datagram(Bytes datagram, Packet& packet, DecodeCounters& counters) const;

 private:
  const BpfFilter* filter_;
  int tunnel_depth_max_;
};

}  // namespace gnomon::packet
