#include "pipeline.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace gnomon::sensor {
Pipeline::Pipeline(const ReplayOptions& options, const packet::Decoder& decoder,
                   std::vector<std::unique_ptr<Worker>>& workers, Collector& collector)
    : options_(options),
      decoder_(decoder),
      workers_(workers),
      collector_(collector),
      // So many blocks that a worker whose shards had less to do in some of them goes on meanwhile.
      jobs_(workers.size() == 1 ? 1 : 8 * workers.size()),
      outcomes_(workers.size() == 1 ? 1 : 16 * workers.size()) {
  for (Outcome& outcome : outcomes_) outcome.batches.resize(workers.size());
}

Pipeline::Pipeline(const ReplayOptions& options, packet::CaptureReader& reader,
                   const packet::Decoder& decoder, std::vector<std::unique_ptr<Worker>>& workers,
                   Collector& collector)
    : Pipeline(options, decoder, workers, collector) {
  reader_ = &reader;
}

Pipeline::Pipeline(const ReplayOptions& options, packet::LiveSource& source,
                   const packet::Decoder& decoder, std::vector<std::unique_ptr<Worker>>& workers,
                   Collector& collector, std::function<void(unsigned)> worker_starts)
    : Pipeline(options, decoder, workers, collector) {
  source_ = &source;
  worker_starts_ = std::move(worker_starts);
  for (std::size_t i = 0; i < workers.size(); ++i) lanes_.push_back(std::make_unique<Lane>());
  heard_ = ticked_ = std::chrono::steady_clock::now();
}

void Pipeline::run(const std::function<void()>& meanwhile) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < workers_.size(); ++i) threads.emplace_back([this, i] { work(i); });
  {
    std::unique_lock lock{mutex_};
    while (!done_) {
      finished_.wait_for(lock, std::chrono::milliseconds{200});
      if (!meanwhile) continue;
      lock.unlock();
      meanwhile();
      lock.lock();
    }
  }
  for (std::thread& thread : threads) thread.join();
}

void Pipeline::work(std::size_t index) {
  if (worker_starts_) worker_starts_(static_cast<unsigned>(index));
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
    } else if (!advance(index, lock)) {
      if (source_ != nullptr && slices_from_ == kUnknown) {
        wait_live(index, lock);
      } else {
        wait(lock);
      }
    }
  }
}

// Brings the next job on its way; false when there is none or no room for it.
bool Pipeline::advance(std::size_t index, std::unique_lock<std::mutex>& lock) {
  if (slices_from_ != kUnknown) {
    if (claimed_ == end_ || !slot_free()) return false;
    claim_slice();
    return true;
  }
  if (source_ != nullptr) return advance_live(index, lock);
  if (filling_ || !slot_free()) return false;
  claim(lock);
  return true;
}

void Pipeline::hand_over(KnowledgePointer knowledge) {
  const std::lock_guard lock{mutex_};
  next_knowledge_ = std::move(knowledge);
}

// With the lock held, of a job that has just got its id.
void Pipeline::take_knowledge(Job& fresh) {
  fresh.knowledge = std::move(next_knowledge_);
  next_knowledge_ = nullptr;
}

// With the lock held. Jobs are completed in the order of their ids, as each worker keeps it.
void Pipeline::complete(Job& mine) {
  mine.ready = false;
  ++completed_;
  wake_workers();
}

void Pipeline::wait(std::unique_lock<std::mutex>& lock) {
  ++waiting_;
  changed_.wait(lock);
  --waiting_;
}

void Pipeline::wake_workers() {
  if (waiting_ == 0) return;
  changed_.notify_all();
  for (const auto& lane : lanes_) lane->wake.ring();
}

// On either side.
bool Pipeline::slot_free() const {
  return claimed_ < completed_ + jobs_.size() && claimed_ < collected_ + outcomes_.size();
}

void Pipeline::claim(std::unique_lock<std::mutex>& lock) {
  Job& fresh = job(claimed_);
  filling_ = true;
  lock.unlock();
  const bool filled = reader_->fill(fresh.frames);
  take_keys(fresh.keys);
  lock.lock();
  filling_ = false;
  if (!filled) {  // this id becomes the first slice
    begin_slices();
    return;
  }
  fresh.kind = Job::Kind::kFrames;
  fresh.id = claimed_++;
  take_knowledge(fresh);
  frames_read_ += fresh.frames.frames.size();
  wake_workers();  // the next block may be read while this one is decoded
  send(fresh, lock);
}

// Of a block that has its id: decodes it and puts it before the workers.
void Pipeline::send(Job& fresh, std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  decoder_.decode(fresh.frames, fresh.decoded);
  lock.lock();
  fresh.decoded_whole = true;
  // Fragments of one datagram may lie in several blocks, so this step keeps the order of blocks.
  // Whoever decodes the block that is next takes those behind it along: nobody waits for another.
  if (ordering_) return;
  ordering_ = true;
  while (ordered_ != claimed_ && job(ordered_).decoded_whole) {
    Job& next = job(ordered_);
    lock.unlock();
    outcome(next.id).facts = in_order(next);
    lock.lock();
    next.decoded_whole = false;
    ++ordered_;
    make_ready(next);
  }
  ordering_ = false;
}

// The input is over: what is open is ended, some of it at a time. With the lock held.
void Pipeline::begin_slices() {
  slices_from_ = claimed_;
  slice_frames_ = std::max(kSliceFrames, frames_read_ / kSlicesMax);
  end_ = claimed_ + frames_read_ / slice_frames_ + 1;
  wake_workers();
}

void Pipeline::claim_slice() {
  const std::uint64_t id = claimed_++;
  Job& fresh = job(id);
  fresh.id = id;
  fresh.kind = Job::Kind::kSlice;
  take_knowledge(fresh);
  BlockFacts facts;
  facts.last = id + 1 == end_;
  facts.stats_due = facts.last;
  outcome(id).facts = facts;
  fresh.last_number = facts.last ? kUnknown : (id - slices_from_ + 1) * slice_frames_;
  fresh.count_due = facts.stats_due;
  make_ready(fresh);
}

// What the reader found in the capture itself. One thread at a time, as fill().
void Pipeline::take_keys(std::vector<std::string>& keys) {
  for (std::string& text : keys)
    message::wipe_bytes({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  keys.clear();
  const std::vector<packet::DecryptionSecrets>& secrets = reader_->decryption_secrets();
  for (; secrets_taken_ < secrets.size(); ++secrets_taken_) {
    if (secrets[secrets_taken_].type == packet::DecryptionSecrets::kTlsKeyLog)
      keys.push_back(secrets[secrets_taken_].bytes);
  }
}

BlockFacts Pipeline::in_order(Job& fresh) {
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
  // Before the first packet the clock was the machine's: that of the packets may be far from it.
  const bool was_machines = !std::exchange(clock_is_packets_, true);
  const std::chrono::nanoseconds apart = facts.first_time - clock_;
  if (fresh.frames.clock_step.count() != 0)
    step_clock(facts.last_time, fresh.frames.clock_step, facts);
  else if (was_machines && (clock_ > facts.last_time || apart > SilentClock::kStep))
    step_clock(facts.last_time, apart, facts);
  clock_ = std::max(clock_, facts.last_time);
  keep_time(facts);
  fresh.count_due = facts.stats_due || facts.health_due;
  return facts;
}

void Pipeline::step_clock(Time to, std::chrono::nanoseconds by, BlockFacts& facts) {
  facts.clock_stepped = true;
  facts.clock_step = by;
  clock_ = to;
  next_stats_ = clock_ + options_.stats_interval;
  next_health_ = clock_ + health_interval_;
}

void Pipeline::keep_time(BlockFacts& facts) {
  facts.clock = clock_;
  if (clock_ == Time{}) return;  // nothing has told the time yet
  const auto is_due = [this](Time& next, std::chrono::seconds interval) {
    const bool due = next != Time{} && clock_ >= next;
    if (due || next == Time{}) next = clock_ + interval;
    return due;
  };
  facts.stats_due = is_due(next_stats_, options_.stats_interval);
  facts.health_due = is_due(next_health_, health_interval_);
}

// With the lock held.
void Pipeline::make_ready(Job& fresh) {
  outcome(fresh.id).facts.knowledge = fresh.knowledge;
  fresh.remaining = static_cast<unsigned>(workers_.size());
  fresh.ready = true;
  wake_workers();
}

namespace {

// Before everything that a job brings.
std::uint64_t first_moment_of(const Job& job) {
  return job.kind == Job::Kind::kFrames ? job.frames.first_number - 1 : job.last_number;
}

}  // namespace

void Pipeline::handle(Worker& worker, Job& job, Batch& batch) {
  batch.clear();
  if (job.knowledge) worker.change(job.knowledge, first_moment_of(job), batch);
  switch (job.kind) {
    case Job::Kind::kFrames:
      if (job.frames.clock_step.count() != 0) worker.step_clock(job.frames.clock_step);
      for (const std::string& text : job.keys) worker.add_keys(text);
      for (const std::string& text : job.frames.key_logs) worker.add_keys(text);
      worker.handle(job.frames, job.decoded.packets(), batch);
      break;
    case Job::Kind::kTick:
      if (job.clock != Time{}) worker.tick(job.clock, job.last_number, batch);
      break;
    case Job::Kind::kSlice:
      worker.finish(job.last_number, batch);
      break;
  }
  if (job.count_due) worker.count(batch);
}

// Takes what is completed, in order. One at a time: the collector and the sinks behind it know
// nothing of threads.
void Pipeline::collect(std::unique_lock<std::mutex>& lock) {
  collecting_ = true;
  const std::uint64_t id = collected_;
  lock.unlock();
  if (outcome(id).facts.knowledge) collector_.change(outcome(id).facts.knowledge);
  collector_.take(outcome(id).facts, outcome(id).batches);
  lock.lock();
  collecting_ = false;
  ++collected_;
  wake_workers();
  if (collected_ != end_) return;
  done_ = true;
  finished_.notify_all();
}

}  // namespace gnomon::sensor
