#include <algorithm>
#include <set>
#include <string>

#include "block_text.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/hash.h"
#include "gnomon/report/numbers.h"

namespace gnomon::report {
namespace {

// Ids for local rules are 1,000,000 to 1,999,999; the same name gets the same id in every export,
// so that what has been said about a rule stays true.
constexpr std::uint32_t kFirstId = 1'500'000;
constexpr std::uint32_t kIds = 500'000;

struct Buffer {
  std::string_view protocol;
  std::string_view keyword;
  std::string_view flow;
  bool nocase;  // http.host is lower case already, and Suricata says so
};
constexpr Buffer kBuffers[] = {
    {"tls", "tls.sni", "flow:established,to_server; ", true},
    {"quic", "quic.sni", "", true},
    {"http", "http.host", "flow:established,to_server; ", false},
    {"dns", "dns.query", "", true},
};

// A text inside msg: and metadata: no quotes, semicolons, backslashes, commas or colons end it.
std::string rule_text(std::string_view text, std::size_t room) {
  std::string out = one_line(text, room);
  for (char& c : out) {
    if (c == '"') c = '\'';
    if (c == ';' || c == '\\' || c == ':' || c == '|') c = ' ';
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return out;
}

// A value of metadata: one word.
std::string word(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 64)) {
    const bool plain = is_alnum(c) || c == '-' || c == '_' || c == '.';
    out += plain ? c : '_';
  }
  return out.empty() ? "none" : out;
}

std::string match_of(const BlockEntry& entry, const Buffer& buffer) {
  const std::string nocase = buffer.nocase ? " nocase;" : "";
  // dotprefix puts a dot before the buffer: ".example.com" then ends the name and all below it.
  if (entry.below && entry.itself)
    return " dotprefix; content:\"." + entry.name + "\"; endswith;" + nocase;
  if (entry.below) return " content:\"." + entry.name + "\"; endswith;" + nocase;
  return " content:\"" + entry.name + "\"; startswith; endswith;" + nocase;
}

}  // namespace

std::string write_suricata(const BlockList& list, const BlockStyle& style) {
  std::string out = header_of(list, "#", "Suricata rules");
  std::set<std::uint32_t> taken;
  for (const BlockEntry& entry : list.entries) {
    out += "# " + comment_of(entry) + "\n";
    for (const Buffer& buffer : kBuffers) {
      std::uint32_t id = static_cast<std::uint32_t>(
          hash_text(std::string{buffer.keyword} + " " + entry.name) % kIds);
      while (!taken.insert(id).second) id = (id + 1) % kIds;
      out += style.action + " " + std::string{buffer.protocol} + " any any -> any any (msg:\"" +
             rule_text("Gnomon AI app " + apps_text(entry.app_names) + ", " + entry.name, 200) +
             "\"; " + std::string{buffer.flow} + std::string{buffer.keyword} + ";" +
             match_of(entry, buffer) + " classtype:policy-violation; metadata:gnomon_app " +
             word(entry.apps.front()) + ", gnomon_clients " + std::to_string(entry.seen.clients) +
             ", gnomon_other_clients " + std::to_string(entry.seen.other_clients) + "; sid:" +
             std::to_string(kFirstId + id) + "; rev:1;)\n";
    }
  }
  return out;
}

}  // namespace gnomon::report
