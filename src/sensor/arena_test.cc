#include "gnomon/sensor/arena.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

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
