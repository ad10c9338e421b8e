#include "snapshot.h"

#include <algorithm>
#include <utility>

#include "gnomon/inventory/decisions.h"
#include "gnomon/inventory/kept_sums.h"

namespace gnomon::report::console {
namespace {

constexpr std::size_t kUnknownHostsMax = 2'000;
constexpr std::chrono::seconds kLook{1};
// Reading may take this part of the time at most.
constexpr int kRestTimes = 4;

template <class T>
std::optional<Error> take(Result<T> read, T& into) {
  if (!read) return read.error();
  into = std::move(*read);
  return std::nullopt;
}

// What the report says first, over what is in memory.
std::vector<Finding> headlines_of(const Snapshot& snapshot) {
  const auto beginning = [](const auto& rows) {
    constexpr std::size_t kRowsMax = 200;
    return std::vector(rows.begin(),
                       rows.begin() + static_cast<std::ptrdiff_t>(std::min(kRowsMax, rows.size())));
  };
  ReportContent content;
  content.totals = snapshot.totals;
  content.apps = snapshot.apps;
  content.clients = beginning(snapshot.seen->by_client->clients);
  for (const Listed& each : listings()) {
    const Listing& all = snapshot.list(each.name);
    ReportList list;
    list.listing = {all.name, all.title, all.thing, all.about,
                    all.none, all.columns, beginning(all.rows)};
    list.found = all.rows.size();
    content.lists.push_back(std::move(list));
  }
  content.runs = snapshot.runs;
  content.coverage = snapshot.seen->coverage;
  return findings(content);
}

// Whether the observations behind both are the same: decisions and ratings may differ.
bool same_runs(const Snapshot& a, const Snapshot& b) {
  const auto same = [](const inventory::Run& x, const inventory::Run& y) {
    return x.id == y.id && x.last_packet == y.last_packet && x.recorded_at == y.recorded_at &&
           x.coverage == y.coverage;
  };
  return a.totals.apps == b.totals.apps && a.totals.clients == b.totals.clients &&
         a.totals.counts == b.totals.counts && a.totals.findings == b.totals.findings &&
         a.totals.unknown_hosts == b.totals.unknown_hosts &&
         std::equal(a.runs.begin(), a.runs.end(), b.runs.begin(), b.runs.end(), same);
}

void keep_list(Snapshot& snapshot, std::string_view name, Listing listing) {
  snapshot.lists.insert_or_assign(std::string{name},
                                  std::make_shared<const Listing>(std::move(listing)));
}

// Lists that decisions do not change.
void keep_observed_lists(const Snapshot& before, Snapshot& snapshot) {
  for (const char* name : {"findings", "files", "models", "tools", "artifacts", "retro"})
    if (const auto at = before.lists.find(name); at != before.lists.end())
      snapshot.lists.insert_or_assign(name, at->second);
}

// While a sensor writes into a large inventory, its sums are made only now and then.
std::optional<Error> read_clients(inventory::Inventory& inventory, const Seen* before, Seen& seen) {
  if (before != nullptr && !seen.sums_stamp.empty() && before->sums_stamp == seen.sums_stamp) {
    seen.by_client = before->by_client;
    return std::nullopt;
  }
  auto made = std::make_shared<SeenClients>();
  if (auto failed = take(inventory.clients(), made->clients)) return failed;
  for (std::size_t i = 0; i < made->clients.size(); ++i)
    made->client_at.emplace(made->clients[i].client, i);
  if (auto failed = take(inventory.timeline(), made->hours)) return failed;
  seen.by_client = std::move(made);
  return std::nullopt;
}

std::optional<Error> read_observations(inventory::Inventory& inventory, const Snapshot* before,
                                       std::string sums_stamp, Snapshot& snapshot) {
  auto seen = std::make_shared<Seen>();
  seen->sums_stamp = std::move(sums_stamp);
  if (auto failed = read_clients(inventory, before == nullptr ? nullptr : before->seen.get(), *seen))
    return failed;
  if (auto failed = take(inventory.tools(), seen->tools)) return failed;
  if (auto failed = take(inventory.unknown_hosts(kUnknownHostsMax), seen->unknown_hosts))
    return failed;
  if (auto failed = take(inventory.coverage(), seen->coverage)) return failed;
  seen->statement = observation::coverage_statement(seen->coverage);
  auto findings = inventory.findings();
  if (!findings) return findings.error();
  for (const auto& each : *findings) {
    AppNotes& items = seen->findings_by_id[each.app];
    (each.confidence == "high" ? items.high : items.low) += each.count;
  }
  keep_list(snapshot, "findings", list_findings(*findings));
  snapshot.seen = std::move(seen);
  return std::nullopt;
}

// What people decide, and what follows from it.
std::optional<Error> read_decided(const std::filesystem::path& database,
                                  inventory::Inventory& inventory, Snapshot& snapshot) {
  if (auto failed = take(inventory.assets(), snapshot.assets)) return failed;
  if (auto failed = take(inventory.candidates(), snapshot.candidates)) return failed;
  if (auto failed = take(inventory.alerts(), snapshot.alerts)) return failed;
  std::unordered_map<std::string, std::int64_t> versions;
  auto decisions = inventory::read_decisions(database);
  if (!decisions) return decisions.error();
  for (const inventory::Decision& each : *decisions)
    if (each.scope.usage.empty() && each.scope.client_group.empty())
      versions.emplace(each.scope.app, each.version);
  const auto& notes = snapshot.seen->findings_by_id;
  for (std::size_t i = 0; i < snapshot.apps.size(); ++i) {
    const std::string& id = snapshot.apps[i].facts.id;
    snapshot.app_at.emplace(id, i);
    const auto at = notes.find(id);
    snapshot.notes_of_app.push_back(at == notes.end() ? AppNotes{} : at->second);
    if (const auto version = versions.find(id); version != versions.end())
      snapshot.notes_of_app.back().decision_version = version->second;
  }
  keep_list(snapshot, "assets", list_assets(snapshot.assets));
  keep_list(snapshot, "candidates", list_candidates(snapshot.candidates));
  keep_list(snapshot, "alerts", list_alerts(snapshot.alerts));
  for (const Listed& each : listings()) {
    if (snapshot.lists.contains(each.name)) continue;
    auto listing = each.make(inventory);
    if (!listing) return listing.error();
    keep_list(snapshot, each.name, std::move(*listing));
  }
  snapshot.headlines = headlines_of(snapshot);
  return std::nullopt;
}

// Decisions anew; what was observed is as before, whatever runs added meanwhile.
Result<std::shared_ptr<Snapshot>> read_decisions_over(const std::filesystem::path& database,
                                                      const Snapshot& before) {
  auto inventory = inventory::Inventory::open(database);
  if (!inventory) return inventory.error();
  auto snapshot = std::make_shared<Snapshot>();
  if (auto failed = take(inventory->apps(), snapshot->apps)) return *failed;
  snapshot->reading = before.reading;
  snapshot->totals = before.totals;
  std::fill(std::begin(snapshot->totals.apps_by_level), std::end(snapshot->totals.apps_by_level), 0);
  for (const inventory::AppSummary& app : snapshot->apps)
    if (app.rating)
      ++snapshot->totals.apps_by_level[static_cast<std::size_t>(app.rating->level)];
  snapshot->runs = before.runs;
  snapshot->seen = before.seen;
  keep_observed_lists(before, *snapshot);
  if (auto failed = read_decided(database, *inventory, *snapshot)) return *failed;
  return snapshot;
}

}  // namespace

const inventory::AppSummary* Snapshot::app(const std::string& id) const {
  const auto at = app_at.find(id);
  return at == app_at.end() ? nullptr : &apps[at->second];
}

Result<std::shared_ptr<Snapshot>> read_snapshot(const std::filesystem::path& database,
                                                const Snapshot* before) {
  auto stamp = inventory::kept_sums_stamp(database);
  if (!stamp) return stamp.error();
  auto inventory = inventory::Inventory::open(database);
  if (!inventory) return inventory.error();
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->reading = before == nullptr ? 1 : before->reading + 1;
  if (auto failed = take(inventory->apps(), snapshot->apps)) return *failed;
  if (auto failed = take(inventory->totals(), snapshot->totals)) return *failed;
  if (auto failed = take(inventory->runs(), snapshot->runs)) return *failed;
  if (before != nullptr && same_runs(*before, *snapshot)) {
    snapshot->seen = before->seen;
    keep_observed_lists(*before, *snapshot);
  } else if (auto failed = read_observations(*inventory, before, std::move(*stamp), *snapshot)) {
    return *failed;
  }
  if (auto failed = read_decided(database, *inventory, *snapshot)) return *failed;
  return snapshot;
}

SnapshotKeeper::SnapshotKeeper(std::filesystem::path database) : database_(std::move(database)) {}

SnapshotKeeper::~SnapshotKeeper() {
  {
    const std::lock_guard lock{mutex_};
    ends_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

SnapshotKeeper::FileState SnapshotKeeper::file_state() const {
  FileState state;
  int at = 0;
  for (const char* suffix : {"", "-wal"}) {
    std::error_code failed;
    const std::filesystem::path path = database_.string() + suffix;
    state.bytes[at] = std::filesystem::file_size(path, failed);
    if (failed) state.bytes[at] = 0;
    const auto written = std::filesystem::last_write_time(path, failed);
    if (!failed) state.written[at] = written;
    ++at;
  }
  return state;
}

Result<std::monostate> SnapshotKeeper::begin() {
  state_ = file_state();
  auto first = read_snapshot(database_);
  if (!first) return first.error();
  (*first)->generation = 1;
  current_ = std::move(*first);
  thread_ = std::thread{[this] { keep(); }};
  return std::monostate{};
}

std::shared_ptr<const Snapshot> SnapshotKeeper::current() const {
  const std::lock_guard lock{mutex_};
  return current_;
}

std::string SnapshotKeeper::trouble() const {
  const std::lock_guard lock{mutex_};
  return trouble_;
}

void SnapshotKeeper::refresh() {
  const std::lock_guard refreshing{refreshing_};
  const auto before = current();
  auto next = read_decisions_over(database_, *before);
  const std::lock_guard lock{mutex_};
  ++refreshed_;
  if (!next) {
    trouble_ = next.error().message;
    return;
  }
  // What the keeper has read meanwhile is newer, but for the decisions, which it reads once more.
  (*next)->generation = current_->generation + 1;
  if (current_ == before) current_ = std::move(*next);
}

void SnapshotKeeper::keep() {
  auto rest_until = std::chrono::steady_clock::now();
  std::unique_lock lock{mutex_};
  while (!ends_) {
    wake_.wait_for(lock, kLook, [&] { return ends_; });
    if (ends_) break;
    const auto began = std::chrono::steady_clock::now();
    // While a sensor writes, what it saw waits until the rest is over; what people do does not.
    if (began < rest_until) continue;
    const FileState state = file_state();
    if (state == state_) continue;
    const auto before = current_;
    const std::uint64_t refreshed = refreshed_;
    lock.unlock();
    auto next = read_snapshot(database_, before.get());
    {
      const std::lock_guard refreshing{refreshing_};
      lock.lock();
      const bool decided_meanwhile = refreshed_ != refreshed;
      if (next && decided_meanwhile) {
        lock.unlock();
        next = read_decisions_over(database_, **next);
        lock.lock();
      }
      if (next) {
        state_ = state;
        (*next)->generation = current_->generation + 1;
        current_ = std::move(*next);
        trouble_.clear();
      } else {
        trouble_ = next.error().message;
      }
      lock.unlock();
    }
    lock.lock();
    const auto now = std::chrono::steady_clock::now();
    rest_until = now + kRestTimes * (now - began);
  }
}

}  // namespace gnomon::report::console
