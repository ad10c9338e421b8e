#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/bytes/time.h"

namespace gnomon::inventory {

// How long what is kept. Days count from when something was last seen; 0 keeps it for ever.
// Decisions (reviews, candidates decided on, the audit) and the facts of apps are always kept.
struct Retention {
  std::uint32_t sighting_days = 800;      // who used what: apps, servers, calls, tools, downloads
  std::uint32_t hour_days = 400;          // hourly sums; at most sighting_days, at least 30
  std::uint32_t finding_days = 400;       // sensitive items
  std::uint32_t file_days = 180;          // files and body parts
  std::uint32_t alert_days = 400;
  std::uint32_t dns_days = 90;            // names that were only looked up
  std::uint32_t unknown_host_days = 180;  // hosts that no app is known for
  std::uint32_t candidate_days = 180;     // hosts that behave like AI
  std::uint32_t client_name_days = 400;   // names that clients gave themselves
  std::uint32_t health_days = 90;         // what the sensor said of its own view
  // When the inventory is larger, the oldest days go: first what is least missed, at last findings
  // and sightings. The last two days stay whatever they take. 0: no limit.
  std::uint64_t database_bytes_max = 0;
};

// What is wrong with one kind of what is kept: "hours", "lookups", "size_max" and so on, as settings
// call them.
struct RetentionComplaint {
  std::string_view kind;
  std::string_view what;
};
// All of it; empty when nothing is.
std::vector<RetentionComplaint> complaints(const Retention& retention);
// Why these cannot be meant, the first reason; nothing when they can.
std::optional<Error> refuse(const Retention& retention);

struct Removed {
  std::string subject;  // "hours", "findings" ...
  std::uint64_t rows = 0;
  std::uint64_t rows_for_size = 0;  // of them, by the limit of size
  Time before;                      // nothing that was last seen before is left
};

struct Tidied {
  std::vector<Removed> removed;    // subjects of which there was something to remove
  std::uint64_t bytes_before = 0;  // that hold rows; the file may be larger
  std::uint64_t bytes_after = 0;
  bool more = false;       // rows_max was reached: call again
  bool too_large = false;  // the limit of size cannot be kept: the last two days alone are larger
};

struct TidyOptions {
  Time now;                    // what days are counted from
  std::uint32_t rows_max = 0;  // to remove in one call; 0: all
  bool dry_run = false;        // counts what its age would remove, and removes nothing
  bool compact = false;        // rewrites the whole file: it takes as much room once more
};

// Tidies an inventory that nobody records into; Recorder::tidy() is for who does. Small
// transactions: readers see each of them whole, and a crash loses none.
Result<Tidied> tidy(const std::filesystem::path& path, const Retention& retention,
                    const TidyOptions& options);

// When the last packet was seen of all finished runs; nothing when there are none.
Result<std::optional<Time>> last_packet_of(const std::filesystem::path& path);

}  // namespace gnomon::inventory
