#include "frame_merge.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <string>

namespace gnomon::packet {
namespace {

using std::chrono::milliseconds;

constexpr FrameMerge::Steady::time_point kStart{};
constexpr milliseconds kPatience{200};

// Frames of one byte: the letter of the ring.
class Bench {
 public:
  explicit Bench(std::size_t rings, std::size_t block_bytes = 1000)
      : merge{rings, block_bytes, kPatience} {
    for (std::size_t i = 0; i < rings; ++i) merge.set_open(i, true);
  }
  void add(std::size_t ring, std::initializer_list<int> times, int now_ms = 0, bool lossy = false) {
    FrameBlock fresh = merge.fresh();
    GrowingBlock growing{fresh, 1000};
    for (const int each : times) {
      Frame frame;
      frame.time = time_of(1'000'000, 0) + milliseconds{each};
      frame.captured_bytes = frame.wire_bytes = 1;
      frame.interface = static_cast<std::uint16_t>(ring);
      const auto letter = static_cast<std::uint8_t>('a' + ring);
      growing.add(frame, &letter);
    }
    growing.finish();
    fresh.lossy = lossy;
    merge.add(ring, std::move(fresh), kStart + milliseconds{now_ms});
  }
  // "a1 b2", all that can go.
  std::string take(int now_ms = 0, bool all = false) {
    std::string text;
    while (merge.take(block, kStart + milliseconds{now_ms}, all)) {
      REQUIRE_FALSE(block.frames.empty());
      for (const Frame& frame : block.frames) {
        REQUIRE(*frame.data == 'a' + frame.interface);
        const auto at = frame.time - time_of(1'000'000, 0);
        text += (text.empty() ? "" : " ") + std::string(1, static_cast<char>(*frame.data)) +
                std::to_string(std::chrono::duration_cast<milliseconds>(at).count());
      }
    }
    return text;
  }
  FrameMerge merge;
  FrameBlock block;
};

TEST_CASE("frames of several rings come in the order of their time") {
  Bench bench{3};
  bench.add(0, {1, 4, 7, 20});
  CHECK(bench.take().empty());  // the others may bring earlier ones
  bench.add(1, {2, 3, 9});
  CHECK(bench.take().empty());
  bench.add(2, {5, 30});
  CHECK(bench.take() == "a1 b2 b3 a4 c5 a7 b9");
  bench.add(1, {40});
  CHECK(bench.take() == "a20");
  bench.add(0, {41});
  CHECK(bench.take() == "c30");
  CHECK(bench.take(0, true) == "b40 a41");
  CHECK(bench.take(0, true).empty());
}

TEST_CASE("of frames of one moment the first interface's comes first, ring by ring") {
  Bench bench{2};
  bench.add(1, {5, 5});
  bench.add(0, {5, 5, 6});
  CHECK(bench.take() == "a5 a5 b5 b5");
}

TEST_CASE("a frame waits for a silent ring no longer than the kernel may keep one of it") {
  Bench bench{2};
  bench.add(0, {1, 2}, 0);
  bench.add(0, {3}, 50);
  CHECK(bench.merge.due() == kStart + kPatience);
  CHECK(bench.take(199).empty());
  CHECK(bench.take(200) == "a1 a2");
  CHECK(bench.merge.due() == kStart + kPatience + milliseconds{50});
  SECTION("what comes of it meanwhile still goes between") {
    bench.add(1, {2, 9}, 210);
    CHECK(bench.take(210) == "b2 a3");
  }
  SECTION("one that has gone is not waited for") {
    bench.merge.set_open(1, false);
    CHECK(bench.take(201) == "a3");
    CHECK_FALSE(bench.merge.due());
  }
}

TEST_CASE("of a ring that is full the oldest go, out of order or not") {
  Bench bench{2};
  for (int i = 0; i < static_cast<int>(FrameMerge::kBlocksMax); ++i) {
    REQUIRE(bench.merge.has_room(0));
    bench.add(0, {i});
  }
  CHECK_FALSE(bench.merge.has_room(0));
  CHECK(bench.take() == "a0");
  CHECK(bench.merge.has_room(0));
}

TEST_CASE("blocks are no larger than asked for, and say when frames were lost") {
  Bench bench{2, 3};
  bench.add(0, {1, 3, 5, 7}, 0, false);
  bench.add(1, {2, 4, 6, 8, 9}, 0, true);
  std::size_t frames = 0;
  while (bench.merge.take(bench.block, kStart, true)) {
    CHECK(bench.block.frames.size() <= 3);
    CHECK(bench.block.lossy);
    frames += bench.block.frames.size();
  }
  CHECK(frames == 9);
  bench.add(0, {11, 13});
  bench.add(1, {12});
  REQUIRE(bench.merge.take(bench.block, kStart, true));
  CHECK_FALSE(bench.block.lossy);
}

TEST_CASE("what is kept is put on or back with the clock") {
  Bench bench{2};
  bench.add(0, {10'000, 10'001});
  bench.add(1, {9'000});
  bench.merge.shift(-milliseconds{5'000});
  bench.add(1, {5'000});
  bench.add(1, {5'002});
  CHECK(bench.take() == "b4000 a5000 b5000 a5001");
}

TEST_CASE("what frames are merged in is used again, not made anew") {
  Bench bench{2};
  std::vector<const std::uint8_t*> known;
  for (int i = 0; i < 1000; ++i) {
    bench.add(0, {3 * i, 3 * i + 2}, i);
    bench.add(1, {3 * i + 1}, i);
    CHECK_FALSE(bench.take(i).empty());
    if (std::find(known.begin(), known.end(), bench.block.bytes.get()) == known.end())
      known.push_back(bench.block.bytes.get());
  }
  CHECK(known.size() <= 6);
}

}  // namespace
}  // namespace gnomon::packet
