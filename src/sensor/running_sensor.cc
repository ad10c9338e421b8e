#include "gnomon/sensor/running_sensor.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <system_error>
#include <utility>

#include "gnomon/packet/bpf_filter.h"
#include "gnomon/packet/decoder.h"
#include "gnomon/sensor/collector.h"
#include "gnomon/sensor/worker.h"
#include "pipeline.h"

namespace gnomon::sensor {
namespace {

using Steady = std::chrono::steady_clock;
using packet::LiveCounters;

struct CounterName {
  std::string_view name;
  std::uint64_t LiveCounters::*member;
};
constexpr CounterName kNames[] = {
    {"received", &LiveCounters::received},
    {"kernel_drops", &LiveCounters::kernel_drops},
    {"interface_drops", &LiveCounters::interface_drops},
    {"softnet_drops", &LiveCounters::softnet_drops},
    {"own_drops", &LiveCounters::own_drops},
    {"damaged", &LiveCounters::damaged},
    {"reopened", &LiveCounters::reopened},
    {"clock_steps", &LiveCounters::clock_steps},
};

LiveCounters sum_of(const std::vector<packet::LiveInput>& inputs) {
  LiveCounters sum;
  std::uint64_t softnet = 0;
  for (const packet::LiveInput& input : inputs) {
    sum += input.counters;
    softnet = std::max(softnet, input.counters.softnet_drops);
  }
  sum.softnet_drops = softnet;  // the machine's, told with each of its interfaces
  return sum;
}

// In the words of the health checks. The machine's backlog is the kernel's, and what it dropped has
// come to the kernel, as has what the ring had no room for.
packet::CaptureLosses losses_of(const LiveCounters& counters) {
  return {counters.received + counters.softnet_drops, counters.interface_drops,
          counters.kernel_drops + counters.softnet_drops, counters.own_drops};
}

// What the controlling thread saw, for the stats that the workers tell.
class SharedCounters {
 public:
  void set(const LiveCounters& total) {
    const std::lock_guard lock{mutex_};
    total_ = total;
  }
  [[nodiscard]] LiveCounters total() const {
    const std::lock_guard lock{mutex_};
    return total_;
  }
  // "capture.": since the start; "interval.": since the stats before these.
  void add_to(Collector::Counters& all) {
    const std::lock_guard lock{mutex_};
    const LiveCounters interval = total_.since(told_);
    told_ = total_;
    for (const CounterName& each : kNames) {
      all.emplace_back("capture." + std::string{each.name}, total_.*each.member);
      all.emplace_back("interval." + std::string{each.name}, interval.*each.member);
    }
  }

 private:
  mutable std::mutex mutex_;
  LiveCounters total_;
  LiveCounters told_;
};

// 0, or why not.
int bind_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  return pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

// What the thread that runs the sensor does beside it.
class Controller {
 public:
  Controller(const CaptureOptions& options, packet::LiveSource& source, SensorControl& control,
             const CaptureHooks& hooks, SharedCounters& counters)
      : options_(options), source_(source), control_(control), hooks_(hooks), counters_(counters) {}

  void look_after() {
    const auto now = Steady::now();
    if (!stopping_ && (control_.stopping() ||
                       (options_.duration.count() > 0 && now - began_ >= options_.duration))) {
      stopping_ = true;
      source_.stop();
    }
    source_.tend();
    tell_news();
    if (control_.take_reload() && hooks_.on_reload) hooks_.on_reload();
    if (now - interval_began_ >= options_.interval) close_interval(now);
  }

  void finish() {
    source_.tend();
    tell_news();
    close_interval(Steady::now());
  }

  // Of whoever runs the collector: so far.
  void count_frames(std::uint64_t frames, Time clock) {
    frames_.store(frames, std::memory_order_relaxed);
    clock_.store(clock.time_since_epoch().count(), std::memory_order_relaxed);
  }

 private:
  void tell_news() {
    for (const packet::LiveNews& news : source_.take_news())
      if (hooks_.on_news) hooks_.on_news(news);
  }
  void close_interval(Steady::time_point now) {
    CaptureInterval interval;
    interval.length = std::chrono::duration_cast<std::chrono::milliseconds>(now - interval_began_);
    interval.end = Time{std::chrono::nanoseconds{clock_.load(std::memory_order_relaxed)}};
    interval.inputs = source_.inputs();
    interval.total = sum_of(interval.inputs);
    interval.counters = interval.total.since(before_);
    interval.frames_total = frames_.load(std::memory_order_relaxed);
    interval.frames = interval.frames_total - frames_before_;
    counters_.set(interval.total);
    before_ = interval.total;
    frames_before_ = interval.frames_total;
    interval_began_ = now;
    if (hooks_.on_interval) hooks_.on_interval(interval);
  }

  const CaptureOptions& options_;
  packet::LiveSource& source_;
  SensorControl& control_;
  const CaptureHooks& hooks_;
  SharedCounters& counters_;
  const Steady::time_point began_ = Steady::now();
  Steady::time_point interval_began_ = began_;
  LiveCounters before_;
  std::uint64_t frames_before_ = 0;
  std::atomic<std::uint64_t> frames_{0};
  std::atomic<std::int64_t> clock_{0};
  bool stopping_ = false;
};

}  // namespace

Result<ReplayResult> run_capture(const CaptureOptions& options, packet::LiveSource& source,
                                 const identify::Catalogue& catalogue,
                                 std::span<observation::Sink* const> sinks, SensorControl& control,
                                 const CaptureHooks& hooks) {
  std::unique_ptr<packet::BpfFilter> filter;
  if (!options.sensor.filter.empty()) {
    auto compiled = packet::BpfFilter::compile(options.sensor.filter);
    if (!compiled) return std::move(compiled.error()).in("--filter");
    filter = std::make_unique<packet::BpfFilter>(std::move(*compiled));
  }
  const auto keys = KeyLogs::load(options.sensor.key_logs);
  if (!keys) return Error{keys.error()}.in("--keylog");
  const packet::Decoder decoder{filter.get()};

  const std::vector<std::string> no_files;
  const unsigned count = std::clamp(options.sensor.workers, 1U, kShards);
  std::vector<std::unique_ptr<Worker>> workers;
  for (unsigned i = 0; i < count; ++i) {
    auto worker = Worker::create(options.sensor, catalogue, no_files, **keys, i, count);
    if (!worker) return std::move(worker.error());
    workers.push_back(std::move(*worker));
  }
  Collector collector{catalogue, options.sensor.api, sinks, options.sensor.shadow,
                      options.sensor.health};
  collector.read_uploads(knowledge_of(options.sensor, catalogue));
  SharedCounters counters;
  Controller controller{options, source, control, hooks, counters};
  collector.also_count([&](Collector::Counters& all) { counters.add_to(all); });
  collector.losses_from([&] { return losses_of(counters.total()); });
  collector.watch(
      [&](std::uint64_t frames, Time clock) { controller.count_frames(frames, clock); });
  collector.packets_to(hooks.on_packets);
  std::atomic<int> not_bound{0};
  Pipeline pipeline{options.sensor, source, decoder, workers, collector, [&](unsigned index) {
                      if (options.cpus.empty()) return;
                      if (const int why = bind_to(options.cpus[index % options.cpus.size()]))
                        not_bound = why;
                    }};
  pipeline.check_health_every(options.health_interval);
  pipeline.run([&] {
    controller.look_after();
    if (const int why = not_bound.exchange(0); why != 0 && hooks.on_news)
      hooks.on_news(
          {"workers are not bound to processors: " + std::generic_category().message(why) +
           " (a service needs SystemCallFilter=sched_setaffinity in a drop-in)"});
    if (KnowledgePointer knowledge = control.take_knowledge())
      pipeline.hand_over(std::move(knowledge));
  });
  controller.finish();

  InputFacts inputs;
  for (const packet::LiveInput& input : source.inputs()) {
    inputs.files.push_back(input.name);
    inputs.had_frames.push_back(input.counters.received > 0);
  }
  inputs.losses = losses_of(counters.total());
  ReplayResult result = collector.finish(pipeline.reassembly(), std::move(inputs));
  result.key_logs = (*keys)->files;
  return result;
}

}  // namespace gnomon::sensor
