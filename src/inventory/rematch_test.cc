#include "schema.h"
#include "test_records.h"

namespace gnomon::inventory {
namespace {

constexpr const char* kFirstSchema =
#include "schema_v1_sample.inc"
    ;

observation::FlowRecord unknown_flow(const char* client, std::int64_t second, std::uint64_t number,
                                     std::uint64_t payload) {
  auto flow = use_of("", "later.example", client, second, number);
  flow.payload_to_server = flow.payload_to_client = payload;
  return flow;
}

// A catalogue that has learnt about one host; the grade tells what the flow showed.
observation::Identity judge(const observation::FlowRecord& flow) {
  observation::Identity identity;
  if (flow.host != "later.example") return identity;
  if (flow.tls.ech == observation::Ech::kReal) return identity;
  identity.app = "coder";
  identity.role = "api";
  identity.usage = "coding-assistant";
  identity.grade = flow.payload_to_client > 1000 ? Grade::kSession : Grade::kName;
  identity.why = "data both ways";
  return identity;
}

Result<std::vector<RetroMatch>> rematch(const Scratch& scratch) {
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  return recorder->rematch(judge, at_second(100'000));
}

}  // namespace

TEST_CASE("who used an app before it was known is told afterwards", "[rematch]") {
  const Scratch scratch;
  {
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    recorder->on_flow(unknown_flow("10.0.0.1", 500, 3, 100));
    recorder->on_flow(unknown_flow("10.0.0.1", 300, 1, 5000));  // the one that proves
    recorder->on_flow(unknown_flow("10.0.0.2", 400, 2, 50));    // never more than a handshake
    auto hidden = unknown_flow("10.0.0.3", 400, 4, 5000);
    hidden.tls.ech = observation::Ech::kReal;
    recorder->on_flow(hidden);
    recorder->on_flow(use_of("", "other.example", "10.0.0.1", 0, 5));
    REQUIRE(recorder->finish(run_of("aa"), {}));
  }
  const auto matches = rematch(scratch);
  REQUIRE(matches);
  REQUIRE(matches->size() == 1);
  CHECK(matches->front().app == "coder");
  CHECK(matches->front().clients == std::vector<std::string>{"10.0.0.1", "10.0.0.2"});
  CHECK(matches->front().first_seen == at_second(300));

  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  const auto uses = inventory->retro_uses();
  REQUIRE(uses);
  REQUIRE(uses->size() == 2);
  CHECK(uses->front().client == "10.0.0.1");
  CHECK(uses->front().used_since == at_second(300));
  CHECK(uses->front().known_since == at_second(100'000));
  CHECK(uses->front().proof.frame == 1);
  const auto detail = inventory->app("coder");
  REQUIRE(detail);
  REQUIRE(*detail);
  CHECK((*detail)->summary.facts.name == "Coder");
  CHECK((*detail)->summary.counts.flows == 3);
  CHECK((*detail)->summary.counts.sessions == 2);  // of the client that had one
  CHECK_THAT((*detail)->sightings.front().why, Catch::StartsWith("known only since a later"));
  // What was not the name asked for stays unknown, and so do others.
  CHECK(scratch.ask("SELECT count(*) FROM host_unknown WHERE host = 'later.example'") == 1);
  CHECK(scratch.ask("SELECT count(*) FROM v_unknown_hosts") == 2);
}

TEST_CASE("asking again changes nothing", "[rematch]") {
  const Scratch scratch;
  {
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    recorder->on_flow(unknown_flow("10.0.0.1", 300, 1, 5000));
    REQUIRE(recorder->finish(run_of("aa"), {}));
  }
  REQUIRE(rematch(scratch)->size() == 1);
  const std::string once = dump_of(scratch);
  CHECK(rematch(scratch)->empty());
  CHECK(dump_of(scratch) == once);
}

TEST_CASE("the flow that proves a host does not depend on order or batches", "[rematch]") {
  std::string expected;
  for (const bool reversed : {false, true}) {
    const Scratch scratch;
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    for (int i = 0; i < 6; ++i) {
      const int at = reversed ? 5 - i : i;
      recorder->on_flow(unknown_flow("10.0.0.1", 100 - at % 3, static_cast<std::uint64_t>(at) + 1,
                                     at % 2 == 0 ? 5000 : 70));
      if (reversed) REQUIRE(recorder->flush());
    }
    REQUIRE(recorder->finish(run_of("aa"), {}));
    if (expected.empty()) expected = dump_of(scratch);
    CHECK(dump_of(scratch) == expected);
    CHECK(scratch.ask("SELECT proof_number FROM host_unknown") == 3);
  }
}

TEST_CASE("an inventory of the first schema is brought up to date by looking at it", "[rematch]") {
  const Scratch scratch;
  // As the first version made it: its tables, one run, one sighting, one unknown host.
  REQUIRE(scratch.execute(kFirstSchema));
  REQUIRE(scratch.ask("PRAGMA user_version") == 1);
  {
    auto inventory = Inventory::open(scratch.path());
    REQUIRE(inventory);
    const auto apps = inventory->apps();
    REQUIRE(apps);
    REQUIRE(apps->size() == 1);
    CHECK(apps->front().counts.flows == 2);
    CHECK(inventory->unknown_hosts(10)->size() == 1);
    CHECK(inventory->findings()->empty());
  }
  CHECK(scratch.ask("PRAGMA user_version") == newest_version(migrations()));
  // Of a host whose proof was not kept nothing more than the name is claimed.
  const auto matches = rematch(scratch);
  REQUIRE(matches);
  REQUIRE(matches->size() == 1);
  CHECK(scratch.ask("SELECT grade FROM sighting WHERE app = 'coder' AND retro = 1") == 2);
}

}  // namespace gnomon::inventory
