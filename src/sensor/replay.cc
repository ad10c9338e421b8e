#include "gnomon/sensor/replay.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "gnomon/packet/bpf_filter.h"
#include "gnomon/packet/decoder.h"
#include "gnomon/packet/ip_reassembly.h"
#include "gnomon/sensor/batch.h"
#include "gnomon/sensor/collector.h"
#include "gnomon/sensor/worker.h"

namespace gnomon::sensor {
namespace {

// One block of frames on its way through the pipeline, or, after the last, one slice of the flows
// that are still open. Numbered; slot `id % kSlots` holds it.
struct Job {
  packet::FrameBlock frames;
  packet::DecodedBlock decoded;
  std::vector<Batch> batches;  // one for each worker
  std::uint64_t id = 0;
  std::uint64_t last_number = 0;  // of a slice: ends flows that began at or before this frame
  unsigned remaining = 0;         // workers that have not done their share
  bool ready = false;
  bool slice = false;
  BlockFacts facts;
};

// Who may do what, and when. Workers share the reading and decoding of blocks (a block is decoded
// by whoever is free), then each handles the packets of its own shards in every block, in order. So
// there is no reader thread to wait for, and a packet is handed over by an index, not by a copy.
class Pipeline {
 public:
  Pipeline(const ReplayOptions& options, packet::CaptureReader& reader,
           const packet::Decoder& decoder, std::vector<std::unique_ptr<Worker>>& workers,
           Collector& collector)
      : options_(options),
        reader_(reader),
        decoder_(decoder),
        workers_(workers),
        collector_(collector),
        jobs_(2 * workers.size() + 2) {
    for (Job& job : jobs_) job.batches.resize(workers.size());
  }

  void run(const std::function<void(const ReplayProgress&)>& progress) {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < workers_.size(); ++i) threads.emplace_back([this, i] { work(i); });
    threads.emplace_back([this] { collect(); });
    {
      std::unique_lock lock{mutex_};
      while (!done_) {
        finished_.wait_for(lock, std::chrono::milliseconds{100});
        if (!progress) continue;
        lock.unlock();
        const packet::ReadProgress read = reader_.progress();
        progress({read.read_bytes, read.total_bytes});
        lock.lock();
      }
    }
    for (std::thread& thread : threads) thread.join();
  }

  [[nodiscard]] const packet::ReassemblyCounters& reassembly() const {
    return reassembler_.counters();
  }

 private:
  static constexpr std::uint64_t kSliceFrames = 8192;  // frames whose flows end in one slice
  static constexpr std::uint64_t kUnknown = ~std::uint64_t{0};

  Job& job(std::uint64_t id) { return jobs_[id % jobs_.size()]; }

  void work(std::size_t index) {
    Worker& worker = *workers_[index];
    std::unique_lock lock{mutex_};
    for (std::uint64_t next = 0; next != end_;) {
      Job& mine = job(next);
      if (mine.ready && mine.id == next) {
        lock.unlock();
        handle(worker, mine, mine.batches[index]);
        lock.lock();
        if (--mine.remaining == 0) changed_.notify_all();
        ++next;
      } else if (claimable()) {
        claim(lock);
      } else {
        changed_.wait(lock);
      }
    }
  }

  // A slot is free, and there is something to put into it.
  [[nodiscard]] bool claimable() const {
    return !filling_ && claimed_ < collected_ + jobs_.size() &&
           (slices_from_ == kUnknown || claimed_ < end_);
  }

  void claim(std::unique_lock<std::mutex>& lock) {
    const std::uint64_t id = claimed_;
    Job& fresh = job(id);
    fresh.id = id;
    fresh.slice = slices_from_ != kUnknown;
    if (fresh.slice) {
      ++claimed_;
      fresh.last_number = (id - slices_from_ + 1) * kSliceFrames;
      fresh.facts = {};
      fresh.facts.last = id + 1 == end_;
      fresh.facts.stats_due = fresh.facts.last;
      if (fresh.facts.last) fresh.last_number = kUnknown;
      make_ready(fresh);
      return;
    }
    filling_ = true;
    lock.unlock();
    const bool filled = reader_.fill(fresh.frames);
    lock.lock();
    filling_ = false;
    if (!filled) {  // this id becomes the first slice
      slices_from_ = id;
      end_ = id + frames_read_ / kSliceFrames + 1;
      changed_.notify_all();
      return;
    }
    ++claimed_;
    frames_read_ += fresh.frames.frames.size();
    changed_.notify_all();  // the next block may be read while this one is decoded
    lock.unlock();
    decoder_.decode(fresh.frames, fresh.decoded);
    lock.lock();
    // Fragments of one datagram may lie in several blocks, so this step keeps the order of blocks.
    while (ordered_ != id) changed_.wait(lock);
    lock.unlock();
    in_order(fresh);
    lock.lock();
    ++ordered_;
    make_ready(fresh);
  }

  void in_order(Job& fresh) {
    if (!fresh.decoded.fragments().empty()) reassembler_.reassemble(decoder_, fresh.decoded);
    for (const packet::Packet& each : fresh.decoded.packets())
      if (each.time > clock_) clock_ = each.time;
    BlockFacts facts;
    facts.counters = fresh.decoded.counters;
    fresh.decoded.counters = {};
    facts.clock = clock_;
    facts.frames = fresh.frames.frames.size();
    if (!fresh.frames.frames.empty()) {
      const auto order = [](const packet::Frame& a, const packet::Frame& b) {
        return a.time < b.time;
      };
      const auto [low, high] =
          std::minmax_element(fresh.frames.frames.begin(), fresh.frames.frames.end(), order);
      facts.first_time = low->time;
      facts.last_time = high->time;
    }
    if (next_stats_ == Time{}) next_stats_ = clock_ + options_.stats_interval;
    if (clock_ >= next_stats_) {
      facts.stats_due = true;
      next_stats_ = clock_ + options_.stats_interval;
    }
    fresh.facts = facts;
  }

  // With the lock held.
  void make_ready(Job& fresh) {
    fresh.remaining = static_cast<unsigned>(workers_.size());
    fresh.ready = true;
    changed_.notify_all();
  }

  static void handle(Worker& worker, Job& job, Batch& batch) {
    batch.clear();
    if (job.slice) {
      worker.finish(job.last_number, batch);
    } else {
      worker.handle(job.frames, job.decoded.packets(), batch);
    }
    if (job.facts.stats_due) worker.count(batch);
  }

  void collect() {
    std::unique_lock lock{mutex_};
    while (collected_ != end_) {
      Job& next = job(collected_);
      if (!next.ready || next.id != collected_ || next.remaining != 0) {
        changed_.wait(lock);
        continue;
      }
      lock.unlock();
      collector_.take(next.facts, next.batches);
      lock.lock();
      next.ready = false;
      ++collected_;
      changed_.notify_all();
    }
    done_ = true;
    finished_.notify_all();
  }

  const ReplayOptions& options_;
  packet::CaptureReader& reader_;
  const packet::Decoder& decoder_;
  std::vector<std::unique_ptr<Worker>>& workers_;
  Collector& collector_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable finished_;
  std::vector<Job> jobs_;
  std::uint64_t claimed_ = 0;    // ids given out
  std::uint64_t ordered_ = 0;    // ids that passed in_order()
  std::uint64_t collected_ = 0;  // ids the collector is done with
  std::uint64_t slices_from_ = kUnknown;
  std::uint64_t end_ = kUnknown;
  std::uint64_t frames_read_ = 0;
  bool filling_ = false;
  bool done_ = false;

  // In block order, one thread at a time.
  packet::IpReassembler reassembler_{packet::ReassemblyLimits{}};
  Time clock_;
  Time next_stats_;
};

}  // namespace

Result<ReplayResult> replay(const ReplayOptions& options, const identify::Catalogue& catalogue,
                            std::span<observation::Sink* const> sinks,
                            const std::function<void(const ReplayProgress&)>& progress) {
  std::unique_ptr<packet::BpfFilter> filter;
  if (!options.filter.empty()) {
    auto compiled = packet::BpfFilter::compile(options.filter);
    if (!compiled) return std::move(compiled.error()).in("--filter");
    filter = std::make_unique<packet::BpfFilter>(std::move(*compiled));
  }
  const packet::Decoder decoder{filter.get()};
  packet::CaptureReader reader{options.inputs};

  std::vector<std::unique_ptr<Worker>> workers;
  for (unsigned i = 0; i < std::clamp(options.workers, 1U, kShards); ++i) {
    auto worker = Worker::create(options, catalogue, reader.files(), i,
                                 std::clamp(options.workers, 1U, kShards));
    if (!worker) return std::move(worker.error());
    workers.push_back(std::move(*worker));
  }
  Collector collector{catalogue, sinks};
  Pipeline pipeline{options, reader, decoder, workers, collector};
  pipeline.run(progress);

  ReplayResult result = collector.finish(pipeline.reassembly(), reader);
  return result;
}

}  // namespace gnomon::sensor
