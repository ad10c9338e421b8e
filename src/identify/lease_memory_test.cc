#include "gnomon/identify/lease_memory.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace gnomon;
using namespace gnomon::identify;
using Kind = LeaseStep::Kind;

namespace {

LeaseStep step_of(Kind kind, std::string_view name, std::uint32_t transaction = 5,
                  std::string_view client = "02:00:00:00:00:05", std::int64_t second = 100) {
  LeaseStep step;
  step.kind = kind;
  step.transaction = transaction;
  step.client = client;
  step.record.mac = client;
  step.record.name = name;
  step.record.time = time_of(second, 0);
  return step;
}

// The name by which the last step calls the client; "-" when it names nobody.
std::string told(LeaseMemory& memory, LeaseStep step) {
  return memory.see(step) ? std::string{step.record.name} : "-";
}

}  // namespace

TEST_CASE("a wish names nobody until it is granted") {
  LeaseMemory memory;
  CHECK(told(memory, step_of(Kind::kWish, "alice")) == "-");
  CHECK(told(memory, step_of(Kind::kGranted, "")) == "alice");
  CHECK(told(memory, step_of(Kind::kGranted, "")) == "-");  // a copy: all is said
  CHECK(memory.counters().named == 1);
}

TEST_CASE("a wish that was refused is forgotten") {
  LeaseMemory memory;
  CHECK(told(memory, step_of(Kind::kWish, "bob")) == "-");
  CHECK(told(memory, step_of(Kind::kRefused, "")) == "-");
  CHECK(told(memory, step_of(Kind::kGranted, "")) == "-");
  CHECK(memory.counters().refused == 1);
}

TEST_CASE("only the wish that was answered gives the name") {
  struct Case {
    const char* what;
    LeaseStep answer;
    const char* name;
  };
  LeaseStep six = step_of(Kind::kGranted, "");
  six.is_v6 = true;
  LeaseStep six_named = step_of(Kind::kGranted, "dora");
  six_named.is_v6 = true;
  const auto c = GENERATE_COPY(values<Case>({
      {"its answer", step_of(Kind::kGranted, ""), "alice"},
      {"its answer, in which the server calls it otherwise", step_of(Kind::kGranted, "pc-5"),
       "alice"},
      {"another transaction", step_of(Kind::kGranted, "", 6), "-"},
      {"another transaction that has a name", step_of(Kind::kGranted, "pc-6", 6), "pc-6"},
      {"another client", step_of(Kind::kGranted, "", 5, "02:00:00:00:00:06"), "-"},
      {"of DHCPv6", six, "-"},
      {"of DHCPv6, with a name", six_named, "dora"},
      {"in time", step_of(Kind::kGranted, "", 5, "02:00:00:00:00:05", 160), "alice"},
      {"too late", step_of(Kind::kGranted, "", 5, "02:00:00:00:00:05", 161), "-"},
  }));
  CAPTURE(c.what);
  LeaseMemory memory;
  CHECK(told(memory, step_of(Kind::kWish, "alice")) == "-");
  CHECK(told(memory, step_of(Kind::kWish, "")) == "-");  // asked again, without the name
  CHECK(told(memory, c.answer) == c.name);
}

TEST_CASE("a client that has its address names it at once, and when it is confirmed") {
  LeaseMemory memory;
  CHECK(told(memory, step_of(Kind::kHas, "alice")) == "alice");
  CHECK(told(memory, step_of(Kind::kGranted, "")) == "alice");
  CHECK(told(memory, step_of(Kind::kHas, "")) == "-");
}

TEST_CASE("wishes of clients that cannot be told apart are not remembered, nor are too many") {
  LeaseMemory memory;
  CHECK(told(memory, step_of(Kind::kWish, "alice", 5, "")) == "-");
  CHECK(told(memory, step_of(Kind::kGranted, "", 5, "")) == "-");
  const std::string long_client(LeaseMemory::kClientBytesMax + 1, 'c');
  CHECK(told(memory, step_of(Kind::kWish, "alice", 5, long_client)) == "-");
  CHECK(told(memory, step_of(Kind::kGranted, "", 5, long_client)) == "-");
  for (std::uint32_t i = 0; i <= LeaseMemory::kWishesMax; ++i)
    CHECK(told(memory, step_of(Kind::kWish, "alice", i)) == "-");
  CHECK(memory.counters().evicted == 1);
  CHECK(told(memory, step_of(Kind::kGranted, "", 0)) == "-");
  CHECK(told(memory, step_of(Kind::kGranted, "", 1)) == "alice");
}

TEST_CASE("an offer that was accepted stands where no server is seen to answer") {
  const IpAddress offered = *IpAddress::parse("10.0.0.5");
  const auto accepting = [&](std::string_view name) {
    LeaseStep step = step_of(Kind::kWish, name);
    step.accepts = offered;
    return step;
  };
  struct Case {
    const char* what;
    std::vector<LeaseStep> steps;
    std::int64_t now;
    const char* told;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"in the end", {accepting("alice")}, 161, "alice"},
      {"not before a server may have answered", {accepting("alice")}, 160, "-"},
      {"not where it was only wished for", {step_of(Kind::kWish, "alice")}, 161, "-"},
      {"not where it was refused", {accepting("alice"), step_of(Kind::kRefused, "")}, 161, "-"},
      {"not again where it was granted",
       {accepting("alice"), step_of(Kind::kGranted, "")},
       161,
       "-"},
      {"by the name it gave before", {step_of(Kind::kWish, "alice"), accepting("")}, 161, "alice"},
      {"not without any name", {accepting("")}, 161, "-"},
      {"where the clock was put back", {accepting("alice")}, 39, "alice"},
  }));
  CAPTURE(c.what);
  LeaseMemory memory;
  for (LeaseStep step : c.steps) memory.see(step);
  std::string told;
  const auto tell = [&](const observation::ClientNameRecord& record) {
    CHECK(record.client == offered);
    CHECK(record.mac == "02:00:00:00:00:05");
    told += record.name;
  };
  memory.advance(time_of(c.now, 0), false, tell);
  memory.advance(time_of(c.now, 0), false, tell);
  CHECK((told.empty() ? "-" : told) == c.told);
}

TEST_CASE("at the end nobody waits for an answer any more") {
  LeaseMemory memory;
  LeaseStep step = step_of(Kind::kWish, "alice");
  step.accepts = *IpAddress::parse("10.0.0.5");
  memory.see(step);
  std::size_t told = 0;
  memory.advance(time_of(100, 0), true, [&](const auto&) { ++told; });
  memory.advance(time_of(500, 0), true, [&](const auto&) { ++told; });
  CHECK(told == 1);
}
