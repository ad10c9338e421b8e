#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/inventory/recorder.h"

namespace gnomon::inventory {

struct LiveRecorderOptions {
  RecorderOptions recorder;
  std::string filter;                          // BPF, as it is told of the run
  std::vector<std::string> inputs;             // interfaces, folders, peers
  std::chrono::milliseconds batch_age{1000};   // no record waits longer to be written
  std::chrono::milliseconds judge_every{600'000};  // what departs from the days before
  // How long finish() judges what was seen last, once it is written: with the seconds that the last
  // batch may take well within TimeoutStopSec of systemd/gnomon.service. What is unjudged then is
  // judged by the next sensor that records into the inventory, or added up by a replay into it.
  std::chrono::milliseconds judge_at_most{30'000};
  Retention retention;                               // refused at open() when it cannot be meant
  std::chrono::milliseconds tidy_every{6 * 3'600'000};  // what need not be kept; also at the start
};

// How writing goes, for people and for metrics.
struct LiveRecorderState {
  std::uint64_t batches = 0;
  std::uint64_t failures = 0;   // attempts
  bool failing = false;
  std::string error;            // the latest one, while it is failing
  std::uint64_t dropped = 0;    // observations, or parts of them, that found no room meanwhile
  std::chrono::milliseconds latest_took{0};
  std::uint64_t rows_tidied = 0;  // removed for their age, or for the inventory's size
  bool too_large = false;         // the limit of its size cannot be kept
};

// Writes what a running sensor sees into the inventory, a batch about every second, on a thread of
// its own: the packet path never waits for the disk. What is written is seen at once, and survives
// whatever becomes of the process; at most what came in the last two seconds does not.
//
// When the disk is full, read-only, or somebody locks the database, records go on being added up in
// memory, which is bounded as that of a replay is; what finds no room is counted. It tries again
// and again, and writes everything once it can.
//
// A run is a day by the packets' clock, so that coverage and limits belong to days.
class LiveRecorder final : public observation::Sink {
 public:
  // As Recorder::open().
  static Result<std::unique_ptr<LiveRecorder>> open(LiveRecorderOptions options);
  ~LiveRecorder() override;

  // Before the capture begins.
  // The files that were recorded through the same filter, by what they held.
  Result<std::vector<RunInput>> recorded_inputs();
  Result<std::vector<RetroMatch>> rematch(const HostJudge& judge, Time at);
  // As Recorder::keep_pseudonyms(); `made` is asked by the writing thread, and `again` says that
  // what it gave before is lost (PseudonymSink::tell_again()).
  void keep_pseudonyms(const PseudonymKey& key, std::function<std::vector<MadePseudonym>()> made,
                       std::function<void()> again);
  void start();

  // The sink's part: from one thread at a time.
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
  void on_health(const observation::HealthRecord& record) override;
  // Packets came since the last tick, `first` the earliest of them. Before on_tick().
  void on_packets(Time first);
  void on_tick(Time clock) override;

  // From any thread.
  // What a reload has learnt: facts of apps and the rubric, for what is written from now on. Hosts
  // that no app was known for are asked about again, on the writing thread, and `told` what came of
  // it.
  struct Lesson {
    std::vector<AppFacts> apps;
    std::string risk_rubric;
    std::string anomaly_rules;
    std::vector<PolicyFile> policies;
    HostJudge judge;
    std::function<void(const Result<std::vector<RetroMatch>>&)> told;
  };
  void learn(Lesson lesson);
  // What is wrong with the sensor itself: stored with the run, which the first packet begins.
  void add_alert(Alert alert);
  // A file of a folder was read to its end: it is known from now on.
  void add_input(RunInput input);
  [[nodiscard]] LiveRecorderState state() const;
  // What the operator should know, in one line each. `trouble`: something is wrong; else it is over.
  struct News {
    std::string text;
    bool trouble = true;
  };
  std::vector<News> take_news();
  std::vector<Alert> take_alerts();      // that were not told before

  // Writes what is left; an error when that cannot be done even now.
  std::optional<Error> finish();

 private:
  class Impl;
  explicit LiveRecorder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gnomon::inventory
