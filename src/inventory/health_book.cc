#include "health_book.h"

#include <algorithm>

namespace gnomon::inventory {
namespace {

observation::HealthSeverity severity_at(std::int64_t rank) {
  return static_cast<observation::HealthSeverity>(std::clamp<std::int64_t>(rank, 0, 3));
}

}  // namespace

void HealthBook::enter(const observation::HealthRecord& record) {
  HealthSummary& fault = faults_[std::string{record.check}];
  fault.check = record.check;
  fault.title = record.title;
  fault.severity = record.severity;
  fault.evidence = record.evidence;
  fault.meaning = record.meaning;
  fault.remedy = record.remedy;
  fault.command = record.command;
  fault.first_seen = record.first;
  fault.last_seen = record.last;
  fault.intervals = record.intervals;
  changed_ = true;
}

std::optional<Error> HealthBook::write(Database& database, std::int64_t run) {
  if (!changed_) return std::nullopt;
  auto row = database.prepare("INSERT OR REPLACE INTO health VALUES (?,?,?,?,?,?,?,?,?,?,?)");
  if (!row) return row.error();
  for (const auto& [check, fault] : faults_) {
    row->bind_all(run, std::string_view{check}, std::string_view{fault.title},
                  static_cast<std::int64_t>(fault.severity), fault.intervals,
                  std::string_view{fault.evidence}, std::string_view{fault.meaning},
                  std::string_view{fault.remedy}, std::string_view{fault.command},
                  fault.first_seen, fault.last_seen);
    if (!row->run()) return database.error();
  }
  changed_ = false;
  return std::nullopt;
}

Result<std::vector<HealthSummary>> read_health(Database& database) {
  // Of each check the run that was worst, of those the latest.
  auto query = database.prepare(
      "SELECT check_id, title, severity, intervals, evidence, meaning, remedy, command, "
      "first_seen_ns, last_seen_ns, run FROM health h WHERE run IN "
      "(SELECT id FROM capture_run WHERE state = 'finished') "
      "ORDER BY severity DESC, check_id, last_seen_ns DESC, run DESC");
  if (!query) return query.error();
  std::vector<HealthSummary> all;
  while (query->step()) {
    const std::string check = query->text(0);
    const auto known = std::find_if(all.begin(), all.end(),
                                    [&](const HealthSummary& each) { return each.check == check; });
    if (known != all.end()) {
      ++known->runs;
      known->intervals += query->number(3);
      known->first_seen = std::min(known->first_seen, query->time(8));
      known->last_seen = std::max(known->last_seen, query->time(9));
      continue;
    }
    HealthSummary& fault = all.emplace_back();
    fault.check = check;
    fault.title = query->text(1);
    fault.severity = severity_at(query->integer(2));
    fault.intervals = query->number(3);
    fault.evidence = query->text(4);
    fault.meaning = query->text(5);
    fault.remedy = query->text(6);
    fault.command = query->text(7);
    fault.first_seen = query->time(8);
    fault.last_seen = query->time(9);
    fault.run = query->integer(10);
    fault.runs = 1;
  }
  if (!query->ok()) return database.error();
  return all;
}

}  // namespace gnomon::inventory
