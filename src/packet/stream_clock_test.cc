#include "stream_clock.h"

#include <catch2/catch.hpp>
#include <initializer_list>

namespace gnomon::packet {
namespace {

using std::chrono::seconds;

constexpr StreamClock::Steady::time_point kStart{std::chrono::hours{1}};
constexpr std::int64_t kHour = 3'600;

FrameBlock block_at(std::initializer_list<std::int64_t> seconds_) {
  FrameBlock block;
  for (const std::int64_t each : seconds_) {
    Frame frame;
    frame.time = time_of(1'000'000 + each, 0);
    block.frames.push_back(frame);
  }
  return block;
}

struct Block {
  int stream;
  int now;  // by the machine's clock
  std::initializer_list<std::int64_t> frames;
  std::int64_t step = 0;
};
struct Row {
  const char* what;
  std::initializer_list<Block> blocks;
};

}  // namespace

TEST_CASE("the clock of streams is put back where one of them alone goes back") {
  for (const Row& row : {
           Row{"time goes on", {{0, 0, {0, 1}}, {0, 1, {2, 3}}, {0, 2, {kHour}}}},
           Row{"mixed a little", {{0, 0, {0, 50}}, {0, 1, {10, 51}}}},
           Row{"put back between blocks", {{0, 0, {0, 1}}, {0, 1, {1 - kHour, 2 - kHour}, -kHour}}},
           Row{"put back within a block", {{0, 0, {0}}, {0, 1, {1, 2, 2 - kHour}, -kHour}}},
           Row{"told once",
               {{0, 0, {0}}, {0, 1, {-kHour}, -kHour}, {0, 2, {1 - kHour}}, {0, 3, {2 - kHour}}}},
           Row{"twice in an hour",
               {{0, 0, {0}}, {0, 1, {-kHour}, -kHour}, {0, 1'800, {-2 * kHour}, -kHour}}},
           Row{"frames of two clocks in a block",
               {{0, 0, {0}}, {0, 1, {1, 1 - kHour, 2, 2 - kHour, 3}}}},
           Row{"blocks of two clocks by turns",
               {{0, 0, {0}},
                {0, 1, {-kHour}, -kHour},
                {0, 2, {1}},
                {0, 3, {1 - kHour}},
                {0, 4, {2}},
                {0, 5, {2 - kHour}}}},
           Row{"another stream goes on",
               {{0, 0, {0}}, {1, 1, {1}}, {0, 2, {2 - kHour}}, {1, 3, {3}}}},
           Row{"the other has been silent",
               {{1, 0, {0}}, {0, 1, {1}}, {0, 9, {2 - kHour}, 1 - kHour}}},
           Row{"an old capture after a while", {{0, 0, {kHour}}, {1, 9, {0}, -kHour}}},
           Row{"an old capture at once", {{0, 0, {kHour}}, {1, 1, {0}}}},
           Row{"back over a new connection at once",
               {{0, 0, {kHour}}, {1, 1, {0}}, {1, 4, {3}}, {1, 7, {6}, 6 - kHour}, {1, 8, {7}}}},
           Row{"a new connection while the other goes on",
               {{0, 0, {kHour}},
                {1, 1, {0}},
                {0, 4, {kHour + 4}},
                {1, 7, {6}},
                {0, 8, {kHour + 8}}}},
           Row{"two who pause by turns",
               {{0, 0, {kHour}},
                {1, 1, {0}},
                {1, 7, {6}, 6 - kHour},
                {0, 8, {kHour + 8}},
                {1, 14, {13}},
                {1, 20, {19}},
                {0, 21, {kHour + 21}}}},
           Row{"what was behind has caught up",
               {{0, 0, {kHour}}, {1, 1, {0}}, {1, 2, {kHour}}, {1, 9, {kHour + 7}}}},
       }) {
    INFO(row.what);
    StreamClock clock;
    StreamClock::Stream streams[2];
    for (const Block& each : row.blocks) {
      FrameBlock block = block_at(each.frames);
      CAPTURE(each.now);
      CHECK(clock.follow(block, streams[each.stream], kStart + seconds{each.now}) ==
            seconds{each.step});
    }
  }
}

TEST_CASE("frames from before a step get the time after it") {
  StreamClock clock;
  StreamClock::Stream stream;
  FrameBlock first = block_at({0});
  CHECK(clock.follow(first, stream, kStart) == seconds{0});
  FrameBlock second = block_at({1, 2, 2 - kHour, 3 - kHour});
  CHECK(clock.follow(second, stream, kStart) == -seconds{kHour});
  const FrameBlock wanted = block_at({1 - kHour, 2 - kHour, 2 - kHour, 3 - kHour});
  for (std::size_t i = 0; i < wanted.frames.size(); ++i)
    CHECK(second.frames[i].time == wanted.frames[i].time);
}

TEST_CASE("within a file the clock is not put back") {
  StreamClock clock;
  CHECK(clock.begin(block_at({kHour}), true, kStart) == seconds{0});
  CHECK(clock.begin(block_at({0}), false, kStart + seconds{9}) == seconds{0});
  CHECK(clock.begin(block_at({0}), true, kStart + seconds{18}) == -seconds{kHour});
}

}  // namespace gnomon::packet
