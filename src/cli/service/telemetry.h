#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gnomon/observation/observation.h"
#include "gnomon/packet/live_source.h"
#include "gnomon/sensor/running_sensor.h"

namespace gnomon::cli {

// What a running sensor says about itself, to whoever asks. Plain values: copied, then printed.
struct SensorState {
  std::string state = "starting";  // "running", "reloading", "stopping"
  std::string database;
  std::string signatures_date;  // of the newest signature
  std::chrono::system_clock::time_point started;
  std::vector<packet::LiveInput> inputs;
  packet::LiveCounters total;
  packet::LiveCounters interval;  // of the last one
  double interval_seconds = 0;
  std::uint64_t frames_total = 0;
  std::uint64_t frames_interval = 0;
  std::uint64_t apps = 0;  // in use, those that the inventory knew at the start among them
  std::vector<std::pair<std::string, std::uint64_t>> counters;  // as in stats events, sorted
  std::uint64_t reloads_done = 0;
  std::uint64_t reloads_refused = 0;
  std::string last_reload;  // what became of it
  std::vector<std::string> alerts;
  std::uint64_t resident_bytes = 0;
  double processor_seconds = 0;
  std::uint64_t disk_free_bytes = 0;
  std::uint64_t requests_refused = 0;
  std::uint64_t events_dropped = 0;  // that reached neither the file nor the spool
  std::string events_failure;        // why the file cannot be written now

  [[nodiscard]] std::uint64_t counter(std::string_view name) const;
  // Of the flows with payload, those that got a name: 0 to 1.
  [[nodiscard]] double named_share() const;
};

// "12,345 packets (0.00 % lost), 17 apps, 98 % of flows named": systemd's status line.
std::string status_line(const SensorState& state);
std::string status_json(const SensorState& state);   // one object, one line
std::string status_text(const SensorState& state);   // for a terminal
std::string metrics_text(const SensorState& state);  // Prometheus' text format 0.0.4

// Collects it: records from whoever writes, intervals from the thread that controls; asked from any.
// The packet path knows nothing of it.
class Telemetry final : public observation::Sink {
 public:
  void on_flow(const observation::FlowRecord& record) override;
  void on_dns(const observation::DnsRecord&) override { run_errands(); }
  void on_http(const observation::HttpRecord&) override { run_errands(); }
  void on_client_name(const observation::ClientNameRecord&) override { run_errands(); }
  void on_stats(const observation::StatsRecord& record) override;

  void on_tick(Time) override { run_errands(); }

  // Apps that were in use before the start, which it is called before.
  void know_apps(const std::vector<std::string>& ids);

  // Has this done between two records, by whoever writes them: the inventory and the events belong
  // to one at a time. At the next record; or by run_errands(), when nobody writes any more.
  void run_between_records(std::function<void()> errand);
  void run_errands() {
    if (errands_wait_.load(std::memory_order_relaxed)) take_errands();
  }

  void on_interval(const sensor::CaptureInterval& interval);
  // Changes what only the service knows.
  void change(const std::function<void(SensorState&)>& how);

  [[nodiscard]] SensorState state() const;

 private:
  static constexpr std::size_t kAppsMax = 100'000;
  void take_errands();

  mutable std::mutex mutex_;
  SensorState state_;
  std::vector<std::function<void()>> errands_;
  std::atomic<bool> errands_wait_{false};
  std::set<std::string, std::less<>> apps_;  // of whoever writes
};

}  // namespace gnomon::cli
