#pragma once

#include <cstdint>

namespace gnomon::message {

// What first bytes may be. Not yet: they fit so far and end too soon to tell.
enum class Likeness : std::uint8_t { kNo, kNotYet, kYes };

}  // namespace gnomon::message
