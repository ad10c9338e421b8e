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

// The inventory as it was at one moment, in memory, for all readers at once. Never changed.
struct Snapshot {
  std::uint64_t generation = 0;
  inventory::Totals totals;
  std::vector<inventory::AppSummary> apps;  // by risk
  std::unordered_map<std::string, std::size_t> app_at;
  std::vector<AppNotes> notes_of_app;  // as apps
  std::unordered_map<std::string, AppNotes> findings_by_id;  // without versions
  std::vector<inventory::ClientSummary> clients;
  std::unordered_map<std::string, std::size_t> client_at;
  std::vector<inventory::Asset> assets;
  std::vector<inventory::Candidate> candidates;
  std::vector<inventory::ToolUse> tools;
  std::vector<inventory::Alert> alerts;  // latest first
  std::vector<inventory::TimelinePoint> hours;
  std::vector<inventory::Run> runs;
  std::vector<inventory::UnknownHost> unknown_hosts;
  observation::Coverage coverage;
  std::vector<std::string> statement;                 // of the coverage
  std::map<std::string, Listing, std::less<>> lists;  // by name
  std::vector<Finding> headlines;                     // the first sentences of the report
  std::chrono::milliseconds read_in{0};

  [[nodiscard]] const inventory::AppSummary* app(const std::string& id) const;
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
  // Reads what has been written before this call; waits for it, but not for long.
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
  std::condition_variable read_;
  std::shared_ptr<const Snapshot> current_;
  std::string trouble_;
  std::uint64_t asked_ = 0;  // refreshes
  std::uint64_t done_ = 0;
  bool ends_ = false;
  FileState state_;
  std::thread thread_;
};

}  // namespace gnomon::report::console
