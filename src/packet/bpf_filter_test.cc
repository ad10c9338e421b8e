#include "gnomon/packet/bpf_filter.h"

#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "test_packets.h"

using namespace gnomon;
using namespace gnomon::packet;
using namespace gnomon::packet::testing;

namespace {

Frame frame_of(const Raw& bytes, std::uint16_t link_type) {
  Frame frame;
  frame.data = bytes.data();
  frame.captured_bytes = frame.wire_bytes = static_cast<std::uint32_t>(bytes.size());
  frame.link_type = link_type;
  return frame;
}

}  // namespace

TEST_CASE("an expression is applied to each link type in its own way") {
  auto filter = BpfFilter::compile("tcp port 443");
  REQUIRE(filter);
  const Raw cooked = zeros(14) + u16(0x0800) + hello();
  CHECK(filter->accepts(frame_of(ethernet(0x0800, hello()), 1)));
  CHECK(filter->accepts(frame_of(cooked, 113)));
  CHECK(filter->accepts(frame_of(hello(), 101)));
  CHECK_FALSE(filter->accepts(frame_of(ethernet(0x0800, ip4(kUdp, udp(1, 443, {}))), 1)));
  CHECK_FALSE(filter->accepts(frame_of(hello(), 1)));
  CHECK_FALSE(filter->accepts(frame_of({}, 1)));
  CHECK_FALSE(filter->accepts(frame_of(hello(), 65000)));  // no such link type
}

TEST_CASE("an expression that is wrong is an error that shows it") {
  for (const std::string wrong : {"tcp prot 443", "port", "((", "host 300.1.1.1"}) {
    auto filter = BpfFilter::compile(wrong);
    REQUIRE_FALSE(filter);
    CHECK(filter.error().message.find("'" + wrong + "'") != std::string::npos);
  }
}

TEST_CASE("an expression that makes no sense for a link type refuses its frames") {
  auto filter = BpfFilter::compile("ether host 02:00:00:00:00:01");
  REQUIRE(filter);
  CHECK(filter->accepts(frame_of(ethernet(0x0800, hello()), 1)));
  CHECK_FALSE(filter->accepts(frame_of(hello(), 101)));
}

TEST_CASE("the decoder counts what a filter refuses and reports the rest") {
  auto filter = BpfFilter::compile("tcp");
  REQUIRE(filter);
  Frames frames;
  frames.kept.reserve(3);
  frames.add(101, ip4(kUdp, udp(1, 2, {})));
  frames.add(101, hello());
  frames.add(65000, hello());  // nobody can say what such a frame is
  DecodedBlock out;
  Decoder{&*filter}.decode(frames.block, out);
  CHECK(out.counters.filtered == 1);
  CHECK(out.counters.unknown_link_type == 1);
  REQUIRE(out.packets().size() == 1);
  CHECK(out.packets()[0].number == 2);
}

TEST_CASE("threads may share a filter that meets new link types") {
  auto filter = BpfFilter::compile("tcp");
  REQUIRE(filter);
  const Raw packet = hello();
  std::vector<std::thread> threads;
  std::vector<int> accepted(4);
  for (std::size_t i = 0; i < accepted.size(); ++i)
    threads.emplace_back([&, i] {
      for (const int link_type : {12, 14, 101, 228, 12, 14, 101, 228})
        accepted[i] +=
            filter->accepts(frame_of(packet, static_cast<std::uint16_t>(link_type))) ? 1 : 0;
    });
  for (std::thread& thread : threads) thread.join();
  for (const int count : accepted) CHECK(count == accepted[0]);
  CHECK(accepted[0] >= 6);
}
