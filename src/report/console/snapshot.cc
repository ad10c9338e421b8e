#include "snapshot.h"

#include <algorithm>
#include <utility>

#include "gnomon/inventory/decisions.h"

namespace gnomon::report::console {
namespace {

constexpr std::size_t kUnknownHostsMax = 2'000;
constexpr std::chrono::seconds kLook{1};
// Reading may take this part of the time at most.
constexpr int kRestTimes = 4;
constexpr std::chrono::seconds kRefreshWait{5};

template <class T>
std::optional<Error> take(Result<T> read, T& into) {
  if (!read) return read.error();
  into = std::move(*read);
  return std::nullopt;
}

// What the report says first, over what is in memory.
std::vector<Finding> headlines_of(const Snapshot& snapshot) {
  constexpr std::size_t kRowsMax = 200;
  ReportContent content;
  content.totals = snapshot.totals;
  content.apps = snapshot.apps;
  content.clients = snapshot.clients;
  if (content.clients.size() > kRowsMax) content.clients.resize(kRowsMax);
  for (const Listed& each : listings()) {
    ReportList list;
    list.listing = snapshot.lists.find(each.name)->second;
    list.found = list.listing.rows.size();
    if (list.found > kRowsMax) list.listing.rows.resize(kRowsMax);
    content.lists.push_back(std::move(list));
  }
  content.runs = snapshot.runs;
  content.coverage = snapshot.coverage;
  return findings(content);
}

}  // namespace

const inventory::AppSummary* Snapshot::app(const std::string& id) const {
  const auto at = app_at.find(id);
  return at == app_at.end() ? nullptr : &apps[at->second];
}

namespace {

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

void take_observations(const Snapshot& before, Snapshot& snapshot) {
  snapshot.clients = before.clients;
  snapshot.client_at = before.client_at;
  snapshot.tools = before.tools;
  snapshot.hours = before.hours;
  snapshot.unknown_hosts = before.unknown_hosts;
  snapshot.coverage = before.coverage;
  snapshot.statement = before.statement;
  snapshot.findings_by_id = before.findings_by_id;
  for (const char* name : {"findings", "files", "models", "tools", "artifacts", "retro"})
    if (const auto at = before.lists.find(name); at != before.lists.end())
      snapshot.lists.emplace(name, at->second);
}

std::optional<Error> read_observations(inventory::Inventory& inventory, Snapshot& snapshot) {
  if (auto failed = take(inventory.clients(), snapshot.clients)) return failed;
  for (std::size_t i = 0; i < snapshot.clients.size(); ++i)
    snapshot.client_at.emplace(snapshot.clients[i].client, i);
  if (auto failed = take(inventory.tools(), snapshot.tools)) return failed;
  if (auto failed = take(inventory.unknown_hosts(kUnknownHostsMax), snapshot.unknown_hosts))
    return failed;
  if (auto failed = take(inventory.coverage(), snapshot.coverage)) return failed;
  snapshot.statement = observation::coverage_statement(snapshot.coverage);
  auto findings = inventory.findings();
  if (!findings) return findings.error();
  for (const auto& each : *findings) {
    AppNotes& items = snapshot.findings_by_id[each.app];
    (each.confidence == "high" ? items.high : items.low) += each.count;
  }
  snapshot.lists.emplace("findings", list_findings(*findings));
  return std::nullopt;
}

// Where decisions alone are wanted, what was observed is as before, whatever runs added meanwhile.
Result<std::shared_ptr<Snapshot>> read(const std::filesystem::path& database,
                                       const Snapshot* before, bool decisions_alone) {
  const auto began = std::chrono::steady_clock::now();
  auto inventory = inventory::Inventory::open(database);
  if (!inventory) return inventory.error();
  auto snapshot = std::make_shared<Snapshot>();
  if (auto failed = take(inventory->apps(), snapshot->apps)) return *failed;
  if (auto failed = take(inventory->totals(), snapshot->totals)) return *failed;
  if (auto failed = take(inventory->runs(), snapshot->runs)) return *failed;
  if (before != nullptr && (decisions_alone || same_runs(*before, *snapshot))) {
    take_observations(*before, *snapshot);
  } else {
    if (auto failed = read_observations(*inventory, *snapshot)) return *failed;
    if (auto failed = take(inventory->timeline(inventory::Interval::kHour), snapshot->hours))
      return *failed;
  }
  if (auto failed = take(inventory->assets(), snapshot->assets)) return *failed;
  if (auto failed = take(inventory->candidates(), snapshot->candidates)) return *failed;
  if (auto failed = take(inventory->alerts(), snapshot->alerts)) return *failed;
  std::unordered_map<std::string, std::int64_t> versions;
  auto decisions = inventory::read_decisions(database);
  if (!decisions) return decisions.error();
  for (const inventory::Decision& each : *decisions)
    if (each.scope.usage.empty() && each.scope.client_group.empty())
      versions.emplace(each.scope.app, each.version);
  for (std::size_t i = 0; i < snapshot->apps.size(); ++i) {
    const std::string& id = snapshot->apps[i].facts.id;
    snapshot->app_at.emplace(id, i);
    const auto at = snapshot->findings_by_id.find(id);
    snapshot->notes_of_app.push_back(at == snapshot->findings_by_id.end() ? AppNotes{}
                                                                          : at->second);
    if (const auto version = versions.find(id); version != versions.end())
      snapshot->notes_of_app.back().decision_version = version->second;
  }
  snapshot->lists.emplace("assets", list_assets(snapshot->assets));
  snapshot->lists.emplace("candidates", list_candidates(snapshot->candidates));
  snapshot->lists.emplace("alerts", list_alerts(snapshot->alerts));
  for (const Listed& each : listings()) {
    if (snapshot->lists.contains(each.name)) continue;
    auto listing = each.make(*inventory);
    if (!listing) return listing.error();
    snapshot->lists.emplace(std::string{each.name}, std::move(*listing));
  }
  snapshot->headlines = headlines_of(*snapshot);
  snapshot->read_in = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - began);
  return snapshot;
}

}  // namespace

Result<std::shared_ptr<Snapshot>> read_snapshot(const std::filesystem::path& database,
                                                const Snapshot* before) {
  return read(database, before, false);
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
  std::unique_lock lock{mutex_};
  const std::uint64_t wanted = ++asked_;
  wake_.notify_all();
  read_.wait_for(lock, kRefreshWait, [&] { return done_ >= wanted || ends_; });
}

void SnapshotKeeper::keep() {
  auto rest_until = std::chrono::steady_clock::now();
  std::unique_lock lock{mutex_};
  while (!ends_) {
    wake_.wait_for(lock, kLook, [&] { return ends_ || asked_ > done_; });
    if (ends_) break;
    const bool is_asked = asked_ > done_;
    const auto now = std::chrono::steady_clock::now();
    // While a sensor writes, what it saw waits until the rest is over; what people do does not.
    const bool rests = now < rest_until;
    if (!is_asked && rests) continue;
    const std::uint64_t asked = asked_;
    const FileState state = file_state();
    if (!is_asked && state == state_) continue;
    const std::uint64_t generation = current_->generation + 1;
    const auto before = current_;
    lock.unlock();
    auto next = read(database_, before.get(), rests);
    lock.lock();
    done_ = asked;
    if (next) {
      if (!rests) state_ = state;
      (*next)->generation = generation;
      current_ = std::move(*next);
      trouble_.clear();
    } else {
      trouble_ = next.error().message;
    }
    if (!rests)
      rest_until =
          std::chrono::steady_clock::now() + kRestTimes * (std::chrono::steady_clock::now() - now);
    read_.notify_all();
  }
}

}  // namespace gnomon::report::console
