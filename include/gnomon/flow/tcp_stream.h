#pragma once

#include <cstdint>
#include <vector>

#include "gnomon/bytes/blocks.h"
#include "gnomon/bytes/byte_reader.h"
#include "gnomon/flow/flow.h"

namespace gnomon::flow {

// Memory for segments that came early: nodes of one size, shared by all streams of a shard, never
// more than the limit it was made with. Grows in slabs and keeps them.
class SegmentPool {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;
  static constexpr std::uint32_t kNodeBytes = 1520;  // a full Ethernet segment fits one node

  struct Node {
    std::uint32_t sequence = 0;
    std::uint32_t next = kNone;
    std::uint32_t size : 31 = 0;
    std::uint32_t acknowledges : 1 = 0;
    std::uint32_t acknowledgement = 0;  // if it acknowledges: of the other side's stream
    std::uint8_t bytes[kNodeBytes];
  };

  explicit SegmentPool(std::size_t bytes_max)
      : nodes_max_(static_cast<std::uint32_t>(bytes_max / sizeof(Node))) {}

  // kNone when the limit is reached.
  std::uint32_t take();
  void give_back(std::uint32_t index);
  Node& node(std::uint32_t index) { return slabs_[index / kSlabNodes][index % kSlabNodes]; }

  [[nodiscard]] std::uint64_t refused() const { return refused_; }
  [[nodiscard]] std::size_t memory_bytes() const {
    return slabs_.size() * kSlabNodes * sizeof(Node);
  }

 private:
  static constexpr std::uint32_t kSlabNodes = 64;

  Blocks slab_blocks_{sizeof(Node) * kSlabNodes};
  std::vector<Node*> slabs_;
  std::uint32_t free_ = kNone;
  std::uint32_t used_ = 0;
  std::uint32_t nodes_max_;
  std::uint64_t refused_ = 0;
};

// A TCP segment with payload.
struct TcpSegment {
  std::uint32_t sequence = 0;  // of its first byte
  Bytes bytes;                 // what was captured of
  std::uint32_t wire_bytes = 0;
  bool acknowledges = false;
  std::uint32_t acknowledgement = 0;  // the byte of the other side that its sender waited for
};

// What comes out of the two directions of a connection.
class StreamReader {
 public:
  // Whose stream the next calls are of.
  virtual void turn_to(Side side) = 0;
  // The next bytes in order. The view is gone after the call.
  virtual void stream_bytes(Bytes bytes) = 0;
  // `count` bytes of the stream were never seen.
  virtual void stream_gap(std::uint32_t count) = 0;
  // Whether a message may begin here: lets a stream without SYN start at the right segment although
  // a later one came first.
  virtual bool may_start(Bytes bytes) = 0;

 protected:
  ~StreamReader() = default;
};

// Puts one direction of a TCP connection in order (RFC 9293, 3.4: sequence numbers wrap), as a part
// of TcpConversation.
//
// Retransmitted and overlapping bytes are read once, and the copy that came first is the one that
// is read. A hole is waited for until the other side has acknowledged what lies behind it and a few
// more segments have come (so the mirror lost it, not the network), until kBufferedMax bytes or
// more than kNodesMax nodes wait, or until the pool is empty; then it becomes a gap.
//
// With a `peer`, the other direction, what had acknowledged bytes that were not read of it yet
// waits for them too.
class TcpStream {
 public:
  static constexpr std::uint32_t kBufferedMax = 256 * 1024;
  // Small segments too take a node each, and a new one may have to find its place among all of
  // them. Of segments of 512 bytes and more kBufferedMax is reached first.
  static constexpr std::uint32_t kNodesMax = 512;
  static constexpr std::uint8_t kPatience = 8;   // segments behind an acknowledged hole
  static constexpr std::uint8_t kStartWait = 4;  // segments to wait for the start, without SYN
  // No sender is acknowledged so far ahead of what came of it: the number is another stream's.
  static constexpr std::int32_t kAheadMax = 1 << 20;

  // The sequence number of the first byte, from a SYN. Until something was read the last one counts: a
  // server behind a balancer may answer a SYN that came again as another one.
  void start_at(std::uint32_t sequence) {
    if (read_ || head_ != SegmentPool::kNone) return;
    next_ = sequence;
    started_ = true;
  }

  void segment(const TcpSegment& segment, const TcpStream* peer, SegmentPool& pool,
               StreamReader& reader);
  // The other side has acknowledged everything before `sequence`.
  void acknowledged(std::uint32_t sequence, const TcpStream* peer, SegmentPool& pool,
                    StreamReader& reader);
  // Reads what waits, holes and all: nothing more will come.
  void flush(SegmentPool& pool, StreamReader& reader);
  // Gives buffered segments back unread.
  void discard(SegmentPool& pool);

  [[nodiscard]] bool has_buffered() const { return head_ != SegmentPool::kNone; }

  // Whether bytes before that one were not read yet. Not the last: a FIN counts as one.
  [[nodiscard]] bool lacks(std::uint32_t sequence) const {
    const std::int32_t missing = distance(sequence, next_);
    return started_ && missing > 1 && missing <= kAheadMax;
  }

 private:
  friend class TcpConversation;

  static std::int32_t distance(std::uint32_t to, std::uint32_t from) {
    return static_cast<std::int32_t>(to - from);
  }
  void deliver(std::uint32_t sequence, Bytes bytes, std::uint32_t wire_bytes, StreamReader& reader);
  bool keep(const TcpSegment& segment, SegmentPool& pool);
  void drain(const TcpStream* peer, SegmentPool& pool, StreamReader& reader);
  void read_first(SegmentPool& pool, StreamReader& reader);
  void skip_hole(const TcpStream* peer, SegmentPool& pool, StreamReader& reader);
  void skip_to(std::uint32_t sequence, StreamReader& reader);
  void start_at_earliest(const TcpStream* peer, SegmentPool& pool, StreamReader& reader);
  // The first that waits can be read.
  [[nodiscard]] bool is_ready(const TcpStream& peer, SegmentPool& pool) const;
  [[nodiscard]] bool has_its_share() const {
    return buffered_ > kBufferedMax || nodes_ > kNodesMax;
  }

  std::uint32_t next_ = 0;
  std::uint32_t head_ = SegmentPool::kNone;  // sorted by sequence, never overlapping
  std::uint32_t tail_ = SegmentPool::kNone;  // where the next one mostly belongs
  std::uint32_t buffered_ = 0;
  std::uint32_t nodes_ = 0;
  std::uint8_t waited_ = 0;
  bool started_ = false;
  bool read_ = false;  // something of it
};

}  // namespace gnomon::flow
