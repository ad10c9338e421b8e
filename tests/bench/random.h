#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>

namespace gnomon::bench {

// The same numbers from the same seed with any standard library: its engines are specified to the
// bit, its distributions are not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t next() { return engine_(); }
  std::uint64_t below(std::uint64_t limit) { return engine_() % limit; }

  // Log-normal with this mean and this spread of the logarithm.
  double log_normal(double mean, double sigma) {
    return std::exp(std::log(mean) - sigma * sigma / 2 + sigma * normal());
  }

 private:
  double unit() { return (static_cast<double>(engine_() >> 11) + 0.5) * 0x1p-53; }
  double normal() {  // Box and Muller
    const double radius = std::sqrt(-2 * std::log(unit()));
    return radius * std::cos(2 * std::numbers::pi * unit());
  }

  std::mt19937_64 engine_;
};

}  // namespace gnomon::bench
