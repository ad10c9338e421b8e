#include "gnomon/sensor/text_pool.h"

#include <catch2/catch.hpp>
#include <string>

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
