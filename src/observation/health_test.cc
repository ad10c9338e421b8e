#include "gnomon/observation/health.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <set>
#include <string>
#include <vector>

using namespace gnomon;
using namespace gnomon::observation;
using namespace std::chrono_literals;

namespace {

const Time kStart = Time{std::chrono::seconds{1'700'000'000}};

// A minute of an office's healthy mirror.
HealthCounters healthy() {
  HealthCounters c;
  c.frames = 100'000;
  c.group_frames = 900;
  c.non_ip_frames = 300;
  c.tcp_packets = 80'000;
  c.tcp_syns = 900;
  c.duplicates = 40;
  c.flows = 1'000;
  c.tcp_flows = 500;
  c.only_to_server = 3;
  c.only_to_client = 4;
  c.two_sided_flows = 900;
  c.checked_flows = 400;
  c.lossy_flows = 1;
  c.lost_bytes = 1'460;
  c.transit_flows = 950;
  c.own_flows = 20;
  c.group_flows = 30;
  c.web_flows = 450;
  c.web_named = 440;
  c.hellos = 430;
  c.dns_messages = 600;
  c.received = 100'000;
  c.unknown_ethertype = 2;
  return c;
}

std::set<std::string> ids(const std::vector<HealthFault>& faults) {
  std::set<std::string> found;
  for (const HealthFault& fault : faults) found.emplace(fault.rule->id);
  return found;
}

using Names = std::set<std::string>;

struct Case {
  const char* what;
  void (*change)(HealthCounters&);
  Names named;
};

}  // namespace

TEST_CASE("the share of loss is of all that came, what was dropped included") {
  struct Row {
    const char* what;
    std::uint64_t received, card, kernel, sensor, whole;
  };
  for (const Row& row : {Row{"the kernel counts what it drops", 162'900, 0, 5'702, 0, 162'900},
                         Row{"a file that does not say what was received", 0, 0, 5'702, 0, 162'900},
                         Row{"the card's come on top", 162'900, 1'000, 5'702, 0, 163'900},
                         Row{"the program had them", 162'900, 0, 0, 5'702, 162'900}}) {
    HealthCounters counters;
    counters.frames = 157'198;
    counters.received = row.received;
    counters.card_drops = row.card;
    counters.kernel_drops = row.kernel;
    counters.sensor_drops = row.sensor;
    INFO(row.what);
    int seen = 0;
    for (const HealthFault& fault : judge_health(counters, {})) {
      if (!fault.rule->id.ends_with("-drops")) continue;
      ++seen;
      CHECK(fault.whole == row.whole);
    }
    CHECK(seen > 0);
  }
}

TEST_CASE("every fault is named by its numbers alone, and no other") {
  const auto at = GENERATE(values<Case>({
      {"nothing", [](HealthCounters&) {}, {}},
      {"no frame", [](HealthCounters& c) { c = {}; }, {"no-traffic"}},
      {"only broadcast",
       [](HealthCounters& c) {
         c = {};
         c.frames = 60;
         c.group_frames = 58;
         c.group_flows = 9;
         c.flows = 9;
       },
       {"wrong-interface"}},
      {"only this machine's own",
       [](HealthCounters& c) {
         c.transit_flows = 0;
         c.own_flows = 900;
       },
       {"wrong-interface"}},
      {"a fifth one-sided", [](HealthCounters& c) { c.only_to_client = 100; }, {"one-sided"}},
      {"a third twice", [](HealthCounters& c) { c.duplicates = 33'000; }, {"duplicates"}},
      {"a twentieth lossy", [](HealthCounters& c) { c.lossy_flows = 20; }, {"gaps"}},
      {"merged", [](HealthCounters& c) { c.tcp_over_1500 = 800; }, {"merged-frames"}},
      {"jumbo frames",
       [](HealthCounters& c) {
         c.tcp_over_1500 = 800;
         c.tcp_syns_jumbo = 10;
       },
       {}},
      {"merged jumbo frames",
       [](HealthCounters& c) {
         c.tcp_over_1500 = c.tcp_over_9216 = 800;
         c.tcp_syns_jumbo = 10;
       },
       {"merged-frames"}},
      {"loopback",
       [](HealthCounters& c) {
         c.tcp_over_1500 = c.tcp_over_9216 = 800;
         c.tcp_syns_jumbo = c.tcp_syns_loopback = 10;
       },
       {}},
      {"cut", [](HealthCounters& c) { c.cut_frames = 40'000; }, {"snap-length"}},
      {"two VLANs", [](HealthCounters& c) { c.vlan_split_flows = 900; }, {"vlan-per-direction"}},
      {"unknown tunnel", [](HealthCounters& c) { c.tunnel_not_decoded = 5'000; },
       {"tunnel-not-decoded"}},
      {"unknown ethertype", [](HealthCounters& c) { c.unknown_ethertype = 5'000; },
       {"tunnel-not-decoded"}},
      {"one step back",
       [](HealthCounters& c) {
         c.clock_backwards = 1;
         c.clock_back_max_ms = 3'600'000;
       },
       {"clock"}},
      {"not set", [](HealthCounters& c) { c.clock_unset = 1; }, {"clock"}},
      {"card", [](HealthCounters& c) { c.card_drops = 200; }, {"card-drops"}},
      {"kernel", [](HealthCounters& c) { c.kernel_drops = 200; }, {"kernel-drops"}},
      {"sensor", [](HealthCounters& c) { c.sensor_drops = 200; }, {"sensor-drops"}},
      {"a handful of drops", [](HealthCounters& c) { c.kernel_drops = 9; }, {}},
      {"no DNS", [](HealthCounters& c) { c.dns_messages = 0; }, {"no-dns"}},
      {"no DNS, and few to ask",
       [](HealthCounters& c) {
         c.dns_messages = 0;
         c.web_named = 20;
         c.web_flows = 20;
       },
       {}},
      {"few names",
       [](HealthCounters& c) {
         c.web_named = 200;
         c.web_midstream = 250;
       },
       {"few-names"}},
      {"ECH", [](HealthCounters& c) { c.ech_real = 30; }, {"hidden-names"}},
      {"full table", [](HealthCounters& c) { c.evicted_flows = 30; }, {"limits"}},
      {"numbers out of a hostile file",
       [](HealthCounters& c) {
         c.kernel_drops = ~std::uint64_t{0} / 2;
         c.card_drops = 1;
       },
       {"kernel-drops"}},
  }));
  INFO(at.what);
  HealthCounters counters = healthy();
  at.change(counters);
  CHECK(ids(judge_health(counters, {})) == at.named);
}

TEST_CASE("every rule has words, and a command") {
  HealthCounters all = healthy();
  all.transit_flows = 0;
  all.own_flows = 900;
  all.only_to_client = 400;
  all.duplicates = all.cut_frames = all.tunnel_not_decoded = 50'000;
  all.lossy_flows = 300;
  all.tcp_over_1500 = 9'000;
  all.vlan_split_flows = 900;
  all.clock_backwards = all.clock_jumps = all.clock_unset = 3;
  all.card_drops = all.kernel_drops = all.sensor_drops = 50'000;
  all.dns_messages = 0;
  all.web_flows = 4'000;
  all.ech_real = 300;
  all.evicted_flows = 300;
  for (const HealthPlace& place : {HealthPlace{}, HealthPlace{"eth1", true}}) {
    auto faults = judge_health(all, place);
    const auto none = judge_health({}, place);
    faults.insert(faults.end(), none.begin(), none.end());
    CHECK(faults.size() == health_rules().size());
    for (const HealthFault& fault : faults) {
      INFO(fault.rule->id);
      CHECK(fault.evidence.ends_with("."));
      CHECK(fault.meaning.ends_with("."));
      CHECK(fault.remedy.ends_with("."));
      CHECK_FALSE(fault.command.empty());
      if (place.live) CHECK(fault.command.find("IFACE") == std::string::npos);
    }
  }
}

TEST_CASE("where captures come when they come, that none came is no fault") {
  HealthPlace folder;
  folder.may_be_empty = true;
  CHECK(judge_health({}, folder).empty());
  CHECK(judge_health({}, HealthPlace{}).size() == 1);
  HealthCounters some;
  some.frames = 1'000;
  some.cut_frames = 1'000;
  CHECK(judge_health(some, folder).size() == judge_health(some, HealthPlace{}).size());
  CHECK_FALSE(judge_health(some, folder).empty());
}

TEST_CASE("thresholds are met exactly, and worse is said to be worse") {
  HealthCounters c = healthy();
  c.tcp_flows = 1'000;
  c.only_to_client = 0;
  c.only_to_server = 149;
  CHECK(judge_health(c, {}).empty());
  c.only_to_server = 150;
  REQUIRE(judge_health(c, {}).size() == 1);
  CHECK(judge_health(c, {})[0].severity == HealthSeverity::kWarning);
  c.only_to_server = 500;
  CHECK(judge_health(c, {})[0].severity == HealthSeverity::kCritical);
  CHECK(judge_health(c, {})[0].evidence ==
        "500 of 1,000 TCP connections with payload (50.0 %) show one direction only, always the "
        "client's.");
}

TEST_CASE("what came since is the difference, and a maximum stays") {
  HealthCounters before;
  before.frames = 10;
  before.clock_back_max_ms = 500;
  HealthCounters now = before;
  now.frames = 25;
  CHECK(since(now, before).frames == 15);
  CHECK(since(now, before).clock_back_max_ms == 500);
  HealthCounters sum = before;
  sum += now;
  CHECK(sum.frames == 35);
  CHECK(sum.clock_back_max_ms == 500);
}

namespace {

struct Told {
  std::string check;
  HealthState state;
  std::uint32_t intervals;
  bool operator==(const Told&) const = default;
};

struct Run {
  explicit Run(bool live = false) : monitor({live ? "eth1" : "", live}) {}
  // One interval of a minute.
  void interval(const HealthCounters& of_interval) {
    total += of_interval;
    monitor.end_interval(total, now, now + 60s, tell);
    now += 60s;
  }
  void finish() { monitor.finish(total, now, now, kStart, tell); }

  HealthMonitor monitor;
  HealthCounters total;
  Time now = kStart;
  std::vector<Told> told;
  std::vector<Time> firsts;
  std::vector<Time> ends;
  HealthMonitor::Tell tell = [this](const HealthRecord& record) {
    told.push_back({std::string{record.check}, record.state, record.intervals});
    firsts.push_back(record.first);
    ends.push_back(record.last);
  };
};

HealthCounters lossy() {
  HealthCounters c = healthy();
  c.kernel_drops = 20'000;
  return c;
}

}  // namespace

TEST_CASE("a fault begins, goes on and ends, and is told once more at the end") {
  Run run;
  run.interval(healthy());
  run.interval(lossy());
  run.interval(lossy());
  run.interval(healthy());
  CHECK(run.monitor.now(11) == HealthSeverity::kNone);
  run.finish();
  CHECK(run.told == std::vector<Told>{{"kernel-drops", HealthState::kBegan, 1},
                                      {"kernel-drops", HealthState::kGoesOn, 2},
                                      {"kernel-drops", HealthState::kEnded, 2},
                                      {"kernel-drops", HealthState::kFinal, 2}});
  CHECK(run.ends.back() == kStart + 180s);
}

TEST_CASE("a fault that goes on when the clock is put back is told by the clock after it") {
  Run run{true};
  run.interval({});
  run.monitor.step_clock(-3600s);
  run.now -= 3600s;
  run.interval({});
  REQUIRE(run.told.size() == 2);
  CHECK(run.told[1].state == HealthState::kGoesOn);
  CHECK(run.firsts == std::vector<Time>{kStart, kStart - 3600s});
  CHECK(run.ends == std::vector<Time>{kStart + 60s, kStart - 3480s});
  run.monitor.step_clock(3600s);
  run.now += 3600s;
  run.finish();
  CHECK(run.firsts.back() == kStart);
  CHECK(run.ends.back() == kStart + 120s);
}

TEST_CASE("loss of a minute is not lost in the hours around it") {
  Run run;
  for (int i = 0; i < 200; ++i) run.interval(healthy());
  run.interval(lossy());
  for (int i = 0; i < 200; ++i) run.interval(healthy());
  run.finish();
  REQUIRE(run.monitor.named().size() == 1);
  CHECK(run.monitor.named()[0].part == 20'000);
  CHECK(run.monitor.named()[0].severity == HealthSeverity::kCritical);
}

TEST_CASE("what needs patience looks at ten intervals together") {
  HealthCounters quiet = healthy();
  quiet.dns_messages = 0;
  Run run;
  for (int i = 0; i < 9; ++i) run.interval(quiet);
  CHECK(run.told.empty());
  run.interval(quiet);
  CHECK(run.told == std::vector<Told>{{"no-dns", HealthState::kBegan, 1}});
  run.interval(healthy());
  CHECK(run.told.back() == Told{"no-dns", HealthState::kEnded, 1});
}

TEST_CASE("a capture of one interval is judged at its end") {
  Run run;
  run.total = lossy();
  run.now = kStart + 30s;
  run.finish();
  CHECK(run.told == std::vector<Told>{{"kernel-drops", HealthState::kBegan, 1},
                                      {"kernel-drops", HealthState::kFinal, 1}});
}

TEST_CASE("silence is a fault of a running capture only") {
  for (const bool live : {false, true}) {
    Run run{live};
    run.interval(healthy());
    run.interval({});
    CHECK(run.told.size() == (live ? 1U : 0U));
    run.finish();
    CHECK(run.monitor.named().size() == (live ? 1U : 0U));
  }
}

TEST_CASE("a statement for reports, also when there is nothing to say") {
  CHECK(health_statement({}).size() == 1);
  const auto faults = judge_health(lossy(), {});
  REQUIRE(health_statement(faults).size() == 1);
  CHECK(health_statement(faults)[0].starts_with("Sensor health, critical (kernel-drops): 20,000 of"));
}
