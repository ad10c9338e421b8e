#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/packet/live_source.h"

namespace gnomon::packet {

struct InterfaceOptions {
  std::vector<std::string> interfaces;
  unsigned workers = 1;
  std::string filter;  // BPF, run by the kernel
  std::uint32_t snap_length = 262144;
  std::uint32_t buffer_mib = 64;  // of each ring; every worker has one of each interface
  bool promiscuous = true;
};

// Listens on interfaces: a ring of each for every worker, of which the kernel fills one for all
// packets of a conversation. Interfaces that go down are waited for; those that vanish, or whose
// name becomes another's, are opened again when they are back: what counts is the name.
//
// Refused, with what would be right: an interface that is not there, no permission, a filter that
// does not compile. One that is down is no error: it is told of and waited for.
Result<std::unique_ptr<LiveSource>> listen_on(const InterfaceOptions& options);

// Names of the interfaces there are, loopback last.
std::vector<std::string> interface_names();

// The name by which the machine lists an interface, of any of its names (`ip link property add ...
// altname`); what is no name of any stays as it is.
std::string kernel_name(const std::string& name);

// What the machine says of an interface; zeros where it says nothing.
struct InterfaceFacts {
  bool exists = false;
  bool up = false;       // by its administrator
  bool carrier = false;  // a cable, or a peer
  std::uint32_t mtu = 0;
  std::uint32_t index = 0;    // the kernel's: it stays when the name changes
  std::uint64_t dropped = 0;  // rx_missed_errors, rx_fifo_errors or rx_over_errors
  [[nodiscard]] bool usable() const { return exists && up && carrier; }
  // "is down", "has no carrier", "is gone"; empty when it is usable.
  [[nodiscard]] std::string trouble() const;
};
InterfaceFacts interface_facts(const std::string& name);

// Packets that the machine dropped because its backlog was full: the second column of
// /proc/net/softnet_stat, over all processors.
std::uint64_t softnet_drops();

}  // namespace gnomon::packet
