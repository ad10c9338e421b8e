#include "gnomon/flow/tcp_conversation.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

using namespace gnomon;
using flow::SegmentPool;
using flow::Side;
using flow::TcpConversation;
using flow::TcpStream;

namespace {

constexpr std::uint32_t kClient = 0xfffffff0;  // the numbers wrap soon
constexpr std::uint32_t kServer = 5000;

// Writes both directions down as they are read: the server's in capitals, a gap of n bytes as
// "<n>".
struct Reader final : flow::StreamReader {
  std::string read;
  bool server = false;

  void turn_to(Side side) override { server = side == Side::kHigher; }
  void stream_bytes(Bytes bytes) override {
    for (const std::uint8_t byte : bytes)
      read += static_cast<char>(server ? std::toupper(byte) : byte);
  }
  void stream_gap(std::uint32_t count) override {
    read += (server ? "<S" : "<") + std::to_string(count) + ">";
  }
  bool may_start(Bytes) override { return false; }
};

// A segment: who sent it, where in its stream, what, and how much of the other one it had.
struct Sent {
  bool server;
  std::uint32_t at;
  std::string text;
  std::uint32_t had;
};

struct Talk {
  explicit Talk(std::size_t bytes_max = 1 << 20) : pool{bytes_max} {
    talk.start_at(Side::kLower, kClient);
    talk.start_at(Side::kHigher, kServer);
  }

  SegmentPool pool;
  Reader reader;
  TcpConversation talk;

  void put(const Sent& sent, bool both = true) {
    const Side from = sent.server ? Side::kHigher : Side::kLower;
    const std::uint32_t seen = sent.had + (sent.server ? kClient : kServer);
    talk.acknowledged(from, seen, both, pool, reader);
    talk.segment(
        from,
        {.sequence = sent.at + (sent.server ? kServer : kClient),
         .bytes = {reinterpret_cast<const std::uint8_t*>(sent.text.data()), sent.text.size()},
         .wire_bytes = static_cast<std::uint32_t>(sent.text.size()),
         .acknowledges = true,
         .acknowledgement = seen},
        both, pool, reader);
  }
  std::string end() {
    talk.flush({true, true}, pool, reader);
    return reader.read;
  }
};

// Questions of five letters and answers of three: "q01..a01" and so on.
std::vector<Sent> exchanges(std::uint32_t count) {
  std::vector<Sent> all;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string number = std::to_string(10 + i);
    all.push_back({false, i * 5, "q" + number + "..", i * 3});
    all.push_back({true, i * 3, "a" + number, i * 5 + 5});
  }
  return all;
}

std::string told(const std::vector<Sent>& all) {
  Talk talk;
  for (const Sent& each : all) talk.put(each);
  return talk.end();
}

}  // namespace

TEST_CASE("what a side says is read after what it had acknowledged") {
  struct Case {
    const char* name;
    std::vector<std::size_t> order;  // of the eight segments of four exchanges
    const char* read;
  };
  const auto each = GENERATE(values<Case>({
      {"as it was", {0, 1, 2, 3, 4, 5, 6, 7}, "q10..A10q11..A11q12..A12q13..A13"},
      {"swapped", {1, 0, 3, 2, 5, 4, 7, 6}, "q10..A10q11..A11q12..A12q13..A13"},
      {"a direction late", {1, 3, 0, 5, 2, 7, 4, 6}, "q10..A10q11..A11q12..A12q13..A13"},
      {"a direction behind the other",
       {1, 3, 5, 7, 0, 2, 4, 6},
       "q10..A10q11..A11q12..A12q13..A13"},
      {"a question lost", {0, 1, 3, 4, 5, 6, 7}, "q10..A10<5>A11q12..A12q13..A13"},
      {"the last question lost", {0, 1, 2, 3, 4, 5, 7}, "q10..A10q11..A11q12..A12<5>A13"},
      {"an answer lost", {0, 2, 3, 4, 5, 6, 7}, "q10..<S3>q11..A11q12..A12q13..A13"},
      {"the last answer lost", {0, 1, 2, 3, 4, 5, 6}, "q10..A10q11..A11q12..A12q13.."},
      {"two lost", {0, 1, 3, 4, 6, 7}, "q10..A10<5>A11q12..<S3>q13..A13"},
      {"questions alone", {0, 2, 4, 6}, "q10..<S3>q11..<S3>q12..<S3>q13.."},
      {"answers alone", {1, 3, 5, 7}, "<5>A10<5>A11<5>A12<5>A13"},
  }));
  INFO(each.name);
  const std::vector<Sent> all = exchanges(4);
  std::vector<Sent> seen;
  for (const std::size_t at : each.order) seen.push_back(all[at]);
  CHECK(told(seen) == each.read);
}

TEST_CASE("any skew of the directions gives the same conversation") {
  const std::vector<Sent> all = exchanges(60);
  std::string truth;
  for (const Sent& each : all)
    for (const char letter : each.text)
      truth += static_cast<char>(each.server ? std::toupper(letter) : letter);
  std::mt19937 random{3};
  for (int round = 0; round < 50; ++round) {
    // Each direction in its order, one of them up to three exchanges ahead.
    std::vector<Sent> sides[2], seen;
    for (const Sent& each : all) sides[each.server ? 1 : 0].push_back(each);
    std::size_t at[2] = {0, 0};
    while (at[0] < sides[0].size() || at[1] < sides[1].size()) {
      std::size_t side = random() % 2;
      if (at[side] == sides[side].size() || at[side] > at[1 - side] + 3) side = 1 - side;
      if (at[side] == sides[side].size()) side = 1 - side;
      seen.push_back(sides[side][at[side]++]);
    }
    CHECK(told(seen) == truth);
  }
}

TEST_CASE("for what is lost is waited a few segments") {
  std::vector<Sent> all = exchanges(40);
  SECTION("of questions") {
    all.erase(all.begin() + 2);
    Talk talk;
    std::size_t put = 0;
    while (put < all.size() && talk.reader.read.find("A11") == std::string::npos)
      talk.put(all[put++]);
    CHECK(put <= 3 + 2 * TcpStream::kPatience);
    CHECK(talk.reader.read.starts_with("q10..A10<5>A11q12..A12"));
  }
  SECTION("of the last question, where the answer is long") {
    Talk talk;
    talk.put(all[0]);
    talk.put(all[1]);
    std::uint32_t at = 3;
    for (int i = 0; i < TcpStream::kPatience; ++i, at += 1) {
      CHECK(talk.reader.read == "q10..A10");
      talk.put({true, at, "x", 10});
    }
    CHECK(talk.reader.read == "q10..A10<5>" + std::string(TcpStream::kPatience, 'X'));
    talk.put({true, at, "y", 10});
    CHECK(talk.reader.read.ends_with("XY"));
  }
}

TEST_CASE("nothing is waited for that will not come") {
  Talk talk;
  SECTION("the end of the other side counts as a byte") {
    talk.put({false, 0, "bye", 0});
    talk.put({true, 0, "ok", 4});
    CHECK(talk.reader.read == "byeOK");
  }
  SECTION("the other side is not read any more") {
    talk.put({true, 0, "ok", 500}, false);
    CHECK(talk.reader.read == "OK");
  }
  SECTION("it stops being read while something waits") {
    talk.put({true, 0, "ok", 500});
    CHECK(talk.reader.read.empty());
    talk.put({true, 2, "yes", 500}, false);
    CHECK(talk.reader.read == "OKYES");
  }
  SECTION("numbers of another stream") {
    talk.put({true, 0, "ok", 0x7000000});
    CHECK(talk.reader.read == "OK");
  }
  SECTION("both sides had what the other one had not sent") {
    talk.put({true, 0, "ok", 5});
    talk.put({false, 3, "no", 9});
    CHECK(talk.end() == "<3>OK<S7>no");
  }
}

TEST_CASE("without room for what waits nothing is lost") {
  Talk talk{3 * sizeof(SegmentPool::Node)};
  for (std::uint32_t i = 0; i < 6; ++i) talk.put({true, i, "x", 100 + i});
  talk.put({false, 0, std::string(100, 'c'), 0});
  const std::string read = talk.end();
  CHECK(std::count(read.begin(), read.end(), 'X') == 6);
  CHECK(talk.pool.refused() > 0);
}
