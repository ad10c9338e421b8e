#include "gnomon/inventory/groups.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "audit.h"
#include "decision_rows.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/inventory/privacy.h"
#include "memberships.h"
#include "rows.h"

namespace gnomon::inventory {
namespace {

constexpr std::size_t kMembersMax = 100'000;
constexpr std::string_view kName = "name:";
constexpr int kV4Bits = 96;  // in front of a mapped IPv4 address

bool is_group_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && id.front() != '-' && id.back() != '-' &&
         std::all_of(id.begin(), id.end(),
                     [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

struct Network {
  IpAddress address;
  int bits = 0;  // of 128
};

IpAddress masked(const IpAddress& address, int bits) {
  std::array<std::uint8_t, 16> bytes = address.bytes();
  for (int i = 0; i < 16; ++i) {
    const int kept = std::clamp(bits - i * 8, 0, 8);
    bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(
        bytes[static_cast<std::size_t>(i)] & ~(0xffU >> static_cast<unsigned>(kept)));
  }
  return IpAddress::stored(bytes.data());
}

Result<Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return Error{"'" + std::string{text} + "' is no address and no network"};
  const int most = address->is_v4() ? 32 : 128;
  int bits = most;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    if (digits.empty() || digits.size() > 3 || !std::all_of(digits.begin(), digits.end(), is_digit))
      return Error{"'" + std::string{text} + "': what stands behind / must be a number"};
    bits = 0;
    for (const char c : digits) bits = bits * 10 + (c - '0');
    if (bits > most)
      return Error{"'" + std::string{text} + "': the prefix has at most " + std::to_string(most) +
                   " bits"};
  }
  Network network{*address, bits + (most == 32 ? kV4Bits : 0)};
  if (masked(network.address, network.bits) != network.address)
    return Error{"'" + std::string{text} + "' has bits behind its prefix; did you mean " +
                 masked(network.address, network.bits).to_string() + "/" + std::to_string(bits) +
                 "?"};
  return network;
}

std::string text_of(const Network& network) {
  const bool v4 = network.address.is_v4() && network.bits >= kV4Bits;
  const int bits = v4 ? network.bits - kV4Bits : network.bits;
  const std::string address = network.address.to_string();
  return bits == (v4 ? 32 : 128) ? address : address + "/" + std::to_string(bits);
}

}  // namespace

Result<std::string> normal_member(std::string_view text) {
  if (text.starts_with(kName)) {
    const std::string name = lowered(text.substr(kName.size()));
    if (name.empty() || name.size() > 253) return Error{"'" + std::string{text} + "' is no name"};
    if (std::any_of(name.begin(), name.end(),
                    [](unsigned char c) { return c <= 0x20 || c == 0x7f || c == ','; }))
      return Error{"'" + std::string{text} + "' holds characters that no name has"};
    return std::string{kName} + name;
  }
  auto network = parse_network(text);
  if (!network) return network.error();
  return text_of(*network);
}

Result<GroupMap> GroupMap::make(std::span<const ClientGroup> groups) {
  GroupMap map;
  for (const ClientGroup& group : groups) {
    for (const std::string& member : group.members) {
      std::string* place = nullptr;
      if (member.starts_with(kName)) {
        place = &map.names_[member.substr(kName.size())];
      } else {
        auto network = parse_network(member);
        if (!network) return network.error();
        place = &map.networks_[network->bits][network->address];
      }
      if (!place->empty() && *place != group.id)
        return Error{"'" + member + "' is in the group '" + *place + "' already"};
      *place = group.id;
    }
  }
  return map;
}

std::string_view GroupMap::group_of(const IpAddress& address, std::string_view name) const {
  if (!name.empty() && !names_.empty()) {
    const auto named = names_.find(lowered(name));
    if (named != names_.end()) return named->second;
  }
  for (const auto& [bits, networks] : networks_) {
    // An IPv4 address is in no network of IPv6, not even in ::/0.
    if (address.is_v4() && bits < kV4Bits) break;
    const auto found = networks.find(masked(address, bits));
    if (found != networks.end() && found->first.is_v4() == address.is_v4()) return found->second;
  }
  return {};
}

Result<std::vector<ClientGroup>> read_groups(Database& database) {
  auto query = database.prepare(
      "SELECT g.id, g.description, g.version, g.updated_at_ns, g.updated_by, "
      "(SELECT count(*) FROM client_membership m WHERE m.client_group = g.id) "
      "FROM client_group g ORDER BY g.id");
  if (!query) return query.error();
  std::vector<ClientGroup> groups;
  while (query->step()) {
    ClientGroup& group = groups.emplace_back();
    group.id = query->text(0);
    group.description = query->text(1);
    group.version = query->integer(2);
    group.updated_at = query->time(3);
    group.updated_by = query->text(4);
    group.clients = query->number(5);
  }
  if (!query->ok()) return database.error();
  auto members = database.prepare(
      "SELECT client_group, member FROM client_group_member ORDER BY client_group, member");
  if (!members) return members.error();
  auto at = groups.begin();
  while (members->step()) {
    const std::string id = members->text(0);
    while (at != groups.end() && at->id < id) ++at;
    if (at != groups.end() && at->id == id) at->members.push_back(members->text(1));
  }
  if (!members->ok()) return database.error();
  return groups;
}

Result<std::vector<ClientGroup>> read_groups(const std::filesystem::path& path) {
  auto database = Database::open(path, Access::kRead);
  if (!database) return database.error();
  return read_groups(*database);
}

// Clients that are pseudonyms keep the group they had when they were seen: see memberships.h.
Result<std::vector<MembershipChange>> find_membership_changes(Database& database) {
  auto groups = read_groups(database);
  if (!groups) return groups.error();
  auto map = GroupMap::make(*groups);
  if (!map) return map.error();
  std::unordered_map<std::string, std::string> stored;
  {
    auto query = database.prepare("SELECT client, client_group FROM client_membership");
    if (!query) return query.error();
    while (query->step()) stored.emplace(query->text(0), query->text(1));
    if (!query->ok()) return database.error();
  }
  std::vector<MembershipChange> changes;
  if (!map->empty()) {
    // The name as it is shown: DHCP before mDNS, the latest first.
    auto sums = database.prepare("SELECT 1 FROM totals_state");
    if (!sums) return sums.error();
    // Of the clients that sums are kept of there is a row each; of what was seen there are many
    // more.
    const std::string seen = sums->step() ? "client_total" : "sighting";
    auto query = database.prepare(
        "SELECT client, max(name) FROM (SELECT DISTINCT client, '' AS name FROM " + seen +
        " WHERE client <> '' UNION ALL SELECT DISTINCT client, '' FROM asset_client WHERE client "
        "<> '' "
        "UNION ALL SELECT n.client, (SELECT k.name FROM client_name k WHERE k.client = n.client "
        "AND "
        "k.name <> '' ORDER BY k.source = 'dhcp' DESC, k.last_seen_ns DESC, k.name LIMIT 1) "
        "FROM (SELECT DISTINCT client FROM client_name) n) GROUP BY client ORDER BY client");
    if (!query) return query.error();
    while (query->step()) {
      std::string client = query->text(0);
      const auto address = IpAddress::parse(client);
      if (!address || is_pseudonym(*address)) continue;
      const std::string_view group = map->group_of(*address, query->text(1));
      if (group.empty()) continue;
      const auto was = stored.find(client);
      const bool same = was != stored.end() && was->second == group;
      if (was != stored.end()) stored.erase(was);
      if (!same) changes.push_back({std::move(client), std::string{group}});
    }
    if (!query->ok()) return database.error();
  }
  // Whoever is left is in no group now, but for pseudonyms, as long as there is theirs.
  for (const auto& [client, group] : stored) {
    const auto address = IpAddress::parse(client);
    const bool is_there =
        std::any_of(groups->begin(), groups->end(),
                    [&id = group](const ClientGroup& each) { return each.id == id; });
    if (!is_there || !address || !is_pseudonym(*address)) changes.push_back({client, {}});
  }
  return changes;
}

std::optional<Error> store_memberships(Database& database,
                                       std::span<const MembershipChange> changes) {
  auto forget = database.prepare("DELETE FROM client_membership WHERE client = ?");
  if (!forget) return forget.error();
  auto store = database.prepare("INSERT OR REPLACE INTO client_membership VALUES (?, ?)");
  if (!store) return store.error();
  for (const MembershipChange& each : changes)
    if (!(each.client_group.empty() ? forget->bind_all(each.client).run()
                                    : store->bind_all(each.client, each.client_group).run()))
      return database.error();
  return std::nullopt;
}

std::optional<Error> refresh_memberships(Database& database) {
  auto changes = find_membership_changes(database);
  if (!changes) return changes.error();
  return store_memberships(database, *changes);
}

Result<GroupStored> set_group(const std::filesystem::path& path, const ClientGroup& wanted,
                              std::optional<std::int64_t> expected_version, std::string_view actor,
                              Time at) {
  GroupStored result;
  ClientGroup group = wanted;
  if (!is_group_id(group.id))
    result.problem = "'" + group.id + "' is no id: small letters, digits and hyphens";
  if (group.members.size() > kMembersMax)
    result.problem = "there are more than " + std::to_string(kMembersMax) + " members";
  std::set<std::string> members;
  for (const std::string& member : wanted.members) {
    auto normal = normal_member(member);
    if (normal) {
      members.insert(*normal);
    } else {
      result.problem += (result.problem.empty() ? "" : "; ") + normal.error().message;
    }
  }
  if (!result.problem.empty()) return result;
  group.members.assign(members.begin(), members.end());

  auto database = Database::open(path, Access::kEdit);
  if (!database) return database.error();
  Transaction transaction{*database};
  if (transaction.error()) return *transaction.error();
  auto groups = read_groups(*database);
  if (!groups) return groups.error();
  ClientGroup before;
  for (ClientGroup& each : *groups)
    if (each.id == group.id) before = each;
  if (expected_version && *expected_version != before.version) {
    result.conflict = true;
    result.problem = "'" + group.id + "' was changed meanwhile" +
                     (before.updated_by.empty() ? "" : " by " + before.updated_by) +
                     "; look at it again";
    return result;
  }
  std::erase_if(*groups, [&](const ClientGroup& each) { return each.id == group.id; });
  groups->push_back(group);
  if (auto map = GroupMap::make(*groups); !map) {
    result.problem = map.error().message;
    return result;
  }
  result.changed = before.version == 0 || before.members != group.members ||
                   before.description != group.description;
  if (result.changed) {
    auto store = database->prepare("INSERT OR REPLACE INTO client_group VALUES (?,?,?,?,?)");
    if (!store) return store.error();
    store->bind_all(group.id, group.description, before.version + 1, at, actor);
    if (!store->run()) return database->error();
    auto forget = database->prepare("DELETE FROM client_group_member WHERE client_group = ?");
    if (!forget) return forget.error();
    if (!forget->bind(1, group.id).run()) return database->error();
    auto insert = database->prepare("INSERT INTO client_group_member VALUES (?, ?)");
    if (!insert) return insert.error();
    for (const std::string& member : group.members)
      if (!insert->bind_all(group.id, member).run()) return database->error();
    auto audit = AuditWriter::prepare(*database, actor, at);
    if (!audit) return audit.error();
    const std::string was = joined_lines(before.members);
    const std::string is = joined_lines(group.members);
    if ((was != is && !audit->append("group", group.id, "members", was, is)) ||
        (before.description != group.description &&
         !audit->append("group", group.id, "description", before.description, group.description)))
      return database->error();
    if (before.version == 0 && was == is && before.description == group.description &&
        !audit->append("group", group.id, "id", "", group.id))
      return database->error();
  }
  if (auto failed = refresh_memberships(*database)) return *failed;
  auto count = database->prepare("SELECT count(*) FROM client_membership WHERE client_group = ?");
  if (!count) return count.error();
  if (count->bind(1, group.id).step()) result.clients = count->number(0);
  if (!count->ok()) return database->error();
  count->reset();
  if (auto failed = transaction.commit()) return *failed;
  return result;
}

Result<GroupStored> remove_group(const std::filesystem::path& path, std::string_view id,
                                 std::string_view actor, Time at) {
  GroupStored result;
  auto database = Database::open(path, Access::kEdit);
  if (!database) return database.error();
  Transaction transaction{*database};
  if (transaction.error()) return *transaction.error();
  auto groups = read_groups(*database);
  if (!groups) return groups.error();
  const auto group = std::find_if(groups->begin(), groups->end(),
                                  [&](const ClientGroup& each) { return each.id == id; });
  if (group == groups->end()) {
    result.problem = "there is no client group '" + std::string{id} + "'";
    return result;
  }
  {
    auto named = database->prepare("SELECT app FROM decision WHERE client_group = ? LIMIT 1");
    if (!named) return named.error();
    if (named->bind(1, id).step())
      result.problem = "decisions name '" + std::string{id} + "' (on '" + named->text(0) +
                       "'): take them away first";
    if (!named->ok()) return database->error();
  }
  if (!result.problem.empty()) return result;
  for (const char* sql : {"DELETE FROM client_group_member WHERE client_group = ?",
                          "DELETE FROM client_group WHERE id = ?"}) {
    auto forget = database->prepare(sql);
    if (!forget) return forget.error();
    if (!forget->bind(1, id).run()) return database->error();
  }
  auto audit = AuditWriter::prepare(*database, actor, at);
  if (!audit) return audit.error();
  if (!audit->append("group", id, "members", joined_lines(group->members), "removed"))
    return database->error();
  if (auto failed = refresh_memberships(*database)) return *failed;
  if (auto failed = transaction.commit()) return *failed;
  result.changed = true;
  return result;
}

}  // namespace gnomon::inventory
