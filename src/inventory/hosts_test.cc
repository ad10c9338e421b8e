#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "test_records.h"

namespace gnomon::inventory {
namespace {

std::string addresses_of(const Scratch& scratch) {
  auto inventory = Inventory::open(scratch.path());
  if (!inventory) return inventory.error().message;
  auto addresses = inventory->host_addresses();
  if (!addresses) return addresses.error().message;
  std::string out;
  for (const HostAddress& each : *addresses)
    out += each.host + "=" + each.address + ":" + std::to_string(each.flows) + "+" +
           std::to_string(each.answers) + " ";
  return out;
}

}  // namespace

TEST_CASE("hosts are kept with the addresses they were reached at, whatever the batches") {
  for (const bool in_batches : {false, true}) {
    Scratch scratch;
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    recorder->on_flow(use_of("chat", "chat.example", "10.0.0.1", 0, 1));
    recorder->on_flow(use_of("", "other.example", "10.0.0.1", 0, 2));
    if (in_batches) REQUIRE(recorder->flush());
    recorder->on_flow(use_of("chat", "chat.example", "10.0.0.2", 5, 3));
    // What the DNS told, a proxy's address, half a hello: no proof of an address.
    for (const auto source :
         {observation::HostSource::kDnsAnswer, observation::HostSource::kHttpConnect,
          observation::HostSource::kTlsSniPartial, observation::HostSource::kNone}) {
      auto flow = use_of("chat", "proxied.example", "10.0.0.1", 0, 4);
      flow.host_source = source;
      recorder->on_flow(flow);
    }
    observation::DnsRecord dns;
    dns.conversation.client = address("10.0.0.1");
    dns.time = at_second(1);
    dns.rrname = "chat.example";
    dns.identity.app = "chat";
    dns.identity.grade = Grade::kDns;
    dns.answered = true;
    std::vector<observation::DnsAnswer> answers(3);
    answers[0].address = address("2001:db8::5");
    answers[1].address = address("192.0.2.77");
    answers[1].additional = true;
    dns.answers = answers;
    recorder->on_dns(dns);
    dns.identity = {};
    answers[0].address = address("192.0.2.78");  // of no app: not kept
    recorder->on_dns(dns);
    CHECK(addresses_of(scratch) == "");  // of a run that is not finished
    REQUIRE(recorder->finish(run_of("aa"), {}));
    CHECK(addresses_of(scratch) ==
          "chat.example=2001:db8::5:0+1 chat.example=203.0.113.9:2+0 "
          "other.example=203.0.113.9:1+0 ");
  }
}

TEST_CASE("beyond the limit addresses are dropped and counted") {
  Scratch scratch;
  auto options = options_for(scratch);
  options.limits.host_addresses_max = 1;
  auto recorder = Recorder::open(std::move(options));
  REQUIRE(recorder);
  recorder->on_flow(use_of("chat", "chat.example", "10.0.0.1", 0, 1));
  recorder->on_flow(use_of("chat", "second.example", "10.0.0.1", 0, 2));
  recorder->on_flow(use_of("chat", "chat.example", "10.0.0.1", 0, 3));
  REQUIRE(recorder->finish(run_of("aa"), {}));
  CHECK(addresses_of(scratch) == "chat.example=203.0.113.9:2+0 ");
  CHECK(scratch.ask("SELECT value FROM run_counter WHERE "
                    "name = 'inventory.host_addresses_dropped'") == 1);
}

TEST_CASE("a run that is replaced takes its addresses along") {
  Scratch scratch;
  for (const bool again : {false, true}) {
    auto options = options_for(scratch);
    options.again = again;
    auto recorder = Recorder::open(std::move(options));
    REQUIRE(recorder);
    recorder->on_flow(use_of("chat", again ? "b.example" : "a.example", "10.0.0.1", 0, 1));
    REQUIRE(recorder->finish(run_of("aa"), {}));
  }
  CHECK(addresses_of(scratch) == "b.example=203.0.113.9:1+0 ");
}

}  // namespace gnomon::inventory
