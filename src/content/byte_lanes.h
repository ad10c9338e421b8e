#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

// Sixty-four bytes of a text at once: which of them are of a class, a bit each. What every byte of a
// text is asked is asked so; the loops then go from bit to bit.
namespace gnomon::content {

#include "byte_lanes.inc"

}  // namespace gnomon::content
