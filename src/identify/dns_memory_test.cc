#include "gnomon/identify/dns_memory.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "gnomon/bytes/hash.h"

using gnomon::IpAddress;
using gnomon::Time;
using gnomon::identify::DnsMemory;
using gnomon::observation::DnsAnswer;
using gnomon::observation::DnsRecord;

namespace {

constexpr std::chrono::seconds kMinute{60};

Time at(int seconds) { return gnomon::time_of(1'700'000'000 + seconds, 0); }

IpAddress address(unsigned number) {
  const std::array<std::uint8_t, 4> bytes{10, static_cast<std::uint8_t>(number >> 16),
                                          static_cast<std::uint8_t>(number >> 8),
                                          static_cast<std::uint8_t>(number)};
  return IpAddress::v4(bytes.data());
}

const IpAddress kClient = address(1);
const IpAddress kOther = address(2);
const IpAddress kServer = address(1001);

void remember(DnsMemory& memory, std::string_view name, int seconds,
              const IpAddress& server = kServer, const IpAddress& client = kClient) {
  memory.remember(client, name, std::vector{server}, at(seconds), kMinute);
}

DnsAnswer answer(std::string_view type, const IpAddress& its_address, std::uint32_t ttl) {
  DnsAnswer answer;
  answer.rrname = "edge.cdn.example";
  answer.rrtype = type;
  answer.ttl = ttl;
  answer.address = its_address;
  return answer;
}

std::string name_of(const DnsMemory& memory, int seconds) {
  const auto found = memory.lookup(kClient, kServer, at(seconds));
  return found ? std::string{found->name} + (found->ambiguous ? "?" : "") : "-";
}

}  // namespace

TEST_CASE("an address has the name its client asked for last", "[dns]") {
  DnsMemory memory;
  remember(memory, "chat.example.", 100);
  const int end = 100 + 60 + 600;  // time to live and grace
  CHECK(name_of(memory, 99) == "-");
  CHECK(name_of(memory, 100) == "chat.example");
  CHECK(name_of(memory, end) == "chat.example");
  CHECK(name_of(memory, end + 1) == "-");
  CHECK_FALSE(memory.lookup(kOther, kServer, at(101)));
  CHECK_FALSE(memory.lookup(kClient, kOther, at(101)));
  CHECK_FALSE(memory.lookup(kServer, kClient, at(101)));
}

TEST_CASE("several names of one address are ambiguous, the latest is told", "[dns]") {
  DnsMemory memory;
  remember(memory, "a.example", 100);
  remember(memory, "b.example", 200);
  CHECK(name_of(memory, 150) == "a.example");
  CHECK(name_of(memory, 200) == "b.example?");
  CHECK(name_of(memory, 790) == "b.example");  // a's answer ran out
  remember(memory, "a.example", 300);
  CHECK(name_of(memory, 250) == "b.example?");
  CHECK(name_of(memory, 300) == "a.example?");
  CHECK(name_of(memory, 950) == "a.example");
}

TEST_CASE("an answer that is renewed in time held all along", "[dns]") {
  DnsMemory memory;
  remember(memory, "a.example", 100);
  remember(memory, "a.example", 700);
  CHECK(name_of(memory, 650) == "a.example");
  remember(memory, "a.example", 5000);  // long after: begins anew
  CHECK(name_of(memory, 4000) == "-");
  CHECK(name_of(memory, 5000) == "a.example");
}

TEST_CASE("names, addresses and pairs are bounded, and counted when refused", "[dns]") {
  DnsMemory memory{100};
  for (int i = 0; i < 6; ++i) remember(memory, "n" + std::to_string(i) + ".example", 100 + i);
  CHECK(memory.counters().displaced == 6 - DnsMemory::kNamesMax);
  CHECK(name_of(memory, 106) == "n5.example?");

  memory.remember(kClient, {}, std::vector{kServer}, at(1), kMinute);
  memory.remember(kClient, std::string(254, 'a'), std::vector{kServer}, at(1), kMinute);
  CHECK(memory.counters().refused == 2);
  const std::vector<IpAddress> many(DnsMemory::kAddressesMax + 5, kServer);
  memory.remember(kClient, "a.example", many, at(1), kMinute);
  CHECK(memory.counters().refused == 7);
}

TEST_CASE("the pair answered longest ago makes room", "[dns]") {
  DnsMemory memory{1000};
  for (unsigned i = 0; i < 1000; ++i)
    remember(memory, std::to_string(i) + ".example", static_cast<int>(i), address(2000 + i));
  CHECK(memory.counters().pairs == 1000);
  remember(memory, "0.example", 1000, address(2000));  // young again
  for (unsigned i = 1000; i < 1500; ++i)
    remember(memory, std::to_string(i) + ".example", static_cast<int>(i), address(2000 + i));
  CHECK(memory.counters().pairs == 1000);
  CHECK(memory.counters().evicted == 500);
  for (unsigned i = 0; i < 1500; ++i) {
    CAPTURE(i);
    const bool kept = i == 0 || i > 500;
    const int then = i == 0 ? 1000 : static_cast<int>(i);
    const auto found = memory.lookup(kClient, address(2000 + i), at(then));
    REQUIRE(found.has_value() == kept);
    if (kept) REQUIRE(found->name == std::to_string(i) + ".example");
  }
}

TEST_CASE("addresses chosen for their common hash are found as fast as others") {
  // With the hash that is the same in every process all of these had one place: to remember them
  // was to look at some twenty thousand million pairs.
  using namespace gnomon;
  constexpr std::uint32_t kPairs = 200'000;
  DnsMemory memory{kPairs};
  const std::uint64_t start = hash_bytes(kClient.bytes().data(), 16) ^ 16;
  const auto chosen = [&](std::uint64_t number) {
    const std::uint64_t words[2] = {number, mix(start ^ number, kHashStep)};
    std::array<std::uint8_t, 16> bytes;
    std::memcpy(bytes.data(), words, 16);
    return IpAddress::v6(bytes.data());
  };
  REQUIRE(hash_bytes(chosen(1).bytes().data(), 16, start ^ 16) == 0);
  for (std::uint32_t i = 0; i < kPairs; ++i) remember(memory, "a.example", 0, chosen(i));
  CHECK(memory.counters().pairs == kPairs);
  CHECK(memory.lookup(kClient, chosen(7), at(1)));
}

TEST_CASE("a chain of aliases counts as the name asked for", "[dns]") {
  const IpAddress six = *IpAddress::parse("2001:db8::7");
  std::array answers{
      answer("A", kServer, 300), answer("AAAA", six, 300), answer("TXT", kOther, 300),
      answer("A", kOther, 1),    answer("CNAME", {}, 30),
  };
  answers[3].additional = true;  // some name server's
  DnsRecord record;
  record.conversation.client = kClient;
  record.conversation.server = address(53);
  record.time = at(10);
  record.rrname = "chat.example";
  record.rcode = "NOERROR";
  record.answered = true;
  record.answers = answers;

  DnsMemory memory;
  memory.remember(record);
  CHECK(memory.counters().answers == 2);
  CHECK(name_of(memory, 10) == "chat.example");
  CHECK(memory.lookup(kClient, six, at(11))->name == "chat.example");
  CHECK(name_of(memory, 10 + 30 + 600) == "chat.example");  // the shortest time to live counts
  CHECK(name_of(memory, 10 + 30 + 601) == "-");

  DnsMemory empty;
  DnsRecord wrong = record;
  wrong.answered = false;
  empty.remember(wrong);
  wrong = record;
  wrong.multicast = true;
  empty.remember(wrong);
  wrong = record;
  wrong.rcode = "NXDOMAIN";
  empty.remember(wrong);
  wrong = record;
  wrong.answers = {};
  empty.remember(wrong);
  CHECK(empty.counters().answers == 0);
}
