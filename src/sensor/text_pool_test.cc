#include "gnomon/sensor/text_pool.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <string>

#include "gnomon/bytes/hash.h"

using gnomon::sensor::TextPool;

TEST_CASE("the same text is kept once, and stays while somebody uses it") {
  TextPool pool;
  const auto one = pool.intern("api.example");
  const auto two = pool.intern("api.example");
  const auto other = pool.intern("www.example");
  CHECK(one == two);
  CHECK(one != other);
  CHECK(pool.size() == 2);
  pool.release(one);
  CHECK(pool.text(two) == "api.example");
  CHECK(pool.text(TextPool::kNone).empty());
  pool.release(TextPool::kNone);
}

TEST_CASE("what nobody uses is freed in the end, so memory follows the living") {
  TextPool pool;
  const auto kept = pool.intern("kept.example");
  for (int i = 0; i < 100'000; ++i) pool.release(pool.intern("host-" + std::to_string(i)));
  CHECK(pool.size() <= TextPool::kIdleMax + 1);
  CHECK(pool.text(kept) == "kept.example");
  CHECK(pool.intern("kept.example") == kept);
}

TEST_CASE("an idle text that is asked for again is the same entry and is not freed") {
  TextPool pool;
  const auto id = pool.intern("again.example");
  pool.release(id);
  CHECK(pool.intern("again.example") == id);
  for (int i = 0; i < 5000; ++i) pool.release(pool.intern("host-" + std::to_string(i)));
  CHECK(pool.text(id) == "again.example");
}

TEST_CASE("texts chosen for their common hash are found as fast as others") {
  // With the hash that is the same in every process all of these had one place: to keep them was to
  // look at some twenty thousand million entries.
  using namespace gnomon;
  constexpr std::uint64_t kTexts = 200'000;
  TextPool pool;
  for (std::uint64_t i = 0; i < kTexts; ++i) {
    const std::uint64_t words[2] = {i, mix(kHashSeed ^ 16 ^ i, kHashStep)};
    std::string text(16, '\0');
    std::memcpy(text.data(), words, 16);
    if (i == 0) REQUIRE(hash_text(text) == 0);
    pool.intern(text);
  }
  CHECK(pool.size() == kTexts);
}
