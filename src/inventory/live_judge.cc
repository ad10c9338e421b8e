#include "live_judge.h"

#include <algorithm>

#include "anomalies.h"
#include "memberships.h"
#include "policy_judge.h"
#include "ratings.h"
#include "run_judgement.h"
#include "steps.h"
#include "totals.h"

namespace gnomon::inventory {
namespace {

// Rows of what is stored in one transaction: some milliseconds.
constexpr std::size_t kAlertsAtOnce = 200;
constexpr std::size_t kRatingsAtOnce = 50;
constexpr std::size_t kMembershipsAtOnce = 1'000;

// All of `rows`, some at a time, each in a transaction of its own.
template <class Row, class Store>
std::optional<Error> store_some(Database& database, std::span<Row> rows, std::size_t at_once,
                                Store store) {
  while (!rows.empty()) {
    const auto began = std::chrono::steady_clock::now();
    const std::span<Row> now = rows.first(std::min(at_once, rows.size()));
    {
      Transaction transaction{database};
      if (transaction.error()) return transaction.error();
      if (auto failed = store(now)) return failed;
      if (auto failed = transaction.commit()) return failed;
    }
    rows = rows.subspan(now.size());
    if (!rows.empty()) pause_as_long(began);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Error> LiveJudge::prepare(Database& database) { return prepare_choice(database); }

void LiveJudge::Notes::add(const Tally::Changes& changes, const ClientNames& names) {
  for (const Tally::SightingRow& row : changes.sightings)
    pairs.emplace((*changes.texts)[row.app], row.client.text());
  for (const auto& [key, seen] : names) clients.insert(std::get<0>(key).to_string());
}

void LiveJudge::Notes::add(Notes&& more) {
  if (more.file.is_there() && more.file != file) {
    *this = {};
    file = more.file;
  }
  pairs.merge(more.pairs);
  clients.merge(more.clients);
  lost |= more.lost;
  due.insert(due.end(), more.due.begin(), more.due.end());
  batch = std::max(batch, more.batch);
  if (pairs.size() <= kMax && clients.size() <= kMax) return;
  pairs.clear();
  clients.clear();
  lost = true;
}

void LiveJudge::note(Database& database, const Notes& notes) {
  for (const Due& due : notes.due) ask(due);
  noted_ = std::max(noted_, notes.batch);
  run_lost_ |= notes.lost;
  if (notes.pairs.empty() && notes.clients.empty()) return;
  auto pair = database.prepare("INSERT OR IGNORE INTO temp.chosen_pair VALUES (?, ?)");
  auto client = database.prepare("INSERT OR IGNORE INTO temp.chosen_client VALUES (?)");
  if (!pair || !client) {
    run_lost_ = true;
    return;
  }
  for (const auto& [app, who] : notes.pairs) {
    run_lost_ |= !pair->bind_all(app, who).run();
    touched_.insert(app);
  }
  for (const std::string& each : notes.clients) run_lost_ |= !client->bind_all(each).run();
}

void LiveJudge::ask(const Due& due) {
  for (Due& each : due_) {
    if (each.run != due.run) continue;
    each.last = std::max(each.last, due.last);
    return;
  }
  due_.push_back(due);
}

std::optional<Error> LiveJudge::judge(Database& database, const RecorderOptions& options,
                                      const std::atomic<std::uint64_t>& batches,
                                      std::vector<Alert>& alerts) {
  while (!due_.empty()) {
    now_ = due_.front();
    if (auto failed = judge_run(database, options, batches, alerts)) return failed;
    due_.erase(due_.begin());
  }
  return std::nullopt;
}

std::optional<Error> LiveJudge::judge_run(Database& database, const RecorderOptions& options,
                                          const std::atomic<std::uint64_t>& batches,
                                          std::vector<Alert>& alerts) {
  auto decided = add_decided(database);
  if (!decided) return decided.error();
  const auto hour = [](Time time) { return std::chrono::floor<std::chrono::hours>(time); };
  everything_ = hour(judged_) != hour(now_.last);
  if (auto failed = refresh(database)) return failed;
  const auto since = earliest(database);
  if (!since) return since.error();
  since_ = *since;
  if (auto failed = sort_clients(database)) return failed;
  if (auto failed = find_departures(database, options, alerts)) return failed;
  if (auto failed = rate(database)) return failed;
  if (auto failed = apply_policy(database, options, alerts)) return failed;
  judged_ = now_.last;
  audited_ = *decided;
  if (due_.size() > 1) return std::nullopt;
  touched_.clear();
  return settle_totals(database, [&] { return batches.load() != noted_; });
}

Result<std::int64_t> LiveJudge::add_decided(Database& database) {
  auto query = database.prepare(
      "SELECT id, subject FROM audit WHERE id > ? AND action IN ('review', 'override')");
  if (!query) return query.error();
  query->bind(1, audited_);
  std::int64_t last = audited_;
  while (query->step()) {
    last = std::max(last, query->integer(0));
    touched_.insert(query->text(1));
  }
  if (!query->ok()) return database.error();
  return last;
}

// What of the run, and of those after it, would have been noted.
std::optional<Error> LiveJudge::find_again(Database& database) {
  ReadView choosing{database};
  if (choosing.error()) return choosing.error();
  std::vector<std::int64_t> runs;
  {
    auto query = database.prepare("SELECT id FROM capture_run WHERE state = 'finished' AND id >= ?");
    if (!query) return query.error();
    query->bind(1, now_.run);
    while (query->step()) runs.push_back(query->integer(0));
    if (!query->ok()) return database.error();
  }
  for (const std::int64_t run : runs)
    if (auto failed = choose_run(database, run)) return failed;
  {
    auto apps = database.prepare("SELECT DISTINCT app FROM temp.chosen_pair");
    if (!apps) return apps.error();
    while (apps->step()) touched_.insert(apps->text(0));
    if (!apps->ok()) return database.error();
  }
  return choosing.commit();
}

std::optional<Error> LiveJudge::refresh(Database& database) {
  if (run_lost_ || all_lost_)
    if (auto failed = find_again(database)) return failed;
  if (auto failed = renew_totals(database, now_.run, all_lost_, everything_)) return failed;
  run_lost_ = all_lost_ = false;
  return std::nullopt;
}

std::optional<Error> LiveJudge::sort_clients(Database& database) {
  auto changes = find_membership_changes(database);
  if (!changes) return changes.error();
  return store_some(database, std::span{*changes}, kMembershipsAtOnce,
                    [&](std::span<MembershipChange> some) { return store_memberships(database, some); });
}

std::optional<Error> LiveJudge::find_departures(Database& database, const RecorderOptions& options,
                                                std::vector<Alert>& alerts) {
  auto changes = find_departures_of(database, options, since_, now_.last, &touched_);
  if (!changes) return changes.error();
  if (changes->gone.empty() && changes->told.empty()) return std::nullopt;
  // Those that go with those that come, so that nobody sees half.
  Transaction transaction{database};
  auto failed = transaction.error();
  if (!failed) failed = store_day_changes(database, *changes, now_.run);
  if (!failed) failed = transaction.commit();
  if (!failed) alerts.insert(alerts.end(), changes->told.begin(), changes->told.end());
  return failed;
}

std::optional<Error> LiveJudge::rate(Database& database) {
  auto changed = apps_rated_anew(database, chosen());
  if (!changed) return changed.error();
  std::vector<std::string> apps{changed->begin(), changed->end()};
  // Rated once more: somebody may have decided meanwhile.
  return store_some(database, std::span{apps}, kRatingsAtOnce, [&](std::span<std::string> some) {
    const std::set<std::string> only{some.begin(), some.end()};
    return record_ratings(database, &only);
  });
}

// Since when the run holds anything: what began before its first packet, before midnight say, and
// was told of in it, is of an earlier time than that. At most a day before: what is older was
// judged by what was decided then. Servers are of the run that tells of them, whenever they were
// first seen.
Result<Time> LiveJudge::earliest(Database& database) const {
  auto query = database.prepare(
      "SELECT coalesce(min(first), ?2) FROM ("
      "SELECT first_seen_ns AS first FROM finding WHERE run = ?1 "
      "UNION ALL SELECT first_seen_ns FROM artifact WHERE run = ?1 "
      "UNION ALL SELECT first_seen_ns FROM candidate WHERE run = ?1 "
      "UNION ALL SELECT u.first_seen_ns FROM candidate c CROSS JOIN host_unknown u ON "
      "u.host = c.host AND u.run = ?1 "
      // Of use the sums: the hours themselves are found by their app only.
      "UNION ALL SELECT hour * 3600000000000 FROM hour_total WHERE run = ?1 AND "
      "hour >= ?3 / 3600000000000 AND hour < ?2 / 3600000000000) WHERE first BETWEEN ?3 AND ?2");
  if (!query) return query.error();
  query->bind_all(now_.run, now_.first, now_.first - std::chrono::days{1});
  Time first = now_.first;
  if (query->step()) first = query->time(0);
  if (!query->ok()) return database.error();
  return first;
}

std::optional<Error> LiveJudge::apply_policy(Database& database, const RecorderOptions& options,
                                             std::vector<Alert>& alerts) {
  if (options.policies.empty()) return std::nullopt;
  std::vector<PolicyProblem> problems;
  const Policy policy = Policy::parse(options.policies, problems);
  const auto rules = rules_in_force(policy);
  auto hits = judge_policy(database, rules, since_, now_.last, chosen());
  if (!hits) return hits.error();
  {
    Transaction transaction{database};
    auto failed = transaction.error();
    if (!failed) failed = keep_policy_files(database, options);
    if (!failed) failed = transaction.commit();
    if (failed) return failed;
  }
  return store_some(
      database, std::span{*hits}, kAlertsAtOnce,
      [&](std::span<PolicyHit> some) -> std::optional<Error> {
        auto told = store_hits(database, some, now_.run);
        if (!told) return told.error();
        alerts.insert(alerts.end(), told->begin(), told->end());
        return std::nullopt;
      });
}

}  // namespace gnomon::inventory
