#pragma once

#include <pcap/pcap.h>

#include <cstdint>
#include <string>
#include <vector>

#include "gnomon/bytes/handle.h"
#include "gnomon/bytes/result.h"
#include "gnomon/packet/interface_capture.h"

namespace gnomon::packet {

// How long the kernel may keep a block of the ring that is not full.
inline constexpr int kRetireMs = 100;

// One open ring.
struct Ring {
  Handle<pcap_t, pcap_close> handle;
  int socket = -1;
  std::uint16_t link_type = 1;
  std::uint32_t index = 0;  // of the interface it is bound to; 0 when it is of all of them
};

// The rings of one interface, for all workers. Until the last has joined the others, each gets
// packets that are another's as well: so nothing is let in before.
Result<std::vector<Ring>> open_rings(const std::string& interface, const InterfaceOptions& options);

Error no_interface();

// "eth0, wlan0"
std::string joined(const std::vector<std::string>& words);

}  // namespace gnomon::packet
