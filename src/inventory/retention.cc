#include "gnomon/inventory/retention.h"

#include <utility>

#include "database.h"
#include "tidy.h"
#include "writer_lock.h"

namespace gnomon::inventory {
namespace {

// Alerts compare with the hours of up to 28 days before.
constexpr std::uint32_t kHourDaysMin = 30;
constexpr std::uint32_t kDaysMax = 36'500;
constexpr std::uint64_t kDatabaseBytesMin = 1 << 20;

bool at_most(std::uint32_t days, std::uint32_t limit) {
  return limit == 0 || (days != 0 && days <= limit);
}

}  // namespace

std::vector<RetentionComplaint> complaints(const Retention& retention) {
  std::vector<RetentionComplaint> all;
  using Kept = std::pair<std::string_view, std::uint32_t>;
  for (const auto& [kind, days] : {Kept{"sightings", retention.sighting_days},
                                   {"hours", retention.hour_days},
                                   {"findings", retention.finding_days},
                                   {"files", retention.file_days},
                                   {"alerts", retention.alert_days},
                                   {"lookups", retention.dns_days},
                                   {"unknown_hosts", retention.unknown_host_days},
                                   {"candidates", retention.candidate_days},
                                   {"client_names", retention.client_name_days},
                                   {"health", retention.health_days}})
    if (days > kDaysMax) all.push_back({kind, "days to keep are 0 (for ever) to 36500"});
  if (retention.hour_days != 0 && retention.hour_days < kHourDaysMin)
    all.push_back(
        {"hours", "hours are kept for 30 days at least: alerts compare with the 28 days before"});
  // Or there would be hours of an app that nothing else is left of.
  if (!at_most(retention.hour_days, retention.sighting_days))
    all.push_back({"hours", "hours cannot be kept longer than the sightings they are sums of"});
  if (!at_most(retention.dns_days, retention.sighting_days))
    all.push_back({"lookups", "names that were looked up cannot be kept longer than sightings"});
  if (retention.database_bytes_max != 0 && retention.database_bytes_max < kDatabaseBytesMin)
    all.push_back({"size_max", "the inventory's size is limited to 1 MiB at least"});
  return all;
}

std::optional<Error> refuse(const Retention& retention) {
  const std::vector<RetentionComplaint> all = complaints(retention);
  if (all.empty()) return std::nullopt;
  return Error{std::string{all.front().what}};
}

Result<Tidied> tidy(const std::filesystem::path& path, const Retention& retention,
                    const TidyOptions& options) {
  if (auto refused = refuse(retention)) return *refused;
  std::optional<WriterLock> lock;
  // Counting disturbs nobody, nor does it need the right to write.
  if (!options.dry_run) {
    std::error_code code;
    if (!std::filesystem::exists(path, code))
      return Error{"there is no inventory here"}.in(path.string());
    auto taken = WriterLock::take(path);
    if (!taken) return taken.error();
    lock.emplace(std::move(*taken));
  }
  auto database = Database::open(path, options.dry_run ? Access::kRead : Access::kEdit);
  if (!database) return database.error();
  return tidy_database(*database, retention, options);
}

Result<std::optional<Time>> last_packet_of(const std::filesystem::path& path) {
  auto database = Database::open(path, Access::kRead);
  if (!database) return database.error();
  auto query = database->prepare(
      "SELECT max(last_packet_ns) FROM capture_run WHERE state = 'finished' AND last_packet_ns > 0");
  if (!query) return query.error();
  if (!query->step()) return database->error();
  if (!query->is_integer(0)) return std::optional<Time>{};
  return std::optional<Time>{query->time(0)};
}

}  // namespace gnomon::inventory
