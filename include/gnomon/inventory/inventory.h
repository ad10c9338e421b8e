#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/bytes/time.h"
#include "gnomon/inventory/anomaly.h"
#include "gnomon/inventory/attributes.h"
#include "gnomon/inventory/decisions.h"
#include "gnomon/inventory/hosts.h"
#include "gnomon/inventory/records.h"
#include "gnomon/inventory/review.h"
#include "gnomon/inventory/risk.h"
#include "gnomon/observation/coverage.h"
#include "gnomon/observation/observation.h"

// The inventory as it is read: plain values, whole and sorted. Text that came from the network
// (hosts, names) is bytes: escape it where it is written. All times are the packets', UTC.
namespace gnomon::inventory {

using observation::Grade;

// What is added up, at every level.
struct Counts {
  std::uint64_t flows = 0;     // connections that asked for the app
  std::uint64_t sessions = 0;  // those of grade session and better: bytes flowed both ways
  std::uint64_t lookups = 0;   // DNS answers and unanswered questions
  std::uint64_t requests = 0;  // HTTP requests that were read
  std::uint64_t upload_events = 0;
  std::uint64_t upload_bytes = 0;
  std::uint64_t bytes_to_server = 0;
  std::uint64_t bytes_to_client = 0;

  // False where some of a period may have been without it: then `requests` is too few.
  bool requests_known = true;

  bool operator==(const Counts&) const = default;
};

// An app in lists: what it is, and what all its clients did with it.
struct AppSummary {
  AppFacts facts;  // id, name, vendor, country, category, attributes
  Grade grade = Grade::kNone;
  Time first_seen;
  Time last_seen;
  Counts counts;
  std::uint64_t clients = 0;              // distinct addresses, with evidence of any grade
  std::uint64_t clients_used = 0;         // those of grade session and better
  std::vector<std::string> usages;        // "web-chat" ..., sorted
  std::vector<std::string> client_kinds;  // "browser", "sdk" ..., sorted
  Review review;
  std::optional<RiskRating> rating;  // none when the database holds no rubric and none was given
};

// A client of one app.
struct AppClient {
  std::string client;  // address; empty for those beyond the recorder's limit
  std::string name;    // as in ClientSummary; empty when none is known
  Grade grade = Grade::kNone;
  Time first_seen;
  Time last_seen;
  Counts counts;
  std::vector<std::string> usages;
  std::vector<std::string> client_kinds;
};

// A host, port and protocol by which one app was reached.
struct AppEndpoint {
  std::string host;
  std::string role;
  std::uint16_t port = 0;                 // 0 for a DNS lookup
  std::string protocol;                   // "tcp", "udp", "dns", or the number
  std::string app_proto;                  // "tls", "quic", "http" ...
  std::vector<std::string> host_sources;  // of its proofs: "tls_sni" ...; "dns" for a lookup
  std::uint64_t clients = 0;
  Grade grade = Grade::kNone;
  Time first_seen;
  Time last_seen;
  Counts counts;
};

// A claim and the packet that proves it: of all flows of this app, client, host, role and usage the
// one with the best grade, of those the earliest.
struct Sighting {
  std::string client;
  std::string host;
  std::string host_source;
  std::string role;
  std::string usage;
  std::string client_kind;
  std::uint16_t port = 0;
  std::string protocol;
  std::string app_proto;
  Grade grade = Grade::kNone;
  Time first_seen;
  Time last_seen;
  Counts counts;
  std::int64_t run = 0;  // Run::id
  // The proof.
  Time time;                  // when the flow began, the question or the request was seen
  std::uint64_t flow_id = 0;  // as in the events
  std::string file;
  std::uint64_t frame = 0;  // in the file, from 1: the flow's first packet, the answer, the request
  std::string why;
};

struct TimelinePoint {
  Time start;     // of the hour or the day; a flow belongs where it began
  Counts counts;  // flows, sessions, uploads and bytes; no lookups and requests
  std::uint64_t apps = 0;
  std::uint64_t clients = 0;
};

// All that is known of one app.
struct AppDetail {
  AppSummary summary;
  std::vector<AppClient> clients;        // most bytes first
  std::vector<AppEndpoint> endpoints;    // best grade, then most flows first
  std::vector<Sighting> sightings;       // best grade, then earliest first
  std::vector<TimelinePoint> hours;      // ascending; hours without traffic are not there
  std::vector<FindingSummary> findings;  // worst first
  std::vector<FileSummary> files;        // largest first
  std::vector<ModelUse> models;          // most calls first
  std::vector<ToolUse> tools;
  std::vector<ArtifactSummary> artifacts;  // unsafe first, then largest
  std::vector<Alert> alerts;               // in order of time
  std::vector<RetroUse> retro_uses;        // by whom it was used before it was known
  std::vector<Decision> decisions;         // of all scopes; the app's own first
  std::vector<std::string> tags;           // that policy rules gave it
  bool review_required = false;            // by a policy rule, and not decided since
};

// A client that was seen with an AI app.
struct ClientSummary {
  std::string client;
  std::string name;         // the last one it gave itself; DHCP before mDNS
  std::string name_source;  // "dhcp", "mdns"; empty when there is no name
  std::string mac;          // empty when not known
  std::uint64_t apps = 0;   // with evidence of any grade
  std::uint64_t apps_used = 0;  // grade session and better
  Grade grade = Grade::kNone;
  Time first_seen;
  Time last_seen;
  Counts counts;
  std::vector<std::string> app_ids;  // sorted
};

struct RunInputSummary {
  std::string path;
  std::string sha256;
  std::uint64_t bytes = 0;
  std::string damage;  // empty when it was read whole
};

// A replay, or a day of a sensor.
struct Run {
  std::int64_t id = 0;
  std::string filter;
  Time first_packet;
  Time last_packet;
  Time recorded_at;
  std::vector<RunInputSummary> inputs;
  observation::Coverage coverage;
  std::vector<std::pair<std::string, std::uint64_t>> counters;  // of the final stats, sorted
};

// A host with no app: for retro-matching.
struct UnknownHost {
  std::string host;
  std::uint64_t clients = 0;
  bool more_clients = false;  // there were more than were kept apart
  std::uint64_t flows = 0;
  std::uint64_t sessions = 0;
  std::uint64_t bytes_to_server = 0;
  std::uint64_t bytes_to_client = 0;
  Time first_seen;
  Time last_seen;
};

// Numbers of the whole inventory.
struct Totals {
  std::uint64_t apps = 0;          // with any evidence
  std::uint64_t apps_used = 0;     // grade session and better
  std::uint64_t clients = 0;       // seen with an app
  std::uint64_t clients_used = 0;  // with a session
  std::uint64_t unknown_hosts = 0;
  std::uint64_t findings = 0;  // sensitive items
  std::uint64_t assets = 0;    // self-hosted servers
  std::uint64_t candidates = 0;  // to be decided on
  std::uint64_t alerts = 0;
  std::uint64_t runs = 0;
  Counts counts;       // of all apps
  Counts counts_used;  // of those that were used: what was only asked for got nothing
  Time first_packet;
  Time last_packet;
  std::uint64_t apps_by_level[kRiskLevels] = {};                        // rated apps
  std::vector<std::pair<std::string, std::uint64_t>> apps_by_category;  // sorted by name
};

struct AskedBy;
struct PeriodUse;
struct UseFilter;

// Every condition that is set must hold.
struct AppFilter {
  std::string text;      // in id, name or vendor, ignoring case
  std::string category;  // exactly
  std::string status;    // exactly
  std::string client;    // address
  std::string usage;     // exactly
  Grade grade_min = Grade::kNone;
  std::optional<RiskLevel> level_min;
};

// Equal ones follow by name, then id.
enum class AppOrder : std::uint8_t {
  kRisk,
  kName,
  kFirstSeen,
  kLastSeen,
  kClients,
  kBytes,
  kFlows
};

// A read-only connection. Shows the inventory as it was when opened: runs finished since are not in
// it, unfinished ones never. Belongs to one thread.
class Inventory {
 public:
  // With the rubric that the recorder stored.
  static Result<Inventory> open(const std::filesystem::path& path);
  static Result<Inventory> open(const std::filesystem::path& path, RiskRubric rubric);

  Inventory(Inventory&&) noexcept;
  Inventory& operator=(Inventory&&) noexcept;
  ~Inventory();

  Result<std::vector<AppSummary>> apps(const AppFilter& filter = {},
                                       AppOrder order = AppOrder::kRisk);
  // Nothing when the inventory does not hold it.
  Result<std::optional<AppDetail>> app(std::string_view id);
  Result<std::vector<ClientSummary>> clients();  // most bytes first

  // The same for those who do not want all of it in memory. A large inventory has hundreds of thousands
  // of rows of one app: app_without_rows() is app() without clients and sightings, which are visited
  // one after the other, in the same order. A visitor may change the row, and asks nothing of the
  // inventory.
  Result<std::optional<AppDetail>> app_without_rows(std::string_view id);
  std::optional<Error> each_client_of(std::string_view id,
                                      const std::function<void(AppClient&)>& visit);
  std::optional<Error> each_sighting_of(std::string_view id,
                                        const std::function<void(Sighting&)>& visit);
  std::optional<Error> each_client(const std::function<void(ClientSummary&)>& visit);

  Result<std::vector<Run>> runs();               // in the order they were recorded
  Result<observation::Coverage> coverage();      // the sum over runs
  Result<std::vector<HealthSummary>> health();   // over all runs, worst first
  Result<std::vector<UnknownHost>> unknown_hosts(std::size_t limit);  // most bytes first
  Result<std::vector<TimelinePoint>> timeline();                      // by the hour
  Result<Totals> totals();
  Result<std::vector<FindingSummary>> findings();    // worst first
  Result<std::vector<FileSummary>> files();          // largest first
  Result<std::vector<Asset>> assets();               // riskiest first
  Result<std::vector<ModelUse>> model_uses();        // most calls first
  Result<std::vector<ToolUse>> tools();              // most called first
  Result<std::vector<ArtifactSummary>> artifacts();  // unsafe first, then largest
  // Those to be decided on first, then by score.
  Result<std::vector<Candidate>> candidates();
  Result<std::vector<Alert>> alerts();         // latest first
  Result<std::vector<RetroUse>> retro_uses();  // by app and time

  Result<std::vector<HostAddress>> host_addresses();  // by host, then address

  Result<PeriodUse> period(const UseFilter& filter);
  Result<AskedBy> asked_by(const std::string& client);
  // Has endpoints and hours of `detail` be what the clients of a group did.
  std::optional<Error> narrow(AppDetail& detail, std::string_view client_group);

  // Every table as sorted text, one line a row, without wall-clock times and folders: the same
  // input gives the same dump.
  Result<std::string> dump();

 private:
  class Impl;
  explicit Inventory(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gnomon::inventory
