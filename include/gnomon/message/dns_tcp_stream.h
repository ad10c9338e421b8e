#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/message/dns_message.h"

namespace gnomon::message {

// Do these first bytes of a TCP direction look like a length and a DNS message?
bool dns_tcp_looks_plausible(Bytes start);

// Takes messages out of one direction of DNS over TCP, where each has its length before it
// (RFC 1035 §4.2.2). Keeps at most one unfinished message (65,535 bytes; only what came of it is
// allocated, and kept by reset()). Lengths too short for a message are stepped over, a few in a
// row. After more of them, or a gap that took a length, it waits for a piece that begins with a
// plausible message.
class DnsTcpStream {
 public:
  void reset();

  // Calls message(Bytes) for each whole message; the bytes are valid during the call.
  template <class Message>
  void feed(Bytes bytes, Message&& message) {
    ByteReader in{bytes};
    if (lost_ && !find_step(bytes)) return;
    while (!in.at_end()) {
      if (length_bytes_ < 2) {
        length_ = static_cast<std::uint16_t>(length_ << 8 | in.u8());
        if (++length_bytes_ == 2 && !begin_message()) return;
        if (length_bytes_ == 2 && length_ == 0) end_message();
        continue;
      }
      const std::size_t wanted = static_cast<std::size_t>(length_) - had_;
      const Bytes piece = in.take(std::min(wanted, in.remaining()));
      had_ += piece.size();
      if (length_ < kDnsHeaderBytes) {
        // None: keep-alives of some, and padding.
      } else if (piece.size() == length_) {
        message(piece);  // whole in hand
      } else if (!holed_) {
        buffer_.insert(buffer_.end(), piece.begin(), piece.end());
        if (had_ == length_) message(Bytes{buffer_});
      }
      if (had_ == length_) end_message();
    }
  }

  // `bytes` will never come. A message that misses some is passed over.
  void gap(std::uint64_t bytes);

  [[nodiscard]] bool lost() const { return lost_; }

 private:
  bool find_step(Bytes bytes);
  bool begin_message();
  void end_message();
  void lose_step();

  std::vector<std::uint8_t> buffer_;
  std::size_t had_ = 0;  // of the message at hand, gaps counted
  std::uint16_t length_ = 0;
  std::uint8_t length_bytes_ = 0;
  std::uint8_t short_ones_ = 0;  // lengths too short for a message, in a row
  bool holed_ = false;  // part of the message at hand is missing
  bool lost_ = false;
};

}  // namespace gnomon::message
