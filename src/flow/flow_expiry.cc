// When flows end for want of packets, or of room: the wheel that they hang on by their timeouts.
#include <algorithm>
#include <utility>

#include "gnomon/flow/flow_table.h"
#include "second.h"

namespace gnomon::flow {

std::chrono::seconds FlowTable::timeout_of(const Flow& flow) const {
  if (flow.protocol == packet::kTcp) {
    if (flow.state == TcpState::kClosed) return limits_.tcp_closed;
    return flow.state == TcpState::kEstablished || flow.midstream ? limits_.tcp_established
                                                                  : limits_.tcp_new;
  }
  if (flow.protocol == packet::kUdp)
    return flow.one_sided() ? limits_.udp_one_way : limits_.udp_two_way;
  return limits_.other;
}

std::int64_t FlowTable::deadline_of(const Flow& flow) const {
  return second_of(flow.last) + timeout_of(flow).count() + 1;
}

// Buckets are first in, first out: the head of a bucket is what was looked at longest ago.
void FlowTable::link(FlowIndex index, std::int64_t second) {
  second = std::clamp(second, wheel_second_ + 1, wheel_second_ + kBuckets - 1);
  nearest_second_ = std::min(nearest_second_, second);
  const auto bucket = static_cast<std::uint16_t>(second & (kBuckets - 1));
  Bucket& list = wheel_[bucket];
  Flow& each = flow(index);
  each.wheel_bucket = bucket;
  each.wheel_next = kNoFlow;
  each.wheel_previous = list.last;
  (list.last != kNoFlow ? flow(list.last).wheel_next : list.first) = index;
  list.last = index;
}

void FlowTable::unlink(FlowIndex index) {
  const Flow& each = flow(index);
  Bucket& list = wheel_[each.wheel_bucket];
  (each.wheel_previous != kNoFlow ? flow(each.wheel_previous).wheel_next : list.first) =
      each.wheel_next;
  (each.wheel_next != kNoFlow ? flow(each.wheel_next).wheel_previous : list.last) =
      each.wheel_previous;
}

void FlowTable::advance(Time now, FlowEndHandler& handler) {
  if (!clock_started_ || now <= now_) return;
  now_ = now;
  if (second_of(now_) > wheel_second_) expire(now_, handler);
}

void FlowTable::shift_clock(std::chrono::nanoseconds by) {
  if (!clock_started_) return;
  now_ += by;
  wheel_second_ = second_of(now_);
  nearest_second_ = wheel_second_ + 1;
  for (Bucket& bucket : wheel_) bucket = {};
  for (const FlowIndex index : living()) {  // not as slots lie, which nothing may follow from
    Flow& each = flow(index);
    each.start += by;
    each.last += by;
    link(index, deadline_of(each));
  }
}

void FlowTable::expire(Time now, FlowEndHandler& handler) {
  const std::int64_t second = second_of(now);
  // After a long silence one turn of the wheel looks at every flow there is.
  std::int64_t steps = std::min<std::int64_t>(second - wheel_second_, kBuckets);
  wheel_second_ = std::max(wheel_second_, second - steps);
  for (; steps > 0; --steps) {
    ++wheel_second_;
    Bucket due;
    std::swap(due, wheel_[static_cast<std::uint32_t>(wheel_second_ & (kBuckets - 1))]);
    for (FlowIndex index = due.first; index != kNoFlow;) {
      Flow& each = flow(index);
      const FlowIndex next = each.wheel_next;
      if (next != kNoFlow) prefetch(next);
      const std::int64_t deadline = deadline_of(each);
      link(index, deadline);  // so that end() finds it in a list
      if (deadline <= second) {
        end(index, each.state == TcpState::kClosed ? Ending::kFinished : Ending::kTimeout, handler);
      }
      index = next;
    }
  }
}

// The heads of the nearest buckets come first. One that has spoken since it was hung there moves
// on to where it belongs now, so the search ends after as many steps as there are flows at most,
// and moves each of them once.
void FlowTable::evict_nearest_to_timeout(FlowEndHandler& handler) {
  nearest_second_ = std::max(nearest_second_, wheel_second_ + 1);
  while (size_ > 0) {
    const auto bucket = static_cast<std::uint32_t>(nearest_second_ & (kBuckets - 1));
    const FlowIndex index = wheel_[bucket].first;
    if (index == kNoFlow) {
      ++nearest_second_;
      continue;
    }
    const std::int64_t deadline =
        std::clamp(deadline_of(flow(index)), wheel_second_ + 1, wheel_second_ + kBuckets - 1);
    if (deadline <= nearest_second_) {
      end(index, Ending::kEvicted, handler);
      return;
    }
    unlink(index);
    link(index, deadline);
  }
}

}  // namespace gnomon::flow
