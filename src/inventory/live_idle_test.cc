#include <atomic>
#include <catch2/catch.hpp>
#include <cstddef>
#include <string_view>

#include "gnomon/inventory/live_recorder.h"
#include "test_live.h"

namespace {
std::atomic<int> asked_idle{0};
}

// Stands in for jemalloc's, which only the program is linked with.
extern "C" int mallctl(const char* name, void*, std::size_t*, void*, std::size_t) {
  if (std::string_view{name} == "thread.idle") ++asked_idle;
  return 0;
}

namespace gnomon::inventory {

TEST_CASE("what a judgement freed is given back when it is done", "[live]") {
  const Scratch scratch;
  asked_idle = 0;
  auto recorder = LiveRecorder::open(live_options(scratch));
  REQUIRE(recorder);
  (*recorder)->start();
  (*recorder)->on_tick(at_second(0));
  (*recorder)->on_flow(use_of("chat", "chat.example", "10.0.0.1", 1, 1));
  CHECK(asked_idle == 0);  // nothing was judged yet
  REQUIRE_FALSE((*recorder)->finish());
  CHECK(asked_idle == 1);
}

}  // namespace gnomon::inventory
