#include "gnomon/report/block_list.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "gnomon/bytes/ip_address.h"
#include "gnomon/report/numbers.h"
#include "host_pattern.h"
#include "host_use.h"

namespace gnomon::report {
namespace {

using inventory::AppSummary;

bool is_among(const std::vector<std::string>& choices, std::string_view word) {
  return choices.empty() || std::find(choices.begin(), choices.end(), word) != choices.end();
}

std::string quoted_list(const std::vector<std::string>& words) {
  return joined(words, " or ");
}

std::string selection_text(const BlockSelection& selection) {
  std::string text = "apps";
  std::string_view before = " that are ";
  const auto add = [&](const std::string& what) {
    text += std::string{before} + what;
    before = ", ";
  };
  if (!selection.statuses.empty()) add(quoted_list(selection.statuses));
  if (selection.level_min)
    add("of " + std::string{to_string(*selection.level_min)} + " risk or higher");
  if (!selection.categories.empty()) add("of category " + quoted_list(selection.categories));
  if (!selection.apps.empty()) add("named " + quoted_list(selection.apps));
  if (text == "apps") text = "all apps";
  if (!selection.roles.empty()) text += ", hosts for " + quoted_list(selection.roles);
  return text;
}

struct Entry {
  std::set<std::string> apps;
  std::set<std::string> roles;
  std::set<std::string> hosts;  // names that were folded into it
  bool itself = false;
  bool below = false;
  std::set<std::string> notes;
};

Breadth breadth_of(bool itself, bool below) {
  return !below ? Breadth::kName : itself ? Breadth::kWhole : Breadth::kBelow;
}

// Puts the list together, a step at a time.
class Builder {
 public:
  Builder(const HostKnowledge& knowledge, const BlockSelection& selection, HostUse& use)
      : knowledge_(knowledge), selection_(selection), use_(use) {}

  void select(std::span<const AppSummary> apps) {
    for (const AppSummary& app : apps) {
      names_.emplace(app.facts.id, app.facts.name);
      const auto in_group = selection_.status_in_group.find(app.facts.id);
      const std::string& status = in_group == selection_.status_in_group.end()
                                      ? app.review.status
                                      : in_group->second;
      if (!is_among(selection_.statuses, status) ||
          !is_among(selection_.apps, app.facts.id) ||
          !is_among(selection_.categories, app.facts.category))
        continue;
      if (selection_.level_min && (!app.rating || app.rating->level < *selection_.level_min))
        continue;
      chosen_.emplace(app.facts.id, app);
    }
  }

  void take_known_hosts() {
    for (const KnownHost& host : knowledge_.hosts) {
      auto pattern = parse_host_pattern(host.pattern);
      if (pattern && host.with_subdomains) pattern->breadth = Breadth::kWhole;
      if (!chosen_.contains(host.app)) {
        if (pattern && host.shared.empty()) others_[pattern->name].insert(host.app);
        continue;
      }
      if (!is_among(selection_.roles, host.role)) continue;
      if (!pattern) {
        refuse(host.pattern, host.app,
               host.pattern.find('*') != std::string::npos
                   ? "a star inside a name cannot be blocked by name: hosts that were seen are "
                     "listed instead"
                   : "not a host name");
        continue;
      }
      if (!host.shared.empty() && !selection_.include_shared) {
        refuse(pattern_text(pattern->name, pattern->breadth), host.app, host.shared);
        refused_patterns_.push_back(*pattern);
        continue;
      }
      add(*pattern, host.app, host.role, host.shared);
    }
  }

  // Hosts that the catalogue of today no longer has, and those of patterns that no device takes.
  void take_seen_hosts() {
    for (const HostUse::Row& row : use_.rows()) {
      if (row.app.empty()) continue;
      const auto pattern = parse_host_pattern(row.host);
      if (!chosen_.contains(row.app)) {
        if (pattern && pattern->breadth == Breadth::kName) others_[pattern->name].insert(row.app);
        continue;
      }
      if (row.host.empty() || covered(row.host, row.app) || !selection_.roles.empty()) continue;
      if (!pattern || pattern->breadth != Breadth::kName) {
        refuse(row.host, row.app, "not a host name");
        continue;
      }
      const bool refused = std::any_of(
          refused_patterns_.begin(), refused_patterns_.end(), [&](const HostPattern& each) {
            return covers(each.name, each.breadth, pattern->name);
          });
      const std::string shared = knowledge_.shared ? knowledge_.shared(pattern->name) : "";
      if ((refused || !shared.empty()) && !selection_.include_shared) {
        if (!refused) refuse(row.host, row.app, shared);
        continue;
      }
      add(*pattern, row.app, "", shared);
    }
  }

  // A name and all below it is too much where apps live below that are not to be blocked.
  void narrow() {
    if (selection_.include_shared) return;
    std::map<std::string, Entry> narrower;
    for (auto& [name, entry] : entries_) {
      std::set<std::string> spared = spared_by(name, entry);
      if (spared.empty()) continue;
      std::vector<std::string> names;
      for (const std::string& app : spared) names.push_back(name_of(app));
      entry.notes.insert("not all of " + name + ", as " + listed(names) + " is below it");
      entry.below = false;
      for (const HostUse::Row& row : use_.rows()) {
        if (!entry.apps.contains(row.app)) continue;
        const auto host = parse_host_pattern(row.host);
        if (!host || host->breadth != Breadth::kName || host->name == name) continue;
        if (!covers(name, Breadth::kWhole, host->name)) continue;
        Entry& own = narrower[host->name];
        own.apps.insert(row.app);
        own.itself = true;
      }
      if (!entry.itself)
        refuse("*." + name, *entry.apps.begin(), "others are below it: " + listed(names));
    }
    for (auto& [name, entry] : narrower) {
      Entry& into = entries_[name];
      into.apps.merge(entry.apps);
      into.itself = true;
    }
    std::erase_if(entries_, [](const auto& each) {
      return !each.second.itself && !each.second.below;
    });
  }

  // What a wider entry covers anyway.
  void fold() {
    for (auto at = entries_.begin(); at != entries_.end();) {
      Entry* wider = nullptr;
      for (std::string_view up = parent_of(at->first); !up.empty() && !wider; up = parent_of(up)) {
        const auto found = entries_.find(std::string{up});
        if (found != entries_.end() && found->second.below) wider = &found->second;
      }
      if (!wider) {
        ++at;
        continue;
      }
      wider->apps.merge(at->second.apps);
      wider->roles.merge(at->second.roles);
      wider->hosts.merge(at->second.hosts);
      if (at->second.itself) wider->hosts.insert(at->first);
      at = entries_.erase(at);
    }
  }

  [[nodiscard]] std::vector<BlockEntry> entries() {
    std::map<std::string_view, Tally> tallies;
    std::map<std::string_view, std::set<std::string>> hosts;
    for (const HostUse::Row& row : use_.rows()) {
      const auto found = entry_of(row.host);
      if (found == entries_.end()) continue;
      const bool chosen = chosen_.contains(row.app);
      add(tallies[found->first], row, chosen);
      if (chosen) hosts[found->first].insert(row.host);
    }
    std::vector<BlockEntry> all;
    for (const auto& [name, entry] : entries_) {
      BlockEntry& each = all.emplace_back();
      each.name = name;
      each.itself = entry.itself;
      each.below = entry.below;
      each.apps.assign(entry.apps.begin(), entry.apps.end());
      each.roles.assign(entry.roles.begin(), entry.roles.end());
      each.note = joined(entry.notes, "; ");
      std::set<std::string>& known = hosts[name];
      known.insert(entry.hosts.begin(), entry.hosts.end());
      each.hosts.assign(known.begin(), known.end());
      for (const std::string& app : each.apps) {
        each.app_names.push_back(name_of(app));
        const auto& rating = chosen_.at(app).rating;
        if (rating) each.risk = std::max(each.risk, rating->score);
      }
      if (const auto seen = tallies.find(name); seen != tallies.end())
        each.seen = collateral(seen->second);
    }
    return all;
  }

  // Addresses of hosts that the list covers; refused where other hosts answer there too.
  std::vector<BlockAddress> addresses(const std::vector<inventory::HostAddress>& seen) {
    struct Place {
      std::set<std::string> hosts, others, apps;
      Tally tally;
    };
    std::map<IpAddress, Place> places;
    for (const inventory::HostAddress& each : seen) {
      const auto address = IpAddress::parse(each.address);
      if (!address) continue;
      Place& place = places[*address];
      const auto entry = entry_of(each.host);
      const bool ours = entry != entries_.end();
      if (ours) place.apps.insert(entry->second.apps.begin(), entry->second.apps.end());
      (ours ? place.hosts : place.others).insert(each.host);
    }
    std::erase_if(places, [](const auto& each) { return each.second.hosts.empty(); });
    for (const HostUse::Row& row : use_.rows()) rows_of_[row.host].push_back(&row);
    std::vector<BlockAddress> all;
    for (auto& [address, place] : places) {
      const std::string text = address.to_string();
      std::string why;
      if (address.is_multicast_or_broadcast() || address == IpAddress{})
        why = "not the address of a server";
      else if (address.is_private() && !selection_.include_shared)
        why = "an address of this network (a proxy?)";
      else if (!place.others.empty() && !selection_.include_shared)
        why = "shared: " + count_of(place.others.size(), "other host was", "other hosts were") +
              " seen there, such as " + *place.others.begin();
      if (!why.empty()) {
        refuse(text, place.apps.empty() ? "" : *place.apps.begin(), why);
        continue;
      }
      for (const auto* hosts : {&place.hosts, &place.others})
        for (const std::string& host : *hosts)
          for (const HostUse::Row* row : rows_of_[host])
            add(place.tally, *row, hosts == &place.hosts && chosen_.contains(row->app));
      BlockAddress& each = all.emplace_back();
      each.address = text;
      each.v6 = !address.is_v4();
      each.apps.assign(place.apps.begin(), place.apps.end());
      for (const std::string& app : each.apps) each.app_names.push_back(name_of(app));
      each.hosts.assign(place.hosts.begin(), place.hosts.end());
      each.seen = collateral(place.tally);
    }
    return all;
  }

  [[nodiscard]] std::vector<std::string> apps() const {
    std::vector<std::string> ids;
    for (const auto& [id, app] : chosen_) ids.push_back(id);
    return ids;
  }

  [[nodiscard]] std::vector<Refusal> refusals() const {
    std::vector<Refusal> all;
    for (const auto& [what, why] : refused_) all.push_back({what.first, what.second, why});
    return all;
  }

 private:
  struct Tally {
    std::set<std::uint32_t> clients, other_clients;
    std::set<std::string> other_apps, other_hosts;
    std::uint64_t sessions = 0, lookups = 0;
    Time last_seen;
  };

  void refuse(const std::string& what, const std::string& app, const std::string& why) {
    refused_.try_emplace({what, app}, why);
  }

  void add(const HostPattern& pattern, const std::string& app, const std::string& role,
           const std::string& note) {
    Entry& entry = entries_[pattern.name];
    entry.apps.insert(app);
    if (!role.empty()) entry.roles.insert(role);
    if (!note.empty()) entry.notes.insert(note);
    entry.itself |= pattern.breadth != Breadth::kBelow;
    entry.below |= pattern.breadth != Breadth::kName;
  }

  void add(Tally& tally, const HostUse::Row& row, bool chosen) {
    const std::vector<std::uint32_t>& clients = use_.clients(row);
    if (chosen) {
      tally.clients.insert(clients.begin(), clients.end());
      tally.sessions += row.sessions;
      tally.lookups += row.lookups;
      tally.last_seen = std::max(tally.last_seen, row.last_seen);
      return;
    }
    tally.other_clients.insert(clients.begin(), clients.end());
    tally.other_hosts.insert(row.host);
    if (!row.app.empty()) tally.other_apps.insert(row.app);
  }

  [[nodiscard]] Collateral collateral(const Tally& tally) const {
    Collateral seen;
    seen.clients = tally.clients.size();
    seen.sessions = tally.sessions;
    seen.lookups = tally.lookups;
    seen.last_seen = tally.last_seen;
    seen.other_clients = tally.other_clients.size();
    seen.other_apps.assign(tally.other_apps.begin(), tally.other_apps.end());
    seen.other_hosts.assign(tally.other_hosts.begin(), tally.other_hosts.end());
    const auto named = [this](const std::set<std::uint32_t>& numbers) {
      std::vector<std::string> names;
      for (const std::uint32_t each : numbers) names.push_back(use_.client(each));
      std::sort(names.begin(), names.end());
      return names;
    };
    seen.client_addresses = named(tally.clients);
    seen.other_client_addresses = named(tally.other_clients);
    return seen;
  }

  [[nodiscard]] bool covered(const std::string& host, const std::string& app) const {
    const auto found = entry_of(host);
    return found != entries_.end() && found->second.apps.contains(app);
  }

  // The entry that covers the host: its own, else the nearest above.
  [[nodiscard]] std::map<std::string, Entry>::const_iterator entry_of(
      std::string_view host) const {
    for (std::string_view name = host; !name.empty(); name = parent_of(name)) {
      const auto found = entries_.find(std::string{name});
      if (found == entries_.end()) continue;
      if (covers(name, breadth_of(found->second.itself, found->second.below), host)) return found;
    }
    return entries_.end();
  }

  // Apps with hosts below the name that are not to be blocked.
  [[nodiscard]] std::set<std::string> spared_by(const std::string& name,
                                                const Entry& entry) const {
    std::set<std::string> spared;
    if (!entry.below) return spared;
    for (const auto& [host, apps] : others_)
      if (covers(name, Breadth::kBelow, host)) spared.insert(apps.begin(), apps.end());
    return spared;
  }

  [[nodiscard]] std::string name_of(const std::string& app) const {
    const auto found = names_.find(app);
    return found == names_.end() ? app : found->second;
  }

  const HostKnowledge& knowledge_;
  const BlockSelection& selection_;
  HostUse& use_;
  std::map<std::string, AppSummary> chosen_;
  std::map<std::string, std::string> names_;  // of apps that were seen
  std::map<std::string, Entry> entries_;
  std::map<std::string, std::set<std::string>> others_;  // host names to apps that stay allowed
  std::vector<HostPattern> refused_patterns_;
  std::map<std::pair<std::string, std::string>, std::string> refused_;
  std::map<std::string, std::vector<const HostUse::Row*>> rows_of_;
};

}  // namespace

Result<BlockList> make_block_list(const std::filesystem::path& database,
                                  const HostKnowledge& knowledge, const BlockSelection& selection) {
  auto inventory = inventory::Inventory::open(database);
  if (!inventory) return inventory.error();
  auto apps = inventory->apps();
  if (!apps) return apps.error();
  auto totals = inventory->totals();
  if (!totals) return totals.error();
  return make_block_list(database, knowledge, selection, *apps, totals->last_packet);
}

Result<BlockList> make_block_list(const std::filesystem::path& database,
                                  const HostKnowledge& knowledge, const BlockSelection& selection,
                                  std::span<const AppSummary> apps, Time as_of) {
  auto inventory = inventory::Inventory::open(database);
  if (!inventory) return inventory.error();
  auto use = HostUse::read(database);
  if (!use) return use.error();
  auto addresses = inventory->host_addresses();
  if (!addresses) return addresses.error();

  Builder builder{knowledge, selection, *use};
  builder.select(apps);
  builder.take_known_hosts();
  builder.take_seen_hosts();
  builder.narrow();
  builder.fold();
  BlockList list;
  list.as_of = as_of;
  list.selection = selection_text(selection);
  if (!selection.client_group.empty())
    list.clients = "clients of " + selection.client_group + ": " +
                   (selection.members.empty() ? "none" : joined(selection.members, ", "));
  list.apps = builder.apps();
  list.entries = builder.entries();
  list.addresses = builder.addresses(*addresses);
  list.refused = builder.refusals();
  if (use->failure()) return *use->failure();
  return list;
}

}  // namespace gnomon::report
