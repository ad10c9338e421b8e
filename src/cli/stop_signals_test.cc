#include "stop_signals.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <thread>

namespace gnomon::cli {
namespace {

TEST_CASE("two signals at once are one request to end, a later one is not waited for") {
  struct Case {
    std::chrono::milliseconds between;
    int second;
    bool killed;
  };
  const auto each = GENERATE(values<Case>({
      {std::chrono::milliseconds{0}, SIGTERM, false},
      {std::chrono::milliseconds{0}, SIGINT, false},
      {std::chrono::milliseconds{1100}, SIGTERM, true},
      {std::chrono::milliseconds{1100}, SIGINT, true},
  }));
  // In a process of its own, which the second may end.
  const pid_t child = ::fork();
  if (child == 0) {
    take_signals();
    std::raise(SIGTERM);
    const bool asked = running_sensor().stopping();
    std::this_thread::sleep_for(each.between);
    std::raise(each.second);
    ::_exit(asked ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CAPTURE(each.between.count(), each.second);
  CHECK(WIFSIGNALED(status) == each.killed);
  CHECK((each.killed ? WTERMSIG(status) == each.second : WEXITSTATUS(status) == 0));
}

}  // namespace
}  // namespace gnomon::cli
