#include "gnomon/inventory/candidate_review.h"
#include "records.h"
#include "test_records.h"

namespace gnomon::inventory {
namespace {

constexpr std::string_view kReasons[] = {"name scores 0.91", "CNAME to an AI platform",
                                         "an answer streamed at 31 records a second"};

void see(const Scratch& scratch, std::string_view sha, double score,
         std::span<const std::string_view> reasons) {
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  recorder->on_candidate(candidate_of("10.0.0.1", "odd.example", score, reasons, 0, 1));
  REQUIRE(recorder->finish(run_of(sha), {}));
}

Candidate candidate(const Scratch& scratch) {
  auto inventory = Inventory::open(scratch.path());
  REQUIRE(inventory);
  const auto all = inventory->candidates();
  REQUIRE(all);
  REQUIRE(all->size() == 1);
  return all->front();
}

}  // namespace

TEST_CASE("a dismissed candidate stays away until its evidence changes", "[candidates]") {
  struct Case {
    double score;
    std::vector<std::string_view> reasons;
    bool back;
  };
  const auto row = GENERATE(values<Case>({
      {0.61, {kReasons[0], kReasons[1]}, false},  // the same
      {0.61, {kReasons[0]}, false},               // less
      {0.64, {"name scores 0.97"}, false},        // the same, measured anew
      {0.69, {kReasons[0]}, false},               // a little more of it
      {0.71, {kReasons[0]}, true},                // much more of it
      {0.61, {kReasons[2]}, true},                // something else
  }));
  const Scratch scratch;
  see(scratch, "aa", 0.6, std::span{kReasons}.first(2));
  CHECK(candidate(scratch).status == "new");
  REQUIRE(decide_candidate(scratch.path(), {"odd.example", "dismissed", "", "a game"}, "anna",
                           at_second(1)));
  CHECK(candidate(scratch).status == "dismissed");
  CHECK(candidate(scratch).decided_by == "anna");
  see(scratch, "bb", row.score, row.reasons);
  const Candidate now = candidate(scratch);
  CHECK(now.status == (row.back ? "new" : "dismissed"));
  CHECK(now.new_evidence.empty() != row.back);
}

TEST_CASE("a candidate's clients are all that exchanged bytes with the host", "[candidates]") {
  const Scratch scratch;
  {
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    std::uint64_t number = 0;
    const auto reach = [&](const char* client, std::string_view host, bool answered) {
      ++number;
      auto flow = use_of("", host, client, 0, number);
      if (!answered) flow.payload_to_client = 0;
      recorder->on_flow(flow);
    };
    reach("10.0.0.1", "odd.example", true);
    reach("10.0.0.2", "odd.example", true);
    reach("10.0.0.2", "odd.example", true);  // again
    reach("fd00::3", "odd.example", true);
    reach("10.0.0.4", "odd.example", false);  // asked, and was not answered
    reach("10.0.0.5", "even.example", true);  // another host
    recorder->on_candidate(candidate_of("10.0.0.2", "odd.example", 0.9, kReasons, 300, ++number));
    REQUIRE(recorder->finish(run_of("aa"), {}));
  }
  CHECK(candidate(scratch).clients == 3);
  {
    // In another run, by one who is there already and one who is not.
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    recorder->on_flow(use_of("", "odd.example", "10.0.0.1", 0, 1));
    recorder->on_flow(use_of("", "odd.example", "10.0.0.6", 0, 2));
    REQUIRE(recorder->finish(run_of("bb"), {}));
  }
  CHECK(candidate(scratch).clients == 4);

  // Who used it stays said when it is in a list.
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  const auto known = [](const observation::FlowRecord& flow) {
    observation::Identity identity;
    if (flow.host != "odd.example") return identity;
    identity.app = "coder";
    identity.grade = Grade::kSession;
    return identity;
  };
  REQUIRE(recorder->rematch(known, at_second(1'000)));
  CHECK(scratch.ask("SELECT count(*) FROM host_unknown WHERE host = 'odd.example'") == 0);
  CHECK(candidate(scratch).status == "known");
  CHECK(candidate(scratch).clients == 4);
}

TEST_CASE("a host that is a self-hosted server waits for no decision", "[candidates]") {
  struct Case {
    const char* host;     // of the server
    const char* address;  // what the candidate is called
    const char* status;
  };
  const auto row = GENERATE(values<Case>({
      {"odd.example", "odd.example", "known"},
      {"even.example", "odd.example", "new"},
      {"", "10.0.9.9", "known"},
      {"even.example", "10.0.9.9", "new"},  // another service there
  }));
  const Scratch scratch;
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  recorder->on_candidate(candidate_of("10.0.0.1", row.address, 0.9, kReasons, 0, 1));
  auto asset = asset_of("10.0.0.1", "ollama", 10, 2);
  asset.host = row.host;
  recorder->on_asset(asset);
  REQUIRE(recorder->finish(run_of("aa"), {}));
  const Candidate now = candidate(scratch);
  CHECK(now.status == row.status);
  const bool known = now.status == "known";
  CHECK(now.known_as == (known ? "self-hosted: ollama at 10.0.9.9:11434" : ""));
  const auto due = [&] { return Inventory::open(scratch.path())->totals()->candidates; };
  CHECK(due() == (known ? 0 : 1));
  REQUIRE(
      decide_candidate(scratch.path(), {row.address, "dismissed", "", ""}, "anna", at_second(1)));
  CHECK(candidate(scratch).status == "dismissed");
  CHECK(due() == 0);
}

TEST_CASE("decisions are audited, and only candidates can be decided on", "[candidates]") {
  const Scratch scratch;
  see(scratch, "aa", 0.6, kReasons);
  REQUIRE(decide_candidate(scratch.path(), {"odd.example", "accepted", "odd", ""}, "bert",
                           at_second(1)));
  CHECK(scratch.ask("SELECT count(*) FROM audit WHERE action = 'candidate' AND actor = 'bert' AND "
                    "field = 'status' AND value_before = 'new' AND value_after = 'accepted'") == 1);
  CHECK(candidate(scratch).app == "odd");
  CHECK_FALSE(
      decide_candidate(scratch.path(), {"even.example", "dismissed", "", ""}, "b", at_second(1)));
  CHECK_FALSE(
      decide_candidate(scratch.path(), {"odd.example", "liked", "", ""}, "b", at_second(1)));
  CHECK(scratch.ask("SELECT count(*) FROM candidate_review") == 1);
}

TEST_CASE("evidence has no numbers and no order", "[candidates]") {
  CHECK(evidence_of({"b 1.5 of 2", "a"}) == "a\nb # of #\n");
  CHECK(evidence_of({"a", "b 99 of 1,000"}) == "a\nb # of #\n");
  CHECK(evidence_of({"version 1."}) == "version #.\n");
  CHECK(fingerprint_of(evidence_of({"a 1"})) == fingerprint_of(evidence_of({"a 2"})));
  CHECK(fingerprint_of(evidence_of({"a 1"})) != fingerprint_of(evidence_of({"b 1"})));
}

}  // namespace gnomon::inventory
