#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gnomon/bytes/time.h"
#include "gnomon/observation/health.h"
#include "terminal_table.h"

namespace gnomon::cli {

// A fault as the doctor tells it: of the traffic, or of the interface's own settings.
struct Complaint {
  std::string check;
  std::string title;
  observation::HealthSeverity severity = observation::HealthSeverity::kNone;
  std::string evidence;
  std::string meaning;
  std::string remedy;
  std::string command;
  Time first;  // not set for settings
  Time last;
  std::uint32_t intervals = 0;
  std::uint64_t part = 0;
  std::uint64_t whole = 0;
};

// Keeps what a run told last of each fault.
class ComplaintBook final : public observation::Sink {
 public:
  void on_flow(const observation::FlowRecord&) override {}
  void on_dns(const observation::DnsRecord&) override {}
  void on_http(const observation::HttpRecord&) override {}
  void on_client_name(const observation::ClientNameRecord&) override {}
  void on_stats(const observation::StatsRecord&) override {}
  void on_health(const observation::HealthRecord& record) override;

  [[nodiscard]] const std::vector<Complaint>& complaints() const { return complaints_; }

 private:
  std::vector<Complaint> complaints_;
};

// What the doctor found.
struct Diagnosis {
  std::vector<std::string> inputs;  // files, or the interface
  std::string interface;            // empty: files
  // Of the interface: "driver" and "ixgbe", "mtu" and "1500" ...; empty for files.
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<Complaint> complaints;  // worst first
  std::vector<std::string> notes;     // what could not be looked at, and why
  observation::HealthCounters counters;
  std::uint64_t flows = 0;
  Time first_packet;
  Time last_packet;
};

// Worst first, equals in the order of the checks.
void sort_complaints(std::vector<Complaint>& complaints);

// The verdict, then each fault: evidence, what it means, what mends it.
std::string diagnosis_text(const Diagnosis& diagnosis, const Terminal& terminal);
std::string diagnosis_json(const Diagnosis& diagnosis);

}  // namespace gnomon::cli
