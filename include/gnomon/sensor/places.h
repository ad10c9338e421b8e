#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/observation/observation.h"
#include "gnomon/packet/capture_reader.h"

namespace gnomon::sensor {

// Tells in which file a frame of the run lies, and where in it.
class Places {
 public:
  explicit Places(const std::vector<std::string>& files) : files_(&files) {}

  // Blocks come in order.
  void begin_block(const packet::FrameBlock& block) {
    if (!inputs_.empty() && inputs_.back().input == block.input) return;
    inputs_.push_back({block.first_number - (block.first_frame_in_file - 1), block.input});
  }

  [[nodiscard]] observation::Place of(std::uint64_t number) const {
    const auto after =
        std::upper_bound(inputs_.begin(), inputs_.end(), number,
                         [](std::uint64_t value, const Input& each) { return value < each.first; });
    if (after == inputs_.begin()) return {number, number, {}};
    const Input& input = *(after - 1);
    return {number, number - input.first + 1, (*files_)[input.input]};
  }

 private:
  struct Input {
    std::uint64_t first;  // number of the input's first frame
    std::uint16_t input;
  };

  const std::vector<std::string>* files_;
  std::vector<Input> inputs_;
};

}  // namespace gnomon::sensor
