// A sensor that no packet reaches, or none yet.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gnomon/bytes/wall_clock.h"
#include "gnomon/packet/live_source.h"
#include "gnomon/sensor/running_sensor.h"
#include "quiet_sink.h"

namespace gnomon::sensor {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

// Gives a capture after a while of silence, or nothing at all.
class LateSource final : public packet::LiveSource {
 public:
  LateSource(bool in_real_time, std::vector<std::string> captures, milliseconds silent)
      : in_real_time_(in_real_time),
        reader_(captures),
        from_(Steady::now() + silent),
        over_(captures.empty()) {}

  Took take(unsigned, packet::FrameBlock& block) override {
    if (Steady::now() >= from_ && !over_) {
      block.origin = origin_;
      if (reader_.fill(block)) return Took::kFrames;
      over_ = true;
    }
    return stopping_ ? Took::kEnd : Took::kNothing;
  }
  void wait(unsigned, int, milliseconds) override { std::this_thread::sleep_for(milliseconds{20}); }
  void tend() override {}
  void stop() override { stopping_ = true; }
  [[nodiscard]] bool in_real_time() const override { return in_real_time_; }
  [[nodiscard]] const std::vector<packet::LiveInput>& inputs() const override { return inputs_; }
  std::vector<packet::LiveNews> take_news() override { return {}; }

 private:
  bool in_real_time_;
  packet::CaptureReader reader_;
  std::shared_ptr<const std::string> origin_ = std::make_shared<const std::string>("late");
  Steady::time_point from_;
  std::vector<packet::LiveInput> inputs_;
  std::atomic<bool> stopping_{false};
  bool over_;
};

struct Told final : QuietSink {
  std::vector<Time> ticks;
  std::vector<Time> packets;
  std::vector<Time> stats;
  std::vector<observation::HealthState> no_traffic;
  Time health_from = Time::max();
  std::size_t flows = 0;
  std::size_t flows_of_days_untold = 0;

  void on_flow(const observation::FlowRecord& record) override {
    ++flows;
    const auto day_of = [](Time time) { return std::chrono::floor<std::chrono::days>(time); };
    if (!ticks.empty() && day_of(record.end) > day_of(ticks.back())) ++flows_of_days_untold;
  }
  void on_tick(Time clock) override { ticks.push_back(clock); }
  void on_stats(const observation::StatsRecord& record) override {
    if (!record.final) stats.push_back(record.time);
  }
  void on_health(const observation::HealthRecord& record) override {
    if (record.check != "no-traffic") return;
    no_traffic.push_back(record.state);
    health_from = std::min(health_from, record.first);
  }
};

Told told_of(LateSource& source, std::chrono::seconds stats, milliseconds duration) {
  CaptureOptions options;
  options.sensor.stats_interval = stats;
  options.health_interval = std::chrono::seconds{1};
  options.sensor.health.place = {"eth1", source.in_real_time(), !source.in_real_time()};
  options.duration = duration;
  Told told;
  observation::Sink* const sinks[] = {&told};
  SensorControl control;
  CaptureHooks hooks;
  hooks.on_packets = [&](Time first) { told.packets.push_back(first); };
  REQUIRE(run_capture(options, source, identify::Catalogue::nothing(), sinks, control, hooks));
  return told;
}

constexpr const char* kCapture = "pcaps/unknown/lumenwrite.pcap";  // of another day
constexpr const char* kNextDay = "pcaps/local/grpc.pcap";
constexpr const char* kDayAfter = "pcaps/dns/by-form.pcap";

}  // namespace

TEST_CASE("where nothing comes time passes all the same, and is the machine's") {
  const Time began = wall_clock();
  LateSource source{true, {}, {}};
  const Told told = told_of(source, std::chrono::hours{24}, milliseconds{4'500});
  REQUIRE(told.ticks.size() >= 3);
  CHECK(told.ticks.front() >= began);
  CHECK(told.ticks.back() <= wall_clock());
  CHECK(told.packets.empty());
  CHECK(told.stats.empty());  // they have an interval of their own
  REQUIRE_FALSE(told.no_traffic.empty());
  CHECK(told.no_traffic.front() == observation::HealthState::kBegan);
  CHECK(told.health_from >= began);
}

TEST_CASE("a folder without a capture knows no time, and errands are run") {
  LateSource source{false, {}, {}};
  const Told told = told_of(source, std::chrono::seconds{1}, milliseconds{2'500});
  REQUIRE_FALSE(told.ticks.empty());
  CHECK(std::all_of(told.ticks.begin(), told.ticks.end(), [](Time at) { return at == Time{}; }));
  CHECK(told.stats.empty());
  CHECK(told.no_traffic.empty());
}

TEST_CASE("the first packet brings its own time, and is told as the first") {
  const bool in_real_time = GENERATE(true, false);
  LateSource source{in_real_time, {kCapture}, milliseconds{1'500}};
  const Told told = told_of(source, std::chrono::hours{24}, milliseconds{4'000});
  packet::CaptureReader reader{{kCapture}};
  packet::FrameBlock block;
  REQUIRE(reader.fill(block));
  const Time first = block.frames.front().time;
  REQUIRE_FALSE(told.packets.empty());
  CHECK(told.packets.front() == first);
  CHECK(told.ticks.back() >= first);
  CHECK(told.ticks.back() - first < std::chrono::hours{1});
  CHECK(told.flows > 0);
}

TEST_CASE("each day is told of before what it brings, however many come at once") {
  const std::vector<std::string> captures = {kCapture, kNextDay, kDayAfter};
  LateSource source{false, captures, {}};
  const Told told = told_of(source, std::chrono::hours{24}, milliseconds{500});
  REQUIRE(told.flows > 2);
  CHECK(told.flows_of_days_untold == 0);
  for (std::size_t i = 0; i < captures.size(); ++i) {
    INFO(captures[i]);
    packet::CaptureReader reader{{captures[i]}};
    packet::FrameBlock block;
    REQUIRE(reader.fill(block));
    const Time first = block.frames.front().time;
    const Time last = block.frames.back().time;
    CHECK(std::find(told.packets.begin(), told.packets.end(), first) != told.packets.end());
    CHECK(std::find(told.ticks.begin(), told.ticks.end(), last) != told.ticks.end());
  }
}

}  // namespace gnomon::sensor
