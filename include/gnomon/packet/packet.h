#pragma once

#include <cstdint>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/bytes/ip_address.h"
#include "gnomon/bytes/time.h"

namespace gnomon::packet {

// IP protocol numbers (IANA) that the sensor tells apart.
enum IpProtocol : std::uint8_t {
  kIcmp = 1,
  kTcp = 6,
  kUdp = 17,
  kIcmp6 = 58,
  kSctp = 132,
};

enum TcpFlag : std::uint8_t {
  kFin = 0x01,
  kSyn = 0x02,
  kRst = 0x04,
  kPsh = 0x08,
  kAck = 0x10,
};

// The innermost encapsulation that carried the packet.
enum class Tunnel : std::uint8_t {
  kNone,
  kGre,
  kErspan,
  kVxlan,
  kGeneve,
  kGtp,
  kIpInIp,
  k6in4,
  kTeredo,
  kL2tp,
  kMpls,
  kPppoe,
  kOther,
};

// One innermost IP packet, decoded. Plain data that points into the block (or the reassembly
// store) that holds its bytes; valid as long as that is.
struct Packet {
  Time time;
  std::uint64_t number = 0;               // of the frame, from 1, over all inputs of the run
  const std::uint8_t* network = nullptr;  // innermost IP header, whole (fixed part) in memory
  const std::uint8_t* payload = nullptr;  // after TCP or UDP header; after the IP header otherwise
  const std::uint8_t* outer = nullptr;    // outermost IP header when tunnelled, else null
  std::uint32_t payload_bytes = 0;        // captured
  std::uint32_t payload_wire_bytes = 0;   // as the IP length says; larger when the frame was cut
  std::uint32_t wire_bytes = 0;           // of the whole frame on the wire
  std::uint32_t hash = 0;                 // of the 5-tuple, alike for both directions
  std::uint32_t slot_hash = 0;            // the same for tables, another one in every process
  std::uint32_t fingerprint = 0;          // equal for a frame and its SPAN duplicate; see decoder.h
  std::uint32_t tcp_sequence = 0;
  std::uint32_t tcp_acknowledgement = 0;
  std::uint16_t source_port = 0;  // ICMP: type and code as Community ID maps them
  std::uint16_t destination_port = 0;
  std::uint16_t vlan = 0;        // outermost VLAN id, 0 when untagged
  std::uint16_t inner_vlan = 0;  // second VLAN id, 0 when there is none
  std::uint16_t input = 0;       // index of the input file
  std::uint8_t protocol = 0;     // IP protocol number
  std::uint8_t ip_version = 0;   // 4 or 6
  std::uint8_t tcp_flags = 0;
  Tunnel tunnel = Tunnel::kNone;
  std::uint8_t tunnel_depth = 0;  // encapsulations taken off
  bool source_is_lower = false;   // (address, port) order; tells the two directions apart
  bool truncated = false;         // captured less than what was on the wire
  bool reassembled = false;       // from IP fragments
  bool fragment = false;          // of a datagram not whole: belongs to no flow

  [[nodiscard]] Bytes payload_view() const { return {payload, payload_bytes}; }
  [[nodiscard]] IpAddress source() const {
    return ip_version == 4 ? IpAddress::v4(network + 12) : IpAddress::v6(network + 8);
  }
  [[nodiscard]] IpAddress destination() const {
    return ip_version == 4 ? IpAddress::v4(network + 16) : IpAddress::v6(network + 24);
  }
};

}  // namespace gnomon::packet
