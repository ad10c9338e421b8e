#include "lane_kernels.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "byte_lanes.h"

namespace gnomon::content {

namespace {

// Of the byte behind a block.
struct BesideBlock {
  std::uint64_t word = 0;  // 1 when it is a letter, digit or _
  std::uint64_t r_or_blank = 0;
};
constexpr auto kBesideBlock = [] {
  std::array<BesideBlock, 256> table;
  for (const std::string_view word :
       {"abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789_"})
    for (const char c : word) table[static_cast<unsigned char>(c)].word = 1;
  for (const char c : std::string_view{"rR \t\r\n"})
    table[static_cast<unsigned char>(c)].r_or_blank = 1;
  return table;
}();

}  // namespace

namespace portable {
namespace {
#include "lane_kernels.inc"
}  // namespace
}  // namespace portable

const LaneKernels& portable_kernels() { return portable::kKernels; }

// clang knows no such pragma; it is used for fuzzing alone.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,popcnt,lzcnt")
#define GNOMON_WIDE_LANES 1
namespace wide {
namespace {
#include "byte_lanes.inc"
#include "lane_kernels.inc"
}  // namespace
}  // namespace wide
#undef GNOMON_WIDE_LANES
#pragma GCC pop_options

const LaneKernels* wide_kernels() {
  static const bool known = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                            __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
  return known ? &wide::kKernels : nullptr;
}
#else
const LaneKernels* wide_kernels() { return nullptr; }
#endif

const LaneKernels& lane_kernels() {
  static const LaneKernels& best = wide_kernels() != nullptr ? *wide_kernels() : portable_kernels();
  return best;
}

}  // namespace gnomon::content
