#pragma once

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "gnomon/bytes/result.h"
#include "gnomon/inventory/anomaly.h"
#include "gnomon/observation/observation.h"
#include "gnomon/report/json_writer.h"

namespace gnomon::report {

// Writes records as JSON lines in the shape of Suricata's EVE; Gnomon's own data stands under the
// key "gnomon". docs/events.md describes every field.
//
// One thread. A write that fails is remembered: the records after it are dropped, and close()
// tells.
class EveWriter final : public observation::Sink {
 public:
  // Creates or empties the file; "-" is standard output.
  static Result<std::unique_ptr<EveWriter>> open(const std::string& path);
  ~EveWriter() override;

  void on_flow(const observation::FlowRecord& record) override;
  void on_dns(const observation::DnsRecord& record) override;
  void on_http(const observation::HttpRecord& record) override;
  void on_client_name(const observation::ClientNameRecord& record) override;
  void on_stats(const observation::StatsRecord& record) override;
  void on_finding(const observation::FindingRecord& record) override;
  void on_file(const observation::FileRecord& record) override;
  void on_asset(const observation::AssetRecord& record) override;
  void on_model_call(const observation::ModelCallRecord& record) override;
  void on_artifact(const observation::ArtifactRecord& record) override;
  void on_candidate(const observation::CandidateRecord& record) override;
  // Alerts of what begins and what ends.
  void on_health(const observation::HealthRecord& record) override;
  void on_tick(Time clock) override;
  // For a sensor that runs: a write that fails loses the events that waited for it, which are
  // counted, and the next one is tried again.
  void keep_going();
  [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
  // Goes on in a file of this name that is begun anew: whoever rotates logs has moved the old one
  // away. On failure it goes on in the old one.
  std::optional<Error> reopen();
  // What the inventory told when the run was finished.
  void on_alert(const inventory::Alert& alert);

  // Writes what is still buffered. The first thing that went wrong, if anything did.
  std::optional<Error> close();

 private:
  EveWriter(std::FILE* file, std::string path);

  void begin(JsonWriter& json, std::string_view type, Time time,
             const observation::Conversation& conversation, const observation::Place& place,
             std::string_view app_proto);
  void end_line();
  void write_out();

  std::FILE* file_;
  std::string path_;
  std::string buffer_;
  std::optional<Error> error_;
  std::uint64_t lines_ = 0;  // in the buffer
  bool keeps_going_ = false;
  bool torn_ = false;  // the last write may have ended within a line
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace gnomon::report
