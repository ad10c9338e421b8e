#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/inventory/inventory.h"

// Which names to block for the apps that were decided against, what of this network's own traffic
// each of them would hit, and what must not be blocked because others depend on it.
namespace gnomon::report {

// A host of an app, or a pattern of hosts, as the catalogue has it.
struct KnownHost {
  std::string app;      // id
  std::string pattern;  // "api.example.com", "*.example.com", "run.*.example.com"
  std::string role;     // "web-ui", "api" ...
  bool with_subdomains = false;  // a domain of the app: the name and everything below
  // Why it must not be blocked by itself: others use it too. Empty when it is the app's alone.
  std::string shared;
};

// What signatures say, as far as blocking needs it.
struct HostKnowledge {
  std::vector<KnownHost> hosts;  // of all apps
  // Why a host must not be blocked, empty when nothing speaks against it.
  std::function<std::string(std::string_view host)> shared;
};

struct BlockSelection {
  std::vector<std::string> statuses = {"unsanctioned"};  // any of them; empty: all
  std::optional<inventory::RiskLevel> level_min;
  std::vector<std::string> apps;        // ids; any of them; empty: all
  std::vector<std::string> categories;  // any of them; empty: all
  std::vector<std::string> roles;       // of hosts; empty: all
  bool include_shared = false;
  // For the devices of one group of clients: who is in it, and the decision that holds there for
  // each app where it is not the app's own.
  std::string client_group;
  std::vector<std::string> members;
  std::map<std::string, std::string> status_in_group;
};

// What was seen on this network at what an entry covers.
struct Collateral {
  // Of the apps that are to be blocked.
  std::uint64_t clients = 0;
  std::uint64_t sessions = 0;
  std::uint64_t lookups = 0;
  Time last_seen;
  std::vector<std::string> client_addresses;  // sorted
  // Of others that would be hit too.
  std::vector<std::string> other_apps;   // ids, sorted
  std::vector<std::string> other_hosts;  // sorted
  std::uint64_t other_clients = 0;
  std::vector<std::string> other_client_addresses;  // sorted

  [[nodiscard]] bool seen() const { return sessions + lookups > 0 || clients > 0; }
  [[nodiscard]] bool hits_others() const { return !other_apps.empty() || !other_hosts.empty(); }
};

struct BlockEntry {
  std::string name;    // a host name in lower case
  bool itself = true;  // that name,
  bool below = false;  // and everything below it
  std::vector<std::string> apps;       // ids, sorted
  std::vector<std::string> app_names;  // of them
  std::vector<std::string> roles;      // sorted
  std::vector<std::string> hosts;      // of its apps, known or seen, at or below the name; sorted
  std::string note;                    // why it is narrower than the app's domain, or shared
  std::int32_t risk = 0;               // the highest of its apps
  Collateral seen;
};

// An address that only hosts of the list were seen at.
struct BlockAddress {
  std::string address;
  bool v6 = false;
  std::vector<std::string> apps;
  std::vector<std::string> app_names;
  std::vector<std::string> hosts;  // that are to be blocked, sorted
  Collateral seen;
};

struct Refusal {
  std::string what;  // pattern, host or address
  std::string app;   // id
  std::string why;
};

struct BlockList {
  Time as_of;                           // the inventory's last packet
  std::string selection;                // "apps that are unsanctioned"
  std::string clients;                  // "clients of lab: 10.1.0.0/16"; empty: all
  std::vector<std::string> apps;        // ids of what is to be blocked, sorted
  std::vector<BlockEntry> entries;      // by name; none covers another
  std::vector<BlockAddress> addresses;  // by address
  std::vector<Refusal> refused;         // by what
};

Result<BlockList> make_block_list(const std::filesystem::path& database,
                                  const HostKnowledge& knowledge, const BlockSelection& selection);
// The same with the inventory's apps and last packet at hand, which take as long to read as the rest.
Result<BlockList> make_block_list(const std::filesystem::path& database,
                                  const HostKnowledge& knowledge, const BlockSelection& selection,
                                  std::span<const inventory::AppSummary> apps, Time as_of);

// How a list is written.
struct BlockStyle {
  std::string zone = "gnomon.rpz";  // of DNS RPZ
  std::string action = "drop";      // of Suricata: drop, reject, alert
  bool clients = true;              // whether clients may be named
};

struct BlockFormat {
  std::string_view name;
  std::string_view about;  // one line for the help
  bool comments = true;    // the format has room for the collateral
  bool addresses = false;  // lists addresses, not names
  std::string (*write)(const BlockList& list, const BlockStyle& style);
};
std::span<const BlockFormat> block_formats();

// Everything known of a list as JSON, refusals among it.
std::string explain_block_list(const BlockList& list, const BlockStyle& style);

}  // namespace gnomon::report
