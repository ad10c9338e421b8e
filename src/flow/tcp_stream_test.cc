#include "gnomon/flow/tcp_stream.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <numeric>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace gnomon;
using flow::SegmentPool;
using flow::TcpStream;

namespace {

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Writes what it is given down; a gap of n bytes as "<n>".
struct Reader final : flow::StreamReader {
  std::string read;
  std::string start = "GET";  // what a message looks like

  void turn_to(flow::Side) override {}
  void stream_bytes(Bytes bytes) override {
    read.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  void stream_gap(std::uint32_t count) override { read += "<" + std::to_string(count) + ">"; }
  bool may_start(Bytes bytes) override {
    return std::string_view{reinterpret_cast<const char*>(bytes.data()), bytes.size()}.starts_with(
        start);
  }
};

struct Stream {
  explicit Stream(std::size_t bytes_max = 1 << 20) : pool{bytes_max} {}

  SegmentPool pool;
  Reader reader;
  TcpStream stream;

  void put(std::uint32_t sequence, std::string_view text, std::uint32_t cut_away = 0) {
    stream.segment({.sequence = sequence,
                    .bytes = bytes_of(text),
                    .wire_bytes = static_cast<std::uint32_t>(text.size()) + cut_away},
                   nullptr, pool, reader);
  }
  void acknowledge(std::uint32_t sequence) { stream.acknowledged(sequence, nullptr, pool, reader); }
};

}  // namespace

TEST_CASE("segments are read once and in order, however they come") {
  struct Case {
    const char* name;
    std::vector<std::pair<int, const char*>> segments;  // offset from the first byte, text
    const char* read;
  };
  const auto each = GENERATE(values<Case>({
      {"in order", {{0, "abc"}, {3, "def"}}, "abcdef"},
      {"swapped", {{3, "def"}, {0, "abc"}}, "abcdef"},
      {"reversed", {{4, "ef"}, {2, "cd"}, {0, "ab"}}, "abcdef"},
      {"retransmitted", {{0, "abc"}, {0, "abc"}, {3, "def"}}, "abcdef"},
      {"retransmitted longer", {{0, "abc"}, {0, "abcdef"}}, "abcdef"},
      {"the first copy counts", {{3, "def"}, {2, "XXXXX"}, {0, "ab"}}, "abXdefX"},
      {"inside what waits", {{3, "defg"}, {4, "XX"}, {0, "abc"}}, "abcdefg"},
      {"around what waits", {{3, "d"}, {5, "f"}, {2, "cXeXg"}, {0, "ab"}}, "abcdefg"},
      {"before the beginning", {{0, "abc"}, {-3, "XXX"}, {-2, "XXabcd"}}, "abcd"},
      {"half the circle away", {{0, "abc"}, {INT32_MIN + 3, "old"}, {3, "def"}}, "abcdef"},
      {"a hole stays", {{0, "abc"}, {5, "fgh"}}, "abc"},
      {"empty segments", {{0, ""}, {0, "a"}, {1, ""}, {1, "b"}}, "ab"},
  }));
  for (const std::uint32_t base : {1000U, 0U, 0xfffffffeU, 0x7fffffffU}) {
    Stream tested;
    tested.stream.start_at(base);
    for (const auto& [offset, text] : each.segments)
      tested.put(base + static_cast<std::uint32_t>(offset), text);
    INFO(each.name << " at " << base);
    CHECK(tested.reader.read == each.read);
  }
}

TEST_CASE("any cutting and any order gives the same stream") {
  std::string text(20000, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i * 7 % 26);
  std::mt19937 random{7};
  for (int round = 0; round < 50; ++round) {
    std::vector<std::pair<std::size_t, std::size_t>> pieces;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 3000, text.size() - at);
      const std::size_t overlap = std::min<std::size_t>(at, random() % 50);
      pieces.emplace_back(at - overlap, size + overlap);
      at += size;
    }
    std::shuffle(pieces.begin(), pieces.end(), random);
    Stream tested;
    const std::uint32_t base = static_cast<std::uint32_t>(random());
    tested.stream.start_at(base);
    for (const auto& [at, size] : pieces)
      tested.put(base + static_cast<std::uint32_t>(at), std::string_view{text}.substr(at, size));
    CHECK(tested.reader.read == text);
    CHECK_FALSE(tested.stream.has_buffered());
  }
}

TEST_CASE("without a SYN the stream starts where a message may start, else at the earliest") {
  SECTION("the segment that looks like a start came second") {
    Stream tested;
    tested.put(1003, " / HTTP");
    CHECK(tested.reader.read.empty());
    tested.put(1000, "GET");
    CHECK(tested.reader.read == "GET / HTTP");
  }
  SECTION("nothing looks like a start") {
    Stream tested;
    for (std::uint32_t i = 0; i <= TcpStream::kStartWait; ++i) tested.put(2000 - 2 * i, "xy");
    CHECK(tested.reader.read == "xyxyxyxyxy");
  }
  SECTION("the other side has it: nothing comes before any more") {
    Stream tested;
    tested.put(2002, "cd");
    tested.put(2000, "ab");
    tested.acknowledge(2000);
    CHECK(tested.reader.read.empty());
    tested.acknowledge(2004);
    CHECK(tested.reader.read == "abcd");
  }
  SECTION("the flow ends before that is known") {
    Stream tested;
    tested.put(2002, "cd");
    tested.put(2000, "ab");
    tested.stream.flush(tested.pool, tested.reader);
    CHECK(tested.reader.read == "abcd");
  }
}

TEST_CASE("until something was read the last SYN says where the stream begins") {
  Stream tested;
  tested.stream.start_at(3212050951);
  tested.stream.start_at(97572841);  // another server behind the same address
  tested.put(97572841, "abc");
  tested.stream.start_at(3212050951);  // late, of the first
  tested.put(97572844, "def");
  tested.stream.flush(tested.pool, tested.reader);
  CHECK(tested.reader.read == "abcdef");
}

TEST_CASE("a hole that will not be filled becomes a gap") {
  Stream tested;
  tested.stream.start_at(0);
  tested.put(0, "ab");
  SECTION("when the other side has acknowledged what is behind it, after some patience") {
    for (std::uint32_t i = 0; i < TcpStream::kPatience - 1U; ++i) tested.put(5 + i, "x");
    tested.acknowledge(100);
    CHECK(tested.reader.read == "ab");
    tested.put(5 + TcpStream::kPatience - 1U, "x");
    tested.acknowledge(5);  // not behind the hole
    CHECK(tested.reader.read == "ab");
    tested.acknowledge(100);
    CHECK(tested.reader.read == "ab<3>" + std::string(TcpStream::kPatience, 'x'));
  }
  SECTION("when too much waits") {
    const std::string much(70000, 'x');
    for (std::uint32_t i = 0; i < 4; ++i) tested.put(5 + i * 70000, much);
    CHECK(tested.reader.read.substr(0, 8) == "ab<3>xxx");
    CHECK(tested.reader.read.size() == 5 + 4 * 70000);
  }
  SECTION("at the end") {
    tested.put(5, "f");
    tested.put(8, "i");
    tested.stream.flush(tested.pool, tested.reader);
    CHECK(tested.reader.read == "ab<3>f<2>i");
  }
}

TEST_CASE("what the snap length cut off is a gap, and what follows is read") {
  Stream tested;
  tested.stream.start_at(0);
  tested.put(0, "abc", 7);
  tested.put(10, "klm");
  CHECK(tested.reader.read == "abc<7>klm");
}

TEST_CASE("an empty pool loses the wait, not the bytes, and counts") {
  Stream tested{2 * sizeof(SegmentPool::Node)};
  tested.stream.start_at(0);
  tested.put(2, "c");
  tested.put(4, "e");
  tested.put(6, "g");
  CHECK(tested.pool.refused() > 0);
  CHECK(tested.reader.read == "<2>c<1>e<1>g");
}

TEST_CASE("segments given back are used again") {
  Stream tested{sizeof(SegmentPool::Node)};
  for (int i = 0; i < 100; ++i) {
    TcpStream stream;
    stream.start_at(0);
    stream.segment({.sequence = 1, .bytes = bytes_of("x"), .wire_bytes = 1}, nullptr, tested.pool,
                   tested.reader);
    stream.discard(tested.pool);
  }
  CHECK(tested.pool.refused() == 0);
  CHECK(tested.reader.read.empty());
}

TEST_CASE("a stream waits with its share of segments, however small they are") {
  Stream tested{64 << 20};
  tested.stream.start_at(0);
  std::uint32_t at = 1;
  for (std::uint32_t i = 0; i < TcpStream::kNodesMax; ++i, at += 2) tested.put(at, "x");
  CHECK(tested.reader.read.empty());
  SECTION("one more behind them ends the wait for the first hole") {
    tested.put(at, "y");
    CHECK(tested.reader.read == "<1>x");
    tested.put(at + 2, "y");
    CHECK(tested.reader.read == "<1>x<1>x");
  }
  SECTION("so does one more among them, which is read in its place") {
    tested.put(2, "y");
    CHECK(tested.reader.read == "<1>xyx");
  }
  SECTION("one that fills the hole makes room") {
    tested.put(0, "y");
    tested.put(at, "z");
    CHECK(tested.reader.read == "yx");
    tested.stream.discard(tested.pool);
    tested.put(5, "e");
    tested.put(4, "d");
    tested.put(2, "bc");
    CHECK(tested.reader.read == "yxbcde");
  }
  CHECK(tested.pool.refused() == 0);
}
