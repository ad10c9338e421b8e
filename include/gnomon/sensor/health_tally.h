#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "gnomon/bytes/ip_address.h"
#include "gnomon/observation/health.h"
#include "gnomon/packet/capture_reader.h"
#include "gnomon/packet/decode_counters.h"

namespace gnomon::sensor {

// Of the health checks, in packet time; docs/doctor.md tells of it. Not that of the stats: a minute
// without a packet is worth telling, ten seconds are not.
inline constexpr std::chrono::seconds kHealthInterval{60};

// Watches the order of times in a capture. Blocks in their order, one thread at a time.
class ClockWatch {
 public:
  // Adds what is wrong with the clock of these frames.
  void see(const packet::FrameBlock& block, observation::HealthCounters& counters);

 private:
  std::optional<Time> last_;
  std::uint16_t input_ = 0;
};

// Adds up what the health checks ask for, from the records of flows and from counters that are kept
// anyway: nothing is done for it packet by packet. One thread at a time.
class HealthTally {
 public:
  // `own`: addresses of this machine, when it captures.
  explicit HealthTally(std::vector<IpAddress> own = {}) : own_(own.begin(), own.end()) {}

  void see_flow(const observation::FlowRecord& record);
  void see_dns(const observation::DnsRecord& record) {
    if (!record.multicast) ++counters_.dns_messages;
  }
  void see_decode(const packet::DecodeCounters& change);
  void see_block(const observation::HealthCounters& of_block) { counters_ += of_block; }
  // Of all shards, since the beginning.
  void set_table(std::uint64_t duplicates, std::uint64_t refused_segments) {
    counters_.duplicates = duplicates;
    counters_.refused_segments = refused_segments;
  }
  void set_capture_losses(const packet::CaptureLosses& losses);

  [[nodiscard]] const observation::HealthCounters& counters() const { return counters_; }

 private:
  [[nodiscard]] bool is_own(const observation::Conversation& conversation) const;
  void see_name(const observation::FlowRecord& record);

  observation::HealthCounters counters_;
  std::set<IpAddress> own_;
};

}  // namespace gnomon::sensor
