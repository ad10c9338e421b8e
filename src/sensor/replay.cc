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
#include "gnomon/sensor/health_tally.h"
#include "gnomon/sensor/worker.h"

namespace gnomon::sensor {
namespace {

// One block of frames on its way through the workers, or, after the last, one slice of the flows
// that are still open. Numbered; slot `id % slots` holds it. Used again as soon as every worker has
// done its share, so that few blocks stay in the processor's caches.
struct Job {
  packet::FrameBlock frames;
  std::vector<std::string> keys;  // text of key logs that were found while the frames were read
  packet::DecodedBlock decoded;
  std::uint64_t id = 0;
  std::uint64_t last_number = 0;  // of a slice: ends flows that began at or before this frame
  unsigned remaining = 0;         // workers that have not done their share
  bool ready = false;
  bool slice = false;
  bool stats_due = false;
};

// What became of a block, on its way to the collector.
struct Outcome {
  std::vector<Batch> batches;  // one for each worker
  BlockFacts facts;
};

// Who may do what, and when. Workers share the reading and decoding of blocks (a block is decoded
// by whoever is free), then each handles the packets of its own shards in every block, in order. So
// there is no reader thread to wait for, and a packet is handed over by an index, not by a copy.
// Collecting has no thread of its own either: whoever finishes a block collects it while its records
// are still in the processor's caches, one worker at a time.
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
        jobs_(workers.size() == 1 ? 1 : 2 * workers.size()),
        outcomes_(workers.size() == 1 ? 1 : 4 * workers.size()) {
    for (Outcome& outcome : outcomes_) outcome.batches.resize(workers.size());
  }

  void run(const std::function<void(const ReplayProgress&)>& progress) {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < workers_.size(); ++i) threads.emplace_back([this, i] { work(i); });
    {
      std::unique_lock lock{mutex_};
      while (!done_) {
        finished_.wait_for(lock, std::chrono::milliseconds{200});
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
  static constexpr std::size_t kOutcomes = 32;
  static constexpr std::uint32_t kTlsKeyLog = 0x544c534b;  // draft-ietf-opsawg-pcapng, 4.7
  static constexpr std::uint64_t kCollectAtOnce = 8;

  Job& job(std::uint64_t id) { return jobs_[id % jobs_.size()]; }
  Outcome& outcome(std::uint64_t id) { return outcomes_[id % outcomes_.size()]; }

  void work(std::size_t index) {
    Worker& worker = *workers_[index];
    std::unique_lock lock{mutex_};
    for (std::uint64_t next = 0; next != end_ || collected_ != end_;) {
      Job& mine = job(next);
      if (completed_ != collected_ && !collecting_) {
        collect(lock);
      } else if (next != end_ && mine.ready && mine.id == next) {
        lock.unlock();
        handle(worker, mine, outcome(next).batches[index]);
        lock.lock();
        if (--mine.remaining == 0) complete(mine);
        ++next;
      } else if (claimable()) {
        claim(lock);
      } else {
        wait(lock);
      }
    }
  }

  // With the lock held. Jobs are completed in the order of their ids, as each worker keeps it.
  void complete(Job& mine) {
    mine.ready = false;
    ++completed_;
    wake_workers();
  }

  void wait(std::unique_lock<std::mutex>& lock) {
    ++waiting_;
    changed_.wait(lock);
    --waiting_;
  }
  void wake_workers() {
    if (waiting_ > 0) changed_.notify_all();
  }

  // A slot is free on either side, and there is something to put into it.
  [[nodiscard]] bool claimable() const {
    return !filling_ && claimed_ < completed_ + jobs_.size() &&
           claimed_ < collected_ + outcomes_.size() &&
           (slices_from_ == kUnknown || claimed_ < end_);
  }

  void claim(std::unique_lock<std::mutex>& lock) {
    const std::uint64_t id = claimed_;
    Job& fresh = job(id);
    fresh.id = id;
    fresh.slice = slices_from_ != kUnknown;
    if (fresh.slice) {
      ++claimed_;
      BlockFacts facts;
      facts.last = id + 1 == end_;
      facts.stats_due = facts.last;
      outcome(id).facts = facts;
      fresh.last_number = facts.last ? kUnknown : (id - slices_from_ + 1) * kSliceFrames;
      fresh.stats_due = facts.stats_due;
      make_ready(fresh);
      return;
    }
    filling_ = true;
    lock.unlock();
    const bool filled = reader_.fill(fresh.frames);
    take_keys(fresh.keys);
    lock.lock();
    filling_ = false;
    if (!filled) {  // this id becomes the first slice
      slices_from_ = id;
      end_ = id + frames_read_ / kSliceFrames + 1;
      wake_workers();
      return;
    }
    ++claimed_;
    frames_read_ += fresh.frames.frames.size();
    wake_workers();  // the next block may be read while this one is decoded
    lock.unlock();
    decoder_.decode(fresh.frames, fresh.decoded);
    lock.lock();
    // Fragments of one datagram may lie in several blocks, so this step keeps the order of blocks.
    while (ordered_ != id) wait(lock);
    lock.unlock();
    outcome(id).facts = in_order(fresh);
    lock.lock();
    ++ordered_;
    make_ready(fresh);
  }

  // What the reader found in the capture itself. One thread at a time, as fill().
  void take_keys(std::vector<std::string>& keys) {
    for (std::string& text : keys)
      message::wipe_bytes({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    keys.clear();
    const std::vector<packet::DecryptionSecrets>& secrets = reader_.decryption_secrets();
    for (; secrets_taken_ < secrets.size(); ++secrets_taken_) {
      if (secrets[secrets_taken_].type == kTlsKeyLog) keys.push_back(secrets[secrets_taken_].bytes);
    }
  }

  BlockFacts in_order(Job& fresh) {
    if (!fresh.decoded.fragments().empty()) reassembler_.reassemble(decoder_, fresh.decoded);
    BlockFacts facts;
    facts.counters = fresh.decoded.counters;
    fresh.decoded.counters = {};
    facts.frames = fresh.frames.frames.size();
    facts.first_time = facts.last_time = fresh.frames.frames.front().time;
    clock_watch_.see(fresh.frames, facts.health);
    for (const packet::Frame& frame : fresh.frames.frames) {
      facts.first_time = std::min(facts.first_time, frame.time);
      facts.last_time = std::max(facts.last_time, frame.time);
    }
    clock_ = std::max(clock_, facts.last_time);
    facts.clock = clock_;
    if (next_stats_ == Time{}) next_stats_ = clock_ + options_.stats_interval;
    if (clock_ >= next_stats_) {
      facts.stats_due = true;
      next_stats_ = clock_ + options_.stats_interval;
    }
    fresh.stats_due = facts.stats_due;
    return facts;
  }

  // With the lock held.
  void make_ready(Job& fresh) {
    fresh.remaining = static_cast<unsigned>(workers_.size());
    fresh.ready = true;
    wake_workers();
  }

  static void handle(Worker& worker, Job& job, Batch& batch) {
    batch.clear();
    if (job.slice) {
      worker.finish(job.last_number, batch);
    } else {
      for (const std::string& text : job.keys) worker.add_keys(text);
      worker.handle(job.frames, job.decoded.packets(), batch);
    }
    if (job.stats_due) worker.count(batch);
  }

  // Takes what is completed, in order. One at a time: the collector and the sinks behind it know
  // nothing of threads.
  void collect(std::unique_lock<std::mutex>& lock) {
    collecting_ = true;
    const std::uint64_t id = collected_;
    lock.unlock();
    collector_.take(outcome(id).facts, outcome(id).batches);
    lock.lock();
    collecting_ = false;
    ++collected_;
    wake_workers();
    if (collected_ != end_) return;
    done_ = true;
    finished_.notify_all();
  }

  const ReplayOptions& options_;
  packet::CaptureReader& reader_;
  const packet::Decoder& decoder_;
  std::vector<std::unique_ptr<Worker>>& workers_;
  Collector& collector_;

  std::mutex mutex_;
  std::condition_variable changed_;   // workers wait
  std::condition_variable finished_;  // the caller waits
  std::vector<Job> jobs_;
  std::vector<Outcome> outcomes_;
  std::uint64_t claimed_ = 0;    // ids given out
  std::uint64_t ordered_ = 0;    // ids that passed in_order()
  std::uint64_t completed_ = 0;  // ids that all workers are done with
  std::uint64_t collected_ = 0;  // ids the collector is done with
  std::uint64_t slices_from_ = kUnknown;
  std::uint64_t end_ = kUnknown;
  std::uint64_t frames_read_ = 0;
  unsigned waiting_ = 0;
  bool filling_ = false;
  bool collecting_ = false;
  bool done_ = false;

  std::size_t secrets_taken_ = 0;  // by whoever fills a block

  // In block order, one thread at a time.
  packet::IpReassembler reassembler_{options_.fragments};
  Time clock_;
  Time next_stats_;
  ClockWatch clock_watch_;
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
  const auto keys = KeyLogs::load(options.key_logs);
  if (!keys) return Error{keys.error()}.in("--keylog");
  const packet::Decoder decoder{filter.get()};
  packet::CaptureReader reader{options.inputs};

  std::vector<std::unique_ptr<Worker>> workers;
  for (unsigned i = 0; i < std::clamp(options.workers, 1U, kShards); ++i) {
    auto worker = Worker::create(options, catalogue, reader.files(), **keys, i,
                                 std::clamp(options.workers, 1U, kShards));
    if (!worker) return std::move(worker.error());
    workers.push_back(std::move(*worker));
  }
  Collector collector{catalogue, options.api, sinks, options.shadow, options.health};
  Pipeline pipeline{options, reader, decoder, workers, collector};
  pipeline.run(progress);

  ReplayResult result = collector.finish(pipeline.reassembly(), reader);
  result.key_logs = (*keys)->files;
  return result;
}

}  // namespace gnomon::sensor
