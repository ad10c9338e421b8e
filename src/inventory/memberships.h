#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "database.h"
#include "gnomon/inventory/groups.h"

namespace gnomon::inventory {

Result<std::vector<ClientGroup>> read_groups(Database& database);

// Which clients are in another group than is stored, with that group; '' for none. Reads only, but
// not a little: every client that was seen is sorted anew.
struct MembershipChange {
  std::string client;
  std::string client_group;
};
Result<std::vector<MembershipChange>> find_membership_changes(Database& database);
std::optional<Error> store_memberships(Database& database,
                                       std::span<const MembershipChange> changes);

// Both, in the caller's transaction.
std::optional<Error> refresh_memberships(Database& database);

}  // namespace gnomon::inventory
