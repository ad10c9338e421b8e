#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "../config/config_file.h"
#include "gnomon/inventory/anomaly.h"
#include "gnomon/sensor/running_sensor.h"
#include "knowledge_set.h"
#include "log.h"
#include "notify.h"
#include "sandbox.h"
#include "self_alerts.h"
#include "small_server.h"
#include "telemetry.h"

namespace gnomon::cli {

// What makes a capture a service: the log, the word to systemd, metrics and status, alerts about the
// sensor itself, the sandbox, and reloads. The sensor works the same without any of it.
//
//   auto service = RunningService::open(config, read_config);   // ports, before privileges are gone
//   ... open capture ...
//   service->confine(inputs, outputs);                           // before there are threads
//   service->start();                                            // answers, and ready
//   run_capture(... sinks with &service->telemetry(), hooks that call on_interval, on_reload ...)
//   service->stopping();
class RunningService {
 public:
  // Reads the configuration as it was read at the start, options included.
  using ReadConfig = std::function<LoadedConfig(std::vector<std::string>& problems)>;

  struct Hooks {
    // The new knowledge, checked: to be handed to the shards.
    std::function<void(sensor::KnowledgePointer)> hand_over;
    content::DocumentDesk* desk = nullptr;  // where it has documents opened
    // The same, between two records: what is written from now on goes by it, and hosts that were
    // unknown are asked about again.
    std::function<void(const std::shared_ptr<const KnowledgeSet>&)> learn;
    // Between two records: tells an alert as events.
    std::function<void(const inventory::Alert&)> tell_alert;
    // Why the inventory cannot be written, if so. Of the controlling thread.
    std::function<std::optional<std::string>()> write_failure;
    // The same of the file of events.
    std::function<std::optional<std::string>()> events_failure;
  };

  // An error names what is in the way, such as a port in use.
  static Result<std::unique_ptr<RunningService>> open(const LoadedConfig& config,
                                                      ReadConfig read_config);
  ~RunningService();

  [[nodiscard]] Telemetry& telemetry() { return telemetry_; }  // one of the sinks
  [[nodiscard]] Log& log() { return log_; }

  // Gives up what is not needed any more. `readable`: what is read besides signatures; `writable`:
  // folders written to besides the inventory's.
  Result<std::monostate> confine(std::vector<std::filesystem::path> readable,
                                 std::vector<std::filesystem::path> writable);
  // Answers from now on, and tells systemd so. `knowledge` is what the sensor begins with.
  void start(const std::shared_ptr<const KnowledgeSet>& knowledge, Hooks hooks);

  // Of the controlling thread.
  void on_interval(const sensor::CaptureInterval& interval);
  void on_reload();  // begins one, in a thread of its own
  void on_news(const packet::LiveNews& news) {
    log_.say_news(news.trouble ? LogLevel::kWarning : LogLevel::kInfo, news.text);
  }
  void stopping();

 private:
  RunningService(const LoadedConfig& config, ReadConfig read_config);

  static constexpr std::size_t kGenerationsMax = 5;  // in memory beside the current one

  void reload();  // of its thread
  void reload_all();
  bool reload_now(std::string& outcome);
  void tell_doubts(const KnowledgeSet& knowledge);
  void tell_systemd(bool progress);
  void tell_alerts(const sensor::CaptureInterval& interval);
  SmallServer::Answer answer(std::string_view path);
  [[nodiscard]] std::optional<std::chrono::seconds> signatures_age() const;

  LoadedConfig config_;
  ReadConfig read_config_;
  Hooks hooks_;
  Log log_;
  ServiceManager manager_;
  Telemetry telemetry_;
  SelfAlerts alerts_;
  std::unique_ptr<SmallServer> server_;

  std::mutex mutex_;  // of the two below
  Config live_config_;
  std::shared_ptr<const KnowledgeSet> knowledge_;
  // Freed by the controlling thread once nobody looks into them.
  std::vector<std::shared_ptr<const void>> used_;

  std::thread reloading_;
  std::atomic<bool> reload_runs_{false};
  std::atomic<bool> reload_again_{false};

  bool confined_ = false;  // files are restricted
  bool stopping_ = false;
  std::chrono::steady_clock::time_point last_packet_;
  std::chrono::steady_clock::time_point last_alive_;
  std::chrono::steady_clock::time_point last_status_;
};

}  // namespace gnomon::cli
