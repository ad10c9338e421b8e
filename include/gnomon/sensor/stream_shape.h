#pragma once

#include <array>
#include <cstdint>

#include "gnomon/observation/observation.h"
#include "gnomon/packet/packet.h"

namespace gnomon::sensor {

// Measures how the answers of one connection come, from sizes and times of packets alone: whether a
// request is followed by many small pieces at an even pace, as models stream their tokens. What
// was said cannot be told from it, and nobody should try.
//
// A piece is what the server sends without a pause of more than kPieceGap; a response is the pieces
// between two requests of the client. One object per connection, 128 bytes of numbers, no clock but
// the packets'.
class ShapeMeter {
 public:
  // Feed every packet with payload, in order of capture. False when nothing more is to be learned:
  // what is known stays, and see() need not be called again.
  bool see(const packet::Packet& packet, bool to_server);

  // The connection is over: the last response is judged as well.
  void finish();

  [[nodiscard]] const observation::StreamShape& facts() const { return facts_; }

 private:
  static constexpr std::size_t kBuckets = 26;  // half octaves from 2^11 microseconds

  void see_request(std::uint32_t bytes, std::int64_t now);
  void see_piece(std::uint32_t bytes, std::int64_t now);
  void close_piece();
  void close_response();
  void begin_response();

  observation::StreamShape facts_;
  std::int64_t piece_start_ = 0;  // nanoseconds
  std::int64_t last_data_ = 0;    // of the server
  std::int64_t first_piece_ = 0;
  std::uint32_t piece_bytes_ = 0;
  std::uint32_t last_packet_bytes_ = 0;
  std::uint32_t bytes_ = 0;       // of pieces but the first
  std::uint32_t before_ = 0;      // bytes of the piece before
  std::uint32_t packet_max_ = 0;  // of the server, of the whole connection
  std::uint32_t next_sequence_ = 0;
  std::uint16_t pieces_ = 0;
  std::uint16_t large_ = 0;     // pieces that are more than tokens
  std::uint16_t full_ = 0;      // pieces whose last packet was as full as they get
  std::uint16_t same_ = 0;      // pieces of as many bytes as the one before
  std::uint16_t answered_ = 0;  // small packets of the client between pieces
  std::uint16_t dull_ = 0;      // responses in a row that were none of a model's
  std::array<std::uint16_t, kBuckets> gaps_{};
  bool sequence_known_ = false;
  bool responding_ = false;  // a request came, and its response is not judged yet
  bool skipping_ = false;    // until the next request: a download, or an endless stream
};

}  // namespace gnomon::sensor
