#include "gnomon/sensor/health_tally.h"

#include <catch2/catch.hpp>
#include <chrono>

#include "gnomon/packet/packet.h"

using namespace gnomon;
using namespace std::chrono_literals;
using observation::FlowRecord;
using observation::HealthCounters;
using sensor::ClockWatch;
using sensor::HealthTally;

namespace {

constexpr Time kNow = Time{std::chrono::seconds{1'700'000'000}};

HealthCounters watch(std::initializer_list<Time> times) {
  packet::FrameBlock block;
  for (const Time time : times) {
    packet::Frame frame;
    frame.time = time;
    block.frames.push_back(frame);
  }
  HealthCounters counters;
  ClockWatch clock;
  clock.see(block, counters);
  return counters;
}

// A web connection as it should be.
FlowRecord web() {
  FlowRecord flow;
  flow.conversation.client = *IpAddress::parse("10.0.0.5");
  flow.conversation.server = *IpAddress::parse("192.0.2.7");
  flow.conversation.protocol = packet::kTcp;
  flow.conversation.server_port = 443;
  flow.packets_to_server = flow.packets_to_client = 10;
  flow.payload_to_server = flow.payload_to_client = 1000;
  flow.has_tls = true;
  flow.loss_known = true;
  flow.host = "chat.example";
  flow.host_source = observation::HostSource::kTlsSni;
  return flow;
}

HealthCounters tally(const FlowRecord& flow, std::vector<IpAddress> own = {}) {
  HealthTally tally{std::move(own)};
  tally.see_flow(flow);
  return tally.counters();
}

}  // namespace

TEST_CASE("the clock may stand, and frames may be mixed a little, but it does not go back") {
  CHECK(watch({kNow, kNow, kNow + 1s, kNow + 500ms, kNow + 23h}) == HealthCounters{});
  const HealthCounters back = watch({kNow, kNow - 2s, kNow, kNow - 10s});
  CHECK(back.clock_backwards == 2);
  CHECK(back.clock_back_max_ms == 10'000);
  CHECK(back.clock_jumps == 0);
  const HealthCounters ahead = watch({kNow, kNow + 24h, kNow + 72h});
  CHECK(ahead.clock_jumps == 1);
  CHECK(ahead.clock_jump_max_s == 48 * 3600);
  CHECK(watch({Time{}, Time{} + 1s}).clock_unset == 2);
  CHECK(watch({}) == HealthCounters{});
}

TEST_CASE("the clock is watched over blocks, and every file has its own") {
  packet::FrameBlock one;
  one.frames.resize(1);
  one.frames[0].time = kNow;
  packet::FrameBlock two = std::move(one);
  one.frames.resize(1);
  one.frames[0].time = kNow;
  two.frames[0].time = kNow - 1h;
  HealthCounters counters;
  ClockWatch clock;
  clock.see(one, counters);
  clock.see(two, counters);
  CHECK(counters.clock_backwards == 1);
  one.input = 1;
  clock.see(one, counters);
  two.input = 2;
  clock.see(two, counters);
  CHECK(counters.clock_backwards == 1);
}

TEST_CASE("a whole connection counts for everything and against nothing") {
  const HealthCounters c = tally(web());
  HealthCounters expected;
  expected.flows = expected.tcp_flows = expected.two_sided_flows = expected.checked_flows = 1;
  expected.transit_flows = expected.web_flows = expected.web_named = expected.hellos = 1;
  CHECK(c == expected);
}

TEST_CASE("one direction alone counts where the other must have been") {
  FlowRecord flow = web();
  flow.one_sided = true;
  flow.packets_to_client = flow.payload_to_client = 0;
  CHECK(tally(flow).only_to_server == 1);
  CHECK(tally(flow).only_to_client == 0);
  CHECK(tally(flow).transit_flows == 1);
  SECTION("of the server") {
    std::swap(flow.packets_to_server, flow.packets_to_client);
    std::swap(flow.payload_to_server, flow.payload_to_client);
    CHECK(tally(flow).only_to_client == 1);
  }
  SECTION("not of a scan") {
    flow.payload_to_server = 0;
    CHECK(tally(flow).tcp_flows == 0);
    CHECK(tally(flow).only_to_server == 0);
    flow.packets_to_server = 2;
    CHECK(tally(flow).transit_flows == 0);
  }
  SECTION("not of the last packet of something older") {
    flow.packets_to_server = 2;
    CHECK(tally(flow).tcp_flows == 0);
  }
  SECTION("not of UDP, which may go unanswered") {
    flow.conversation.protocol = packet::kUdp;
    CHECK(tally(flow).only_to_server == 0);
  }
}

TEST_CASE("loss is told of whole connections, by numbers or by what readers missed") {
  FlowRecord flow = web();
  flow.lost_bytes = 700;
  CHECK(tally(flow).lossy_flows == 1);
  CHECK(tally(flow).lost_bytes == 700);
  flow.gap_bytes = 900;
  CHECK(tally(flow).lost_bytes == 900);
  flow.truncated = true;
  CHECK(tally(flow).checked_flows == 0);
  CHECK(tally(flow).lossy_flows == 0);
  FlowRecord unknown = web();
  unknown.loss_known = false;
  CHECK(tally(unknown).checked_flows == 0);
}

TEST_CASE("flows are told apart by whose they are: the sensor's, a group's, of others") {
  FlowRecord flow = web();
  CHECK(tally(flow, {*IpAddress::parse("10.0.0.5")}).own_flows == 1);
  CHECK(tally(flow, {*IpAddress::parse("192.0.2.7")}).own_flows == 1);
  CHECK(tally(flow, {*IpAddress::parse("10.0.0.6")}).transit_flows == 1);
  for (const char* group : {"224.0.0.251", "239.255.255.250", "255.255.255.255", "ff02::fb"}) {
    flow.conversation.server = *IpAddress::parse(group);
    CHECK(tally(flow).group_flows == 1);
    CHECK(tally(flow).transit_flows == 0);
  }
}

TEST_CASE("why a web connection has no name") {
  FlowRecord flow = web();
  flow.host = {};
  flow.host_source = observation::HostSource::kNone;
  CHECK(tally(flow).web_flows == 1);
  CHECK(tally(flow).web_named == 0);
  SECTION("joined late") {
    flow.midstream = true;
    CHECK(tally(flow).web_midstream == 1);
  }
  SECTION("only the server") {
    flow.packets_to_server = 0;
    flow.midstream = true;
    CHECK(tally(flow).web_server_only == 1);
  }
  SECTION("cut") {
    flow.truncated = true;
    CHECK(tally(flow).web_cut == 1);
  }
  SECTION("lossy") {
    flow.gap_bytes = 1;
    CHECK(tally(flow).web_lossy == 1);
  }
  SECTION("not a web connection at all") {
    flow.has_tls = false;
    flow.conversation.server_port = 22;
    CHECK(tally(flow).web_flows == 0);
  }
  SECTION("nothing said") {
    flow.payload_to_server = flow.payload_to_client = 0;
    CHECK(tally(flow).web_flows == 0);
  }
}
