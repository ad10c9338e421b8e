#include <algorithm>
#include <chrono>

#include "block_text.h"
#include "gnomon/report/numbers.h"
#include "host_pattern.h"

// Lists of names that resolvers, proxies and operating systems read.
namespace gnomon::report {
namespace {

// RFC 1035: 255 bytes on the wire, so 253 as text without the last dot.
constexpr std::size_t kNameBytesMax = 253;

// The zone's serial: seconds of the last packet, which only grow.
std::uint32_t serial_of(Time time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  return std::max(std::uint32_t{1}, static_cast<std::uint32_t>(seconds));
}

}  // namespace

std::string write_rpz(const BlockList& list, const BlockStyle& style) {
  std::string out = header_of(list, ";", "DNS response policy zone");
  out += "; each name is answered as if it did not exist (NXDOMAIN)\n";
  out += "$TTL 300\n";
  out += "$ORIGIN " + style.zone + ".\n";
  out += "@ SOA localhost. root.localhost. ( " + std::to_string(serial_of(list.as_of)) +
         " 3600 600 86400 300 )\n";
  out += "@ NS localhost.\n";
  for (const BlockEntry& entry : list.entries) {
    // "*." and the zone are part of the owner's name.
    if (entry.name.size() + style.zone.size() + 3 > kNameBytesMax) {
      out += "; too long for this zone: " + entry.name + "\n";
      continue;
    }
    out += "; " + comment_of(entry) + "\n";
    if (entry.itself) out += entry.name + " CNAME .\n";
    if (entry.below) out += "*." + entry.name + " CNAME .\n";
  }
  return out;
}

std::string write_hosts(const BlockList& list, const BlockStyle&) {
  std::string out = header_of(list, "#", "hosts file");
  out +=
      "# a hosts file has no patterns: names below a domain are here when they are known or were "
      "seen\n";
  for (const auto& [name, entry] : names_one_by_one(list)) {
    out += "0.0.0.0 " + name + "  # " + comment_of(*entry) + "\n";
    out += ":: " + name + "\n";
  }
  return out;
}

std::string write_squid(const BlockList& list, const BlockStyle&) {
  std::string out = header_of(list, "#", "Squid ACL");
  out += "# include this file above the http_access lines that allow\n";
  bool names = false;
  bool below = false;
  for (const BlockEntry& entry : list.entries) {
    out += "# " + comment_of(entry) + "\n";
    if (entry.itself) {
      // ".example.com" is the name and all below it.
      out += "acl gnomon_ai dstdomain " + std::string{entry.below ? "." : ""} + entry.name + "\n";
      names = true;
      continue;
    }
    std::string pattern = "\\.";
    for (const char c : entry.name) pattern += (c == '.' ? "\\" : "") + std::string{c};
    out += "acl gnomon_ai_below dstdom_regex -i " + pattern + "$\n";
    below = true;
  }
  if (!names && !below) out += "# nothing to block\n";
  if (names) out += "http_access deny gnomon_ai\n";
  if (below) out += "http_access deny gnomon_ai_below\n";
  return out;
}

}  // namespace gnomon::report
