#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gnomon/bytes/ip_address.h"
#include "gnomon/bytes/result.h"
#include "gnomon/bytes/time.h"

namespace gnomon::inventory {

// Clients that belong together: a department, a site, a fleet of servers.
struct ClientGroup {
  std::string id;  // small letters, digits, hyphens
  std::string description;
  // "10.1.0.0/16", "2001:db8::7" or "name:build-7" (what the client calls itself), sorted.
  std::vector<std::string> members;
  std::int64_t version = 0;
  Time updated_at;  // wall clock
  std::string updated_by;
  std::uint64_t clients = 0;  // that were seen
};

// The member as it is kept: the network's own address with its length, letters small. The error
// says what is wrong with it.
Result<std::string> normal_member(std::string_view text);

// Finds groups by client. A name beats an address, an address beats a network, a longer prefix
// beats a shorter one.
class GroupMap {
 public:
  // Refuses a member that is in two groups.
  static Result<GroupMap> make(std::span<const ClientGroup> groups);

  [[nodiscard]] std::string_view group_of(const IpAddress& address, std::string_view name) const;
  [[nodiscard]] bool empty() const { return networks_.empty() && names_.empty(); }

 private:
  // By length of prefix, longest first; addresses are 16 bytes, IPv4 mapped.
  std::map<int, std::map<IpAddress, std::string>, std::greater<>> networks_;
  std::map<std::string, std::string, std::less<>> names_;
};

Result<std::vector<ClientGroup>> read_groups(const std::filesystem::path& database);

struct GroupStored {
  bool changed = false;
  bool conflict = false;      // somebody changed it since `expected_version`
  std::string problem;        // why it was not stored; empty when it was
  std::uint64_t clients = 0;  // seen clients that are in it now
};
// Makes or replaces a group; audited. `expected_version` as in DecisionChange.
Result<GroupStored> set_group(const std::filesystem::path& database, const ClientGroup& group,
                              std::optional<std::int64_t> expected_version, std::string_view actor,
                              Time at);
// Refuses while decisions name it.
Result<GroupStored> remove_group(const std::filesystem::path& database, std::string_view id,
                                 std::string_view actor, Time at);

}  // namespace gnomon::inventory
