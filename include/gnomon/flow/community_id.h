#pragma once

#include <cstdint>
#include <string>

#include "gnomon/bytes/ip_address.h"

namespace gnomon::flow {

// Community ID version 1, seed 0 (github.com/corelight/community-id-spec): "1:" and the base64 of a
// SHA-1 over the ordered 5-tuple. For ICMP the ports are the message type and its counterpart.
std::string community_id(const IpAddress& source, std::uint16_t source_port,
                         const IpAddress& destination, std::uint16_t destination_port,
                         std::uint8_t protocol);

}  // namespace gnomon::flow
