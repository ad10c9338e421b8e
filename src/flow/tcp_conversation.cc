#include "gnomon/flow/tcp_conversation.h"

namespace gnomon::flow {
namespace {

constexpr std::array kSides{Side::kLower, Side::kHigher};

}  // namespace

void TcpConversation::segment(Side from, const TcpSegment& segment, bool both, SegmentPool& pool,
                              StreamReader& reader) {
  TcpStream& own = of(from);
  TcpStream& peer = of(other(from));
  reader.turn_to(from);
  if (!both && own.has_buffered()) own.drain(nullptr, pool, reader);
  own.segment(segment, both ? &peer : nullptr, pool, reader);
  if (!both || (!own.has_buffered() && !peer.has_buffered())) return;
  read_on(pool, reader);
  // What is missing of the other side will hardly come any more.
  while (own.waited_ >= TcpStream::kPatience && own.has_buffered() && own.started_ &&
         TcpStream::distance(pool.node(own.head_).sequence, own.next_) <= 0) {
    give_up(pool, reader);
    read_on(pool, reader);
  }
}

void TcpConversation::acknowledged(Side from, std::uint32_t sequence, bool both, SegmentPool& pool,
                                   StreamReader& reader) {
  TcpStream& answered = of(other(from));
  if (!answered.has_buffered()) return;
  reader.turn_to(other(from));
  answered.acknowledged(sequence, both ? &of(from) : nullptr, pool, reader);
  if (both) read_on(pool, reader);
}

void TcpConversation::flush(std::array<bool, 2> wanted, SegmentPool& pool, StreamReader& reader) {
  if (!wanted[0] || !wanted[1]) {
    for (const Side side : kSides) {
      if (!wanted[index_of(side)]) continue;
      reader.turn_to(side);
      of(side).flush(pool, reader);
    }
    return;
  }
  for (;;) {
    read_on(pool, reader);
    if (!streams_[0].has_buffered() && !streams_[1].has_buffered()) return;
    give_up(pool, reader);
  }
}

void TcpConversation::discard(SegmentPool& pool) {
  for (TcpStream& stream : streams_) stream.discard(pool);
}

// Reads all that can be read without giving anything up.
void TcpConversation::read_on(SegmentPool& pool, StreamReader& reader) {
  for (bool moved = true; moved;) {
    moved = false;
    for (const Side side : kSides) {
      const TcpStream& peer = of(other(side));
      if (!of(side).is_ready(peer, pool)) continue;
      reader.turn_to(side);
      of(side).drain(&peer, pool, reader);
      moved = true;
    }
  }
}

// Reads the first of all segments that wait, and makes gaps of what should have come before it. Of
// the first of each side that is the one which the other had acknowledged.
void TcpConversation::give_up(SegmentPool& pool, StreamReader& reader) {
  const auto comes_first = [&](Side side) {
    if (!of(side).has_buffered()) return false;
    if (!of(other(side)).has_buffered()) return true;
    const SegmentPool::Node& mine = pool.node(of(side).head_);
    const SegmentPool::Node& theirs = pool.node(of(other(side)).head_);
    return theirs.acknowledges != 0 &&
           TcpStream::distance(theirs.acknowledgement, mine.sequence) > 0;
  };
  const Side first = comes_first(Side::kHigher) ? Side::kHigher : Side::kLower;
  TcpStream& stream = of(first);
  TcpStream& peer = of(other(first));
  const SegmentPool::Node& node = pool.node(stream.head_);
  if (node.acknowledges != 0 && peer.lacks(node.acknowledgement)) {
    reader.turn_to(other(first));
    // Numbers that contradict each other must not jump over what waits.
    const bool beyond =
        peer.has_buffered() &&
        TcpStream::distance(node.acknowledgement, pool.node(peer.head_).sequence) > 0;
    peer.skip_to(beyond ? pool.node(peer.head_).sequence : node.acknowledgement, reader);
  }
  reader.turn_to(first);
  stream.read_first(pool, reader);
}

}  // namespace gnomon::flow
