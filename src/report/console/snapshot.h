#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/inventory/inventory.h"
#include "gnomon/report/listing.h"
#include "gnomon/report/report_content.h"

namespace gnomon::report::console {

// What a row of an app tells besides its summary.
struct AppNotes {
  // Sensitive items: those of high confidence count, others are told beside them.
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::int64_t decision_version = 0;  // of the app as a whole
};

// What is kept of clients as long as the sums behind it are the same.
struct SeenClients {
  std::vector<inventory::ClientSummary> clients;
  std::unordered_map<std::string, std::size_t> client_at;
  std::vector<inventory::TimelinePoint> hours;
};

// What was observed: nobody's decision changes it, and it is much, so snapshots share it.
struct Seen {
  std::shared_ptr<const SeenClients> by_client;
  std::string sums_stamp;  // of the sums that those are of; empty: of none
  std::unordered_map<std::string, AppNotes> findings_by_id;  // without versions
  std::vector<inventory::ToolUse> tools;
  std::vector<inventory::UnknownHost> unknown_hosts;
  observation::Coverage coverage;
  std::vector<std::string> statement;  // of the coverage
};

// The inventory as it was at one moment, in memory, for all readers at once. Never changed.
struct Snapshot {
  std::uint64_t generation = 0;
  std::uint64_t reading = 0;  // the same in those that differ by decisions made here
  inventory::Totals totals;
  std::vector<inventory::AppSummary> apps;  // by risk
  std::unordered_map<std::string, std::size_t> app_at;
  std::vector<AppNotes> notes_of_app;  // as apps
  std::shared_ptr<const Seen> seen;
  std::vector<inventory::Asset> assets;
  std::vector<inventory::Candidate> candidates;
  std::vector<inventory::Alert> alerts;  // latest first
  std::vector<inventory::Run> runs;
  std::map<std::string, std::shared_ptr<const Listing>, std::less<>> lists;  // by name
  std::vector<Finding> headlines;  // the first sentences of the report

  [[nodiscard]] const inventory::AppSummary* app(const std::string& id) const;
  [[nodiscard]] const Listing& list(std::string_view name) const { return *lists.find(name)->second; }
};

// With the one before: what runs alone can change, and have not, is taken from it.
Result<std::shared_ptr<Snapshot>> read_snapshot(const std::filesystem::path& database,
                                                const Snapshot* before = nullptr);

// Keeps the newest snapshot: a thread of its own looks for changes of the file and reads anew.
// Readers never wait for it.
class SnapshotKeeper {
 public:
  explicit SnapshotKeeper(std::filesystem::path database);
  ~SnapshotKeeper();

  // Reads the first one.
  Result<std::monostate> begin();
  [[nodiscard]] std::shared_ptr<const Snapshot> current() const;
  // Reads what people have decided before this call, here and now: what was observed stays as it was.
  void refresh();
  // What went wrong when it was read last; empty when nothing did.
  [[nodiscard]] std::string trouble() const;

 private:
  struct FileState {
    std::filesystem::file_time_type written[2];
    std::uintmax_t bytes[2] = {0, 0};
    bool operator==(const FileState&) const = default;
  };
  [[nodiscard]] FileState file_state() const;
  void keep();

  std::filesystem::path database_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::shared_ptr<const Snapshot> current_;
  std::string trouble_;
  std::uint64_t refreshed_ = 0;  // times
  std::mutex refreshing_;        // held first
  bool ends_ = false;
  FileState state_;
  std::thread thread_;
};

}  // namespace gnomon::report::console
