#include "gnomon/packet/live_source.h"

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

}  // namespace gnomon::packet
