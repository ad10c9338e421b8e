#include "gnomon/inventory/recorder.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <random>
#include <variant>

#include "database.h"
#include "test_sums.h"

namespace gnomon::inventory {

using observation::ClientNameRecord;
using observation::Coverage;
using observation::DnsRecord;
using observation::FlowRecord;
using observation::HttpRecord;

using Record = std::variant<FlowRecord, DnsRecord, HttpRecord, ClientNameRecord>;

DnsRecord lookup_of(std::string_view app, std::string_view host, const char* client,
                    std::int64_t second, std::uint64_t number) {
  DnsRecord dns;
  dns.place = {number, number, "folder/a.pcap"};
  dns.conversation.client = address(client);
  dns.conversation.flow_id = number * 7;
  dns.time = at_second(second);
  dns.rrname = host;
  dns.answered = true;
  dns.identity.app = app;
  dns.identity.role = "web-ui";
  dns.identity.why = "the name was looked up";
  dns.identity.grade = Grade::kDns;
  return dns;
}

HttpRecord request_of(std::string_view app, std::string_view host, const char* client,
                      std::int64_t second, std::uint64_t number) {
  HttpRecord http;
  http.place = {number, number, "folder/a.pcap"};
  http.conversation.client = address(client);
  http.conversation.server_port = 80;
  http.conversation.protocol = 6;
  http.conversation.flow_id = number * 7;
  http.time = at_second(second);
  http.hostname = host;
  http.identity.app = app;
  http.identity.role = "api";
  http.identity.usage = "api";
  http.identity.why = "POST /v1/chat";
  http.identity.grade = Grade::kUse;
  return http;
}

ClientNameRecord name_of(const char* client, std::string_view name, std::string_view source,
                         std::int64_t second) {
  ClientNameRecord record;
  record.client = address(client);
  record.name = name;
  record.source = source;
  record.mac = "00:11:22:33:44:55";
  record.time = at_second(second);
  return record;
}

// Two apps, three clients, several hours, an unknown host, every kind of record, and ties.
std::vector<Record> some_records() {
  std::vector<Record> records;
  std::uint64_t number = 0;
  for (const char* client : {"10.0.0.1", "10.0.0.2", "2001:db8::7"}) {
    for (std::int64_t hour = 0; hour < 4; ++hour) {
      records.emplace_back(use_of("chat", "chat.example", client, hour * 3600, ++number));
      records.emplace_back(use_of("chat", "api.chat.example", client, hour * 3600 + 5, ++number));
      FlowRecord better = use_of("coder", "coder.example", client, hour * 3600 + 9, ++number);
      better.identity.grade = hour % 2 == 0 ? Grade::kName : Grade::kUse;
      better.identity.why = hour % 2 == 0 ? "the name was asked for" : "an upload was seen";
      better.client_kind = "cli";
      records.emplace_back(better);
      records.emplace_back(use_of("", "unknown.example", client, hour * 3600 + 20, ++number));
    }
    records.emplace_back(lookup_of("chat", "chat.example", client, 1, ++number));
    records.emplace_back(request_of("coder", "coder.example", client, 2, ++number));
    records.emplace_back(name_of(client, "host", "mdns", 3));
    records.emplace_back(name_of(client, "desk", "dhcp", 4));
  }
  // The same time twice: the lower number is the proof.
  records.emplace_back(use_of("chat", "chat.example", "10.0.0.1", 0, 999));
  return records;
}

void give(Recorder& recorder, const Record& record) {
  if (const auto* flow = std::get_if<FlowRecord>(&record)) recorder.on_flow(*flow);
  if (const auto* dns = std::get_if<DnsRecord>(&record)) recorder.on_dns(*dns);
  if (const auto* http = std::get_if<HttpRecord>(&record)) recorder.on_http(*http);
  if (const auto* name = std::get_if<ClientNameRecord>(&record)) recorder.on_client_name(*name);
}

// Records all, with a batch written after every `batch` records (0: only at the end).
Recorded record_all(const Scratch& scratch, const std::vector<Record>& records, std::size_t batch,
                    std::string_view sha256 = "aa", bool again = false) {
  RecorderOptions options = options_for(scratch);
  options.again = again;
  auto recorder = Recorder::open(std::move(options));
  REQUIRE(recorder);
  for (std::size_t i = 0; i < records.size(); ++i) {
    give(*recorder, records[i]);
    if (batch > 0 && i % batch == 0) REQUIRE(recorder->flush());
  }
  Coverage coverage;
  coverage.flows = 49;
  coverage.undecoded = {{"arp", 3}};
  auto recorded = recorder->finish(run_of(sha256), coverage);
  REQUIRE(recorded);
  return *recorded;
}

TEST_CASE("a run is in the database once it is finished, row by row", "[inventory]") {
  const Scratch scratch;
  const Recorded recorded = record_all(scratch, some_records(), 0);
  CHECK(recorded.run == 1);
  CHECK_FALSE(recorded.already_recorded);
  CHECK(scratch.ask("SELECT count(*) FROM capture_run WHERE state = 'finished'") == 1);
  CHECK(scratch.ask("SELECT count(*) FROM app") == 2);
  CHECK(scratch.ask("SELECT count(*) FROM app_attribute") == 2);
  // Each of 3 clients: two hosts and a lookup of chat; the flows and the requests of coder.
  CHECK(scratch.ask("SELECT count(*) FROM sighting") == 15);
  CHECK(scratch.ask("SELECT sum(flows) FROM sighting WHERE app = 'chat'") == 25);
  CHECK(scratch.ask("SELECT sum(sessions) FROM sighting WHERE app = 'coder'") == 6);
  CHECK(scratch.ask("SELECT sum(lookups) FROM sighting") == 3);
  CHECK(scratch.ask("SELECT sum(requests) FROM sighting") == 3);
  CHECK(scratch.ask("SELECT count(*) FROM app_hour") == 24);
  CHECK(scratch.ask("SELECT sum(bytes_to_client) FROM app_hour") == 37'000);
  CHECK(scratch.ask("SELECT sum(upload_bytes) FROM app_hour") == 370);
  CHECK(scratch.ask("SELECT count(*) FROM client_name") == 6);
  CHECK(scratch.ask("SELECT sum(flows) FROM host_unknown WHERE host = 'unknown.example'") == 12);
  CHECK(scratch.ask("SELECT value FROM v_coverage WHERE name = 'undecoded.arp'") == 3);
  CHECK(scratch.ask("SELECT clients FROM v_apps WHERE app = 'chat'") == 3);
  CHECK(scratch.ask("SELECT first_seen_ns FROM sighting WHERE host = 'chat.example' AND "
                    "client = '10.0.0.1' AND protocol = 'tcp'") ==
        at_second(0).time_since_epoch().count());
  CHECK(scratch.ask("SELECT last_seen_ns FROM sighting WHERE host = 'chat.example' AND "
                    "client = '10.0.0.1' AND protocol = 'tcp'") ==
        at_second(3 * 3600 + 300).time_since_epoch().count());
  CHECK_FALSE(std::filesystem::exists(scratch.path().string() + "-lock"));
}

TEST_CASE("the proof is the best grade, then the earliest packet", "[inventory]") {
  const Scratch scratch;
  record_all(scratch, some_records(), 5);
  // Hours 1 and 3 were graded use; hour 1 came first.
  CHECK(scratch.ask("SELECT proof_number FROM sighting WHERE app = 'coder' AND client = '10.0.0.1' "
                    "AND client_kind = 'cli'") == 7);
  CHECK(scratch.ask("SELECT grade FROM sighting WHERE app = 'coder' AND client = '10.0.0.1' AND "
                    "client_kind = 'cli'") == static_cast<int>(Grade::kUse));
  CHECK(scratch.ask("SELECT count(*) FROM v_evidence WHERE why = 'an upload was seen'") == 3);
  CHECK(scratch.ask("SELECT proof_number FROM sighting WHERE host = 'chat.example' AND "
                    "client = '10.0.0.1' AND protocol = 'tcp'") == 1);
}

TEST_CASE("the dump is the same wherever batches end and in whatever order records come",
          "[inventory]") {
  std::vector<Record> records = some_records();
  const Scratch whole;
  record_all(whole, records, 0);
  const std::string expected = dump_of(whole);
  CHECK_THAT(expected, Catch::Contains("chat.example"));
  std::mt19937 random{7};
  for (const std::size_t batch : {1, 2, 3, 7, 20}) {
    const Scratch cut;
    record_all(cut, records, batch);
    CHECK(dump_of(cut) == expected);
    std::shuffle(records.begin(), records.end(), random);
  }
}

TEST_CASE("the dump of an inventory holds no folder and no wall clock", "[inventory]") {
  const Scratch here;
  record_all(here, some_records(), 0);
  CHECK_THAT(dump_of(here), !Catch::Contains("folder/"));
  const Scratch later;
  auto recorder = Recorder::open(options_for(later));
  REQUIRE(recorder);
  for (const Record& record : some_records()) give(*recorder, record);
  RunInfo run = run_of("aa");
  run.recorded_at = at_second(77'777);
  run.inputs[0].path = "elsewhere/a.pcap";
  Coverage coverage;
  coverage.flows = 49;
  coverage.undecoded = {{"arp", 3}};
  REQUIRE(recorder->finish(run, coverage));
  CHECK(dump_of(later) == dump_of(here));
}

TEST_CASE("the same bytes again change nothing, unless asked, and are never counted twice",
          "[inventory]") {
  const Scratch scratch;
  record_all(scratch, some_records(), 0);
  const std::string before = dump_of(scratch);

  const Recorded refused = record_all(scratch, some_records(), 4);
  CHECK(refused.already_recorded);
  CHECK(refused.run == 0);
  CHECK(dump_of(scratch) == before);
  CHECK(scratch.ask("SELECT count(*) FROM capture_run") == 1);

  const Recorded again = record_all(scratch, some_records(), 4, "aa", true);
  CHECK_FALSE(again.already_recorded);
  CHECK(again.runs_replaced == 1);
  CHECK(dump_of(scratch) == before);

  const Recorded other = record_all(scratch, some_records(), 0, "bb");
  CHECK(other.runs_replaced == 0);
  CHECK(scratch.ask("SELECT sum(flows) FROM v_apps") == 2 * 37);
}

TEST_CASE("sums that are kept are what adding up anew gives, also when a run replaces another",
          "[inventory]") {
  const Scratch scratch;
  record_all(scratch,
             {use_of("chat", "chat.example", "10.0.0.1", 0, 1),
              use_of("chat", "chat.example", "10.0.0.2", 9, 2),
              use_of("coder", "coder.example", "10.0.0.3", 20, 3),
              use_of("coder", "c.example", "10.0.0.1", 30, 4)},
             0, "aa");
  record_all(scratch, {use_of("chat", "chat.example", "10.0.0.1", 4'000, 1)}, 0, "bb");
  // What only the first run had is gone: a client, an endpoint, an app of a client.
  const Recorded again =
      record_all(scratch, {use_of("coder", "new.example", "10.0.0.4", 8'000, 1)}, 0, "aa", true);
  REQUIRE(again.runs_replaced == 1);
  for (const SumTable& table : kSumTables)
    CHECK(scratch.ask("SELECT count(*) FROM " + std::string{table.name}) == 2);
  check_sums(scratch);
}

TEST_CASE("which inputs are known is told by bytes and filter, not by name", "[inventory]") {
  const Scratch scratch;
  record_all(scratch, some_records(), 0);
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  std::vector<RunInput> inputs{{"other name", "aa", 1'000, ""},
                               {"folder/a.pcap", "bb", 1'000, ""},
                               {"folder/a.pcap", "aa", 1'001, ""}};
  auto known = recorder->recorded_before(inputs, "");
  REQUIRE(known);
  CHECK(*known == std::vector<bool>{true, false, false});
  known = recorder->recorded_before(inputs, "tcp port 443");
  REQUIRE(known);
  CHECK(*known == std::vector<bool>{false, false, false});

  // One known, one not: recorded, and the overlap is told.
  recorder->on_flow(use_of("chat", "chat.example", "10.0.0.1", 0, 1));
  RunInfo run = run_of("bb");
  run.inputs.push_back({"a copy", "aa", 1'000, ""});
  auto recorded = recorder->finish(run, {});
  REQUIRE(recorded);
  CHECK_FALSE(recorded->already_recorded);
  CHECK(recorded->runs_replaced == 1);  // all of the earlier run's inputs are in this one
  recorder = Error{"closed"};
  recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  RunInfo half = run_of("bb");
  half.inputs.push_back({"new", "cc", 5, ""});
  auto beside = recorder->recorded_beside(half.inputs, "");
  REQUIRE(beside);
  CHECK(*beside == std::vector<std::string>{"a copy"});
  half.inputs.push_back({"the same", "aa", 1'000, ""});
  beside = recorder->recorded_beside(half.inputs, "");
  REQUIRE(beside);
  CHECK(beside->empty());
  beside = recorder->recorded_beside(std::vector<RunInput>{{"new", "cc", 5, ""}}, "");
  REQUIRE(beside);
  CHECK(beside->empty());
  // What several runs hold is one path.
  REQUIRE(
      scratch.execute("INSERT INTO capture_run (id, state, filter) VALUES (90, 'finished', ''); "
                      "INSERT INTO run_input SELECT 90, position, path, sha256, bytes, damage "
                      "FROM run_input WHERE run <> 90"));
  beside = recorder->recorded_beside(std::vector<RunInput>{{"folder/a.pcap", "bb", 1'000, ""}}, "");
  REQUIRE(beside);
  CHECK(*beside == std::vector<std::string>{"a copy"});
  REQUIRE(
      scratch.execute("DELETE FROM run_input WHERE run = 90; "
                      "DELETE FROM capture_run WHERE id = 90"));
  recorded = recorder->finish(half, {});
  REQUIRE(recorded);
  CHECK(recorded->runs_replaced == 1);
}

TEST_CASE("inputs that were not hashed are like no other", "[inventory]") {
  const Scratch scratch;
  for (int i = 0; i < 2; ++i) {
    const Recorded recorded = record_all(scratch, some_records(), 0, "", i == 1);
    CHECK_FALSE(recorded.already_recorded);
    CHECK(recorded.runs_replaced == 0);
  }
  CHECK(scratch.ask("SELECT count(*) FROM v_runs") == 2);
}

TEST_CASE("an abandoned run leaves nothing", "[inventory]") {
  const Scratch scratch;
  record_all(scratch, some_records(), 0);
  const std::string before = dump_of(scratch);
  {
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    for (const Record& record : some_records()) give(*recorder, record);
    REQUIRE(recorder->flush());
    CHECK(scratch.ask("SELECT count(*) FROM sighting") == 30);
    CHECK(scratch.ask("SELECT sum(flows) FROM v_apps") == 37);  // invisible until finished
    CHECK(dump_of(scratch) == before);
  }
  CHECK(scratch.ask("SELECT count(*) FROM sighting") == 15);
  CHECK(scratch.ask("SELECT count(*) FROM capture_run") == 1);
}

TEST_CASE("what a killed process left is invisible, and removed by the next", "[inventory]") {
  const Scratch scratch;
  const pid_t child = fork();
  if (child == 0) {
    auto recorder = Recorder::open(options_for(scratch));
    if (!recorder) _exit(1);
    for (const Record& record : some_records()) give(*recorder, record);
    if (!recorder->flush()) _exit(2);
    std::raise(SIGKILL);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK(scratch.ask("SELECT count(*) FROM sighting") == 15);
  CHECK(scratch.ask("SELECT count(*) FROM v_apps") == 0);

  record_all(scratch, some_records(), 0);
  CHECK(scratch.ask("SELECT count(*) FROM sighting") == 15);
  CHECK(scratch.ask("SELECT sum(flows) FROM v_apps") == 37);
}

TEST_CASE("a full disk is told by finish, and leaves no half of a run", "[inventory]") {
  const Scratch scratch;
  record_all(scratch, {}, 0);
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  std::vector<std::string> hosts;
  for (int i = 0; i < 5'000; ++i) hosts.push_back("host" + std::to_string(i) + ".example");
  for (int i = 0; i < 5'000; ++i)
    recorder->on_flow(use_of("chat", hosts[static_cast<std::size_t>(i)], "10.0.0.1", i, 1));

  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{300'000, before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
  auto recorded = recorder->finish(run_of("bb"), {});
  REQUIRE(setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);

  REQUIRE_FALSE(recorded);
  CHECK_THAT(recorded.error().message, Catch::StartsWith(scratch.path().string() + ": "));
  REQUIRE(recorder->failure());
  CHECK(scratch.ask("SELECT count(*) FROM v_runs") == 1);
  CHECK(scratch.ask("SELECT count(*) FROM sighting") == 0);
}

TEST_CASE("two at a time cannot record into one inventory", "[inventory]") {
  const Scratch scratch;
  auto first = Recorder::open(options_for(scratch));
  REQUIRE(first);
  auto second = Recorder::open(options_for(scratch));
  REQUIRE_FALSE(second);
  CHECK_THAT(second.error().message, Catch::Contains("another gnomon is recording"));
  REQUIRE(first->finish(run_of("aa"), {}));
  first = second.error();  // the first is gone
  CHECK(Recorder::open(options_for(scratch)));
}

TEST_CASE("at a limit totals stay whole, and the limit is counted", "[inventory]") {
  const Scratch scratch;
  RecorderOptions options = options_for(scratch);
  options.limits.sightings_max = 2;
  options.limits.unknown_hosts_max = 2;
  options.limits.clients_per_unknown_host_max = 2;
  options.limits.client_names_max = 1;
  options.limits.hours_max = 1;
  auto recorder = Recorder::open(std::move(options));
  REQUIRE(recorder);
  for (const char* client : {"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"}) {
    recorder->on_flow(use_of("chat", "chat.example", client, 0, 1));
    recorder->on_flow(use_of("chat", "chat.example", client, 4'000, 2));
    recorder->on_flow(use_of("", "unknown.example", client, 0, 3));
    recorder->on_client_name(name_of(client, "name", "dhcp", 0));
  }
  recorder->on_flow(use_of("", "second.example", "10.0.0.1", 0, 3));
  recorder->on_flow(use_of("", "third.example", "10.0.0.1", 0, 3));
  REQUIRE(recorder->finish(run_of("aa"), {}));
  CHECK(scratch.ask("SELECT count(*) FROM sighting") == 3);
  CHECK(scratch.ask("SELECT sum(flows) FROM sighting") == 8);
  CHECK(scratch.ask("SELECT flows FROM sighting WHERE client = '' AND host = ''") == 4);
  CHECK(scratch.ask("SELECT sum(flows) FROM app_hour") == 8);
  CHECK(scratch.ask("SELECT clients FROM v_apps") == 2);
  CHECK(scratch.ask("SELECT count(*) FROM host_unknown") == 4);
  CHECK(scratch.ask("SELECT sum(flows) FROM host_unknown") == 5);
  CHECK(scratch.ask("SELECT count(*) FROM client_name") == 1);
  const auto counter = [&](const std::string& name) {
    return scratch.ask("SELECT value FROM run_counter WHERE name = 'inventory." + name + "'");
  };
  CHECK(counter("sightings_folded") == 4);
  CHECK(counter("unknown_hosts_dropped") == 1);
  CHECK(counter("unknown_clients_folded") == 2);
  CHECK(counter("client_names_dropped") == 3);
}

TEST_CASE("beyond the rows for unknown hosts every host still has one", "[inventory]") {
  const Scratch scratch;
  RecorderOptions options = options_for(scratch);
  options.limits.unknown_rows_max = 3;
  auto recorder = Recorder::open(std::move(options));
  REQUIRE(recorder);
  for (const char* host : {"a.example", "b.example"})
    for (const char* client : {"10.0.0.1", "10.0.0.2", "10.0.0.3"})
      recorder->on_flow(use_of("", host, client, 0, 1));
  REQUIRE(recorder->finish(run_of("aa"), {}));
  CHECK(scratch.ask("SELECT count(*) FROM host_unknown WHERE client <> ''") == 3);
  CHECK(scratch.ask("SELECT flows FROM host_unknown WHERE host = 'b.example' AND client = ''") ==
        3);
}

TEST_CASE("the catalogue's facts follow it, also for apps that were seen before", "[inventory]") {
  const Scratch scratch;
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  recorder->on_flow(use_of("chat", "chat.example", "10.0.0.1", 0, 1));
  recorder->on_flow(use_of("homemade", "ai.corp", "10.0.0.1", 0, 2));
  REQUIRE(recorder->finish(run_of("aa"), {}));
  CHECK(scratch.ask("SELECT count(*) FROM app WHERE id = 'homemade' AND name = 'homemade'") == 1);

  RecorderOptions options = options_for(scratch);
  options.apps = {{"chat", "Chat 2", "", "", "", {{"sso", "yes"}}}};
  recorder = Error{"closed"};
  recorder = Recorder::open(std::move(options));
  REQUIRE(recorder);
  recorder->on_flow(use_of("coder", "coder.example", "10.0.0.1", 0, 1));
  REQUIRE(recorder->finish(run_of("bb"), {}));
  CHECK(scratch.ask("SELECT count(*) FROM app WHERE name = 'Chat 2'") == 1);
  CHECK(scratch.ask("SELECT count(*) FROM app_attribute WHERE app = 'chat'") == 1);
  CHECK(scratch.ask("SELECT count(*) FROM app") == 3);
}

TEST_CASE("only the final counters are kept", "[inventory]") {
  const Scratch scratch;
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  std::vector<std::pair<std::string_view, std::uint64_t>> counters{{"decode.vlan", 1}};
  observation::StatsRecord stats;
  stats.counters = counters;
  recorder->on_stats(stats);
  counters[0].second = 5;
  stats.final = true;
  recorder->on_stats(stats);
  REQUIRE(recorder->finish(run_of("aa"), {}));
  CHECK(scratch.ask("SELECT value FROM run_counter WHERE name = 'decode.vlan'") == 5);
}

TEST_CASE("a fault of the mirror is kept as it was told last, and read worst first over all runs",
          "[inventory]") {
  using observation::HealthSeverity;
  const Scratch scratch;
  const auto fault = [](std::string_view check, HealthSeverity severity, std::int64_t second,
                        std::uint32_t intervals) {
    observation::HealthRecord record;
    record.check = check;
    record.severity = severity;
    record.first = at_second(second);
    record.last = at_second(second + 60);
    record.intervals = intervals;
    record.evidence = severity == HealthSeverity::kCritical ? "much" : "some";
    return record;
  };
  {
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    recorder->on_health(fault("gaps", HealthSeverity::kWarning, 0, 1));
    REQUIRE(recorder->flush());
    recorder->on_health(fault("gaps", HealthSeverity::kCritical, 0, 2));
    recorder->on_health(fault("duplicates", HealthSeverity::kNotice, 30, 1));
    CHECK(scratch.ask("SELECT count(*) FROM v_health") == 0);  // not finished
    REQUIRE(recorder->finish(run_of("aa"), {}));
  }
  CHECK(scratch.ask("SELECT count(*) FROM health") == 2);
  CHECK(scratch.ask("SELECT count(*) FROM v_health WHERE severity = 'critical'") == 1);
  {
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    recorder->on_health(fault("gaps", HealthSeverity::kWarning, 3600, 5));
    REQUIRE(recorder->finish(run_of("bb"), {}));
  }
  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  const auto all = inventory->health();
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  CHECK(all->at(0).check == "gaps");
  CHECK(all->at(0).severity == HealthSeverity::kCritical);
  CHECK(all->at(0).evidence == "much");
  CHECK(all->at(0).run == 1);
  CHECK(all->at(0).runs == 2);
  CHECK(all->at(0).intervals == 7);
  CHECK(all->at(0).first_seen == at_second(0));
  CHECK(all->at(0).last_seen == at_second(3660));
  CHECK(all->at(1).check == "duplicates");

  // A run that is recorded again takes its faults with it.
  RecorderOptions again = options_for(scratch);
  again.again = true;
  auto recorder = Recorder::open(std::move(again));
  REQUIRE(recorder);
  REQUIRE(recorder->finish(run_of("aa"), {}));
  CHECK(scratch.ask("SELECT count(*) FROM health") == 1);
}

TEST_CASE("a wrong rubric is refused before anything is written", "[inventory]") {
  const Scratch scratch;
  RecorderOptions options = options_for(scratch);
  options.risk_rubric = "levels: 7\n";
  auto recorder = Recorder::open(std::move(options));
  REQUIRE_FALSE(recorder);
  CHECK_THAT(recorder.error().message, Catch::StartsWith("risk.yaml:1: "));
  CHECK_FALSE(std::filesystem::exists(scratch.path()));
}

}  // namespace gnomon::inventory
