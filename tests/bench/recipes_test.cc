#include "recipes.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "rewriter.h"

namespace gnomon::bench {
namespace {

const std::filesystem::path kTcpSeed = "pcaps/api/curl-tls13.pcap";
const std::filesystem::path kQuicSeed = "pcaps/browser/chat-quic.pcap";

// A file that is gone when the test is.
class Scratch {
 public:
  explicit Scratch(const std::string& name)
      : path_(std::filesystem::temp_directory_path() / ("gnomon-" + name)) {}
  ~Scratch() { std::filesystem::remove(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::string contents() const {
    std::ifstream in{path_, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

 private:
  std::filesystem::path path_;
};

Seeds seeds() {
  auto loaded = load_seeds({kTcpSeed, kQuicSeed});
  REQUIRE(loaded);
  REQUIRE(loaded->captures.size() == 2);
  return std::move(*loaded);
}

Order order_for(const Scratch& scratch) {
  Order order;
  order.output = scratch.path();
  order.megabytes = 1;
  order.flows = 700;
  return order;
}

SeedCapture read_back(const Scratch& scratch) {
  auto loaded = load_seeds({scratch.path()});
  REQUIRE(loaded);
  return std::move(loaded->captures.front());
}

std::size_t count_right_checksums(const SeedCapture& capture) {
  std::size_t right = 0;
  for (const Frame& frame : capture.frames)
    if (frame.layout.is_ip() && !frame.layout.fragment && checksums_hold(frame.bytes, frame.layout))
      ++right;
  return right;
}

using Make = Result<Delivery> (*)(const Seeds&, const Order&);

TEST_CASE("the same order gives the same bytes, another random seed gives others") {
  const Make make = GENERATE(values<Make>({make_mix, make_bulk, make_short}));
  const Seeds from = seeds();
  const Scratch one{"one.pcap"}, again{"again.pcap"}, other{"other.pcap"};
  REQUIRE(make(from, order_for(one)));
  REQUIRE(make(from, order_for(again)));
  Order changed = order_for(other);
  changed.random_seed = 43;
  REQUIRE(make(from, changed));
  CHECK(one.contents() == again.contents());
  CHECK(one.contents() != other.contents());
}

TEST_CASE("a delivery says what is in the file") {
  const Make make = GENERATE(values<Make>({make_mix, make_bulk, make_short}));
  const Scratch scratch{"delivery.pcap"};
  auto delivery = make(seeds(), order_for(scratch));
  REQUIRE(delivery);
  const SeedCapture capture = read_back(scratch);
  CHECK(delivery->packets == capture.frames.size());
  CHECK(delivery->file_bytes == std::filesystem::file_size(scratch.path()));
  CHECK(delivery->file_bytes == 24 + 16 * delivery->packets + delivery->frame_bytes);
  std::set<std::string> flows;
  for (const Frame& frame : capture.frames)
    if (frame.layout.protocol == kTcp || frame.layout.protocol == kUdp)
      flows.insert(flow_key(frame.bytes, frame.layout));
  CHECK(delivery->flows == flows.size());
}

TEST_CASE("a mix has every frame of its seeds equally often, checksums as right as before") {
  const Seeds from = seeds();
  const Scratch scratch{"mix.pcap"};
  REQUIRE(make_mix(from, order_for(scratch)));
  const SeedCapture mix = read_back(scratch);
  std::size_t frames = 0, right = 0;
  for (const SeedCapture& capture : from.captures) {
    frames += capture.frames.size();
    right += count_right_checksums(capture);
  }
  const std::size_t replicas = mix.frames.size() / frames;
  CHECK(replicas > 1);
  CHECK(mix.frames.size() == replicas * frames);
  CHECK(count_right_checksums(mix) == replicas * right);
}

TEST_CASE("short flows are as many and as short as ordered") {
  const Seeds from = seeds();
  const Scratch scratch{"short.pcap"};
  auto delivery = make_short(from, order_for(scratch));
  REQUIRE(delivery);
  CHECK(delivery->flows <= 700);
  CHECK(delivery->flows > 600);
  std::map<std::string, std::size_t> packets;
  for (const Frame& frame : read_back(scratch).frames)
    ++packets[flow_key(frame.bytes, frame.layout)];
  std::size_t over = 0;
  for (const auto& [key, count] : packets) over += count > 10 ? 1 : 0;
  // Those to a multicast group from a host without an address meet.
  CHECK(over <= 700 - delivery->flows);
}

TEST_CASE("bulk data follows its handshake without a gap and with right checksums") {
  const Scratch scratch{"bulk.pcap"};
  REQUIRE(make_bulk(seeds(), order_for(scratch)));
  std::map<std::string, std::uint32_t> expected;  // by sender's address and flow
  std::size_t data_segments = 0, wrong = 0, gaps = 0;
  for (const Frame& frame : read_back(scratch).frames) {
    const Bytes payload = payload_of(frame.bytes, frame.layout);
    if (frame.layout.protocol != kTcp || payload.size() != 1428 || payload[0] != 0x17) continue;
    ++data_segments;
    if (!checksums_hold(frame.bytes, frame.layout)) ++wrong;
    const std::uint32_t sequence = get32(frame.bytes, frame.layout.transport_at + 4);
    const auto [entry, fresh] = expected.try_emplace(flow_key(frame.bytes, frame.layout), sequence);
    if (!fresh && entry->second != sequence) ++gaps;
    entry->second = sequence + 1428;
  }
  CHECK(data_segments > 100);
  CHECK(wrong == 0);
  CHECK(gaps == 0);
}

TEST_CASE("both directions of a replica get the same client, replicas get different ones") {
  const Seeds from = seeds();
  auto rewriter = Rewriter::plan(from, 100);
  REQUIRE(rewriter);
  for (const FlowTemplate& flow : find_flows(from)) {
    std::set<std::string> keys;
    for (std::uint32_t replica = 0; replica < 100; ++replica) {
      std::set<std::string> within;
      for (const std::uint32_t i : flow.frames) {
        const FrameRef ref{flow.seed, i};
        auto copy = from.at(ref).bytes;
        rewriter->rewrite(from, ref, replica, Rewriter::Ports::kReplace, copy);
        within.insert(flow_key(copy, lay_out(copy)));
      }
      CHECK(within.size() == 1);
      keys.merge(within);
    }
    CHECK(keys.size() == 100);
  }
}

TEST_CASE("more clients than 10.0.0.0/8 has are refused") {
  const Seeds from = seeds();
  CHECK(Rewriter::plan(from, 1000));
  CHECK_FALSE(Rewriter::plan(from, 17'000'000));
}

TEST_CASE("seeds that give nothing are named, missing ones are errors") {
  CHECK_FALSE(load_seeds({"pcaps/no-such-capture.pcap"}));
  CHECK_FALSE(load_seeds({"CMakeLists.txt"}));
  auto some = load_seeds({"CMakeLists.txt", kTcpSeed});
  REQUIRE(some);
  CHECK(some->captures.size() == 1);
  CHECK(some->skipped.size() == 1);
}

}  // namespace
}  // namespace gnomon::bench
