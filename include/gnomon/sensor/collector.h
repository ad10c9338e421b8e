#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "gnomon/identify/asset_book.h"
#include "gnomon/identify/catalogue.h"
#include "gnomon/identify/dns_memory.h"
#include "gnomon/identify/lease_memory.h"
#include "gnomon/identify/redirect_memory.h"
#include "gnomon/identify/shadow_judge.h"
#include "gnomon/observation/coverage.h"
#include "gnomon/observation/observation.h"
#include "gnomon/packet/capture_reader.h"
#include "gnomon/packet/decode_counters.h"
#include "gnomon/packet/ip_reassembly.h"
#include "gnomon/sensor/batch.h"
#include "gnomon/sensor/health_tally.h"
#include "gnomon/sensor/knowledge.h"
#include "gnomon/sensor/replay.h"
#include "gnomon/sensor/upload_reader.h"

namespace gnomon::sensor {

// What is known of a block as a whole.
struct BlockFacts {
  packet::DecodeCounters counters;
  Time clock;  // latest packet time of the run so far; live before the first: the machine's
  Time first_time;
  Time last_time;
  std::uint64_t frames = 0;
  observation::HealthCounters health;  // of the clock, and what the capture lost, in this block
  KnowledgePointer knowledge;          // to judge by from this block on; null: as before
  bool stats_due = false;
  bool health_due = false;  // checks are of a minute, stats of what was asked for
  bool last = false;
  bool tick = false;           // about a second has passed
  bool clock_stepped = false;  // the clock was put on or back: `clock` is right all the same
  std::chrono::nanoseconds clock_step{0};  // by so much (back: negative)
};

// What became of the inputs, at the end.
struct InputFacts {
  std::vector<std::string> files;
  std::vector<bool> had_frames;
  std::vector<packet::InputProblem> problems;
  packet::CaptureLosses losses;
};

// Takes the batches of all workers block by block, puts their records into one order, names flows
// without a name from the client's own DNS answers, and hands everything to the sinks. Runs on one
// thread; it is the only part of the run that sees all shards.
class Collector {
 public:
  // `api`: what servers of one's own are told by; null: they are not looked for. `shadow`: what
  // scores names that no list knows; null: names say nothing. Both outlive this, as the catalogue
  // does.
  Collector(const identify::Catalogue& catalogue, const identify::ApiKnowledge* api,
            std::span<observation::Sink* const> sinks, const identify::ShadowName* shadow = nullptr,
            const HealthOptions& health = {});

  // Uploads that come in pieces are read by this from now on; without, they are not.
  void read_uploads(KnowledgePointer knowledge) { uploads_.change(std::move(knowledge)); }

  void take(const BlockFacts& facts, std::vector<Batch>& batches);
  // Judges by this from the next block on. What is known of servers of one's own is told first, and
  // begins anew.
  void change(const KnowledgePointer& knowledge);
  // After the last block.
  ReplayResult finish(const packet::ReassemblyCounters& reassembly, InputFacts inputs);

  // Counters from elsewhere that belong to the stats; called when stats are due, from whoever runs
  // the collector.
  using Counters = std::vector<std::pair<std::string, std::uint64_t>>;
  // Is told of every block and tick, by whoever runs the collector: frames and clock so far.
  void watch(std::function<void(std::uint64_t, Time)> watcher) { watcher_ = std::move(watcher); }
  // Is told, before the sinks are of a tick, that packets came since the last, and the earliest
  // time.
  void packets_to(std::function<void(Time)> told) { packets_ = std::move(told); }
  // What the capture has lost so far, for the health checks; asked when stats are due.
  void losses_from(std::function<packet::CaptureLosses()> ask) { losses_ = std::move(ask); }
  void also_count(std::function<void(Counters&)> more) { more_counters_ = std::move(more); }

 private:
  static constexpr std::size_t kEchPublicNamesMax = 4096;

  void on_flow(observation::FlowRecord& record);
  void on_model_call(const observation::ModelCallRecord& record);
  void on_artifact(observation::ArtifactRecord& record);
  void on_dns(const observation::DnsRecord& record);
  void judge_ech(observation::FlowRecord& record) const;
  void name_from_dns(observation::FlowRecord& record);
  void name_from_certificate(observation::FlowRecord& record);
  void cover(const observation::FlowRecord& record);
  void step_clock(std::chrono::nanoseconds by);
  void tell_tick();
  void tell_assets(bool all);
  void set_health_table();
  void tell_health(bool all);
  [[nodiscard]] Counters counters() const;
  [[nodiscard]] observation::Coverage coverage_so_far() const;
  void tell(Counters counters, bool final);

  const identify::Catalogue* catalogue_;
  KnowledgePointer knowledge_;  // after a change: keeps what the others here look into
  std::vector<observation::Sink*> sinks_;
  identify::DnsMemory dns_memory_;
  identify::RedirectMemory redirects_;
  identify::LeaseMemory leases_;
  std::optional<identify::AssetBook> assets_;
  UploadReader uploads_;
  identify::ShadowName no_names_;
  identify::ShadowJudge shadow_judge_;
  std::set<std::string, std::less<>> ech_public_names_;  // published in DNS answers of the run
  observation::Coverage coverage_;
  HealthTally health_;
  observation::HealthMonitor health_monitor_;
  Time began_;  // the first time that was known while no packet had come; else none
  Time interval_start_;
  Time packets_since_ = Time::max();  // the earliest that the sinks were not told of
  packet::DecodeCounters decode_;
  std::vector<std::uint64_t> shard_counters_;
  Counters final_counters_;
  std::function<void(Counters&)> more_counters_;
  std::function<packet::CaptureLosses()> losses_;
  std::function<void(std::uint64_t, Time)> watcher_;
  std::function<void(Time)> packets_;
  std::vector<std::size_t> heads_;
  Time clock_;
  Time first_time_ = Time::max();
  Time last_time_ = Time::min();
  std::uint64_t frames_ = 0;
  std::string host_;  // of the flow being named: the record's view points here
};

}  // namespace gnomon::sensor
