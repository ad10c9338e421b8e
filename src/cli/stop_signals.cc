#include "stop_signals.h"

#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>

namespace gnomon::cli {
namespace {

// `timeout` and terminals that close send the same signal to the process and to its group: within
// so short a time nobody has lost patience.
constexpr std::int64_t kOneRequestNs = 1'000'000'000;

std::atomic<std::int64_t> asked_ns{0};
static_assert(std::atomic<std::int64_t>::is_always_lock_free, "signal handlers may use it");

std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void on_stop_signal(int signal) {
  if (!running_sensor().stopping()) {
    asked_ns.store(now_ns(), std::memory_order_relaxed);
    running_sensor().stop();
  } else if (now_ns() - asked_ns.load(std::memory_order_relaxed) > kOneRequestNs) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}
void on_reload_signal(int) { running_sensor().request_reload(); }

}  // namespace

sensor::SensorControl& running_sensor() {
  static sensor::SensorControl control;
  return control;
}

void take_signals() {
  running_sensor();  // is made before a signal asks for it
  struct sigaction action {};
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  action.sa_handler = on_stop_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = on_reload_signal;
  sigaction(SIGHUP, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace gnomon::cli
