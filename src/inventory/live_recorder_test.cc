#include "gnomon/inventory/live_recorder.h"

#include <catch2/catch.hpp>
#include <memory>
#include <thread>

#include "test_live.h"
#include "test_sums.h"

namespace gnomon::inventory {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kMidnight = 6'400;  // at_second(0) is 22:13:20 UTC

constexpr const char* kSightings =
    "SELECT count(*) * 1000000 + sum(flows) * 10000 + sum(upload_bytes) * 100 + sum(lookups) + "
    "sum(bytes_to_client) FROM v_sightings";

observation::FindingRecord finding_of(const char* client, bool lossy, std::int64_t second) {
  observation::FindingRecord finding;
  finding.conversation.client = address(client);
  finding.time = at_second(second);
  finding.identity.app = "chat";
  finding.detector = "card";
  finding.severity = "high";
  finding.count = 2;
  finding.lossy = lossy;
  return finding;
}

observation::ModelCallRecord call_of(std::int64_t second, std::uint64_t number) {
  observation::ModelCallRecord call;
  call.place = {number, number, "eth1"};
  call.conversation.flow_id = number;
  call.conversation.client = address("10.0.0.1");
  call.conversation.server = address("10.0.0.9");
  call.conversation.server_port = 11434;
  call.time = at_second(second);
  call.family = "ollama";
  call.operation = "chat";
  call.tokens_in = 5;
  return call;
}

TEST_CASE("what is written in many batches is what one batch would be", "[live]") {
  std::int64_t answers[2] = {};
  std::int64_t calls[2] = {};
  for (const bool many : {false, true}) {
    const Scratch scratch;
    LiveRunWriter writer = open_writer(scratch);
    Tally tally{RecorderLimits{}};
    Ledgers ledgers{1000, 1000};
    for (int i = 0; i < 40; ++i) {
      const std::string client = "10.0.0." + std::to_string(i % 7);
      tally.add(use_of(i % 3 == 0 ? "" : "chat", "chat.example", client.c_str(), i * 100,
                       static_cast<std::uint64_t>(i)));
      ledgers.add(call_of(i * 10, static_cast<std::uint64_t>(i)));
      if (!many && i < 39) continue;
      LiveRunWriter::Batch batch = batch_of(tally, at_second(0), at_second(i * 100));
      batch.ledgers = ledgers.take_changes();
      REQUIRE_FALSE(writer.write(batch, at_second(5000)));
    }
    answers[many ? 1 : 0] = scratch.ask(kSightings);
    calls[many ? 1 : 0] = scratch.ask(
        "SELECT sum(calls) * 1000 + sum(tokens) + max(proof_weight) * 1000000 FROM call_hour");
    CHECK(scratch.ask("SELECT count(*) FROM capture_run WHERE state = 'finished'") == 1);
    CHECK(scratch.ask("SELECT count(*) FROM app WHERE name = 'Chat'") == 1);
    CHECK(scratch.ask("SELECT count(*) FROM run_input WHERE path = 'eth1'") == 1);
  }
  CHECK(answers[0] > 0);
  CHECK(answers[0] == answers[1]);
  CHECK(calls[0] > 0);
  CHECK(calls[0] == calls[1]);
}

TEST_CASE("a batch that cannot be written is written whole later", "[live]") {
  const Scratch scratch;
  LiveRunWriter writer = open_writer(scratch);
  Tally tally{RecorderLimits{}};
  tally.add(use_of("chat", "chat.example", "10.0.0.1", 0, 1));
  const LiveRunWriter::Batch batch = batch_of(tally, at_second(0), at_second(1));
  sqlite3* other = nullptr;
  sqlite3_open_v2(scratch.path().c_str(), &other, SQLITE_OPEN_READWRITE, nullptr);
  REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  const auto failed = writer.write(batch, at_second(2));
  REQUIRE(failed);
  CHECK(failed->message.find("another program holds it") != std::string::npos);
  tally.add(use_of("chat", "chat.example", "10.0.0.1", 10, 2));
  sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr);
  sqlite3_close_v2(other);
  writer.reopen();
  CHECK_FALSE(writer.write(batch, at_second(3)));
  CHECK_FALSE(writer.write(batch_of(tally, at_second(0), at_second(11)), at_second(4)));
  CHECK(scratch.ask("SELECT sum(flows) FROM v_sightings") == 2);
  CHECK(scratch.ask("SELECT count(*) FROM capture_run") == 1);
}

TEST_CASE("what was written an hour ago is remembered no more, and adds up all the same", "[live]") {
  const Scratch scratch;
  LiveRunWriter writer = open_writer(scratch);
  RecorderLimits limits;
  limits.sightings_max = 1;
  limits.host_addresses_max = 1;
  Tally tally{limits};
  HostAddresses addresses{limits.host_addresses_max};
  const auto see = [&](const char* host, int second, std::uint64_t number) {
    observation::FlowRecord flow = use_of("chat", host, "10.0.0.1", second, number);
    flow.host_source = observation::HostSource::kTlsSni;
    tally.add(flow);
    addresses.add(flow);
  };
  const auto write = [&](int second) {
    LiveRunWriter::Batch batch = batch_of(tally, at_second(0), at_second(second));
    batch.addresses = addresses.take_changes();
    REQUIRE_FALSE(writer.write(batch, at_second(second)));
  };
  tally.add(use_of("", "unknown.example", "10.0.0.1", 0, 9));
  see("a.example", 0, 1);
  write(1);
  see("b.example", 2, 2);  // no room: the app's row without host
  write(3);
  CHECK(tally.felt().sightings_folded == 1);
  CHECK(addresses.dropped() == 1);
  tally.forget_sightings();
  addresses.forget();
  see("b.example", 4, 3);
  see("b.example", 5, 4);
  write(6);
  const std::size_t texts = tally.texts().size();
  tally.forget_sightings();
  addresses.forget();
  CHECK(tally.texts().size() < texts);
  see("a.example", 7, 5);
  tally.add(use_of("", "unknown.example", "10.0.0.1", 7, 10));
  write(8);
  CHECK(tally.felt().sightings_folded == 1);
  CHECK(addresses.dropped() == 1);
  CHECK(scratch.ask("SELECT sum(flows) FROM sighting") == 5);
  CHECK(scratch.ask("SELECT flows FROM sighting WHERE host = 'a.example'") == 2);
  CHECK(scratch.ask("SELECT count(*) FROM sighting") == 3);
  CHECK(scratch.ask("SELECT last_seen_ns - first_seen_ns FROM sighting WHERE host = 'a.example'") >=
        7'000'000'000);
  CHECK(scratch.ask("SELECT flows FROM host_address WHERE host = 'a.example'") == 2);
  CHECK(scratch.ask("SELECT flows FROM host_unknown WHERE host = 'unknown.example'") == 2);
}

TEST_CASE("a run ends and the next counts from there", "[live]") {
  const Scratch scratch;
  LiveRunWriter writer = open_writer(scratch);
  for (const std::uint64_t day : {1, 2}) {
    Tally tally{RecorderLimits{}};
    tally.add(use_of("chat", "chat.example", "10.0.0.1", 0, day));
    LiveRunWriter::Batch batch = batch_of(tally, at_second(0), at_second(1));
    batch.stats.emplace();
    batch.stats->coverage.flows = day * 100;
    batch.stats->coverage.undecoded = {{"bad_header", day * 10}};
    batch.stats->counters["capture.received"] = day * 1000;
    batch.stats->counters["flow.active"] = 5;
    batch.stats->counters["asset.servers"] = 2;
    batch.stats->counters["dns_memory.answers"] = day * 10;
    batch.stats->counters["health.packet-loss"] = 2;
    if (day == 2) {  // told at the end, for all days
      batch.stats->counters["coverage.flows"] = 200;
      batch.stats->counters["reassembly.datagrams"] = 7;
    }
    batch.ends_run = true;
    REQUIRE_FALSE(writer.write(batch, at_second(2)));
  }
  CHECK(scratch.ask("SELECT count(*) FROM capture_run") == 2);
  CHECK(scratch.ask("SELECT sum(value) FROM run_coverage WHERE name = 'flows'") == 200);
  CHECK(scratch.ask("SELECT sum(value) FROM run_coverage WHERE name = 'undecoded.bad_header'") == 20);
  CHECK(scratch.ask("SELECT sum(value) FROM run_counter WHERE name = 'capture.received'") == 2000);
  const auto sum = [&](const std::string& name) {
    return scratch.ask("SELECT coalesce(sum(value), 0) FROM run_counter WHERE name = '" + name +
                       "'");
  };
  CHECK(sum("flow.active") == 10);
  CHECK(sum("asset.servers") == 4);
  CHECK(sum("health.packet-loss") == 4);
  CHECK(sum("dns_memory.answers") == 20);
  CHECK(sum("coverage.flows") == 100);
  CHECK(sum("reassembly.datagrams") == 0);
}

TEST_CASE("a sensor forgets by the hour what it has written", "[live]") {
  const Scratch scratch;
  LiveRecorderOptions options = live_options(scratch);
  options.batch_age = std::chrono::milliseconds{5};
  options.recorder.limits.sightings_max = 1;
  options.recorder.limits.host_addresses_max = 1;
  options.recorder.limits.ledger_rows_max = 1;
  auto opened = LiveRecorder::open(std::move(options));
  REQUIRE(opened);
  LiveRecorder& live = **opened;
  live.start();
  std::uint64_t number = 0;
  constexpr std::int64_t kMorning = 10'000;  // of one day
  // Until all that came before is written.
  const auto pass = [&](std::int64_t second) {
    const std::uint64_t before = live.state().batches;
    for (int i = 0; i < 4'000 && live.state().batches < before + 2; ++i) {
      live.on_tick(at_second(kMorning + second));
      live.on_stats({});
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
  };
  const auto see = [&](const char* host, std::int64_t second) {
    live.on_packets(at_second(kMorning + second));
    live.on_tick(at_second(kMorning + second));
    observation::FlowRecord flow = use_of("chat", host, "10.0.0.1", kMorning + second, ++number);
    flow.host_source = observation::HostSource::kTlsSni;
    live.on_flow(flow);
    observation::FindingRecord finding = finding_of("10.0.0.1", false, kMorning + second);
    finding.host = host;
    live.on_finding(finding);
    pass(second);
  };
  const auto rows_of = [&](const std::string& host) {
    std::int64_t rows = 0;
    for (const char* table : {"sighting", "host_address", "finding"})
      rows = rows * 10 + scratch.ask("SELECT count(*) FROM " + std::string{table} +
                                     " WHERE host = '" + host + "'");
    return rows;
  };
  see("a.example", 10);
  see("b.example", 20);
  see("b.example", 3'600);  // still the first hour
  CHECK(rows_of("a.example") == 111);
  CHECK(rows_of("b.example") == 0);
  pass(3'610);
  see("b.example", 3'620);
  see("a.example", 3'630);
  CHECK(rows_of("b.example") == 111);
  CHECK(scratch.ask("SELECT flows FROM sighting WHERE host = 'a.example'") == 1);
  pass(7'220);
  see("a.example", 7'230);
  REQUIRE_FALSE(live.finish());
  CHECK(scratch.ask("SELECT sum(flows) FROM sighting") == 6);
  CHECK(scratch.ask("SELECT sum(bodies) FROM finding") == 6);
  CHECK(scratch.ask("SELECT flows FROM sighting WHERE host = 'a.example'") == 2);
  CHECK(scratch.ask("SELECT bodies FROM finding WHERE host = 'a.example'") == 2);
}

TEST_CASE("what a sensor finds no place for is counted, for each day", "[live]") {
  const Scratch scratch;
  LiveRecorderOptions options = live_options(scratch);
  RecorderLimits& limits = options.recorder.limits;
  limits.ledger_rows_max = limits.sightings_max = limits.client_names_max = 1;
  limits.clients_per_unknown_host_max = 1;
  auto opened = LiveRecorder::open(std::move(options));
  REQUIRE(opened);
  LiveRecorder& recorder = **opened;
  recorder.start();
  for (const std::int64_t begins : {std::int64_t{0}, kMidnight}) {
    recorder.on_packets(at_second(begins));
    recorder.on_tick(at_second(begins));
    for (const char* client : {"10.0.0.1", "10.0.0.2", "10.0.0.3"}) {
      recorder.on_flow(use_of("chat", "chat.example", client, begins, 1));
      recorder.on_flow(use_of("", "unknown.example", client, begins, 2));
      observation::ClientNameRecord name;
      name.client = address(client);
      name.time = at_second(begins);
      name.source = "dhcp";
      name.name = "host";
      recorder.on_client_name(name);
    }
    for (const char* hash : {"h1", "h2", "h3"})
      recorder.on_finding(inventory::finding_of("10.0.0.1", "aws-access-key", hash, begins + 1, 2));
    recorder.on_tick(at_second(begins + 3));
  }
  CHECK(recorder.state().dropped == 2 * 8);
  CHECK_FALSE(recorder.finish());
  for (const std::string name :
       {"finding_folded", "sightings_folded", "unknown_clients_folded", "client_names_dropped"}) {
    INFO(name);
    CHECK(scratch.ask("SELECT count(*) FROM run_counter WHERE value = 2 AND name = 'inventory." +
                      name + "'") == 2);
  }
}

std::string rule_on(const std::string& subject, int sid) {
  return "  - id: r" + std::to_string(sid) + "\n    sid: " + std::to_string(sid) +
         "\n    title: T\n    for: " + subject + "\n    when: {}\n    then: {alert: high}\n";
}

std::int64_t count_of(const std::vector<Alert>& alerts, const std::string& kind) {
  return std::count_if(alerts.begin(), alerts.end(),
                       [&](const Alert& alert) { return alert.kind == kind; });
}

TEST_CASE("rules hold for what a sensor reads to its end after midnight, or before its first tick",
          "[live]") {
  struct Case {
    std::vector<std::int64_t> ticks;  // before what is seen
    std::int64_t seen;
    std::int64_t tick;
  };
  const auto test = GENERATE(values<Case>({
      {{}, 10, 12},
      {{}, kMidnight - 20, kMidnight + 30},
      {{kMidnight - 30, kMidnight + 10}, kMidnight - 20, kMidnight + 30},
      {{kMidnight - 30, kMidnight + 10}, kMidnight - 5'000, kMidnight + 30},
  }));
  const auto what = GENERATE(values<std::string>({"client", "finding", "candidate", "artifact"}));
  INFO(what << " at " << test.seen << " of " << test.ticks.size());
  const Scratch scratch;
  LiveRecorderOptions options = live_options(scratch);
  options.recorder.policies = {{"p.yaml", "rules:\n" + rule_on(what, 1)}};
  auto opened = LiveRecorder::open(std::move(options));
  REQUIRE(opened);
  LiveRecorder& recorder = **opened;
  recorder.start();
  for (const std::int64_t tick : test.ticks) recorder.on_tick(at_second(tick));
  if (what == "client") recorder.on_flow(use_of("chat", "chat.example", "10.0.0.1", test.seen, 1));
  if (what == "finding")
    recorder.on_finding(inventory::finding_of("10.0.0.1", "aws-access-key", "h1", test.seen, 2));
  const std::string_view reasons[] = {"streams"};
  if (what == "candidate")
    recorder.on_candidate(candidate_of("10.0.0.1", "new.example", 0.9, reasons, test.seen, 3));
  if (what == "artifact") {
    auto artifact = record_at<observation::ArtifactRecord>("10.0.0.1", test.seen, 4);
    artifact.kind = "model";
    recorder.on_artifact(artifact);
  }
  recorder.on_tick(at_second(test.tick));
  CHECK_FALSE(recorder.finish());
  CHECK(count_of(recorder.take_alerts(), "r1") == 1);
}

TEST_CASE("a server that is known for long does not have the days since judged again", "[live]") {
  const Scratch scratch;
  for (const std::int64_t day : {0, 1, 5}) {
    LiveRecorderOptions options = live_options(scratch);
    // Only the last day knows of rules: they are not of what was before.
    if (day == 5)
      options.recorder.policies = {
          {"p.yaml", "rules:\n" + rule_on("finding", 1) + rule_on("asset", 2)}};
    auto opened = LiveRecorder::open(std::move(options));
    REQUIRE(opened);
    LiveRecorder& recorder = **opened;
    recorder.start();
    const std::int64_t begins = kMidnight + day * kDay;
    recorder.on_tick(at_second(begins + 5));
    recorder.on_finding(inventory::finding_of("10.0.0.1", "aws-access-key", "h1", begins + 5, 1));
    recorder.on_asset(asset_of("10.0.0.1", "ollama", kMidnight + 10, 2));  // as first seen
    recorder.on_tick(at_second(begins + 60));
    CHECK_FALSE(recorder.finish());
    const std::vector<Alert> alerts = recorder.take_alerts();
    CHECK(count_of(alerts, "r1") == (day == 5 ? 1 : 0));
    CHECK(count_of(alerts, "r2") == (day == 5 ? 1 : 0));
  }
}

TEST_CASE("a run is of its packets, and where none came of the time that passed", "[live]") {
  struct Case {
    const char* what;
    std::vector<std::pair<std::int64_t, std::int64_t>> ticks;  // clock, first packet; 0: none came
    std::int64_t first, last;
  };
  const auto test = GENERATE(values<Case>({
      {"no packet", {{20, 0}, {30, 0}}, 20, 30},
      {"packets before the first tick", {{30, 10}, {40, 31}}, 10, 40},
      {"silence first", {{20, 0}, {30, 25}}, 25, 30},
      {"the machine's clock is put back",
       {{30 * kDay, 0}, {30 * kDay + 1, 0}, {2, 0}, {3, 0}},
       1,
       3},
      {"and on",
       {{5, 0}, {6, 0}, {30 * kDay, 0}, {30 * kDay + 1, 0}},
       30 * kDay - 1,
       30 * kDay + 1},
      {"put back before the first packet", {{30 * kDay, 0}, {5, 2}, {9, 0}}, 2, 9},
      {"packets of an earlier year", {{400 * kDay, 0}, {5, 2}, {9, 0}}, 2, 9},
  }));
  INFO(test.what);
  const Scratch scratch;
  auto opened = LiveRecorder::open(live_options(scratch));
  REQUIRE(opened);
  LiveRecorder& recorder = **opened;
  recorder.start();
  Alert own;
  own.time = at_second(1);
  own.id = "a1";
  own.kind = "sensor-stall";
  recorder.add_alert(own);
  for (const auto& [clock, first] : test.ticks) {
    if (first != 0) recorder.on_packets(at_second(first));
    recorder.on_tick(at_second(clock));
  }
  CHECK_FALSE(recorder.finish());
  const auto second = [&](const std::string& column) {
    return scratch.ask("SELECT " + column + " FROM capture_run") / 1'000'000'000 -
           std::chrono::duration_cast<std::chrono::seconds>(at_second(0).time_since_epoch())
               .count();
  };
  CHECK(scratch.ask("SELECT count(*) FROM capture_run") == 1);
  CHECK(second("first_packet_ns") == test.first);
  CHECK(second("last_packet_ns") == test.last);
  CHECK(scratch.ask("SELECT count(*) FROM alert") == 1);
}

TEST_CASE("a day is a run though many come between two batches", "[live]") {
  const Scratch scratch;
  auto opened = LiveRecorder::open(live_options(scratch));
  REQUIRE(opened);
  LiveRecorder& recorder = **opened;
  recorder.start();
  for (std::int64_t day = 0; day < 40; ++day) {
    const std::int64_t begins = kMidnight + day * kDay;
    for (const std::int64_t second : {begins + 60, begins + 80'000}) {
      recorder.on_packets(at_second(second));
      recorder.on_tick(at_second(second + 10));
      recorder.on_flow(use_of("chat", "chat.example", "10.0.0.1", second, 1));
    }
  }
  CHECK_FALSE(recorder.finish());
  CHECK(scratch.ask("SELECT count(*) FROM capture_run") == 40);
  CHECK(scratch.ask("SELECT count(*) FROM sighting WHERE flows = 2") == 40);
  const std::string second = "(SELECT (%_packet_ns / 1000000000 + 86400 - " +
                             std::to_string(1'700'000'000 + kMidnight) +
                             ") % 86400 AS s FROM capture_run)";
  const auto runs_at = [&](const std::string& column, std::int64_t at) {
    std::string from = second;
    from.replace(from.find('%'), 1, column);
    return scratch.ask("SELECT count(*) FROM " + from + " WHERE s = " + std::to_string(at));
  };
  CHECK(runs_at("first", 60) == 40);
  CHECK(runs_at("last", 80'010) == 40);
}

TEST_CASE("hours that cannot be written are bounded and counted", "[live]") {
  RecorderLimits limits;
  limits.hours_max = 10;
  Tally tally{limits};
  for (int hour = 0; hour < 50; ++hour)
    tally.add(use_of("chat", "chat.example", "10.0.0.1", hour * 3600, static_cast<std::uint64_t>(hour)));
  CHECK(tally.hours().size() == 20);
  CHECK(tally.felt().hours_dropped == 30);
  CHECK(tally.take_changes().hours.size() == 20);
  CHECK(tally.hours().empty());
  CHECK(tally.take_changes().empty());
}

TEST_CASE("findings of lossy moments are told apart", "[live]") {
  const Scratch scratch;
  auto opened = LiveRecorder::open(live_options(scratch));
  REQUIRE(opened);
  LiveRecorder& recorder = **opened;
  recorder.start();
  recorder.on_finding(finding_of("10.0.0.1", false, 1));
  recorder.on_finding(finding_of("10.0.0.1", true, 2));
  recorder.on_flow(use_of("chat", "chat.example", "10.0.0.1", 0, 1));
  RunInput file{"folder/b.pcap", "sha256:00", 7, {}};
  recorder.add_input(file);
  recorder.on_tick(at_second(3));
  CHECK_FALSE(recorder.finish());
  CHECK(scratch.ask("SELECT bodies * 10 + lossy_bodies FROM v_findings") == 21);
  CHECK(scratch.ask("SELECT sum(flows) FROM v_sightings") == 1);
  CHECK(recorder.state().dropped == 0);
  opened->reset();
  auto again = LiveRecorder::open(live_options(scratch));
  REQUIRE(again);
  const auto known = (*again)->recorded_inputs();
  REQUIRE(known);
  REQUIRE(known->size() == 1);
  CHECK(known->front().sha256 == "sha256:00");
}

TEST_CASE("what is wrong with the sensor itself is stored, and not judged by days", "[live]") {
  const Scratch scratch;
  LiveRunWriter writer = open_writer(scratch);
  Tally tally{{}};
  tally.add(use_of("chat", "chat.example", "10.0.0.1", 0, 1));
  LiveRunWriter::Batch batch = batch_of(tally, at_second(1), at_second(2));
  Alert alert;
  alert.kind = "sensor-loss";
  alert.severity = "high";
  alert.category = "Sensor health";
  alert.title = "Sensor: packets are lost";
  alert.time = alert.period = at_second(1);
  batch.own_alerts = {alert};
  CHECK_FALSE(writer.write(batch, at_second(2)));
  LiveRunWriter::Batch next = batch_of(tally, at_second(1), at_second(3));
  next.own_alerts = {alert};  // the same again
  next.judge = true;
  next.stats.emplace();
  next.stats->coverage.lost = {{"kernel", 5}};
  CHECK_FALSE(writer.write(next, at_second(3)));
  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  const auto alerts = inventory->alerts();
  REQUIRE(alerts);
  REQUIRE(alerts->size() == 1);
  CHECK(alerts->front().title == alert.title);
  CHECK(alerts->front().category == alert.category);
  CHECK(inventory->runs()->front().coverage.lost_packets() == 5);
}

TEST_CASE("who records for months removes what is old by itself", "[live]") {
  const Scratch scratch;
  LiveRecorderOptions options = live_options(scratch);
  options.batch_age = std::chrono::milliseconds{5};
  options.tidy_every = std::chrono::milliseconds{5};
  options.retention.unknown_host_days = 50;
  auto recorder = LiveRecorder::open(std::move(options));
  REQUIRE(recorder);
  LiveRecorder& live = **recorder;
  live.start();
  const auto see = [&](std::int64_t day) {
    const std::string host = "host" + std::to_string(day) + ".example";
    live.on_flow(use_of("", host, "10.0.0.1", day * kDay, static_cast<std::uint64_t>(day + 1)));
    live.on_tick(at_second(day * kDay + 400));
  };
  for (const std::int64_t day : {0, 10, 100}) see(day);
  for (int i = 0; i < 2'000 && live.state().rows_tidied < 4; ++i) {
    live.on_flow(use_of("chat", "chat.example", "10.0.0.1", 100 * kDay, 7));
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  REQUIRE_FALSE(live.finish());
  CHECK(live.state().rows_tidied == 4);  // two hosts, and their addresses
  CHECK_FALSE(live.state().too_large);
  CHECK(scratch.ask("SELECT count(*) FROM host_unknown") == 1);
  CHECK(scratch.ask("SELECT count(*) FROM host_unknown WHERE host = 'host100.example'") == 1);

  LiveRecorderOptions wrong = live_options(scratch);
  wrong.retention.hour_days = 3;
  auto refused = LiveRecorder::open(std::move(wrong));
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message, Catch::Contains("30 days"));
}

}  // namespace
}  // namespace gnomon::inventory
