#include "gnomon/flow/tcp_stream.h"

#include <algorithm>
#include <cstring>
#include <memory>

namespace gnomon::flow {

std::uint32_t SegmentPool::take() {
  if (free_ != kNone) {
    const std::uint32_t index = free_;
    free_ = node(index).next;
    return index;
  }
  if (used_ == nodes_max_) {
    ++refused_;
    return kNone;
  }
  if (used_ == slabs_.size() * kSlabNodes) {
    slabs_.push_back(static_cast<Node*>(slab_blocks_.take()));
    std::uninitialized_default_construct_n(slabs_.back(), kSlabNodes);
  }
  return used_++;
}

void SegmentPool::give_back(std::uint32_t index) {
  node(index).next = free_;
  free_ = index;
}

void TcpStream::segment(const TcpSegment& segment, const TcpStream* peer, SegmentPool& pool,
                        StreamReader& reader) {
  if (segment.wire_bytes == 0) return;
  if (!started_) {
    if (reader.may_start(segment.bytes)) {
      started_ = true;
      next_ = segment.sequence;
    } else {
      if (waited_ < kStartWait && keep(segment, pool)) {
        ++waited_;
        return;
      }
      keep(segment, pool);
      start_at_earliest(peer, pool, reader);
      if (!started_) {  // nothing could be kept: begin here
        started_ = true;
        next_ = segment.sequence;
      } else {
        return;
      }
    }
  }

  const std::int32_t ahead = distance(segment.sequence, next_);
  TcpSegment rest = segment;
  if (ahead <= 0) {
    const bool early =
        peer != nullptr && segment.acknowledges && peer->lacks(segment.acknowledgement);
    if (!early) {
      deliver(segment.sequence, segment.bytes, segment.wire_bytes, reader);
      drain(peer, pool, reader);
      return;
    }
    const auto old = static_cast<std::uint32_t>(-ahead);
    if (old >= segment.wire_bytes) return;
    rest.sequence = next_;
    rest.bytes = segment.bytes.subspan(std::min<std::size_t>(old, segment.bytes.size()));
    rest.wire_bytes = segment.wire_bytes - old;
  }
  if (waited_ < 0xff) ++waited_;
  const bool kept = keep(rest, pool);
  if (kept && !has_its_share()) return;
  // No room to wait any longer, for the hole or for the other side.
  while (head_ != SegmentPool::kNone && (!kept || has_its_share())) {
    read_first(pool, reader);
    drain(peer, pool, reader);
  }
  if (!kept) {
    const std::int32_t hole = distance(rest.sequence, next_);
    if (hole > 0) {
      reader.stream_gap(static_cast<std::uint32_t>(hole));
      next_ = rest.sequence;
    }
    deliver(rest.sequence, rest.bytes, rest.wire_bytes, reader);
  }
}

void TcpStream::acknowledged(std::uint32_t sequence, const TcpStream* peer, SegmentPool& pool,
                             StreamReader& reader) {
  if (head_ == SegmentPool::kNone || distance(sequence, pool.node(head_).sequence) <= 0) return;
  // Without a SYN: what the other side has, nothing comes before any more.
  if (!started_) start_at_earliest(peer, pool, reader);
  while (head_ != SegmentPool::kNone && waited_ >= kPatience &&
         distance(pool.node(head_).sequence, next_) > 0 &&
         distance(sequence, pool.node(head_).sequence) > 0)
    skip_hole(peer, pool, reader);
}

void TcpStream::flush(SegmentPool& pool, StreamReader& reader) {
  while (head_ != SegmentPool::kNone) read_first(pool, reader);
}

void TcpStream::discard(SegmentPool& pool) {
  while (head_ != SegmentPool::kNone) {
    const std::uint32_t index = head_;
    head_ = pool.node(index).next;
    pool.give_back(index);
  }
  tail_ = SegmentPool::kNone;
  buffered_ = nodes_ = 0;
}

// Reads the part of the segment that is new. What the snap length cut off is a gap.
void TcpStream::deliver(std::uint32_t sequence, Bytes bytes, std::uint32_t wire_bytes,
                        StreamReader& reader) {
  const std::uint32_t old = next_ - sequence;
  if (old >= wire_bytes) return;
  read_ = true;
  next_ = sequence + wire_bytes;
  const std::size_t skipped = std::min<std::size_t>(old, bytes.size());
  if (skipped < bytes.size()) reader.stream_bytes(bytes.subspan(skipped));
  const auto missing = wire_bytes - std::max(old, static_cast<std::uint32_t>(bytes.size()));
  if (missing > 0) reader.stream_gap(missing);
}

// Copies what no earlier segment already holds. False when the pool ran out on the way.
bool TcpStream::keep(const TcpSegment& segment, SegmentPool& pool) {
  std::uint32_t sequence = segment.sequence;
  Bytes bytes = segment.bytes;
  std::uint32_t previous = SegmentPool::kNone;
  std::uint32_t at = head_;
  if (tail_ != SegmentPool::kNone &&
      distance(pool.node(tail_).sequence + pool.node(tail_).size, sequence) <= 0) {
    previous = tail_;
    at = SegmentPool::kNone;
  }
  while (!bytes.empty()) {
    while (at != SegmentPool::kNone &&
           distance(pool.node(at).sequence + pool.node(at).size, sequence) <= 0) {
      previous = at;
      at = pool.node(at).next;
    }
    std::size_t room = bytes.size();
    if (at != SegmentPool::kNone) {
      const std::int32_t until = distance(pool.node(at).sequence, sequence);
      if (until <= 0) {  // the kept copy covers the beginning of this one
        const std::uint32_t end = pool.node(at).sequence + pool.node(at).size;
        const auto covered = std::min<std::size_t>(end - sequence, bytes.size());
        bytes = bytes.subspan(covered);
        sequence += static_cast<std::uint32_t>(covered);
        continue;
      }
      room = std::min<std::size_t>(room, static_cast<std::uint32_t>(until));
    }
    const std::uint32_t index = pool.take();
    if (index == SegmentPool::kNone) return false;
    SegmentPool::Node& fresh = pool.node(index);
    fresh.sequence = sequence;
    const auto size =
        static_cast<std::uint32_t>(std::min<std::size_t>(room, SegmentPool::kNodeBytes));
    fresh.size = size & 0x7fffffff;
    fresh.acknowledges = segment.acknowledges ? 1 : 0;
    fresh.acknowledgement = segment.acknowledgement;
    std::memcpy(fresh.bytes, bytes.data(), size);
    fresh.next = at;
    (previous != SegmentPool::kNone ? pool.node(previous).next : head_) = index;
    if (at == SegmentPool::kNone) tail_ = index;
    previous = index;
    ++nodes_;
    buffered_ += size;
    bytes = bytes.subspan(size);
    sequence += size;
  }
  return true;
}

// Reads the first that waits, whatever should come before it.
void TcpStream::read_first(SegmentPool& pool, StreamReader& reader) {
  const std::uint32_t index = head_;
  SegmentPool::Node& first = pool.node(index);
  const std::uint32_t size = first.size;
  if (!started_) {
    started_ = true;
    next_ = first.sequence;
  }
  skip_to(first.sequence, reader);
  head_ = first.next;
  if (head_ == SegmentPool::kNone) tail_ = SegmentPool::kNone;
  --nodes_;
  buffered_ -= size;
  deliver(first.sequence, {first.bytes, size}, size, reader);
  pool.give_back(index);
}

// Reads buffered segments that have become next.
void TcpStream::drain(const TcpStream* peer, SegmentPool& pool, StreamReader& reader) {
  bool moved = false;
  while (head_ != SegmentPool::kNone) {
    const SegmentPool::Node& first = pool.node(head_);
    if (distance(first.sequence, next_) > 0) return;
    if (peer != nullptr && first.acknowledges != 0 && peer->lacks(first.acknowledgement)) {
      if (moved) waited_ = 0;
      return;
    }
    read_first(pool, reader);
    moved = true;
  }
  waited_ = 0;
}

void TcpStream::skip_hole(const TcpStream* peer, SegmentPool& pool, StreamReader& reader) {
  skip_to(pool.node(head_).sequence, reader);
  drain(peer, pool, reader);
}

// What comes before that byte and was not read is a gap.
void TcpStream::skip_to(std::uint32_t sequence, StreamReader& reader) {
  const std::int32_t hole = distance(sequence, next_);
  if (hole <= 0) return;
  reader.stream_gap(static_cast<std::uint32_t>(hole));
  next_ = sequence;
}

void TcpStream::start_at_earliest(const TcpStream* peer, SegmentPool& pool, StreamReader& reader) {
  if (head_ == SegmentPool::kNone) return;
  started_ = true;
  next_ = pool.node(head_).sequence;
  drain(peer, pool, reader);
}

bool TcpStream::is_ready(const TcpStream& peer, SegmentPool& pool) const {
  if (!started_ || head_ == SegmentPool::kNone) return false;
  const SegmentPool::Node& first = pool.node(head_);
  return distance(first.sequence, next_) <= 0 &&
         (first.acknowledges == 0 || !peer.lacks(first.acknowledgement));
}

}  // namespace gnomon::flow
