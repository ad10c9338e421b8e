#include "report_scope.h"

#include <algorithm>
#include <map>

#include "gnomon/inventory/counts.h"
#include "gnomon/report/numbers.h"

namespace gnomon::report {
namespace {

using inventory::AppSummary;
using inventory::ClientEvidence;
using inventory::ClientUse;
using inventory::Counts;
using inventory::Grade;

constexpr std::chrono::hours kHour{1};

}  // namespace

void ReportScope::Use::see(const ClientUse& use, const std::string& other) {
  add(counts, use.counts);
  if (!other.empty()) others.insert(other);
  if (!other.empty() && use.counts.sessions > 0) others_used.insert(other);
  first = std::min(first, use.first_hour);
  last = std::max(last, use.last_hour + kHour);
}

void ReportScope::Use::see(const ClientEvidence& evidence, const std::string& other) {
  grade = std::max(grade, evidence.grade);
  if (evidence.weak_grade == Grade::kNone) {  // flows have hours, and were seen there
    counts.requests += evidence.counts.requests;
    counts.requests_known &= evidence.counts.requests_known;
    return;
  }
  weak_grade = std::max(weak_grade, evidence.weak_grade);
  add(counts, evidence.counts);
  if (!other.empty()) others.insert(other);
  if (!other.empty() && evidence.counts.sessions > 0) others_used.insert(other);
  first = std::min(first, evidence.first);
  last = std::max(last, evidence.last);
}

bool ReportScope::Use::is_seen() const { return counts.flows > 0 || weak_grade > Grade::kNone; }

template <class Summary>
void ReportScope::set_use(Summary& summary, const Use& use) {
  // Of lookups that began or ended outside it is not kept how often they were within.
  summary.counts = use.counts;
  summary.first_seen = std::max(summary.first_seen, use.first);
  summary.last_seen = std::min(summary.last_seen, use.last);
  if (use.counts.sessions > 0)
    summary.grade = std::min(summary.grade, std::max(use.grade, Grade::kSession));
  else if (use.counts.flows > 0)
    summary.grade = std::min(summary.grade, Grade::kName);
  else
    summary.grade = std::min(summary.grade, use.weak_grade);
}

Result<ReportScope> ReportScope::read(inventory::Inventory& inventory,
                                      const inventory::UseFilter& filter) {
  ReportScope scope;
  scope.filter_ = filter.in_whole_hours();
  scope.widened_ = scope.filter_.since != filter.since || scope.filter_.until != filter.until;
  if (filter.all()) return scope;
  auto use = inventory.period(filter);
  if (!use) return use.error();
  scope.use_ = std::move(*use);
  scope.members_.insert(scope.use_.members.begin(), scope.use_.members.end());
  for (const ClientUse& each : scope.use_.uses) {
    scope.by_app_[each.app][each.client].see(each, "");
    scope.by_client_[each.client].see(each, each.app);
  }
  for (const ClientEvidence& each : scope.use_.evidence) {
    scope.by_app_[each.app][each.client].see(each, "");
    scope.by_client_[each.client].see(each, each.app);
  }
  return scope;
}

std::string ReportScope::text() const {
  std::string text;
  if (filter_.since && filter_.until)
    text = minute_text(*filter_.since) + " to " + minute_text(*filter_.until) + " UTC";
  else if (filter_.since)
    text = "since " + minute_text(*filter_.since) + " UTC";
  else if (filter_.until)
    text = "until " + minute_text(*filter_.until) + " UTC";
  if (widened_) text += " (in whole hours)";
  if (!filter_.client_group.empty())
    text += (text.empty() ? "clients of " : ", clients of ") + filter_.client_group;
  return text;
}

bool ReportScope::overlaps(Time first, Time last) const {
  return (!filter_.since || last >= *filter_.since) && (!filter_.until || first < *filter_.until);
}

bool ReportScope::is_member(const std::string& client) const {
  return filter_.client_group.empty() || members_.contains(client);
}

void ReportScope::cut_apps(ReportContent& content) const {
  if (filter_.all()) return;
  std::map<std::string, Use> uses;
  for (const ClientUse& use : use_.uses) uses[use.app].see(use, use.client);
  for (const ClientEvidence& each : use_.evidence) uses[each.app].see(each, each.client);
  std::vector<AppSummary> kept;
  inventory::Totals& totals = content.totals;
  totals.apps_used = 0;
  totals.counts = {};
  totals.counts_used = {};
  for (std::uint64_t& level : totals.apps_by_level) level = 0;
  std::map<std::string, std::uint64_t> categories;
  for (AppSummary& app : content.apps) {
    const auto found = uses.find(app.facts.id);
    if (found == uses.end() || !found->second.is_seen()) continue;
    set_use(app, found->second);
    app.clients = found->second.others.size();
    app.clients_used = found->second.others_used.size();
    add(totals.counts, app.counts);
    if (app.grade >= Grade::kSession) {
      ++totals.apps_used;
      add(totals.counts_used, app.counts);
    }
    if (app.rating) ++totals.apps_by_level[static_cast<std::size_t>(app.rating->level)];
    ++categories[app.facts.category];
    kept.push_back(std::move(app));
  }
  content.apps = std::move(kept);
  totals.apps = content.apps.size();
  totals.clients = 0;
  totals.clients_used = 0;
  for (const auto& [client, use] : by_client_) {
    if (client.empty() || !use.is_seen()) continue;
    ++totals.clients;
    if (use.counts.sessions > 0) ++totals.clients_used;
  }
  totals.apps_by_category.assign(categories.begin(), categories.end());
  if (filter_.since) totals.first_packet = std::max(totals.first_packet, *filter_.since);
  if (filter_.until) totals.last_packet = std::min(totals.last_packet, *filter_.until);
}

std::optional<Error> ReportScope::cut_detail(inventory::Inventory& inventory,
                                             inventory::AppDetail& detail,
                                             const AppSummary& app) const {
  if (filter_.all()) return std::nullopt;
  detail.summary = app;
  if (!filter_.client_group.empty())
    if (auto failed = inventory.narrow(detail, filter_.client_group)) return failed;
  const auto outside = [&](const auto& each) {
    return !overlaps(each.first_seen, each.last_seen) || !is_member(each.client);
  };
  std::erase_if(detail.clients, [&](auto& client) { return !cut(client, app.facts.id); });
  std::erase_if(detail.endpoints, [&](const auto& each) {
    return !overlaps(each.first_seen, each.last_seen);
  });
  std::erase_if(detail.sightings, [&](const auto& each) { return !holds(each); });
  std::erase_if(detail.hours, [&](const auto& each) {
    return (filter_.since && each.start < *filter_.since) ||
           (filter_.until && each.start >= *filter_.until);
  });
  std::erase_if(detail.findings, outside);
  std::erase_if(detail.files, outside);
  std::erase_if(detail.models, outside);
  std::erase_if(detail.tools, outside);
  std::erase_if(detail.artifacts, outside);
  std::erase_if(detail.alerts, [&](const auto& each) {
    return !overlaps(each.time, each.time) || (!each.client.empty() && !is_member(each.client));
  });
  std::erase_if(detail.retro_uses, [&](const auto& each) {
    return !overlaps(each.used_since, each.last_seen) || !is_member(each.client);
  });
  return std::nullopt;
}

bool ReportScope::cut(inventory::AppClient& client, const std::string& app) const {
  if (filter_.all()) return true;
  const auto uses = by_app_.find(app);
  if (uses == by_app_.end()) return false;
  const auto found = uses->second.find(client.client);
  if (found == uses->second.end() || !found->second.is_seen()) return false;
  set_use(client, found->second);
  return true;
}

bool ReportScope::holds(const inventory::Sighting& sighting) const {
  if (filter_.all()) return true;
  if (!is_member(sighting.client)) return false;
  // Of lookups only the first and the last time are known.
  if (sighting.counts.flows == 0)
    return overlaps(sighting.first_seen, sighting.first_seen) ||
           overlaps(sighting.last_seen, sighting.last_seen);
  return overlaps(sighting.first_seen, sighting.last_seen);
}

bool ReportScope::cut(inventory::ClientSummary& client) const {
  if (filter_.all()) return true;
  const auto found = by_client_.find(client.client);
  if (found == by_client_.end() || !found->second.is_seen()) return false;
  set_use(client, found->second);
  client.app_ids.assign(found->second.others.begin(), found->second.others.end());
  client.apps = client.app_ids.size();
  client.apps_used = found->second.others_used.size();
  return true;
}

void ReportScope::cut_hosts(ReportContent& content) const {
  if (filter_.all()) return;
  if (!filter_.client_group.empty()) content.unknown_hosts.clear();  // not kept by group
  std::erase_if(content.unknown_hosts, [&](const inventory::UnknownHost& host) {
    return !overlaps(host.first_seen, host.last_seen);
  });
  content.totals.unknown_hosts = content.unknown_hosts.size();
}

void ReportScope::cut_listing(Listing& listing, ReportContent& content) const {
  if (filter_.all()) return;
  const auto time_at = [&](std::string_view key, const std::vector<Cell>& row,
                           Time otherwise) -> Time {
    const auto column = column_of(listing, key);
    if (!column) return otherwise;
    const auto* time = std::get_if<Time>(&row[*column]);
    return time != nullptr ? *time : otherwise;
  };
  const auto client = column_of(listing, "client");
  // These name no client: who of the group talked to them is read apart.
  const bool of_group = !filter_.client_group.empty();
  const std::set<std::string>* const asked = !of_group                      ? nullptr
                                             : listing.name == "assets"     ? &use_.servers
                                             : listing.name == "candidates" ? &use_.candidates
                                                                            : nullptr;
  const auto subject = column_of(listing, listing.name == "assets" ? "server" : "host");
  std::erase_if(listing.rows, [&](const std::vector<Cell>& row) {
    const Time once = time_at("time", row, Time::max());
    const bool has_once = once != Time::max();
    const Time first = time_at("first_seen", row, has_once ? once : Time::min());
    const Time last = time_at("last_seen", row, has_once ? once : Time::max());
    if (!overlaps(first, last)) return true;
    if (asked != nullptr && subject)
      if (const auto* name = std::get_if<std::string>(&row[*subject]))
        if (!asked->contains(*name)) return true;
    const auto* who = client ? std::get_if<std::string>(&row[*client]) : nullptr;
    return who != nullptr && !who->empty() && !is_member(*who);
  });
  inventory::Totals& totals = content.totals;
  if (listing.name == "assets") totals.assets = listing.rows.size();
  if (listing.name == "candidates") totals.candidates = rows_with(listing, "status", {"new"});
  if (listing.name == "alerts") totals.alerts = listing.rows.size();
  if (listing.name != "findings") return;
  totals.findings = 0;
  const auto count = column_of(listing, "count");
  const auto confidence = column_of(listing, "confidence");
  if (!count || !confidence) return;
  for (const auto& row : listing.rows)
    if (const auto* number = std::get_if<std::uint64_t>(&row[*count]))
      if (cell_text(row[*confidence]) == "high") totals.findings += *number;
}

}  // namespace gnomon::report
