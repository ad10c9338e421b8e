#pragma once

#include <array>
#include <cstdint>

#include "gnomon/flow/tcp_stream.h"

namespace gnomon::flow {

// Both directions of a TCP connection, each in order, and one after the other as its ends saw them:
// what a side says is read after what it had acknowledged by then. So an answer is read after its
// question, though the mirror swapped the two, delays one direction, or lost a part of the
// question; that part becomes a gap before the answer is read. How long is waited, see TcpStream.
class TcpConversation {
 public:
  // The sequence number of the side's first byte, from its SYN.
  void start_at(Side side, std::uint32_t sequence) { of(side).start_at(sequence); }
  // A side sent it. `both`: the other side's stream is read too; else its bytes are not waited for.
  void segment(Side from, const TcpSegment& segment, bool both, SegmentPool& pool,
               StreamReader& reader);
  // Any packet of the side acknowledged everything that the other one sent before `sequence`. To be
  // told before the packet's own payload.
  void acknowledged(Side from, std::uint32_t sequence, bool both, SegmentPool& pool,
                    StreamReader& reader);
  // Reads what waits of the sides that are wanted, holes and all: nothing more will come.
  void flush(std::array<bool, 2> wanted, SegmentPool& pool, StreamReader& reader);
  // Gives buffered segments back unread.
  void discard(SegmentPool& pool);

 private:
  TcpStream& of(Side side) { return streams_[index_of(side)]; }
  void read_on(SegmentPool& pool, StreamReader& reader);
  void give_up(SegmentPool& pool, StreamReader& reader);

  std::array<TcpStream, 2> streams_;
};

}  // namespace gnomon::flow
