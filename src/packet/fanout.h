#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gnomon/bytes/result.h"

struct sock_filter;

namespace gnomon::packet {

// Sockets of one interface that share its packets, each packet to one of them. The first makes the
// group, the others join it.
class Fanout {
 public:
  // `socket` is an AF_PACKET one, bound. An error when it is not in the group: it would get every
  // packet.
  std::optional<Error> join(int socket);

 private:
  std::optional<std::uint32_t> group_;  // the kernel's number of it, 0 among them
  bool by_program_ = false;
};

// Which socket gets a packet: a number that is alike for all packets between two addresses, either
// way, the innermost ones where VXLAN, Geneve, GRE, ERSPAN, IP-in-IP, MPLS or VLAN tags are around
// them, which the kernel's own hash does not see through. Ports do not count: fragments have none,
// and what is in a tunnel that is not known here has others than the tunnel, one for each direction.
//
// Classic BPF for PACKET_FANOUT_CBPF: packet data begins at the network header.
std::vector<sock_filter> fanout_program();

}  // namespace gnomon::packet
