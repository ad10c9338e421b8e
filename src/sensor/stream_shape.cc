#include "gnomon/sensor/stream_shape.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace gnomon::sensor {
namespace {

// All of these were set by looking at seed 1 of pcaps/shapes (docs/shadow.md tells how well they do
// on seed 2, which was not looked at).
constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kPieceGap = 2 * kMillisecond;        // a longer pause ends a piece
constexpr std::int64_t kResponseGap = 8000 * kMillisecond;  // a longer pause ends a response
constexpr std::int64_t kResponseMax = 300'000 * kMillisecond;
constexpr std::uint32_t kBulkBytes = 2 * 1024 * 1024;  // more in one response is a download
constexpr std::uint32_t kRequestMin =
    100;  // of TCP payload: WINDOW_UPDATE, PING and the like are less
constexpr std::uint32_t kDatagramRequestMin = 120;
constexpr std::uint32_t kAcknowledgementMax = 60;  // of a QUIC client's datagram, CIDs included
constexpr std::uint32_t kServerAcknowledgementMax = 30;
constexpr std::uint32_t kLargePiece = 2600;
constexpr std::uint32_t kFullPacket = 1150;  // at least, and no packet was longer
constexpr std::uint16_t kDullMax = 48;
constexpr std::uint32_t kStreamedEnough = 4;

constexpr std::uint16_t kPiecesMin = 8;
constexpr std::int64_t kDurationMin = 600 * kMillisecond;
constexpr double kMeanBytesMax = 1700;
constexpr double kLargeMax = 0.08;  // shares of all pieces
constexpr double kFullMax = 0.12;
constexpr double kAnsweredMax = 0.35;
constexpr double kSameMax = 0.45;  // tokens differ in length; ticks and frames of sound do not
constexpr double kEvenMin = 0.76;  // of gaps, near the median
constexpr double kCadenceMin = 4;  // milliseconds
constexpr double kCadenceMax = 430;
constexpr double kSlowCadenceMax = 1000;  // where pieces are long, as batches of tokens are
constexpr double kSlowBytesMin = 350;

template <class Number>
void count_up(Number& number) {
  if (number != std::numeric_limits<Number>::max()) ++number;
}

// Half octaves of microseconds: 2 ms to 16 s.
std::size_t bucket_of(std::int64_t gap) {
  const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(gap / 1000, 1));
  const auto width = static_cast<int>(std::bit_width(us));
  const int half = width >= 2 ? static_cast<int>(us >> (width - 2) & 1) : 0;
  return static_cast<std::size_t>(std::clamp((width - 12) * 2 + half, 0, 25));
}

double milliseconds_of_bucket(std::size_t bucket) {  // its middle
  return 2.048 * std::exp2(static_cast<double>(bucket) / 2) * 1.2;
}

}  // namespace

bool ShapeMeter::see(const packet::Packet& packet, bool to_server) {
  const std::uint32_t bytes = packet.payload_wire_bytes;
  if (bytes == 0) return true;
  const std::int64_t now = packet.time.time_since_epoch().count();
  const bool datagram = packet.protocol == packet::kUdp;
  if (to_server) {
    if (bytes >= (datagram ? kDatagramRequestMin : kRequestMin)) {
      see_request(bytes, now);
    } else if (!datagram || bytes > kAcknowledgementMax) {
      count_up(answered_);
    }
    return dull_ < kDullMax && facts_.streamed < kStreamedEnough;
  }
  if (datagram) {
    if (bytes <= kServerAcknowledgementMax) return true;
  } else {
    // What was sent before says nothing of the pace.
    const auto ahead = static_cast<std::int32_t>(packet.tcp_sequence - next_sequence_);
    if (sequence_known_ && ahead < 0) return true;
    next_sequence_ = packet.tcp_sequence + bytes;
    sequence_known_ = true;
  }
  packet_max_ = std::max(packet_max_, bytes);
  if (responding_ && !skipping_) see_piece(bytes, now);
  return true;
}

void ShapeMeter::see_request(std::uint32_t, std::int64_t now) {
  if (responding_ && pieces_ == 0 && piece_bytes_ == 0) return;  // the request goes on
  if (responding_) close_response();
  if (facts_.requests != std::numeric_limits<std::uint32_t>::max()) ++facts_.requests;
  begin_response();
  last_data_ = now;
}

void ShapeMeter::begin_response() {
  piece_bytes_ = last_packet_bytes_ = bytes_ = before_ = 0;
  pieces_ = large_ = full_ = same_ = answered_ = 0;
  gaps_.fill(0);
  responding_ = true;
  skipping_ = false;
}

void ShapeMeter::see_piece(std::uint32_t bytes, std::int64_t now) {
  if (piece_bytes_ > 0 && now - last_data_ <= kPieceGap) {
    piece_bytes_ += bytes;
    last_packet_bytes_ = bytes;
    last_data_ = now;
    if (bytes_ + piece_bytes_ > kBulkBytes) skipping_ = true;
    return;
  }
  if (piece_bytes_ > 0) {
    close_piece();
    if (now - last_data_ > kResponseGap) {
      close_response();
      skipping_ = responding_ = true;  // what comes unasked after a long silence is no answer
      return;
    }
    count_up(gaps_[bucket_of(now - piece_start_)]);
  } else {
    first_piece_ = now;
  }
  piece_start_ = now;
  last_data_ = now;
  piece_bytes_ = bytes;
  last_packet_bytes_ = bytes;
  if (now - first_piece_ > kResponseMax) skipping_ = true;
}

void ShapeMeter::close_piece() {
  if (piece_bytes_ == 0) return;
  if (pieces_ > 0) {  // the first comes with the response's head
    bytes_ += piece_bytes_;
    if (piece_bytes_ == before_) count_up(same_);
  }
  before_ = piece_bytes_;
  count_up(pieces_);
  if (piece_bytes_ > kLargePiece) count_up(large_);
  if (last_packet_bytes_ >= kFullPacket && last_packet_bytes_ + 8 >= packet_max_) count_up(full_);
}

void ShapeMeter::close_response() {
  const bool endless = skipping_;
  if (!endless) close_piece();
  responding_ = false;
  skipping_ = false;
  piece_bytes_ = 0;
  const std::uint16_t pieces = pieces_;
  pieces_ = 0;
  if (endless || pieces < kPiecesMin) {
    count_up(dull_);
    return;
  }
  ++facts_.responses;

  std::uint32_t gaps = 0;
  for (const std::uint16_t each : gaps_) gaps += each;
  std::size_t median = 0;
  for (std::uint32_t sum = gaps_[0]; sum * 2 < gaps && median + 1 < kBuckets;)
    sum += gaps_[++median];
  std::uint32_t even = 0;
  for (std::size_t i = median - std::min<std::size_t>(median, 2);
       i < std::min(median + 3, kBuckets); ++i)
    even += gaps_[i];
  const double cadence = milliseconds_of_bucket(median);
  const double count = pieces;
  const double mean = bytes_ / (count - 1);
  const bool pace =
      cadence >= kCadenceMin &&
      (cadence <= kCadenceMax || (cadence <= kSlowCadenceMax && mean >= kSlowBytesMin));
  const bool streamed = pace && last_data_ - first_piece_ >= kDurationMin &&
                        even >= kEvenMin * gaps && mean <= kMeanBytesMax &&
                        large_ <= kLargeMax * count && full_ <= kFullMax * count &&
                        answered_ <= kAnsweredMax * count && same_ <= kSameMax * count;
  if (!streamed) {
    count_up(dull_);
    return;
  }
  dull_ = 0;
  ++facts_.streamed;
  if (pieces > facts_.pieces) {
    facts_.pieces = pieces;
    facts_.cadence_ms = static_cast<std::uint32_t>(cadence + 0.5);
    facts_.piece_bytes = static_cast<std::uint32_t>(mean + 0.5);
  }
  // Eight pieces are little, a hundred leave little doubt; a second answer of the kind is worth
  // more.
  const double doubt = std::exp(-static_cast<double>(facts_.pieces) / 45) / facts_.streamed;
  facts_.score = 1 - 0.5 * doubt;
}

void ShapeMeter::finish() {
  if (responding_) close_response();
}

}  // namespace gnomon::sensor
