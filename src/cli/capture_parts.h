#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "capture_identity.h"
#include "event_streams.h"
#include "gnomon/inventory/live_recorder.h"
#include "gnomon/observation/observation.h"

namespace gnomon::cli {

// Files of a folder that were read before, by what they held.
class KnownFiles {
 public:
  explicit KnownFiles(const std::vector<inventory::RunInput>& inputs) {
    for (const inventory::RunInput& each : inputs) known_.emplace(each.sha256, each.bytes);
  }
  bool wanted(const std::string& path) {
    inventory::RunInput input = identify_capture(path);
    const std::lock_guard lock{mutex_};
    // Also one that is still being read: a worker tells its end, and the reader is ahead of it.
    const auto holds_the_same = [&input](const inventory::RunInput& each) {
      return each.sha256 == input.sha256 && each.bytes == input.bytes;
    };
    if (!input.sha256.empty() && (known_.contains({input.sha256, input.bytes}) ||
                                  std::any_of(begun_.begin(), begun_.end(), holds_the_same))) {
      ++skipped_;
      return false;
    }
    begun_.push_back(std::move(input));
    return true;
  }
  // One that was begun is read to its end now.
  inventory::RunInput finish(const std::string& path, const std::string& damage) {
    const std::lock_guard lock{mutex_};
    const auto begun = std::find_if(begun_.begin(), begun_.end(),
                                    [&path](const auto& each) { return each.path == path; });
    inventory::RunInput input = begun == begun_.end() ? identify_capture(path) : std::move(*begun);
    if (begun != begun_.end()) begun_.erase(begun);
    input.damage = damage;
    if (!input.sha256.empty()) known_.emplace(input.sha256, input.bytes);
    return input;
  }
  // How many were not wanted.
  [[nodiscard]] std::size_t skipped() {
    const std::lock_guard lock{mutex_};
    return skipped_;
  }

 private:
  std::mutex mutex_;
  std::size_t skipped_ = 0;
  std::set<std::pair<std::string, std::uint64_t>> known_;
  std::vector<inventory::RunInput> begun_;  // not yet at their end
};

// Tells alerts among the other events, from where those are told.
class AlertEvents final : public observation::Sink {
 public:
  AlertEvents(inventory::LiveRecorder& recorder, const EventStreams& events)
      : recorder_(recorder), events_(events) {}
  void on_flow(const observation::FlowRecord&) override {}
  void on_dns(const observation::DnsRecord&) override {}
  void on_http(const observation::HttpRecord&) override {}
  void on_client_name(const observation::ClientNameRecord&) override {}
  void on_stats(const observation::StatsRecord&) override {}
  void on_tick(Time) override { tell(); }
  void tell() {
    for (const inventory::Alert& alert : recorder_.take_alerts()) {
      events_.on_alert(alert);
      ++told_;
    }
  }
  [[nodiscard]] std::size_t told() const { return told_; }

 private:
  inventory::LiveRecorder& recorder_;
  const EventStreams& events_;
  std::size_t told_ = 0;
};

}  // namespace gnomon::cli
