#include "gnomon/packet/interface_capture.h"

#include <linux/if_packet.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "clock_watch.h"
#include "frame_merge.h"
#include "growing_block.h"
#include "interface_ring.h"

namespace gnomon::packet {
namespace {

using Steady = std::chrono::steady_clock;

// A block may have been begun just after the kernel looked, which it does so often.
constexpr std::chrono::milliseconds kKeptAtMost{2 * kRetireMs};
constexpr std::size_t kBlockBytes = 128 * 1024;  // taken at once
// Where packets come densely the kernel wakes for each block of the ring that is full: a moment later
// there are several. So long for each MiB of ring, at most.
constexpr std::chrono::microseconds kRestPerMib{64};
constexpr std::chrono::milliseconds kRestMax{4};
constexpr int kFramesAtOnce = 64;
constexpr std::chrono::milliseconds kStatisticsEvery{50};
constexpr std::chrono::seconds kLossyAfter{10};  // findings of the time after a loss are marked
constexpr std::chrono::milliseconds kBackOffMin{200};
constexpr std::chrono::milliseconds kBackOffMax{5000};

// One worker's view of one interface.
struct Lane {
  std::optional<Ring> ring;           // of the worker alone
  std::unique_ptr<Ring> offered;      // under the interface's mutex
  bool close_wanted = false;          // likewise
  std::atomic<bool> waiting{false};   // something is offered or wanted
  std::atomic<bool> open{false};
  std::atomic<std::uint64_t> received{0};
  std::atomic<std::uint64_t> drops{0};
  Steady::time_point asked;   // for the kernel's statistics
  Steady::time_point lossy_until;
  ClockWatch clock;
};

struct Interface {
  std::string name;
  std::shared_ptr<const std::string> origin;
  std::uint16_t number = 0;
  std::vector<std::unique_ptr<Lane>> lanes;  // one a worker
  std::mutex mutex;
  std::atomic<bool> failed{false};
  std::atomic<std::uint64_t> clock_steps{0};
  std::atomic<std::int64_t> last_step{0};
  std::atomic<Steady::rep> lossy_until{0};  // lost before a ring had them
  // Of the controlling thread.
  InterfaceFacts facts;
  std::uint32_t index = 0;  // of what the rings are bound to, as long as they are
  std::string trouble;      // as it was last told
  std::string refused;      // why it cannot be opened again, likewise
  std::uint64_t dropped_before = 0;
  std::uint64_t dropped = 0;
  std::uint64_t reopened = 0;
  std::uint64_t steps_told = 0;
  bool gone = false;
  Steady::time_point next_try;
  std::chrono::milliseconds back_off = kBackOffMin;
};

struct Taking {
  GrowingBlock& block;
  std::uint16_t link_type;
  std::uint16_t interface;
};

void take_frame(u_char* user, const pcap_pkthdr* header, const u_char* bytes) {
  auto& taking = *reinterpret_cast<Taking*>(user);
  Frame frame;
  // tv_usec holds nanoseconds, as was asked for.
  frame.time = time_of(header->ts.tv_sec, header->ts.tv_usec);
  frame.captured_bytes = std::min(header->caplen, header->len);
  frame.wire_bytes = header->len;
  frame.link_type = taking.link_type;
  frame.interface = taking.interface;
  taking.block.add(frame, bytes);
}

class InterfaceCapture final : public LiveSource {
 public:
  explicit InterfaceCapture(const InterfaceOptions& options)
      : options_(options), ends_(options.workers), softnet_before_(packet::softnet_drops()) {}

  std::optional<Error> open() {
    for (const std::string& name : options_.interfaces) {
      auto fresh = std::make_unique<Interface>();
      fresh->name = name;
      fresh->origin = std::make_shared<const std::string>(name);
      fresh->number = static_cast<std::uint16_t>(interfaces_.size());
      fresh->facts = interface_facts(name);
      fresh->dropped_before = fresh->facts.dropped;
      for (unsigned i = 0; i < options_.workers; ++i)
        fresh->lanes.push_back(std::make_unique<Lane>());
      if (!fresh->facts.exists) return no_interface().in(name);
      auto rings = open_rings(name, options_);
      if (rings) {
        fresh->index = rings->front().index;
        for (unsigned i = 0; i < options_.workers; ++i) {
          fresh->lanes[i]->ring = std::move((*rings)[i]);
          fresh->lanes[i]->open = true;
        }
      } else {
        // One that is down cannot always be opened; anything else is refused.
        if (fresh->facts.up) return std::move(rings.error()).in(name);
        fresh->gone = true;
      }
      tell_state(*fresh, true);
      interfaces_.push_back(std::move(fresh));
    }
    inputs_.resize(interfaces_.size());
    count();
    if (interfaces_.size() > 1) begin_merging();
    return std::nullopt;
  }

  Took take(unsigned worker, FrameBlock& out) override {
    const bool stopping = stopping_.load(std::memory_order_acquire);
    End& end = ends_[worker];
    if (end.merge ? take_merged(worker, out, false)
                  : take_from(*interfaces_.front(), *interfaces_.front()->lanes[worker], out)) {
      end.took = true;
      return Took::kFrames;
    }
    if (!stopping) return Took::kNothing;
    // What the kernel still keeps in a block that is not full comes a little later.
    if (end.until == Steady::time_point{}) end.until = Steady::now() + kKeptAtMost;
    if (Steady::now() < end.until) return Took::kNothing;
    return end.merge && take_merged(worker, out, true) ? Took::kFrames : Took::kEnd;
  }

  void wait(unsigned worker, int wake, std::chrono::milliseconds at_most) override {
    thread_local std::vector<pollfd> descriptors;
    descriptors.assign(1, pollfd{wake, POLLIN, 0});
    if (std::exchange(ends_[worker].took, false) && rest_.count() > 0) {
      (void)::poll(descriptors.data(), 1, static_cast<int>(rest_.count()));
      return;
    }
    for (const auto& interface : interfaces_)
      if (const Lane& lane = *interface->lanes[worker]; lane.ring)
        descriptors.push_back({lane.ring->socket, POLLIN, 0});
    if (stopping_.load(std::memory_order_relaxed)) at_most = std::chrono::milliseconds{kRetireMs};
    if (const auto& merge = ends_[worker].merge)
      if (const auto due = merge->due())
        at_most = std::clamp(until(*due), std::chrono::milliseconds{0}, at_most);
    const int ready = ::poll(descriptors.data(), descriptors.size(), static_cast<int>(at_most.count()));
    // A ring whose interface is down is always ready to say so.
    for (const pollfd& each : descriptors)
      if (ready > 0 && (each.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
        break;
      }
  }

  void tend() override {
    for (const auto& interface : interfaces_) tend_interface(*interface);
    count();
  }

  void stop() override { stopping_.store(true, std::memory_order_release); }
  const std::vector<LiveInput>& inputs() const override { return inputs_; }
  std::vector<LiveNews> take_news() override { return std::exchange(news_, {}); }

 private:
  struct End {
    Steady::time_point until;
    bool took = false;  // frames, since it last waited
    // Where there are several interfaces:
    std::unique_ptr<FrameMerge> merge;
    std::uint32_t steps_seen = 0;             // that what is kept has the time after
    std::chrono::nanoseconds step_untold{0};  // to be told with the next block
  };

  static std::chrono::milliseconds until(Steady::time_point time) {
    return std::chrono::ceil<std::chrono::milliseconds>(time - Steady::now());
  }

  void begin_merging() {
    auto names = std::make_shared<std::vector<std::string>>();
    for (const auto& interface : interfaces_) names->push_back(interface->name);
    all_origins_ = std::make_shared<const std::string>(joined(*names));
    names_ = std::move(names);
    for (End& end : ends_)
      end.merge = std::make_unique<FrameMerge>(interfaces_.size(), kBlockBytes, kKeptAtMost);
  }

  // Frames of all interfaces, in the order of their time.
  bool take_merged(unsigned worker, FrameBlock& out, bool all) {
    End& end = ends_[worker];
    FrameMerge& merge = *end.merge;
    bool got = merge.take(out, Steady::now(), all);
    if (!got && !all) {
      for (std::size_t i = 0; i < interfaces_.size(); ++i) read_into(merge, worker, i);
      got = merge.take(out, Steady::now(), false);
    }
    if (!got) return false;
    out.input = 0;
    out.origin = all_origins_;
    out.interfaces = names_;
    out.live = true;
    out.clock_step = std::exchange(end.step_untold, {});
    return true;
  }

  void read_into(FrameMerge& merge, unsigned worker, std::size_t number) {
    End& end = ends_[worker];
    Interface& interface = *interfaces_[number];
    Lane& lane = *interface.lanes[worker];
    if (!merge.has_room(number)) return;
    FrameBlock block = merge.fresh();
    const bool any = take_from(interface, lane, block);
    merge.set_open(number, lane.ring.has_value());
    if (!any) return merge.give_back(std::move(block));
    end.took = true;
    if (const std::uint32_t told = steps_.told(); told != end.steps_seen) {
      merge.shift(steps_.latest());
      end.steps_seen = told;
    }
    end.step_untold += block.clock_step;
    merge.add(number, std::move(block), Steady::now());
  }

  bool take_from(Interface& interface, Lane& lane, FrameBlock& out) {
    if (lane.waiting.load(std::memory_order_acquire)) change_ring(interface, lane);
    if (!lane.ring) return false;
    GrowingBlock block{out, kBlockBytes};
    Taking taking{block, lane.ring->link_type, interface.number};
    while (block.bytes() < kBlockBytes) {
      const int got = pcap_dispatch(lane.ring->handle.get(), kFramesAtOnce, take_frame,
                                    reinterpret_cast<u_char*>(&taking));
      if (got < 0) {
        // It has vanished; one that is merely down just gives nothing.
        ask_statistics(lane);
        lane.ring.reset();
        interface.failed.store(true, std::memory_order_release);
        lane.open.store(false, std::memory_order_release);
        break;
      }
      if (got == 0) break;
    }
    const auto now = Steady::now();
    if (lane.ring && now - lane.asked >= kStatisticsEvery) {
      lane.asked = now;
      if (ask_statistics(lane)) lane.lossy_until = now + kLossyAfter;
      if (const auto until = Steady::time_point{Steady::duration{
              interface.lossy_until.load(std::memory_order_relaxed)}};
          until > lane.lossy_until)
        lane.lossy_until = until;
    }
    if (block.frames() == 0) return false;
    block.finish();
    out.input = interface.number;
    out.origin = interface.origin;
    out.live = true;
    out.lossy = now < lane.lossy_until;
    out.clock_step = lane.clock.look_at(out.frames, steps_, now);
    if (out.clock_step.count() != 0) {
      interface.last_step.store(out.clock_step.count(), std::memory_order_relaxed);
      interface.clock_steps.fetch_add(1, std::memory_order_release);
    }
    return true;
  }

  // The kernel starts again from zero with each answer. True when frames were lost.
  static bool ask_statistics(Lane& lane) {
    tpacket_stats_v3 since{};
    socklen_t size = sizeof since;
    if (getsockopt(lane.ring->socket, SOL_PACKET, PACKET_STATISTICS, &since, &size) != 0)
      return false;
    lane.received.fetch_add(since.tp_packets, std::memory_order_relaxed);
    lane.drops.fetch_add(since.tp_drops, std::memory_order_relaxed);
    return since.tp_drops != 0;
  }

  static void change_ring(Interface& interface, Lane& lane) {
    const std::lock_guard lock{interface.mutex};
    lane.waiting.store(false, std::memory_order_relaxed);
    if (lane.close_wanted || lane.offered) {
      if (lane.ring) ask_statistics(lane);
      lane.ring.reset();
      lane.close_wanted = false;
      lane.open.store(false, std::memory_order_release);
    }
    if (!lane.offered) return;
    lane.ring = std::move(*lane.offered);
    lane.offered.reset();
    lane.clock = {};
    lane.open.store(true, std::memory_order_release);
  }

  void tend_interface(Interface& interface) {
    const std::uint32_t index_before = interface.facts.index;
    interface.facts = interface_facts(interface.name);
    // A new interface of the old name counts for itself.
    if (interface.facts.index == index_before &&
        interface.facts.dropped > interface.dropped_before) {
      interface.dropped += interface.facts.dropped - interface.dropped_before;
      note_loss(interface);
    }
    interface.dropped_before = interface.facts.dropped;
    if (interface.failed.exchange(false, std::memory_order_acq_rel) || is_another(interface)) {
      interface.gone = true;
      interface.index = 0;
      interface.next_try = Steady::now() + interface.back_off;
      const std::lock_guard lock{interface.mutex};
      for (const auto& lane : interface.lanes) {
        if (!lane->open.load(std::memory_order_acquire)) continue;
        lane->close_wanted = true;
        lane->waiting.store(true, std::memory_order_release);
      }
    }
    if (interface.gone) open_again(interface);
    tell_state(interface, false);
    const std::uint64_t steps = interface.clock_steps.load(std::memory_order_acquire);
    if (steps != interface.steps_told) {
      interface.steps_told = steps;
      news_.push_back({interface.name + ": " +
                       clock_step_text(std::chrono::nanoseconds{interface.last_step.load()})});
    }
  }

  // A ring stays with its interface when that gets another name, and says nothing of it.
  bool is_another(Interface& interface) {
    if (interface.gone || interface.index == 0 || interface.facts.index == interface.index)
      return false;
    if (interface.facts.exists) {
      if (interface.facts.index == 0) return false;  // it vanished while it was looked at
      interface.trouble = "is another interface now";
      news_.push_back({interface.name + ": " + interface.trouble + "; opening it"});
    }
    return true;
  }

  static void note_loss(Interface& interface) {
    interface.lossy_until.store((Steady::now() + kLossyAfter).time_since_epoch().count(),
                                std::memory_order_relaxed);
  }

  void open_again(Interface& interface) {
    if (Steady::now() < interface.next_try || !interface.facts.exists || !interface.facts.up) return;
    for (const auto& lane : interface.lanes)
      if (lane->open.load(std::memory_order_acquire)) return;  // its worker has yet to let go
    interface.failed.store(false, std::memory_order_relaxed);  // by those that let go meanwhile
    auto rings = open_rings(interface.name, options_);
    if (!rings) {
      interface.next_try = Steady::now() + interface.back_off;
      interface.back_off = std::min(interface.back_off * 2, kBackOffMax);
      if (std::exchange(interface.refused, rings.error().message) != rings.error().message)
        news_.push_back(
            {interface.name + ": cannot be opened: " + interface.refused + "; trying again"});
      return;
    }
    interface.refused.clear();
    interface.back_off = kBackOffMin;
    interface.gone = false;
    interface.index = rings->front().index;
    ++interface.reopened;
    const std::lock_guard lock{interface.mutex};
    for (std::size_t i = 0; i < interface.lanes.size(); ++i) {
      interface.lanes[i]->offered = std::make_unique<Ring>(std::move((*rings)[i]));
      interface.lanes[i]->waiting.store(true, std::memory_order_release);
    }
  }

  void tell_state(Interface& interface, bool first) {
    const std::string trouble = interface.facts.trouble();
    if (trouble == interface.trouble) return;
    if (trouble.empty() && interface.gone) return;  // until it has been opened
    if (trouble.empty()) {
      if (!first) news_.push_back({interface.name + ": is there again", false});
    } else {
      news_.push_back({interface.name + ": " + trouble + "; waiting for it" +
                       (trouble == "is down" ? " (ip link set " + interface.name + " up)" : "")});
    }
    interface.trouble = trouble;
  }

  void count() {
    const std::uint64_t softnet = packet::softnet_drops();
    if (softnet > softnet_before_) {
      softnet_ += softnet - softnet_before_;
      for (const auto& interface : interfaces_) note_loss(*interface);
    }
    softnet_before_ = softnet;
    for (std::size_t i = 0; i < interfaces_.size(); ++i) {
      const Interface& interface = *interfaces_[i];
      LiveInput& input = inputs_[i];
      input.name = interface.name;
      input.state = interface.facts.trouble();
      // It has no carrier as long as nobody has opened it, say.
      if (interface.gone && interface.facts.up && !interface.refused.empty())
        input.state = "cannot be opened: " + interface.refused;
      else if (input.state.empty() && interface.gone)
        input.state = "cannot be opened yet";
      input.up = input.state.empty();
      LiveCounters counters;
      for (const auto& lane : interface.lanes) {
        counters.received += lane->received.load(std::memory_order_relaxed);
        counters.kernel_drops += lane->drops.load(std::memory_order_relaxed);
      }
      counters.interface_drops = interface.dropped;
      counters.softnet_drops = softnet_;
      counters.reopened = interface.reopened;
      counters.clock_steps = interface.clock_steps.load(std::memory_order_relaxed);
      input.counters = counters;
    }
  }

  const InterfaceOptions options_;
  const std::chrono::milliseconds rest_ =
      std::min(kRestMax, std::chrono::duration_cast<std::chrono::milliseconds>(
                             options_.buffer_mib * kRestPerMib));
  std::vector<std::unique_ptr<Interface>> interfaces_;
  std::vector<End> ends_;  // by worker
  std::atomic<bool> stopping_{false};
  ClockSteps steps_;
  // Of several interfaces together.
  std::shared_ptr<const std::string> all_origins_;
  std::shared_ptr<const std::vector<std::string>> names_;
  // Of the controlling thread.
  std::vector<LiveInput> inputs_;
  std::vector<LiveNews> news_;
  std::uint64_t softnet_before_;
  std::uint64_t softnet_ = 0;
};

}  // namespace

Result<std::unique_ptr<LiveSource>> listen_on(const InterfaceOptions& options) {
  auto capture = std::make_unique<InterfaceCapture>(options);
  if (auto failed = capture->open()) return std::move(*failed);
  return std::unique_ptr<LiveSource>{std::move(capture)};
}

}  // namespace gnomon::packet
