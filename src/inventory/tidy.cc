#include "tidy.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "steps.h"
#include "totals.h"

namespace gnomon::inventory {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kHour = 3'600 * kSecond;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::uint32_t kBatchRows = 100'000;  // looked for at once
constexpr int kVacuumPages = 2'048;  // given back to the file system in one step
// Whoever is at the limit is brought some way below it, so that it is not felt at every call.
constexpr std::uint64_t kTargetPercent = 90;

// A table whose rows go with age. The times of rows are nanoseconds, or hours since 1970.
struct Subject {
  std::string_view name;
  std::string_view table;
  std::string_view time;
  std::int64_t unit;
  std::string_view only;  // of the rows, if not all
  std::uint32_t Retention::* days;
  int worth;  // at the limit of size the lowest go first
};

// clang-format off
constexpr Subject kSubjects[] = {
    {"unknown_hosts",    "host_unknown",     "last_seen_ns", 1, "", &Retention::unknown_host_days, 1},
    {"unknown_hosts",    "host_address",     "last_seen_ns", 1, "", &Retention::unknown_host_days, 1},
    {"lookups",          "sighting",         "last_seen_ns", 1, "protocol = 'dns'", &Retention::dns_days, 1},
    {"health",           "health",           "last_seen_ns", 1, "", &Retention::health_days, 1},
    {"hours",            "app_hour",         "hour", kHour,     "", &Retention::hour_days, 2},
    {"hours",            "app_hour_total",   "hour", kHour,     "", &Retention::hour_days, 2},
    {"hours",            "hour_total",       "hour", kHour,     "", &Retention::hour_days, 2},
    {"call_hours",       "call_hour",        "hour", kHour,     "", &Retention::hour_days, 2},
    {"files",            "file",             "last_seen_ns", 1, "", &Retention::file_days, 2},
    {"candidates",       "candidate",        "last_seen_ns", 1, "", &Retention::candidate_days, 2},
    {"candidates",       "candidate_reason", "last_seen_ns", 1, "", &Retention::candidate_days, 2},
    {"candidates",       "candidate_client", "last_seen_ns", 1, "", &Retention::candidate_days, 2},
    {"client_names",     "client_name",      "last_seen_ns", 1, "", &Retention::client_name_days, 3},
    {"alerts",           "alert",            "time_ns", 1,      "", &Retention::alert_days, 3},
    {"findings",         "finding",          "last_seen_ns", 1, "", &Retention::finding_days, 3},
    {"calls",            "model_call",       "last_seen_ns", 1, "", &Retention::sighting_days, 3},
    {"calls",            "tool",             "last_seen_ns", 1, "", &Retention::sighting_days, 3},
    {"downloads",        "artifact",         "last_seen_ns", 1, "", &Retention::sighting_days, 3},
    {"servers",          "asset",            "last_seen_ns", 1, "", &Retention::sighting_days, 3},
    {"servers",          "asset_model",      "last_seen_ns", 1, "", &Retention::sighting_days, 3},
    {"servers",          "asset_exposure",   "last_seen_ns", 1, "", &Retention::sighting_days, 3},
    {"servers",          "asset_client",     "last_seen_ns", 1, "", &Retention::sighting_days, 3},
    {"sightings",        "sighting",         "last_seen_ns", 1, "protocol <> 'dns'", &Retention::sighting_days, 3},
};
// clang-format on
constexpr int kWorthMax = 3;

// As a time of its table: rows smaller than it are before `cutoff`, which is a whole hour.
std::int64_t cutoff_of(const Subject& subject, Time cutoff) {
  return cutoff.time_since_epoch().count() / subject.unit;
}

Time whole_hour(Time time) {
  return Time{std::chrono::floor<std::chrono::hours>(time)};
}

class Tidier {
 public:
  Tidier(Database& database, const Retention& retention, const TidyOptions& options, SumsAfter sums)
      : database_(database), retention_(retention), options_(options), sums_(sums) {}

  Result<Tidied> run() {
    // What is removed is not left to be read in free pages.
    if (!options_.dry_run) note(database_.run("PRAGMA secure_delete = ON"));
    for (const Subject& subject : kSubjects)
      if (has_table(subject.table)) subjects_.push_back(&subject);
    tidied_.bytes_before = bytes_used();
    by_age();
    if (!options_.dry_run) {
      if (!spent()) forget_runs();
      if (retention_.database_bytes_max != 0) by_size();
      settle_rest();
      write_counts();
      give_back();
    }
    tidied_.bytes_after = bytes_used();
    tidied_.more = spent();
    if (failure_) return *failure_;
    return std::move(tidied_);
  }

 private:
  void note(std::optional<Error> failed) {
    if (failed && !failure_) failure_ = std::move(failed);
  }

  std::int64_t ask(const std::string& sql) {
    auto query = database_.prepare(sql);
    if (!query) {
      note(query.error());
      return 0;
    }
    if (query->step()) return query->integer(0);
    note(database_.error());
    return 0;
  }

  bool has_table(std::string_view name) {
    return ask("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = '" +
               std::string{name} + "'") > 0;
  }

  std::uint64_t bytes_used() {
    return static_cast<std::uint64_t>(
        (ask("PRAGMA page_count") - ask("PRAGMA freelist_count")) * ask("PRAGMA page_size"));
  }

  [[nodiscard]] bool spent() const {
    return options_.rows_max != 0 && rows_removed_ >= options_.rows_max;
  }

  static std::string where(const Subject& subject, Time cutoff) {
    std::string text =
        std::string{subject.time} + " < " + std::to_string(cutoff_of(subject, cutoff));
    if (!subject.only.empty()) text += " AND " + std::string{subject.only};
    return text;
  }

  // "app, run, client": tables without row numbers are told apart by their key.
  std::string key_of(std::string_view table) {
    std::string key;
    auto query = database_.prepare("SELECT name FROM pragma_table_info('" + std::string{table} +
                                   "') WHERE pk > 0 ORDER BY pk");
    if (!query) {
      note(query.error());
      return key;
    }
    while (query->step()) key += (key.empty() ? "" : ", ") + query->text(0);
    return key;
  }

  Removed& entry(std::string_view subject) {
    for (Removed& each : tidied_.removed)
      if (each.subject == subject) return each;
    tidied_.removed.push_back({std::string{subject}, 0, 0, Time{}});
    return tidied_.removed.back();
  }

  // Looking for rows takes a scan, for which nobody waits; they are removed some at a time, unless
  // they were seen again meanwhile. How many were found; 0 when it failed.
  std::int64_t remove_found(const std::string& table, const std::string& key,
                            const std::string& which, const std::string& limit) {
    note(database_.run(("DROP TABLE IF EXISTS temp.old_rows; CREATE TEMP TABLE old_rows AS SELECT " +
                        key + " FROM " + table + " WHERE " + which + limit)
                           .c_str()));
    const std::int64_t found = failure_ ? 0 : ask("SELECT count(*) FROM temp.old_rows");
    if (found <= 0) return 0;
    if (sums_ == SumsAfter::kLater) choose(table);
    note(run_in_steps(database_, "temp.old_rows", [&](const std::string& some) {
      return "DELETE FROM " + table + " WHERE (" + key + ") IN (SELECT " + key +
             " FROM temp.old_rows" + some + ") AND " + which;
    }));
    return failure_ ? 0 : found;
  }

  void remove_before(const Subject& subject, Time cutoff, bool for_size) {
    const std::string table{subject.table};
    const std::string which = where(subject, cutoff);
    std::uint64_t rows = 0;
    if (options_.dry_run) {
      rows = static_cast<std::uint64_t>(ask("SELECT count(*) FROM " + table + " WHERE " + which));
    } else {
      const std::string key = key_of(table);
      while (!failure_ && !spent()) {
        const std::uint64_t left = options_.rows_max == 0 ? kBatchRows
                                                           : options_.rows_max - rows_removed_;
        const std::string batch = std::to_string(std::min<std::uint64_t>(left, kBatchRows));
        const std::int64_t gone = remove_found(table, key, which, " LIMIT " + batch);
        if (gone <= 0) break;
        rows += static_cast<std::uint64_t>(gone);
        rows_removed_ += static_cast<std::uint64_t>(gone);
      }
    }
    if (rows == 0) return;
    Removed& removed = entry(subject.name);
    removed.rows += rows;
    if (for_size) removed.rows_for_size += rows;
    removed.before = std::max(removed.before, cutoff);
  }

  // Sums of what is removed are to be made anew.
  void choose(const std::string& table) {
    if (table == "sighting")
      note(database_.run("INSERT OR IGNORE INTO temp.chosen_pair SELECT app, client FROM temp.old_rows"));
    if (table == "client_name")
      note(database_.run("INSERT OR IGNORE INTO temp.chosen_client SELECT client FROM temp.old_rows"));
  }

  void by_age() {
    // Sightings of a flow that began before an hour go no earlier than that hour's sums: the order
    // of the table, and cutoffs of whole hours, see to that.
    for (const Subject* subject : subjects_) {
      const std::uint32_t days = retention_.*subject->days;
      if (days == 0) continue;
      const Time cutoff = whole_hour(options_.now - std::chrono::hours{24 * std::int64_t{days}});
      if (cutoff > Time{}) remove_before(*subject, cutoff, false);
      if (failure_ || spent()) return;
    }
  }

  // Runs that nothing can be left of, and whatever else is kept for each run.
  void forget_runs() {
    std::uint32_t longest = 0;
    for (const Subject* subject : subjects_) {
      if (retention_.*subject->days == 0) return;
      longest = std::max(longest, retention_.*subject->days);
    }
    const Time cutoff = whole_hour(options_.now - std::chrono::hours{24 * std::int64_t{longest}});
    const std::string runs =
        "(SELECT id FROM capture_run WHERE state = 'finished' AND last_packet_ns < " +
        std::to_string(cutoff.time_since_epoch().count()) + ")";
    if (failure_ || cutoff <= Time{} || ask("SELECT EXISTS " + runs) == 0) return;
    std::vector<std::string> tables;
    {
      auto query = database_.prepare(
          "SELECT s.name FROM sqlite_schema s, pragma_table_info(s.name) c "
          "WHERE s.type = 'table' AND c.name = 'run' ORDER BY s.name");
      if (!query) return note(query.error());
      while (query->step()) tables.push_back(query->text(0));
    }
    if (sums_ == SumsAfter::kLater) {
      auto query = database_.prepare(runs.substr(1, runs.size() - 2));
      if (!query) return note(query.error());
      while (query->step()) note(choose_run(database_, query->integer(0)));
    }
    for (const std::string& table : tables)
      if (!failure_) remove_found(table, key_of(table), "run IN " + runs, "");
    if (failure_) return;
    Transaction transaction{database_};
    note(transaction.error());
    if (!failure_) note(database_.run(("DELETE FROM capture_run WHERE id IN " + runs).c_str()));
    const int gone = sqlite3_changes(database_.get());
    if (!failure_) note(transaction.commit());
    if (failure_ || gone <= 0) return;
    Removed& removed = entry("runs");
    removed.rows += static_cast<std::uint64_t>(gone);
    removed.before = cutoff;
  }

  // Takes whole days from the oldest on. What a row weighs is the average of all: measured again
  // after each round, which a few of are enough.
  void by_size() {
    const std::uint64_t target = retention_.database_bytes_max / 100 * kTargetPercent;
    std::uint64_t used = bytes_used();
    if (used <= retention_.database_bytes_max) return;
    const std::int64_t newest = options_.now.time_since_epoch().count() / kDay - 1;
    for (int worth = 1; worth <= kWorthMax && used > target; ++worth) {
      for (int round = 0; round < 5 && used > target && !failure_ && !spent(); ++round) {
        const Time cutoff{std::chrono::nanoseconds{day_to_cut(worth, used - target, used, newest)} *
                          kDay};
        const std::uint64_t before = rows_removed_;
        for (const Subject* subject : subjects_)
          if (subject->worth <= worth && !failure_ && !spent())
            remove_before(*subject, cutoff, true);
        used = bytes_used();
        if (rows_removed_ == before) break;
      }
    }
    tidied_.too_large = used > retention_.database_bytes_max && !spent();
  }

  // The first day that is kept when the rows of the days before weigh `wanted` bytes.
  std::int64_t day_to_cut(int worth, std::uint64_t wanted, std::uint64_t used,
                          std::int64_t newest) {
    std::map<std::int64_t, std::uint64_t> days;
    std::uint64_t rows = 0;
    for (const Subject* subject : subjects_) {
      const std::string only =
          subject->only.empty() ? std::string{} : " WHERE " + std::string{subject->only};
      auto query = database_.prepare("SELECT " + std::string{subject->time} + " / " +
                                     std::to_string(kDay / subject->unit) + ", count(*) FROM " +
                                     std::string{subject->table} + only + " GROUP BY 1");
      if (!query) {
        note(query.error());
        return 0;
      }
      while (query->step()) {
        rows += query->number(1);
        if (subject->worth <= worth) days[query->integer(0)] += query->number(1);
      }
    }
    const std::uint64_t bytes_a_row = std::max<std::uint64_t>(used / std::max<std::uint64_t>(rows, 1), 1);
    std::uint64_t weight = 0;
    for (const auto& [day, count] : days) {
      if (day >= newest) break;
      weight += count * bytes_a_row;
      if (weight >= wanted) return day + 1;
    }
    return newest;
  }

  // What was made of the rows that are gone: sums, groups of clients, pseudonyms. Once all is
  // removed; until then the sums are known not to fit.
  void settle_rest() {
    if (failure_ || tidied_.removed.empty()) return;
    if (spent()) return note(forget_totals(database_));
    note(database_.run(("DROP TABLE IF EXISTS temp.seen_client; CREATE TEMP TABLE seen_client AS " +
                        all_clients() +
                        "; CREATE INDEX temp.seen_client_key ON seen_client (client)")
                           .c_str()));
    const std::string clients = "(SELECT client FROM temp.seen_client)";
    Transaction transaction{database_};
    note(transaction.error());
    for (const std::string& sql :
         {std::string{"DELETE FROM alert_ack WHERE alert NOT IN (SELECT id FROM alert)"},
          "DELETE FROM client_membership WHERE client NOT IN " + clients,
          "DELETE FROM pseudonym WHERE kind = 'address' AND pseudonym NOT IN " + clients,
          std::string{"DELETE FROM pseudonym WHERE kind <> 'address' AND pseudonym NOT IN "
                      "(SELECT name FROM client_name UNION SELECT mac FROM client_name)"}})
      if (!failure_) note(database_.run(sql.c_str()));
    if (!failure_)
      note(sums_ == SumsAfter::kNow ? refresh_totals(database_, 0, true) : forget_totals(database_));
    if (!failure_) note(transaction.commit());
  }

  // Whoever is named in any row that was observed.
  std::string all_clients() {
    std::string sql = "SELECT client FROM sighting";
    auto query = database_.prepare(
        "SELECT s.name FROM sqlite_schema s, pragma_table_info(s.name) c WHERE s.type = 'table' AND "
        "c.name = 'client' AND s.name NOT IN ('sighting', 'client_total', 'app_client_total', "
        "'client_membership') "
        "ORDER BY s.name");
    if (!query) {
      note(query.error());
      return sql;
    }
    while (query->step()) sql += " UNION SELECT client FROM " + query->text(0);
    return sql;
  }

  // Added to what was removed before, so that a report can say since when it knows.
  void write_counts() {
    if (tidied_.removed.empty() || failure_) return;
    auto count = database_.prepare(
        "INSERT INTO retention (subject, rows_removed, rows_removed_for_size, nothing_before_ns, "
        "tidied_at_ns) VALUES (?,?,?,?,?) ON CONFLICT DO UPDATE SET "
        "rows_removed = rows_removed + excluded.rows_removed, rows_removed_for_size = "
        "rows_removed_for_size + excluded.rows_removed_for_size, nothing_before_ns = "
        "max(nothing_before_ns, excluded.nothing_before_ns), tidied_at_ns = excluded.tidied_at_ns");
    if (!count) return note(count.error());
    for (const Removed& each : tidied_.removed)
      if (!count->bind_all(std::string_view{each.subject}, each.rows, each.rows_for_size,
                           each.before, options_.now)
               .run())
        note(database_.error());
  }

  // Free pages go back to the file system, some at a time for who is recording.
  void give_back() {
    if (failure_) return;
    if (options_.compact) {
      note(database_.run("PRAGMA auto_vacuum = INCREMENTAL"));  // older inventories have none
      note(database_.run("VACUUM"));
    } else if (ask("PRAGMA freelist_count") > 0) {
      const std::string pages = options_.rows_max == 0 ? "0" : std::to_string(kVacuumPages);
      note(database_.run(("PRAGMA incremental_vacuum(" + pages + ")").c_str()));
    } else if (rows_removed_ == 0) {
      return;
    }
    // The file itself becomes smaller at a checkpoint; readers in the way only put it off.
    (void)database_.run(options_.rows_max == 0 ? "PRAGMA wal_checkpoint(TRUNCATE)"
                                               : "PRAGMA wal_checkpoint(PASSIVE)");
  }

  Database& database_;
  const Retention& retention_;
  const TidyOptions& options_;
  SumsAfter sums_;
  std::vector<const Subject*> subjects_;
  Tidied tidied_;
  std::uint64_t rows_removed_ = 0;
  std::optional<Error> failure_;
};

}  // namespace

Result<Tidied> tidy_database(Database& database, const Retention& retention,
                             const TidyOptions& options, SumsAfter sums) {
  if (auto refused = refuse(retention)) return *refused;
  if (sums == SumsAfter::kLater)
    if (auto failed = prepare_choice(database)) return *failed;
  return Tidier{database, retention, options, sums}.run();
}

}  // namespace gnomon::inventory
