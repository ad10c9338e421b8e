#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/message/direction.h"

// For tests and fuzz targets of what reads both directions of one byte stream: it has
// feed(Direction, Bytes, Events&) and gap(Direction, bytes, Events&). Each piece is given in a
// buffer of its own size, so that the address sanitizer sees a read beyond it.
namespace gnomon::message {

struct StreamStep {
  Direction direction;
  std::string bytes;
  std::uint64_t gap = 0;  // bytes that are missing before them
};

inline StreamStep client(std::string bytes) { return {Direction::kToServer, std::move(bytes)}; }
inline StreamStep server(std::string bytes) { return {Direction::kToClient, std::move(bytes)}; }
inline StreamStep client_gap(std::uint64_t bytes) { return {Direction::kToServer, {}, bytes}; }
inline StreamStep server_gap(std::uint64_t bytes) { return {Direction::kToClient, {}, bytes}; }

// `bytes` in pieces of `size`.
template <class Stream, class Events>
void feed_in_pieces(Stream& stream, Direction direction, Bytes bytes, std::size_t size,
                    Events& events) {
  ByteReader in{bytes};
  while (!in.at_end()) {
    const Bytes piece = in.take(std::min(size, in.remaining()));
    const std::vector<std::uint8_t> copy(piece.begin(), piece.end());
    stream.feed(direction, copy, events);
  }
}

template <class Stream, class Events>
void play(Stream& stream, const std::vector<StreamStep>& steps, std::size_t size, Events& events) {
  for (const StreamStep& step : steps) {
    if (step.gap != 0) stream.gap(step.direction, step.gap, events);
    feed_in_pieces(
        stream, step.direction,
        Bytes{reinterpret_cast<const std::uint8_t*>(step.bytes.data()), step.bytes.size()}, size,
        events);
  }
}

// A fuzzer's list of steps: a byte that tells what (bit 0 the direction; 7 of 8 a gap), two bytes of
// length, and for a feed as many bytes. `after` is called after each feed. Whether there was a gap.
template <class Stream, class Events, class After>
bool play_script(Stream& stream, ByteReader& script, std::size_t size, Events& events,
                 After after) {
  bool gaps = false;
  while (!script.at_end()) {
    const std::uint8_t what = script.u8();
    const std::size_t length = script.u16();
    if (!script.ok()) break;
    const Direction direction = (what & 1) == 0 ? Direction::kToServer : Direction::kToClient;
    if (what % 8 == 7) {
      stream.gap(direction, length, events);
      gaps = true;
      continue;
    }
    feed_in_pieces(stream, direction, script.take(std::min(length, script.remaining())), size,
                   events);
    after();
  }
  return gaps;
}

}  // namespace gnomon::message
