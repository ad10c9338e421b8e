#include "gnomon/sensor/claim_queue.h"

#include <catch2/catch.hpp>
#include <set>
#include <vector>

using gnomon::sensor::Claim;
using gnomon::sensor::ClaimQueue;

namespace {

// Flows that hold something, at most `max`; the oldest gives way to the next.
struct Holders {
  explicit Holders(std::size_t holders_max) : max(holders_max), queue(holders_max) {}

  std::size_t max;
  ClaimQueue<Claim> queue;
  std::set<std::uint32_t> holding;
  std::vector<std::uint32_t> gave_way;
  std::size_t asked = 0;

  auto holds() {
    return [this](const Claim& claim) {
      ++asked;
      return holding.count(claim.flow) != 0;
    };
  }
  void take(std::uint32_t flow) {
    while (holding.size() >= max) {
      const auto oldest = queue.take_oldest(holds());
      REQUIRE(oldest);
      holding.erase(oldest->flow);
      gave_way.push_back(oldest->flow);
    }
    queue.add({flow, 1}, holds());
    holding.insert(flow);
  }
};

}  // namespace

TEST_CASE("the one that has held longest gives way, those that let go are passed over") {
  Holders holders{3};
  for (const std::uint32_t flow : {1U, 2U, 3U}) holders.take(flow);
  holders.holding.erase(1);
  holders.take(4);
  CHECK(holders.gave_way.empty());
  holders.take(5);
  holders.take(6);
  CHECK(holders.gave_way == std::vector<std::uint32_t>{2, 3});
  holders.holding.clear();
  CHECK_FALSE(holders.queue.take_oldest(holders.holds()));
  CHECK(holders.queue.size() == 0);
}

TEST_CASE("one that holds on stays, however many take and let go after it") {
  constexpr std::uint32_t kOthers = 200'000;
  Holders holders{100};
  holders.take(0);
  for (std::uint32_t flow = 1; flow <= kOthers; ++flow) {
    holders.take(flow);
    holders.holding.erase(flow);
    REQUIRE(holders.queue.size() <= 2 * holders.max);
  }
  CHECK(holders.gave_way.empty());
  CHECK(holders.holding.count(0) == 1);
  CHECK(holders.asked <= 2 * kOthers);
}

TEST_CASE("claims that never go stale do not make each new one look at all of them") {
  ClaimQueue<Claim> queue{4};
  std::size_t asked = 0;
  for (std::uint32_t flow = 0; flow < 100'000; ++flow) {
    queue.add({flow, 1}, [&](const Claim&) {
      ++asked;
      return true;
    });
  }
  CHECK(queue.size() == 100'000);
  CHECK(asked <= 2 * 100'000);
}
