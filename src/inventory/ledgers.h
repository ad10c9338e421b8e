#pragma once

#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/time.h"
#include "gnomon/observation/observation.h"

namespace gnomon::inventory {

inline constexpr std::size_t kKeysMax = 13;
inline constexpr std::size_t kSumsMax = 5;
inline constexpr std::size_t kTextsMax = 3;

// One table that records are added up in: rows of equal keys are one row. Columns in the order of
// the table's primary key; what is not used is empty.
struct LedgerTable {
  std::string_view name;
  std::array<std::string_view, kKeysMax> keys;
  std::array<std::string_view, kSumsMax> sums;
  std::string_view maximum;                       // a number of which the largest counts
  std::array<std::string_view, kTextsMax> texts;  // of the record that is the proof
  std::size_t kept = 0;  // keys that a row has beyond the limit, the others blank; 0: no row at all
};

enum class LedgerId : std::uint8_t {
  kFinding,
  kFile,
  kAsset,
  kAssetModel,
  kAssetExposure,
  kAssetClient,
  kModelCall,
  kCallHour,
  kTool,
  kArtifact,
  kCandidate,
  kCandidateReason,
  kCandidateClient,
};

// clang-format off
inline constexpr LedgerTable kLedgers[] = {
    {"finding",
     {"app", "detector", "category", "severity", "confidence", "to_server", "day", "role", "client",
      "host", "file_name", "file_type", "value_hash"},
     {"bodies", "count", "partial_bodies", "lossy_bodies"}, "unique_count", {"sample", "reference_ids", "reasons"}, 7},
    {"file",
     {"app", "to_server", "file_type", "client", "host", "file_name", "declared_type", "sha256",
      "not_opened"},
     {"times", "bytes", "gap_bytes", "complete", "truncated"}, {}, {}, 2},
    {"asset", {"address", "port", "host", "product", "kind", "version", "day"},
     {"observations", "authenticated", "unauthenticated", "over_tls", "in_clear"}, {}, {"reasons"}, 0},
    {"asset_model", {"address", "port", "model"}, {"observations"}, {}, {}, 0},
    {"asset_exposure", {"address", "port", "exposure"}, {"observations"}, {}, {}, 0},
    {"asset_client", {"address", "port", "client", "network"}, {"observations"}, {}, {}, 0},
    {"model_call",
     {"app", "family", "operation", "model_requested", "model_returned", "tenant", "client", "host",
      "server"},
     {"calls", "tokens_in", "tokens_out", "streamed", "authenticated"}, {}, {"user_agent"}, 2},
    {"call_hour", {"server", "client", "hour"}, {"calls", "tokens"}, {}, {}, 0},
    {"tool", {"app", "family", "server", "tool", "client"}, {"offered", "called"}, {}, {}, 0},
    {"artifact",
     {"app", "kind", "format", "unsafe", "day", "repository", "file", "revision", "client", "host"},
     {"times", "bytes"}, {}, {"fetched_from"}, 5},
    {"candidate", {"host"}, {"observations"}, {}, {}, 0},
    {"candidate_reason", {"host", "reason"}, {"observations"}, {}, {}, 0},
    {"candidate_client", {"host", "client"}, {"observations"}, {}, {}, 0},
};
// clang-format on

// The records of content, servers and candidates, added up between two batches. Costs nothing while
// there are none. Like the tally of flows: rows keep their keys when they are written and start
// again from zero, the order of the records does not matter while no limit is felt.
class Ledgers {
 public:
  using Key = std::vector<std::string>;
  struct Row {
    std::array<std::uint64_t, kSumsMax> sums{};
    std::uint64_t maximum = 0;
    Time first, last;
    // The proof: the greatest weight, of those the earliest.
    std::uint64_t weight = 0;
    Time time;
    std::uint64_t number = 0, flow_id = 0, frame = 0;
    std::string file;
    std::array<std::string, kTextsMax> texts;
    bool changed = true;  // since it was last written
  };

  Ledgers(std::uint32_t rows_max, std::uint32_t minutes_max)
      : rows_max_(rows_max), minutes_max_(minutes_max) {}

  void add(const observation::HttpRecord& record);
  void add(const observation::FindingRecord& record);
  void add(const observation::FileRecord& record);
  void add(const observation::AssetRecord& record);
  void add(const observation::ModelCallRecord& record);
  void add(const observation::ArtifactRecord& record);
  void add(const observation::CandidateRecord& record);

  // Before a run ends: puts what is counted by the minute into its hour, and who made requests to a
  // server that is one of ours among its clients.
  void close();

  using Changes = std::array<std::map<Key, Row>, std::size(kLedgers)>;
  [[nodiscard]] const Changes& all_rows() const { return rows_; }
  [[nodiscard]] const std::map<Key, Row>& rows(LedgerId id) const {
    return rows_[static_cast<std::size_t>(id)];
  }
  // All of it has been written: counts start from zero.
  void written();

  // What changed, for another thread to write; counts start from zero. Minutes and clients of
  // servers are told as far as they are known: a minute that goes on is told again, by what it grew.
  Changes take_changes();

  // Of what was taken: rows begin anew, as rows that the database adds up. Servers stay, by which their
  // clients are known, and so do minutes. The limit is of the rows that are remembered.
  void forget();

  // Records that found no row of their own, by table; how often minutes were put into hours early,
  // which may cut one in two; clients of servers that were not counted.
  [[nodiscard]] std::uint64_t folded(LedgerId id) const {
    return folded_[static_cast<std::size_t>(id)];
  }
  [[nodiscard]] std::uint64_t felt_minutes() const { return felt_minutes_; }
  [[nodiscard]] std::uint64_t askers_dropped() const { return askers_dropped_; }

 private:
  struct Sight;
  struct MinuteKey {
    std::string server;
    std::string client;
    std::int64_t minute = 0;
    auto operator<=>(const MinuteKey&) const = default;
  };
  // Who made requests to a server that is no known app's: which of them are AI servers is known
  // later, and told once for many exchanges.
  struct AskerKey {
    IpAddress server;
    IpAddress client;
    std::uint16_t port = 0;
    auto operator<=>(const AskerKey&) const = default;
  };
  struct Minute {
    std::uint64_t calls = 0;
    std::uint64_t tokens = 0;
    std::uint64_t calls_told = 0;  // are in the hour already
    std::uint64_t tokens_told = 0;
    Time first, last;
    std::uint64_t number = 0, flow_id = 0, frame = 0;
    std::string file;
  };

  // The row of the key, seen once more; null when there is no place for it.
  Row* see(LedgerId id, Key key, const Sight& sight,
           std::array<std::string_view, kTextsMax> texts = {});
  void close_minutes();
  void tell_minutes();
  void tell_askers();
  void count_call(const observation::ModelCallRecord& record, const std::string& server,
                  const std::string& client);

  std::uint32_t rows_max_;  // of each table
  std::uint32_t minutes_max_;
  std::array<std::map<Key, Row>, std::size(kLedgers)> rows_;
  std::array<std::uint64_t, std::size(kLedgers)> folded_{};
  std::map<MinuteKey, Minute> minutes_;
  std::uint64_t felt_minutes_ = 0;
  struct Asker {
    std::uint64_t requests = 0;
    Time first, last;
    std::uint64_t number = 0, flow_id = 0, frame = 0;
    std::string file;
  };
  std::map<AskerKey, Asker> askers_;
  std::uint64_t askers_dropped_ = 0;
};

// The network that a client is told to be of: its /24, or its /64; with what kind of address it is:
// "10.1.2.0/24 private".
std::string network_of(const IpAddress& address);

// Sorted, each once, joined by "; ".
std::string joined_texts(std::span<const std::string_view> texts);

}  // namespace gnomon::inventory
