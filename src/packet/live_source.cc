#include "gnomon/packet/live_source.h"

#include <cmath>
#include <cstdio>

namespace gnomon::packet {
namespace {

constexpr std::uint64_t LiveCounters::*kMembers[] = {
    &LiveCounters::received,      &LiveCounters::kernel_drops, &LiveCounters::interface_drops,
    &LiveCounters::softnet_drops, &LiveCounters::own_drops,    &LiveCounters::damaged,
    &LiveCounters::reopened,      &LiveCounters::clock_steps};
static_assert(sizeof(LiveCounters) == std::size(kMembers) * sizeof(std::uint64_t));

}  // namespace

LiveCounters& LiveCounters::operator+=(const LiveCounters& other) {
  for (const auto member : kMembers) this->*member += other.*member;
  return *this;
}

LiveCounters LiveCounters::since(const LiveCounters& before) const {
  LiveCounters difference;
  for (const auto member : kMembers)
    // A driver that starts counting again has lost nothing below zero.
    difference.*member = this->*member >= before.*member ? this->*member - before.*member : 0;
  return difference;
}

std::string clock_step_text(std::chrono::nanoseconds step) {
  char text[96];
  const auto by = static_cast<double>(step.count()) / 1e9;
  std::snprintf(text, sizeof text, "the clock of its packets was put %s by %.3f seconds",
                by < 0 ? "back" : "on", std::abs(by));
  return text;
}

}  // namespace gnomon::packet
