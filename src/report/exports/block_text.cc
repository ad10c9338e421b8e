#include "block_text.h"

#include <algorithm>
#include <map>

#include "gnomon/report/display_text.h"
#include "gnomon/report/numbers.h"
#include "host_pattern.h"

namespace gnomon::report {
namespace {

constexpr std::size_t kNamesShown = 3;

// The first few and how many more there are.
std::string some_of(const std::vector<std::string>& names) {
  std::vector<std::string> shown{
      names.begin(),
      names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kNamesShown))};
  if (names.size() > shown.size())
    shown.push_back(count_of(names.size() - shown.size(), "other"));
  return listed(shown);
}

std::string with_comment(const std::vector<std::string>& names, const std::string& note,
                         const Collateral& seen, std::size_t room) {
  std::string text = apps_text(names) + ": " + collateral_text(seen);
  if (!note.empty()) text += "; " + note;
  return one_line(text, room);
}

constexpr BlockFormat kFormats[] = {
    {"edl", "domains for a PAN-OS external dynamic list", false, false, write_edl_domains},
    {"edl-url", "URLs for a PAN-OS external dynamic list", false, false, write_edl_urls},
    {"edl-ip", "addresses for a PAN-OS external dynamic list", true, true, write_edl_addresses},
    {"rpz", "a DNS response policy zone (BIND, Unbound, PowerDNS, Knot)", true, false, write_rpz},
    {"suricata", "Suricata rules on TLS, QUIC, HTTP and DNS names", true, false, write_suricata},
    {"nftables", "nftables sets of addresses that serve nothing else", true, true, write_nftables},
    {"squid", "a Squid ACL", true, false, write_squid},
    {"hosts", "a hosts file", true, false, write_hosts},
    {"defender", "indicators for Microsoft Defender for Endpoint (CSV)", true, false,
     write_defender},
    {"fortigate", "a FortiGate script with a URL filter", true, false, write_fortigate},
};

}  // namespace

std::span<const BlockFormat> block_formats() { return kFormats; }

std::string one_line(std::string_view text, std::size_t room) {
  std::string line = printable(text);
  if (room == 0 || line.size() <= room) return line;
  constexpr std::string_view kRest = "...";
  std::string_view cut{line};
  cut = cut.substr(0, room - kRest.size());
  // Not in the middle of a character.
  std::size_t end = cut.size();
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) --end;
  return std::string{line.substr(0, end)} + std::string{kRest};
}

std::string apps_text(const std::vector<std::string>& names) {
  return one_line(joined(names, ", "));
}

std::string collateral_text(const Collateral& seen) {
  std::string text = "not seen on this network";
  if (seen.seen()) {
    text = count_of(seen.clients, "client") + ", " + count_of(seen.sessions, "session") +
           ", last seen " + day_text(seen.last_seen);
    if (seen.sessions == 0 && seen.lookups > 0)
      text = count_of(seen.clients, "client") + " looked it up, no session, last seen " +
             day_text(seen.last_seen);
  }
  if (!seen.hits_others()) return one_line(text);
  text += "; also hits ";
  if (!seen.other_apps.empty()) text += some_of(seen.other_apps) + " at ";
  text += some_of(seen.other_hosts) + " (" + count_of(seen.other_clients, "client") + ")";
  return one_line(text);
}

std::string comment_of(const BlockEntry& entry, std::size_t room) {
  return with_comment(entry.app_names, entry.note, entry.seen, room);
}

std::string comment_of(const BlockAddress& entry, std::size_t room) {
  return with_comment(entry.app_names, some_of(entry.hosts), entry.seen, room);
}

std::string header_of(const BlockList& list, std::string_view mark, std::string_view what) {
  std::string out;
  const auto line = [&](const std::string& text) {
    out += std::string{mark} + " " + one_line(text) + "\n";
  };
  line(std::string{what} + ", made by Gnomon");
  line("as of " + (is_known(list.as_of) ? second_text(list.as_of) + " UTC, the last packet seen"
                                        : std::string{"no packet"}));
  line("blocks " + list.selection + ": " + count_of(list.apps.size(), "app"));
  if (!list.clients.empty()) line("for " + list.clients);
  if (!list.refused.empty())
    line(count_of(list.refused.size(), "entry was", "entries were") +
         " left out as others need them; --explain tells which");
  return out;
}

std::vector<std::pair<std::string, const BlockEntry*>> names_one_by_one(const BlockList& list) {
  std::map<std::string, const BlockEntry*> names;
  for (const BlockEntry& entry : list.entries) {
    if (entry.itself) names.emplace(entry.name, &entry);
    for (const std::string& host : entry.hosts)
      if (is_host_name(host)) names.emplace(host, &entry);
  }
  return {names.begin(), names.end()};
}

}  // namespace gnomon::report
