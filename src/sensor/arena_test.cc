#include "gnomon/sensor/arena.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "gnomon/sensor/batch.h"

using gnomon::sensor::Arena;

TEST_CASE("text stays where it is until the arena is cleared, whatever its size") {
  Arena arena;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::string> wanted;
    std::vector<std::string_view> kept;
    for (std::size_t i = 0; i < 2000; ++i) {
      wanted.push_back(std::string(i * 37 % 500, static_cast<char>('a' + i % 26)));
      kept.push_back(arena.copy(wanted.back()));
    }
    const std::string large(200'000, 'x');
    CHECK(arena.copy(large) == large);
    for (std::size_t i = 0; i < wanted.size(); ++i) REQUIRE(kept[i] == wanted[i]);
    arena.clear();
  }
}

TEST_CASE("arrays are aligned and begin empty") {
  Arena arena;
  static_cast<void>(arena.copy("x"));
  const auto numbers = arena.array<std::uint64_t>(3);
  CHECK(reinterpret_cast<std::uintptr_t>(numbers.data()) % alignof(std::uint64_t) == 0);
  CHECK(numbers.size() == 3);
  CHECK(numbers[0] + numbers[1] + numbers[2] == 0);
  CHECK(arena.array<std::uint64_t>(0).empty());
}

TEST_CASE("what one moment needed is given back, and what every block needs is kept") {
  gnomon::sensor::Batch batch;
  const auto fill = [&](std::size_t records) {
    batch.clear();
    for (std::size_t i = 0; i < records; ++i) {
      batch.order.push_back({});
      static_cast<void>(batch.arena.copy(std::string(100, 'x')));
    }
  };
  fill(100'000);
  fill(50'000);
  const std::size_t records = batch.order.capacity();
  const std::size_t bytes = batch.arena.capacity();
  fill(100'000);
  CHECK(batch.order.capacity() == records);
  CHECK(batch.arena.capacity() == bytes);
  fill(1'000);
  fill(1'000);
  CHECK(batch.order.capacity() < 10'000);
  CHECK(batch.arena.capacity() < 2 << 20);
}
