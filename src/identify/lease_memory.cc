#include "gnomon/identify/lease_memory.h"

#include <algorithm>

namespace gnomon::identify {

bool LeaseMemory::see(LeaseStep& step) {
  switch (step.kind) {
    case LeaseStep::Kind::kWish:
      remember(step);
      return false;
    case LeaseStep::Kind::kHas:
      remember(step);
      break;
    case LeaseStep::Kind::kRefused:
      if (const auto wish = find(step); wish != wishes_.end()) {
        ++counters_.refused;
        wishes_.erase(wish);
      }
      return false;
    case LeaseStep::Kind::kGranted:
      if (const auto wish = find(step); wish != wishes_.end()) {
        if (step.record.time - wish->record.time <= kHold) {
          name_ = std::move(wish->name);
          step.record.name = name_;
        }
        wishes_.erase(wish);
      }
      break;
  }
  if (step.record.name.empty()) return false;
  ++counters_.named;
  return true;
}

LeaseMemory::Wishes::iterator LeaseMemory::find(const LeaseStep& step) {
  return std::find_if(wishes_.begin(), wishes_.end(), [&](const Wish& wish) {
    return wish.transaction == step.transaction && wish.is_v6 == step.is_v6 &&
           wish.client == step.client;
  });
}

// A client that asks again without its name means the one it gave before.
void LeaseMemory::remember(const LeaseStep& step) {
  if (step.client.empty() || step.client.size() > kClientBytesMax) return;
  const auto before = find(step);
  if (step.record.name.empty()) {
    if (before != wishes_.end()) before->accepts = step.accepts;
    return;
  }
  if (before != wishes_.end()) wishes_.erase(before);
  if (wishes_.size() == kWishesMax) {
    wishes_.pop_front();
    ++counters_.evicted;
  }
  ++counters_.wishes;
  wishes_.push_back({step.is_v6, step.transaction, std::string{step.client},
                     std::string{step.record.name}, std::string{step.record.mac},
                     std::string{step.record.place.file}, step.accepts, step.record});
}

void LeaseMemory::advance(Time now, bool all, const Tell& tell) {
  // One from after `now` is of a clock that was put back since.
  while (!wishes_.empty() && (all || now - wishes_.front().record.time > kHold ||
                              wishes_.front().record.time - now > kHold)) {
    tell_accepted(wishes_.front(), tell);
    wishes_.pop_front();
  }
}

void LeaseMemory::tell_accepted(Wish& wish, const Tell& tell) {
  if (wish.accepts == IpAddress{}) return;
  wish.record.client = wish.accepts;
  wish.record.name = wish.name;
  wish.record.mac = wish.mac;
  wish.record.place.file = wish.file;
  ++counters_.named;
  tell(wish.record);
}

}  // namespace gnomon::identify
