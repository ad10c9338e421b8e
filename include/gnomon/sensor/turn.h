#pragma once

#include <cstdint>

#include "gnomon/bytes/time.h"
#include "gnomon/sensor/batch.h"

namespace gnomon::sensor {

// The moment a shard is in: which frame it handles, and where what arises goes to.
struct Turn {
  Batch* batch = nullptr;
  Time time;
  std::uint64_t number = 0;  // of the frame; after the last frame, more than there are
  std::uint64_t frame = 0;   // the frame to name: that one, or the first of a flow that ends later
  std::uint64_t rank = 0;

  // Puts a record that was just appended to its vector into the order.
  void note(Batch::Kind kind, std::size_t count) {
    batch->order.push_back({number, rank, kind, static_cast<std::uint32_t>(count - 1)});
  }
};

}  // namespace gnomon::sensor
