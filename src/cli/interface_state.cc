#include "interface_state.h"

#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

#include "gnomon/bytes/descriptor.h"
#include "gnomon/packet/interface_capture.h"

namespace gnomon::cli {
namespace {

namespace fs = std::filesystem;

const fs::path kInterfaces = "/sys/class/net";

std::string first_line(const fs::path& path) {
  std::ifstream in{path};
  std::string line;
  std::getline(in, line);
  return line;
}

std::optional<std::uint64_t> number_in(const fs::path& path) {
  const std::string text = first_line(path);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  return number;
}

class Socket {
 public:
  Socket() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}

  // Fills `answer`, whose first member says what is asked.
  template <class Answer>
  bool ethtool(const std::string& name, Answer& answer) const {
    ifreq request = named(name);
    request.ifr_data = reinterpret_cast<char*>(&answer);
    return socket_ && ::ioctl(socket_.get(), SIOCETHTOOL, &request) == 0;
  }
  [[nodiscard]] std::optional<bool> flag(const std::string& name, std::uint32_t command,
                                         std::uint32_t mask) const {
    ethtool_value value{};
    value.cmd = command;
    if (!ethtool(name, value)) return std::nullopt;
    return (value.data & mask) != 0;
  }
  [[nodiscard]] bool is_up(const std::string& name) const {
    ifreq request = named(name);
    return socket_ && ::ioctl(socket_.get(), SIOCGIFFLAGS, &request) == 0 &&
           (request.ifr_flags & IFF_UP) != 0;
  }

 private:
  static ifreq named(const std::string& name) {
    ifreq request{};
    std::strncpy(request.ifr_name, name.c_str(), sizeof request.ifr_name - 1);
    return request;
  }
  Descriptor socket_;
};

// Addresses by interface.
std::multimap<std::string, IpAddress> all_addresses() {
  std::multimap<std::string, IpAddress> found;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return found;
  for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
    if (each->ifa_addr == nullptr) continue;
    if (each->ifa_addr->sa_family == AF_INET) {
      const auto* address = reinterpret_cast<const sockaddr_in*>(each->ifa_addr);
      found.emplace(each->ifa_name,
                    IpAddress::v4(reinterpret_cast<const std::uint8_t*>(&address->sin_addr)));
    } else if (each->ifa_addr->sa_family == AF_INET6) {
      const auto* address = reinterpret_cast<const sockaddr_in6*>(each->ifa_addr);
      found.emplace(each->ifa_name,
                    IpAddress::v6(reinterpret_cast<const std::uint8_t*>(&address->sin6_addr)));
    }
  }
  ::freeifaddrs(list);
  return found;
}

}  // namespace

std::optional<InterfaceState> read_interface(const std::string& given) {
  const std::string name = packet::kernel_name(given);
  if (name.empty() || name.size() >= IFNAMSIZ || ::if_nametoindex(name.c_str()) == 0)
    return std::nullopt;
  const fs::path folder = kInterfaces / name;
  InterfaceState state;
  state.name = name;
  const Socket socket;
  state.up = socket.is_up(name);
  state.mtu = static_cast<unsigned>(number_in(folder / "mtu").value_or(0));
  if (const auto speed = number_in(folder / "speed"))
    state.speed_mbit = static_cast<unsigned>(*speed);
  state.duplex = first_line(folder / "duplex");
  if (const auto carrier = number_in(folder / "carrier")) state.carrier = *carrier != 0;
  ethtool_drvinfo driver{};
  driver.cmd = ETHTOOL_GDRVINFO;
  if (socket.ethtool(name, driver))
    state.driver.assign(driver.driver, ::strnlen(driver.driver, sizeof driver.driver));
  state.gro = socket.flag(name, ETHTOOL_GGRO, 1);
  state.lro = socket.flag(name, ETHTOOL_GFLAGS, ETH_FLAG_LRO);
  ethtool_ringparam ring{};
  ring.cmd = ETHTOOL_GRINGPARAM;
  if (socket.ethtool(name, ring) && ring.rx_max_pending > 0) {
    state.ring = ring.rx_pending;
    state.ring_max = ring.rx_max_pending;
  }
  const auto addresses = all_addresses();
  const auto [from, to] = addresses.equal_range(name);
  for (auto at = from; at != to; ++at) state.addresses.push_back(at->second);
  return state;
}

std::vector<IpAddress> addresses_of_machine() {
  std::vector<IpAddress> addresses;
  for (const auto& [name, address] : all_addresses()) addresses.push_back(address);
  return addresses;
}

std::vector<std::pair<std::string, std::string>> facts_of(const InterfaceState& state) {
  std::vector<std::pair<std::string, std::string>> facts;
  const auto add = [&facts](std::string name, std::string value) {
    if (!value.empty()) facts.emplace_back(std::move(name), std::move(value));
  };
  const auto on_off = [](const std::optional<bool>& flag) -> std::string {
    return flag ? (*flag ? "on" : "off") : "";
  };
  std::string link = state.up ? "up" : "down";
  if (state.up && state.carrier) link += *state.carrier ? ", carrier" : ", no carrier";
  // A driver that does not know says -1.
  if (state.speed_mbit && *state.speed_mbit != 0 && *state.speed_mbit < 10'000'000)
    link += ", " + std::to_string(*state.speed_mbit) + " Mbit/s";
  if (!state.duplex.empty() && state.duplex != "unknown") link += ", " + state.duplex + " duplex";
  add("Link", link);
  add("Driver", state.driver);
  add("MTU", std::to_string(state.mtu));
  add("GRO", on_off(state.gro));
  add("LRO", on_off(state.lro));
  if (state.ring)
    add("RX ring", std::to_string(*state.ring) + " of " + std::to_string(*state.ring_max));
  std::string addresses;
  for (const IpAddress& address : state.addresses)
    addresses += (addresses.empty() ? "" : ", ") + address.to_string();
  add("Addresses", addresses);
  return facts;
}

Complaint complaint_of_lost(const std::string& interface, const std::string& state) {
  Complaint c;
  c.severity = observation::HealthSeverity::kCritical;
  c.part = c.whole = 1;
  c.check = "interface-lost";
  c.title = "The interface was lost while it was looked at";
  c.evidence = interface + " " + state + " now; it was there at the beginning.";
  c.meaning = "What follows was seen before that. A sensor waits until the interface is back.";
  c.remedy = "Look at what unmakes it or switches it off: the cable, its driver, who manages it.";
  c.command = "ip -d link show";
  return c;
}

std::vector<Complaint> complaints_of(const InterfaceState& state) {
  std::vector<Complaint> complaints;
  if (!state.up || state.carrier == std::optional{false}) {
    Complaint& c = complaints.emplace_back();
    c.severity = observation::HealthSeverity::kCritical;
    c.part = c.whole = 1;
    if (!state.up) {
      c.check = "interface-down";
      c.title = "The interface is switched off";
      c.evidence = state.name + " is down.";
      c.remedy = "Bring it up; a capture interface needs no address.";
      c.command = "ip link set " + state.name + " up promisc on";
    } else {
      c.check = "no-carrier";
      c.title = "The interface has no link";
      c.evidence = state.name + " is up and has no carrier.";
      c.remedy = "See to cable, optics, and that the mirror's port is enabled and of the same speed.";
      c.command = "ethtool " + state.name;
    }
    c.meaning = "No frame can arrive: the inventory says nothing about this time.";
  }
  if (state.gro == std::optional{true} || state.lro == std::optional{true}) {
    const bool both = state.gro == state.lro;
    Complaint& c = complaints.emplace_back();
    c.severity = observation::HealthSeverity::kNotice;
    c.check = "offload-on";
    c.title = "Offloading is switched on";
    c.part = c.whole = 1;
    c.evidence = std::string{both ? "GRO and LRO are" : state.gro == std::optional{true} ? "GRO is" : "LRO is"} +
                 " on for " + state.name + ".";
    c.meaning =
        "Segments may be joined before they are captured: they are read whole, but how answers are "
        "paced cannot be relied upon.";
    c.remedy = "Switch it off on the interface that captures.";
    c.command = "ethtool -K " + state.name + " gro off lro off";
  }
  return complaints;
}

}  // namespace gnomon::cli
