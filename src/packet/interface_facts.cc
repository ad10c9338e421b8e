#include <net/if.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "gnomon/packet/interface_capture.h"

namespace gnomon::packet {
namespace {

constexpr const char* kInterfaces = "/sys/class/net";

std::string word_of(const std::string& path) {
  std::ifstream file{path};
  std::string word;
  file >> word;
  return word;
}

std::uint64_t number_of(std::string_view text, int base) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number, base);
  return number;
}

}  // namespace

std::vector<std::string> interface_names() {
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator{kInterfaces, failed})
    if (entry.is_directory(failed)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return std::pair{a == "lo", a} < std::pair{b == "lo", b};
  });
  return names;
}

std::string InterfaceFacts::trouble() const {
  if (!exists) return "is gone";
  if (!up) return "is down";
  if (!carrier) return "has no carrier";
  return {};
}

InterfaceFacts interface_facts(const std::string& name) {
  InterfaceFacts facts;
  if (name == "any") {  // libpcap's word for all of them
    facts.exists = facts.up = facts.carrier = true;
    return facts;
  }
  if (name.empty() || name.find('/') != std::string::npos) return facts;
  std::string folder = std::string{kInterfaces} + "/" + name + "/";
  std::error_code failed;
  facts.exists = std::filesystem::exists(folder, failed);
  if (!facts.exists) {
    folder = std::string{kInterfaces} + "/" + kernel_name(name) + "/";
    facts.exists = std::filesystem::exists(folder, failed);
  }
  if (!facts.exists) return facts;
  std::string flags = word_of(folder + "flags");
  if (flags.starts_with("0x")) flags.erase(0, 2);
  facts.up = (number_of(flags, 16) & IFF_UP) != 0;
  facts.carrier = word_of(folder + "carrier") == "1";
  facts.index = static_cast<std::uint32_t>(number_of(word_of(folder + "ifindex"), 10));
  facts.mtu = static_cast<std::uint32_t>(number_of(word_of(folder + "mtu"), 10));
  // Fifo and over errors are other names of missed ones with some drivers, so the larger one counts.
  // Not rx_dropped: the kernel counts there also what this machine has no protocol for (MPLS, a
  // foreign VLAN), of which a mirror has much and which capture gets all the same.
  const auto statistic = [&](const char* which) {
    return number_of(word_of(folder + "statistics/" + which), 10);
  };
  facts.dropped = std::max({statistic("rx_missed_errors"), statistic("rx_fifo_errors"),
                            statistic("rx_over_errors")});
  return facts;
}

std::uint64_t softnet_drops() {
  // Not /proc/net: it is not there where /proc shows processes alone (ProcSubset=pid of the
  // service).
  std::ifstream file{"/proc/self/net/softnet_stat"};
  std::uint64_t sum = 0;
  for (std::string line; std::getline(file, line);) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos) continue;
    sum += number_of(std::string_view{line}.substr(space + 1), 16);
  }
  return sum;
}

}  // namespace gnomon::packet
