#pragma once

#include <memory>
#include <optional>
#include <string>

#include "gnomon/bytes/result.h"
#include "gnomon/inventory/anomaly.h"
#include "gnomon/observation/observation.h"
#include "gnomon/report/event_writer.h"
#include "gnomon/report/json_writer.h"

namespace gnomon::report {

// Writes records as JSON lines in the shape of Suricata's EVE; Gnomon's own data stands under the
// key "gnomon". docs/events.md describes every field.
//
// One thread.
class EveWriter final : public EventWriter {
 public:
  // Into a file (open_line_file()).
  static Result<std::unique_ptr<EveWriter>> open(const std::string& path);
  explicit EveWriter(std::unique_ptr<LineOutput> output);

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
  void on_alert(const inventory::Alert& alert) override;

 private:
  void begin(JsonWriter& json, std::string_view type, Time time,
             const observation::Conversation& conversation, const observation::Place& place,
             std::string_view app_proto);
  // Hands over what stands in the buffer, one event.
  void end_line();

  std::string buffer_;
  std::string_view severity_;  // of the event in the buffer
};

}  // namespace gnomon::report
