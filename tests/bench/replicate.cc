// The recipes that copy frames as they are: mix and short.
#include <algorithm>
#include <cstddef>
#include <utility>

#include "capture_writer.h"
#include "random.h"
#include "recipes.h"
#include "rewriter.h"

namespace gnomon::bench {
namespace {

constexpr std::uint64_t kRecordHeaderBytes = 16;
constexpr std::chrono::seconds kCaptureLongest{30};  // longer ones are squeezed into this
constexpr std::chrono::seconds kFlowLongest{2};
constexpr std::uint64_t kMixWindow = 120;
constexpr std::uint64_t kShortWindow = 60;

struct Event {
  Nanoseconds at;
  FrameRef frame;
  std::uint32_t replica;
};

// Squeezes a time within something of `length` so that the whole takes `longest` at most.
Nanoseconds squeeze(Nanoseconds at, Nanoseconds length, Nanoseconds longest) {
  if (length <= longest) return at;
  const double factor = static_cast<double>(longest.count()) / static_cast<double>(length.count());
  return Nanoseconds{static_cast<std::int64_t>(static_cast<double>(at.count()) * factor)};
}

Nanoseconds start_within(Random& random, std::uint64_t window_seconds) {
  const auto window = static_cast<std::uint64_t>(
      Nanoseconds{std::chrono::seconds{static_cast<std::int64_t>(window_seconds)}}.count());
  return Nanoseconds{static_cast<std::int64_t>(random.below(window))};
}

Result<Delivery> write_events(const Seeds& seeds, std::vector<Event> events,
                              const Rewriter& rewriter, Rewriter::Ports ports,
                              const std::filesystem::path& output) {
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& one, const Event& other) { return one.at < other.at; });
  auto writer = CaptureWriter::create(output);
  if (!writer) return std::move(writer.error());
  std::vector<std::uint8_t> copy;
  for (const Event& event : events) {
    const Frame& frame = seeds.at(event.frame);
    copy = frame.bytes;
    rewriter.rewrite(seeds, event.frame, event.replica, ports, copy);
    writer->write(event.at, copy, frame.wire_bytes);
  }
  return writer->finish();
}

}  // namespace

Result<Delivery> make_mix(const Seeds& seeds, const Order& order) {
  std::uint64_t bytes = 0;
  for (const auto& capture : seeds.captures)
    for (const auto& frame : capture.frames) bytes += frame.bytes.size() + kRecordHeaderBytes;
  const std::uint64_t replicas = (order.megabytes * 1'000'000 + bytes - 1) / bytes;
  auto rewriter = Rewriter::plan(seeds, replicas);
  if (!rewriter) return std::move(rewriter.error());

  Random random{order.random_seed};
  std::vector<Event> events;
  for (std::uint32_t replica = 0; replica < replicas; ++replica) {
    for (std::uint32_t seed = 0; seed < seeds.captures.size(); ++seed) {
      const auto& frames = seeds.captures[seed].frames;
      const Nanoseconds start =
          start_within(random, order.window_seconds != 0 ? order.window_seconds : kMixWindow);
      for (std::uint32_t i = 0; i < frames.size(); ++i) {
        const Nanoseconds at = squeeze(frames[i].at, frames.back().at, kCaptureLongest);
        events.push_back({start + at, {seed, i}, replica});
      }
    }
  }
  return write_events(seeds, std::move(events), *rewriter, Rewriter::Ports::kKeep, order.output);
}

Result<Delivery> make_short(const Seeds& seeds, const Order& order) {
  std::vector<FlowTemplate> flows = find_flows(seeds);
  std::erase_if(flows,
                [&](const FlowTemplate& flow) { return flow.frames.size() > order.flow_packets; });
  if (flows.empty()) return Error{"the seeds have no flow that is short enough"};
  auto rewriter = Rewriter::plan(seeds, (order.flows + flows.size() - 1) / flows.size());
  if (!rewriter) return std::move(rewriter.error());

  Random random{order.random_seed};
  std::vector<Event> events;
  for (std::uint64_t i = 0; i < order.flows; ++i) {
    const FlowTemplate& flow = flows[i % flows.size()];
    const auto& frames = seeds.captures[flow.seed].frames;
    const Nanoseconds first = frames[flow.frames.front()].at;
    const Nanoseconds length = frames[flow.frames.back()].at - first;
    const Nanoseconds start =
        start_within(random, order.window_seconds != 0 ? order.window_seconds : kShortWindow);
    for (const std::uint32_t frame : flow.frames) {
      const Nanoseconds at = squeeze(frames[frame].at - first, length, kFlowLongest);
      events.push_back(
          {start + at, {flow.seed, frame}, static_cast<std::uint32_t>(i / flows.size())});
    }
  }
  return write_events(seeds, std::move(events), *rewriter, Rewriter::Ports::kReplace, order.output);
}

}  // namespace gnomon::bench
