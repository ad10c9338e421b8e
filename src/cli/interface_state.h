#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "doctor_text.h"
#include "gnomon/bytes/ip_address.h"

namespace gnomon::cli {

// An interface as the kernel describes it, in sysfs and through ethtool's ioctl. What a driver does
// not tell is absent.
struct InterfaceState {
  std::string name;
  std::string driver;
  std::string duplex;
  unsigned mtu = 0;
  std::optional<unsigned> speed_mbit;
  bool up = false;
  std::optional<bool> carrier;
  std::optional<bool> gro;
  std::optional<bool> lro;
  std::optional<unsigned> ring;
  std::optional<unsigned> ring_max;
  std::vector<IpAddress> addresses;
};

// Nothing when there is no such interface.
std::optional<InterfaceState> read_interface(const std::string& name);
std::vector<IpAddress> addresses_of_machine();

std::vector<std::pair<std::string, std::string>> facts_of(const InterfaceState& state);
// What is wrong with its settings alone.
std::vector<Complaint> complaints_of(const InterfaceState& state);
// That it was there, and was gone or down when it had been looked at.
Complaint complaint_of_lost(const std::string& interface, const std::string& state);

}  // namespace gnomon::cli
