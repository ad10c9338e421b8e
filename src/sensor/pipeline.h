#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gnomon/bytes/wake.h"
#include "gnomon/packet/decoder.h"
#include "gnomon/packet/ip_reassembly.h"
#include "gnomon/packet/live_source.h"
#include "gnomon/sensor/batch.h"
#include "gnomon/sensor/collector.h"
#include "gnomon/sensor/health_tally.h"
#include "gnomon/sensor/worker.h"
#include "silent_clock.h"

namespace gnomon::sensor {

// What goes through the workers in one piece. Numbered; slot `id % slots` holds it. Used again as
// soon as every worker has done its share, so that few blocks stay in the processor's caches.
struct Job {
  enum class Kind : std::uint8_t {
    kFrames,
    kTick,   // no frames: time has passed
    kSlice,  // after the last: a slice of the flows that are still open
  };
  Kind kind = Kind::kFrames;
  packet::FrameBlock frames;
  std::vector<std::string> keys;  // text of key logs that were found while the frames were read
  packet::DecodedBlock decoded;
  std::uint64_t id = 0;
  std::uint64_t last_number = 0;  // of a slice: ends flows that began at or before this frame; of a
                                  // tick: the frame before it
  Time clock;                     // of a tick; none: before the first packet
  KnowledgePointer knowledge;     // what everything is judged by from here on; null: as before
  unsigned remaining = 0;         // workers that have not done their share
  bool decoded_whole = false;     // waits for its place in the order
  bool ready = false;
  bool count_due = false;  // stats or health want the counters of the shards
};

// Who may do what, and when. Workers share the reading and decoding of blocks (a block is decoded
// by whoever is free), then each handles the packets of its own shards in every block, in order. So
// there is no reader thread to wait for, and a packet is handed over by an index, not by a copy.
// Collecting has no thread of its own either: whoever finishes a block collects it while its
// records are still in the processor's caches, one worker at a time.
//
// Files are read by one worker at a time, in order. From a live source every worker takes its own
// part at once; a block has its place in the order when it has been taken.
class Pipeline {
 public:
  Pipeline(const ReplayOptions& options, packet::CaptureReader& reader,
           const packet::Decoder& decoder, std::vector<std::unique_ptr<Worker>>& workers,
           Collector& collector);
  Pipeline(const ReplayOptions& options, packet::LiveSource& source, const packet::Decoder& decoder,
           std::vector<std::unique_ptr<Worker>>& workers, Collector& collector,
           std::function<void(unsigned)> worker_starts);

  // In packet time; before run().
  void check_health_every(std::chrono::seconds interval) { health_interval_ = interval; }

  // Until the input is over. `meanwhile` is called a few times a second, from the calling thread.
  void run(const std::function<void()>& meanwhile);

  // Everything that is claimed from now on is judged by this. From any thread.
  void hand_over(KnowledgePointer knowledge);

  [[nodiscard]] const packet::ReassemblyCounters& reassembly() const {
    return reassembler_.counters();
  }

 private:
  static constexpr std::uint64_t kSliceFrames = 8192;  // frames whose flows end in one slice
  static constexpr std::uint64_t kSlicesMax = 4096;
  static constexpr std::uint64_t kUnknown = ~std::uint64_t{0};

  // What outcomes of a block wait in for the collector.
  struct Outcome {
    std::vector<Batch> batches;  // one for each worker
    BlockFacts facts;
  };
  // A worker's own part of a live source.
  struct Lane {
    packet::FrameBlock block;  // taken and not yet in the order
    bool full = false;
    bool over = false;
    Wake wake;
  };

  Pipeline(const ReplayOptions& options, const packet::Decoder& decoder,
           std::vector<std::unique_ptr<Worker>>& workers, Collector& collector);

  Job& job(std::uint64_t id) { return jobs_[id % jobs_.size()]; }
  Outcome& outcome(std::uint64_t id) { return outcomes_[id % outcomes_.size()]; }

  void work(std::size_t index);
  bool advance(std::size_t index, std::unique_lock<std::mutex>& lock);
  void take_knowledge(Job& fresh);
  void complete(Job& mine);
  void wait(std::unique_lock<std::mutex>& lock);
  void wake_workers();
  [[nodiscard]] bool slot_free() const;
  void claim(std::unique_lock<std::mutex>& lock);
  void claim_slice();
  void send(Job& fresh, std::unique_lock<std::mutex>& lock);
  void begin_slices();
  void take_keys(std::vector<std::string>& keys);
  BlockFacts in_order(Job& fresh);
  void keep_time(BlockFacts& facts);
  void step_clock(Time to, std::chrono::nanoseconds by, BlockFacts& facts);
  void make_ready(Job& fresh);
  static void handle(Worker& worker, Job& job, Batch& batch);
  void collect(std::unique_lock<std::mutex>& lock);

  // Live (pipeline_live.cc)
  bool advance_live(std::size_t index, std::unique_lock<std::mutex>& lock);
  void send_taken(Lane& lane, std::unique_lock<std::mutex>& lock);
  bool send_tick();
  void wait_live(std::size_t index, std::unique_lock<std::mutex>& lock);

  const ReplayOptions& options_;
  packet::CaptureReader* reader_ = nullptr;
  packet::LiveSource* source_ = nullptr;
  const packet::Decoder& decoder_;
  std::vector<std::unique_ptr<Worker>>& workers_;
  Collector& collector_;
  std::function<void(unsigned)> worker_starts_;

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
  std::uint64_t slice_frames_ = kSliceFrames;
  unsigned waiting_ = 0;
  KnowledgePointer next_knowledge_;
  bool filling_ = false;
  bool ordering_ = false;
  bool collecting_ = false;
  bool done_ = false;

  std::size_t secrets_taken_ = 0;  // by whoever fills a block

  // Live only.
  std::vector<std::unique_ptr<Lane>> lanes_;
  unsigned lanes_over_ = 0;
  std::uint64_t blocks_ = 0;
  std::vector<std::pair<std::shared_ptr<const std::string>, std::uint64_t>> origin_frames_;
  std::chrono::steady_clock::time_point heard_;   // when the last frames came
  std::chrono::steady_clock::time_point ticked_;  // when time last went on

  // In block order, one thread at a time.
  packet::IpReassembler reassembler_{options_.fragments};
  Time clock_;
  bool clock_is_packets_ = true;  // else the machine's, as no packet has come
  SilentClock silent_clock_;
  Time next_stats_;
  Time next_health_;
  std::chrono::seconds health_interval_ = kHealthInterval;
  ClockWatch clock_watch_;
};

}  // namespace gnomon::sensor
