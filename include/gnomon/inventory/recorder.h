#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/inventory/anomaly.h"
#include "gnomon/inventory/attributes.h"
#include "gnomon/inventory/policy.h"
#include "gnomon/inventory/privacy.h"
#include "gnomon/inventory/retention.h"
#include "gnomon/observation/coverage.h"
#include "gnomon/observation/observation.h"

namespace gnomon::inventory {

// What a run may hold in memory. At a limit nothing is lost from an app's totals: what has no row
// of its own is added to a row without client and host, and counted (counters()).
struct RecorderLimits {
  std::uint32_t sightings_max = 500'000;  // rows of app, client, host, role, usage ...; of the run
  std::uint32_t hours_max = 100'000;      // rows of app, client, hour; written and forgotten
  std::uint32_t unknown_hosts_max = 32'768;
  std::uint32_t clients_per_unknown_host_max = 64;
  std::uint32_t unknown_rows_max = 100'000;  // of host and client; beyond, one row a host
  std::uint32_t host_addresses_max = 100'000;
  std::uint32_t client_names_max = 65'536;
  // Rows of each table of findings, files, servers, calls, artifacts and candidates.
  std::uint32_t ledger_rows_max = 50'000;
  std::uint32_t minutes_max = 100'000;  // of calls, by server and client, before they become hours
};

struct RecorderOptions {
  std::filesystem::path path;
  std::vector<AppFacts> apps;  // the whole catalogue; those seen are stored
  std::string risk_rubric;     // text of signatures/risk.yaml, kept for reports; checked at open
  // Text of signatures/anomalies.yaml, checked at open; without it no alert is made.
  std::string anomaly_rules;
  // Files of signatures/policies and of the local folder, checked at open.
  std::vector<PolicyFile> policies;
  RecorderLimits limits;
  // A run of inputs that were recorded before replaces the earlier run instead of being refused.
  bool again = false;
};

// One capture file. The same bytes are the same input, whatever the file is called.
struct RunInput {
  std::string path;
  std::string sha256;  // hex, of the bytes as stored (compressed, if they are); empty when they
                       // were not kept to be hashed: then it is like no other input
  std::uint64_t bytes = 0;  // size of the file
  std::string damage;       // what is wrong with it and where; empty when it was read whole
};

struct RunInfo {
  std::vector<RunInput> inputs;
  std::string filter;  // BPF; the same file through another filter is another run
  Time first_packet;   // by time, not by place
  Time last_packet;
  Time recorded_at;  // by the wall clock, for people: in no dump. 1970 when not told
};

struct Recorded {
  std::int64_t run = 0;                // capture_run.id; 0 when nothing was recorded
  bool already_recorded = false;       // all inputs were known: the inventory is as it was
  std::uint32_t runs_replaced = 0;     // earlier runs of these inputs that this one stands for now
  std::vector<Alert> alerts;           // that were not told before, in order of time
};

// What the catalogue of today says of a host that was unknown. The flow is the one with most
// payload both ways of a client, its record filled as far as that was kept; with the host alone it
// asks whether any app is known. Without an app nothing is known.
using HostJudge = std::function<observation::Identity(const observation::FlowRecord& flow)>;

// A host that was unknown and is known now.
struct RetroMatch {
  std::string host;
  std::string app;
  std::vector<std::string> clients;  // sorted; those beyond the recorder's limit are not there
  Time first_seen;                   // used since, before it was known
  Time last_seen;
};

// Writes one run into the inventory. The only thing in the process that writes observations;
// everything else reads through its own read-only connection. Belongs to one thread at a time.
//
// Records are added up in memory and written in batches, each a transaction, under the run's
// number. Nothing of a run is seen by any view or report until finish() has marked it finished, in
// one transaction; what an interrupted run left behind is removed by the next open(). So a capture
// is in the inventory whole and once, or not at all.
//
//   Result<Recorder> recorder = Recorder::open({.path = db, .apps = facts, .risk_rubric = text});
//   recorder->recorded_before(inputs, filter)          // may be asked first, to save the reading
//   recorder->on_flow(...) ...                         // as a Sink, in the run's order
//   recorder->finish(run, coverage)
//
// The result does not depend on where batches end, nor, while no limit is felt, on the order of
// the records: first seen is a minimum, last seen a maximum, counts add.
class Recorder final : public observation::Sink {
 public:
  // Creates the database when there is none, migrates an older one. Refuses, with the reason: a
  // file that is no inventory, one of a newer schema, one that cannot be written, one that another
  // process is recording into, a rubric that is wrong.
  static Result<Recorder> open(RecorderOptions options);

  Recorder(Recorder&&) noexcept;
  Recorder& operator=(Recorder&&) noexcept;
  ~Recorder() override;  // without finish(): removes what the run had written

  // For each input: whether a finished run holds its bytes, read through the same filter.
  Result<std::vector<bool>> recorded_before(std::span<const RunInput> inputs,
                                            std::string_view filter);

  // The paths of inputs that finished runs hold together with some of these, and that are not among
  // these. While there are any, to record these again would count what they share twice.
  Result<std::vector<std::string>> recorded_beside(std::span<const RunInput> inputs,
                                                   std::string_view filter);

  void on_flow(const observation::FlowRecord& record) override;
  void on_dns(const observation::DnsRecord& record) override;
  void on_http(const observation::HttpRecord& record) override;
  void on_client_name(const observation::ClientNameRecord& record) override;
  // Only the final one is kept.
  void on_stats(const observation::StatsRecord& record) override;
  void on_finding(const observation::FindingRecord& record) override;
  void on_file(const observation::FileRecord& record) override;
  void on_asset(const observation::AssetRecord& record) override;
  void on_model_call(const observation::ModelCallRecord& record) override;
  void on_artifact(const observation::ArtifactRecord& record) override;
  void on_candidate(const observation::CandidateRecord& record) override;
  void on_health(const observation::HealthRecord& record) override;

  // Asks again about the hosts of finished runs that no app was known for. What is known now moves
  // to the app's sightings, marked as retro-matched; `at` is the wall clock.
  Result<std::vector<RetroMatch>> rematch(const HostJudge& judge, Time at);

  // Removes what need not be kept any longer, options.rows_max rows at most: who is recording for
  // months calls it at intervals, and soon again while `more` is said.
  Result<Tidied> tidy(const Retention& retention, const TidyOptions& options);

  // Clients are pseudonyms of this key, and `made` tells those made since it was asked last (of the
  // PseudonymSink in front of this recorder). Before finish().
  void keep_pseudonyms(const PseudonymKey& key,
                       std::function<std::vector<MadePseudonym>()> made);

  // The alerts that were told when these inputs were recorded, for events of inputs that are
  // recorded already.
  Result<std::vector<Alert>> alerts_of(std::span<const RunInput> inputs, std::string_view filter);

  // A batch could not be written (disk full): everything since is ignored, and finish() returns
  // this. May be asked now and then, to stop early.
  [[nodiscard]] const std::optional<Error>& failure() const;

  // Writes what is in memory. Called by itself when memory is full.
  Result<std::monostate> flush();

  // Ends the run: all of it becomes visible, or, on error, none. To be called once, last.
  Result<Recorded> finish(const RunInfo& run, const observation::Coverage& coverage);

 private:
  class Impl;
  explicit Recorder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gnomon::inventory
