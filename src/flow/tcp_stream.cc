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

void TcpStream::segment(std::uint32_t sequence, Bytes bytes, std::uint32_t wire_bytes,
                        SegmentPool& pool, StreamReader& reader) {
  if (wire_bytes == 0) return;
  if (!started_) {
    if (reader.may_start(bytes)) {
      started_ = true;
      next_ = sequence;
    } else {
      if (waited_ < kStartWait && keep(sequence, bytes, pool)) {
        ++waited_;
        return;
      }
      keep(sequence, bytes, pool);
      start_at_earliest(pool, reader);
      if (!started_) {  // nothing could be kept: begin here
        started_ = true;
        next_ = sequence;
      } else {
        return;
      }
    }
  }

  const std::int32_t ahead = distance(sequence, next_);
  if (ahead <= 0) {
    deliver(sequence, bytes, wire_bytes, reader);
    drain(pool, reader);
    return;
  }
  if (waited_ < 0xff) ++waited_;
  const bool kept = keep(sequence, bytes, pool);
  if (kept && !has_its_share()) return;
  // No room to wait for the hole any longer.
  while (head_ != SegmentPool::kNone && (!kept || has_its_share())) skip_hole(pool, reader);
  if (!kept) {
    const std::int32_t hole = distance(sequence, next_);
    if (hole > 0) {
      reader.stream_gap(static_cast<std::uint32_t>(hole));
      next_ = sequence;
    }
    deliver(sequence, bytes, wire_bytes, reader);
  }
}

void TcpStream::acknowledged(std::uint32_t sequence, SegmentPool& pool, StreamReader& reader) {
  while (started_ && head_ != SegmentPool::kNone && waited_ >= kPatience &&
         distance(sequence, pool.node(head_).sequence) > 0)
    skip_hole(pool, reader);
}

void TcpStream::flush(SegmentPool& pool, StreamReader& reader) {
  if (!started_) start_at_earliest(pool, reader);
  while (head_ != SegmentPool::kNone) skip_hole(pool, reader);
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
bool TcpStream::keep(std::uint32_t sequence, Bytes bytes, SegmentPool& pool) {
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
    fresh.size = static_cast<std::uint32_t>(std::min<std::size_t>(room, SegmentPool::kNodeBytes));
    std::memcpy(fresh.bytes, bytes.data(), fresh.size);
    fresh.next = at;
    (previous != SegmentPool::kNone ? pool.node(previous).next : head_) = index;
    if (at == SegmentPool::kNone) tail_ = index;
    previous = index;
    ++nodes_;
    buffered_ += fresh.size;
    bytes = bytes.subspan(fresh.size);
    sequence += fresh.size;
  }
  return true;
}

// Reads buffered segments that have become next.
void TcpStream::drain(SegmentPool& pool, StreamReader& reader) {
  while (head_ != SegmentPool::kNone) {
    SegmentPool::Node& first = pool.node(head_);
    if (distance(first.sequence, next_) > 0) return;
    const std::uint32_t index = head_;
    head_ = first.next;
    if (head_ == SegmentPool::kNone) tail_ = SegmentPool::kNone;
    --nodes_;
    buffered_ -= first.size;
    deliver(first.sequence, {first.bytes, first.size}, first.size, reader);
    pool.give_back(index);
  }
  waited_ = 0;
}

void TcpStream::skip_hole(SegmentPool& pool, StreamReader& reader) {
  const std::int32_t hole = distance(pool.node(head_).sequence, next_);
  if (hole > 0) {
    reader.stream_gap(static_cast<std::uint32_t>(hole));
    next_ = pool.node(head_).sequence;
  }
  drain(pool, reader);
}

void TcpStream::start_at_earliest(SegmentPool& pool, StreamReader& reader) {
  if (head_ == SegmentPool::kNone) return;
  started_ = true;
  next_ = pool.node(head_).sequence;
  drain(pool, reader);
}

}  // namespace gnomon::flow
