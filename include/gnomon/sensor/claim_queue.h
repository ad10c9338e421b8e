#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>

#include "gnomon/flow/flow.h"

namespace gnomon::sensor {

// A flow that holds something there is a limit on. Stale once the flow's serial is another.
struct Claim {
  flow::FlowIndex flow;
  std::uint32_t serial;
};

// Who holds something of which there are only so many, in the order in which they took it, so that
// the oldest can be made to give way. Holders that let go say nothing: `holds(claim)` tells those
// that still have it from the others, which are passed over, and thrown out when there are many.
// However many let go, one that holds on stays until it is the oldest and its turn comes. A flow
// that lets go and takes again is as old as its first claim, as long as that one is still there.
template <class Entry>
class ClaimQueue {
 public:
  explicit ClaimQueue(std::size_t holders_max) : tidy_least_(2 * holders_max) {}

  // At most as many steps as claims have been added since the last time, over many of them.
  template <class Holds>
  void add(const Entry& claim, const Holds& holds) {
    if (claims_.size() >= tidy_at_) {
      std::erase_if(claims_, [&](const Entry& each) { return !holds(each); });
      tidy_at_ = std::max(tidy_least_, 2 * claims_.size());
    }
    claims_.push_back(claim);
  }

  // Takes out the one that has held longest; nothing when nobody holds any more.
  template <class Holds>
  std::optional<Entry> take_oldest(const Holds& holds) {
    while (!claims_.empty()) {
      const Entry oldest = claims_.front();
      claims_.pop_front();
      if (holds(oldest)) return oldest;
    }
    return std::nullopt;
  }

  [[nodiscard]] std::size_t size() const { return claims_.size(); }  // stale ones too

 private:
  std::deque<Entry> claims_;
  std::size_t tidy_least_;
  std::size_t tidy_at_ = tidy_least_;
};

}  // namespace gnomon::sensor
