#pragma once

#include <cstdint>

namespace gnomon::message {

// Which way bytes of a conversation travel.
enum class Direction : std::uint8_t { kToServer, kToClient };

constexpr Direction opposite(Direction direction) {
  return direction == Direction::kToServer ? Direction::kToClient : Direction::kToServer;
}

}  // namespace gnomon::message
