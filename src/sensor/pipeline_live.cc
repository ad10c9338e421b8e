#include <algorithm>
#include <utility>

#include "gnomon/bytes/wall_clock.h"
#include "pipeline.h"

// The part of the pipeline that takes from a live source: frames when they come, and the time when
// none do.
namespace gnomon::sensor {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kOriginsMax = 64;  // whose frames are counted on
// How often the clock goes on by itself. Frames reach us up to a tenth of a second late, and those
// of several rings not in the order of their time, so it stays behind by more.
constexpr std::chrono::milliseconds kTick{1000};
constexpr std::chrono::milliseconds kBehind{1500};
constexpr std::chrono::milliseconds kWaitAtMost{200};

}  // namespace

bool Pipeline::advance_live(std::size_t index, std::unique_lock<std::mutex>& lock) {
  Lane& lane = *lanes_[index];
  if (lane.full) {
    if (!slot_free()) return false;
    send_taken(lane, lock);
    return true;
  }
  if (lane.over) return false;
  if (send_tick()) return true;
  lock.unlock();
  lane.block.key_logs.clear();
  lane.block.clock_step = {};
  const packet::LiveSource::Took took = source_->take(static_cast<unsigned>(index), lane.block);
  lock.lock();
  switch (took) {
    case packet::LiveSource::Took::kFrames:
      lane.full = true;
      return true;
    case packet::LiveSource::Took::kNothing:
      return false;
    case packet::LiveSource::Took::kEnd:
      lane.over = true;
      if (++lanes_over_ == lanes_.size()) begin_slices();
      return true;
  }
  return false;
}

// Gives a taken block its place in the order. With the lock held.
void Pipeline::send_taken(Lane& lane, std::unique_lock<std::mutex>& lock) {
  Job& fresh = job(claimed_);
  std::swap(fresh.frames, lane.block);
  lane.full = false;
  packet::FrameBlock& block = fresh.frames;
  const std::size_t count = block.frames.size();
  block.first_number = frames_read_ + 1;
  block.index = blocks_++;
  auto origin = std::find_if(origin_frames_.begin(), origin_frames_.end(),
                             [&](const auto& each) { return each.first == block.origin; });
  if (origin == origin_frames_.end()) {
    if (origin_frames_.size() >= kOriginsMax) origin_frames_.erase(origin_frames_.begin());
    origin_frames_.emplace_back(block.origin, 0);
    origin = origin_frames_.end() - 1;
  } else {
    // The least recently heard is first: files and senders come and go, interfaces and peers stay.
    std::rotate(origin, origin + 1, origin_frames_.end());
    origin = origin_frames_.end() - 1;
  }
  origin->second += block.passed_over;
  block.first_frame_in_file = origin->second + 1;
  origin->second += count;
  frames_read_ += count;
  fresh.kind = Job::Kind::kFrames;
  fresh.id = claimed_++;
  take_knowledge(fresh);
  heard_ = Steady::now();
  send(fresh, lock);
}

// Lets time go on where no packet does it: in shards that none comes to, or in all of them. Before
// the first packet the time is the machine's where packets come when they are sent, so that silence
// is told of; else there is none, and shards, which go by packets, have none in both cases. With
// the lock held.
bool Pipeline::send_tick() {
  if (!slot_free() || ordered_ != claimed_) return false;
  const auto now = Steady::now();
  if (now - ticked_ < kTick) return false;
  ticked_ = now;
  const Time reached = clock_ + std::chrono::duration_cast<std::chrono::nanoseconds>(now - heard_);
  Job& fresh = job(claimed_);
  fresh.kind = Job::Kind::kTick;
  fresh.id = claimed_++;
  take_knowledge(fresh);
  fresh.last_number = frames_read_;
  BlockFacts facts;
  facts.tick = true;
  if (source_->in_real_time() && frames_read_ == 0) {
    const auto [time, step] = silent_clock_.read(wall_clock(), now);
    if (step.count() != 0) step_clock(time, step, facts);
    clock_ = time;
    clock_is_packets_ = false;
    heard_ = now;
  } else if (source_->in_real_time() && now - heard_ >= kTick) {
    clock_ = reached;
    heard_ = now;  // what has passed is in the clock now
  }
  fresh.clock = frames_read_ == 0 ? Time{} : clock_ - kBehind;
  keep_time(facts);
  fresh.count_due = facts.stats_due || facts.health_due;
  outcome(fresh.id).facts = facts;
  ++ordered_;
  make_ready(fresh);
  return true;
}

void Pipeline::wait_live(std::size_t index, std::unique_lock<std::mutex>& lock) {
  Lane& lane = *lanes_[index];
  if (lane.full || lane.over) {  // for a slot, or for the others
    wait(lock);
    return;
  }
  lane.wake.settle();
  ++waiting_;
  lock.unlock();
  source_->wait(static_cast<unsigned>(index), lane.wake.descriptor(), kWaitAtMost);
  lock.lock();
  --waiting_;
}

}  // namespace gnomon::sensor
