#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "gnomon/packet/capture_reader.h"
#include "growing_block.h"

namespace gnomon::packet {

// Puts the frames of several rings into the order of their time. The kernel hands a ring over a
// block at a time, so that the answers of a server may be there long before what they answer, when
// each direction comes over an interface of its own. A frame is kept until every ring has come as
// far, or for as long as the kernel may keep an earlier one. One thread.
class FrameMerge {
 public:
  using Steady = std::chrono::steady_clock;
  static constexpr std::size_t kBlocksMax = 64;  // kept of a ring; then its oldest go

  FrameMerge(std::size_t rings, std::size_t block_bytes, std::chrono::milliseconds patience)
      : rings_(rings), block_bytes_(block_bytes), patience_(patience) {
    for (Ring& ring : rings_) ring.kept.resize(kBlocksMax);
    spare_.reserve(rings * kBlocksMax + 1);
  }

  // Whether the ring is there and its frames are waited for.
  void set_open(std::size_t ring, bool open) { rings_[ring].open = open; }
  [[nodiscard]] bool has_room(std::size_t ring) const { return rings_[ring].count < kBlocksMax; }

  // A block to fill with frames of one ring, for add().
  FrameBlock fresh() {
    if (spare_.empty()) return {};
    FrameBlock block = std::move(spare_.back());
    spare_.pop_back();
    return block;
  }
  void give_back(FrameBlock block) { spare_.push_back(std::move(block)); }

  // The ring has room, and the block frames. `now` is when they were taken from it.
  void add(std::size_t number, FrameBlock block, Steady::time_point now) {
    Ring& ring = rings_[number];
    Kept& last = ring.kept[(ring.first + ring.count++) % kBlocksMax];
    last.newest = Time::min();
    for (const Frame& frame : block.frames) last.newest = std::max(last.newest, frame.time);
    last.block = std::move(block);
    last.next = 0;
    last.taken = now;
    ring.newest = std::max(ring.newest, last.newest);
  }

  // The clock of the rings was put on or back after what is kept.
  void shift(std::chrono::nanoseconds by) {
    for (Ring& ring : rings_) {
      if (ring.newest != Time::min()) ring.newest += by;
      for (std::size_t i = 0; i < ring.count; ++i) {
        Kept& kept = ring.kept[(ring.first + i) % kBlocksMax];
        kept.newest += by;
        for (Frame& frame : kept.block.frames) frame.time += by;
      }
    }
  }

  // The next frames in order, of several rings, each with Frame::interface as it was added; false
  // when none can go yet. With `all` nothing is waited for any more. Sets nothing else of the block
  // but `lossy`.
  bool take(FrameBlock& out, Steady::time_point now, bool all) {
    const Time reach = all ? Time::max() : reach_at(now);
    Next next = next_after(reach);
    if (next.ring == nullptr) return false;
    if (Kept& kept = next.ring->front(); kept.next == 0 && kept.newest <= next.until) {
      std::swap(out, kept.block);  // whole: nothing of another ring belongs between
      next.ring->drop_front(spare_);
      return true;
    }
    GrowingBlock merged{out, block_bytes_};
    out.lossy = false;
    for (; next.ring != nullptr && merged.bytes() < block_bytes_; next = next_after(reach)) {
      Kept& kept = next.ring->front();
      const std::vector<Frame>& frames = kept.block.frames;
      out.lossy |= kept.block.lossy;
      do merged.add(frames[kept.next], frames[kept.next].data);
      while (++kept.next < frames.size() && frames[kept.next].time <= next.until &&
             merged.bytes() < block_bytes_);
      if (kept.next == frames.size()) next.ring->drop_front(spare_);
    }
    merged.finish();
    return true;
  }

  // When what is kept can go, whatever else comes.
  [[nodiscard]] std::optional<Steady::time_point> due() const {
    std::optional<Steady::time_point> first;
    for (const Ring& ring : rings_)
      if (ring.count > 0 && (!first || ring.kept[ring.first].taken + patience_ < *first))
        first = ring.kept[ring.first].taken + patience_;
    return first;
  }

 private:
  struct Kept {
    FrameBlock block;
    std::size_t next = 0;  // of its frames
    Time newest;
    Steady::time_point taken;
  };
  struct Ring {
    std::vector<Kept> kept;  // `count` from `first` on, round about
    std::size_t first = 0;
    std::size_t count = 0;
    Time newest = Time::min();  // that ever came of it
    bool open = false;

    Kept& front() { return kept[first]; }
    [[nodiscard]] Time head() const { return kept[first].block.frames[kept[first].next].time; }
    void drop_front(std::vector<FrameBlock>& spare) {
      spare.push_back(std::move(kept[first].block));
      first = (first + 1) % kBlocksMax;
      --count;
    }
  };
  struct Next {
    Ring* ring = nullptr;  // whose next frame is the earliest
    Time until;            // its frames up to here come before all others
  };

  Next next_after(Time reach) {
    Next next{nullptr, reach};
    for (Ring& ring : rings_) {
      if (ring.count == 0 || ring.head() > reach) continue;
      if (next.ring == nullptr) {
        next.ring = &ring;
      } else if (ring.head() < next.ring->head()) {
        next.until = std::min(next.until, next.ring->head());
        next.ring = &ring;
      } else {
        next.until = std::min(next.until, ring.head());
      }
    }
    return next;
  }

  // Up to where nothing earlier can come any more.
  [[nodiscard]] Time reach_at(Steady::time_point now) const {
    Time all = Time::max();
    Time old = Time::min();
    for (const Ring& ring : rings_) {
      if (ring.open) all = std::min(all, ring.newest);
      if (ring.count == kBlocksMax) old = std::max(old, ring.kept[ring.first].newest);
      for (std::size_t i = 0; i < ring.count; ++i) {
        const Kept& kept = ring.kept[(ring.first + i) % kBlocksMax];
        if (kept.taken + patience_ > now) break;
        old = std::max(old, kept.newest);
      }
    }
    return std::max(all, old);
  }

  std::vector<Ring> rings_;
  std::vector<FrameBlock> spare_;
  std::size_t block_bytes_;
  std::chrono::milliseconds patience_;
};

}  // namespace gnomon::packet
