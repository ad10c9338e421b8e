#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/flow/flow_table.h"
#include "gnomon/flow/ndpi_engine.h"
#include "gnomon/identify/catalogue.h"
#include "gnomon/identify/shadow_name.h"
#include "gnomon/observation/coverage.h"
#include "gnomon/observation/health.h"
#include "gnomon/observation/observation.h"
#include "gnomon/packet/capture_reader.h"
#include "gnomon/packet/ip_reassembly.h"
#include "gnomon/sensor/exchange_reader.h"
#include "gnomon/sensor/key_store.h"

namespace gnomon::sensor {

// For the checks of what the sensor is shown.
struct HealthOptions {
  observation::HealthPlace place;
  std::vector<IpAddress> own;  // addresses of this machine, when it captures
};

struct ReplayOptions {
  std::vector<std::string> inputs;  // files, folders, "-"
  unsigned workers = 1;
  std::string filter;                 // BPF; empty lets everything pass
  std::vector<std::string> key_logs;  // secrets of TLS and QUIC connections; see message/key_log.h
  bool events = false;                // what they alone tell: Community IDs, hashes of requests
  const identify::ShadowName* shadow = nullptr;  // scores names that no list knows; may be none
  std::uint32_t flows_max = 2'000'000;  // over all shards
  flow::FlowLimits flow;                // timeouts; its flows_max is not looked at
  packet::ReassemblyLimits fragments;
  std::size_t reassembly_bytes_max = 128 * 1024 * 1024;
  std::chrono::seconds stats_interval{60};  // of packet time
  // What visible bodies are read with; shared by all threads, and outlives the replay. Null: that
  // part of them is not read.
  const identify::ApiKnowledge* api = nullptr;
  DetectorSource detectors;
  content::InspectorOptions inspector;  // of every shard
  HealthOptions health;
  // Made ready beforehand, to save time; null: made by the replay.
  flow::NdpiEngines* engines = nullptr;
  // The process ends soon: what flows held is left to the system, unless there are secrets to wipe.
  bool leave_memory = false;
};

struct ReplayProgress {
  std::uint64_t read_bytes = 0;
  std::uint64_t total_bytes = 0;  // 0 when unknown
};

struct ReplayResult {
  observation::Coverage coverage;
  std::vector<packet::InputProblem> problems;
  std::vector<std::string> files;
  std::vector<bool> file_had_frames;
  std::vector<KeyLogs::File> key_logs;  // as they were read
  Time first_packet;
  Time last_packet;
  std::uint64_t frames = 0;
  std::vector<std::pair<std::string, std::uint64_t>> counters;  // the final ones, sorted by name
  std::vector<observation::HealthFault> health;  // named at any time, each at its worst
  observation::HealthCounters health_counters;
};

// Reads captures to their end and hands every record, in one order that depends on the input alone,
// to the sinks: the same for any number of workers. The sinks are called from the workers,
// one record at a time. `progress` is called from the calling thread, a few times a
// second. An error is one of configuration (the filter, nDPI); what is wrong with inputs is in the
// result.
Result<ReplayResult> replay(const ReplayOptions& options, const identify::Catalogue& catalogue,
                            std::span<observation::Sink* const> sinks,
                            const std::function<void(const ReplayProgress&)>& progress);

}  // namespace gnomon::sensor
