#pragma once

#include <array>
#include <cstdint>

#include "gnomon/bytes/ip_address.h"
#include "gnomon/bytes/time.h"
#include "gnomon/packet/packet.h"

namespace gnomon::flow {

// Index of a flow in its table: stable while the flow lives, reused afterwards.
using FlowIndex = std::uint32_t;
inline constexpr FlowIndex kNoFlow = 0xffffffff;

// One end sends; which end is the client is decided by evidence that may come late, so counters
// are kept per side of the key and turned into client and server at the end.
enum class Side : std::uint8_t { kLower = 0, kHigher = 1 };

constexpr Side other(Side side) { return side == Side::kLower ? Side::kHigher : Side::kLower; }
constexpr std::size_t index_of(Side side) { return static_cast<std::size_t>(side); }

// How surely the client is known, weakest first: stronger evidence overrules weaker.
enum class ClientEvidence : std::uint8_t { kFirstSender, kPort, kHello, kSynAck, kSyn };

enum class TcpState : std::uint8_t { kNew, kEstablished, kClosed };

// One conversation: the innermost IP pair, its ports and protocol. VLAN and tunnel ids do not tell
// conversations apart, so the two VLANs of an asymmetric mirror are one flow. This is the part that
// every packet touches; what parsers know of a flow is kept beside it by whoever reads it.
//
// Three cache lines: every packet touches the first two, the third is for the beginning and the
// end.
struct alignas(64) Flow {
  std::array<std::uint8_t, 16> lower{};  // IPv4 as ::ffff:a.b.c.d
  std::array<std::uint8_t, 16> higher{};
  std::uint16_t lower_port = 0;
  std::uint16_t higher_port = 0;
  std::uint32_t notes = 0xffffffff;  // for the table's owner: what else is known of the flow
  Time last;
  std::uint8_t protocol = 0;
  TcpState state = TcpState::kNew;
  ClientEvidence client_evidence = ClientEvidence::kFirstSender;
  Side client = Side::kLower;
  std::array<std::uint8_t, 2> tcp_flags{};  // all that a side has sent, or-ed
  std::uint8_t recent_at = 0;
  bool reading = false;        // for the table's owner: somebody still wants its payload
  bool midstream : 1 = false;  // TCP without the client's SYN
  bool truncated : 1 = false;
  bool reassembled : 1 = false;
  bool established_seen : 1 = false;  // state was kEstablished once, whatever it is now
  bool measured : 1 = false;          // for the table's owner: its answers are being measured
  bool vlan_split : 1 = false;        // the other direction came in another VLAN
  std::uint8_t lengths_known : 2 = 0;  // bit of a side: syn_sequence holds its stream's length
  packet::Tunnel tunnel = packet::Tunnel::kNone;
  std::uint16_t vlan = 0;
  std::uint16_t inner_vlan = 0;
  std::uint8_t tunnel_depth = 0;
  Side opener = Side::kLower;  // sent the first packet

  std::array<std::uint64_t, 2> bytes{};
  std::array<std::uint64_t, 2> payload{};
  std::array<std::uint32_t, 2> packets{};  // stop at their maximum
  std::array<std::uint32_t, 4> recent_fingerprints{};
  // From its FIN on the length of the side's stream; before its first packet what its SYN must say.
  std::array<std::uint32_t, 2> syn_sequence{};

  Time start;
  std::uint64_t first_number = 0;  // of the frame that opened it
  std::uint32_t hash = 0;
  std::uint32_t outer = 0xffffffff;  // FlowTable::outer(), of tunnelled flows
  FlowIndex wheel_next = kNoFlow;
  FlowIndex wheel_previous = kNoFlow;
  std::uint32_t duplicates = 0;
  std::uint16_t wheel_bucket = 0;
  std::uint16_t shape = 0xffff;  // for the table's owner: who measures its answers

  [[nodiscard]] IpAddress address(Side side) const {
    return IpAddress::stored((side == Side::kLower ? lower : higher).data());
  }
  [[nodiscard]] std::uint16_t port(Side side) const {
    return side == Side::kLower ? lower_port : higher_port;
  }
  [[nodiscard]] bool one_sided() const { return packets[0] == 0 || packets[1] == 0; }
  // Payload that a side must have sent between its SYN and its FIN, and of which no packet came. 0
  // where it cannot be known; less than the truth where bytes came twice. Far more than what came is
  // not believed: a SYN that was refused, and another connection's FIN.
  [[nodiscard]] std::uint32_t lost_bytes(Side side) const {
    const std::int32_t missing = missing_bytes(side);
    const std::uint64_t believed = 16 * payload[index_of(side)] + 65536;
    return missing > 0 && static_cast<std::uint64_t>(missing) <= believed
               ? static_cast<std::uint32_t>(missing)
               : 0;
  }
  // What a side of which payload came has sent: where SYN and FIN tell it each byte once, with
  // those that were lost; else payload as it came, which counts what came twice two times.
  [[nodiscard]] std::uint64_t sent_bytes(Side side) const {
    const std::uint64_t came = payload[index_of(side)];
    const std::int32_t missing = missing_bytes(side);
    if (came == 0) return 0;
    if (missing >= 0) return came + lost_bytes(side);
    const auto twice = static_cast<std::uint64_t>(-std::int64_t{missing});
    return twice < came ? came - twice : came;
  }

 private:
  // Length of the side's stream less what came of it; 0 where it is not known.
  [[nodiscard]] std::int32_t missing_bytes(Side side) const {
    const std::size_t at = index_of(side);
    if ((lengths_known & (1U << at)) == 0) return 0;
    return static_cast<std::int32_t>(syn_sequence[at] - static_cast<std::uint32_t>(payload[at]));
  }
};

static_assert(sizeof(Flow) == 3 * 64, "see above");

// Of the first packet's outermost IP header, when tunnelled.
struct OuterAddresses {
  IpAddress source;
  IpAddress destination;
};

// Names of encapsulations as events show them: "gre", "vxlan" ...; empty for none.
std::string_view tunnel_name(packet::Tunnel tunnel);

}  // namespace gnomon::flow
