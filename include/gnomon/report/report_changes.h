#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/inventory/inventory.h"
#include "gnomon/inventory/period.h"

namespace gnomon::report {

struct ReportContent;

// What of a report the next one is compared with.
struct ReportSnapshot {
  struct App {
    std::string name;
    std::string status;
    std::string grade;
    std::string level;  // of risk; empty when it was not rated
    std::int64_t score = 0;
    std::uint64_t clients = 0;
    std::uint64_t clients_used = 0;
    std::uint64_t sessions = 0;
    std::uint64_t bytes_to_server = 0;
    std::uint64_t upload_events = 0;
  };
  std::string scope;         // as ReportContent::scope
  std::string client_group;  // id; empty: all clients
  std::string last_packet;  // RFC 3339
  std::map<std::string, App> apps;  // by id
  std::map<std::string, std::string> assets;  // server to product
  std::map<std::string, std::string> candidates;  // host to status
  std::uint64_t findings = 0;
};

// Of a report as JSON, a snapshot (snapshot_json()) or an inventory.
// An inventory is looked at within `period`.
Result<ReportSnapshot> read_snapshot(const std::filesystem::path& path,
                                     const inventory::UseFilter& period = {});
Result<ReportSnapshot> snapshot_of(inventory::Inventory& inventory,
                                   const inventory::UseFilter& period = {});
std::string snapshot_json(const ReportSnapshot& snapshot);

struct ReportChange {
  std::string_view kind;  // "new app", "risk", "decision", "growth", "gone", "server" ...
  std::string subject;    // name of the app, the server, the host
  std::string text;       // a sentence
  bool worse = false;
};
struct ReportChanges {
  std::string since;  // day of the earlier report's last packet; empty when not known
  std::vector<ReportChange> changes;  // worst first
};
ReportChanges changes_since(const ReportSnapshot& before, const ReportContent& now);

}  // namespace gnomon::report
