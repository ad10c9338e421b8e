#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
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
    lossy_ = block.lossy;
    if (block.origin) {
      if (block.interfaces) note_interfaces(block);
      begin_live_block(block);
      return;
    }
    if (!inputs_.empty() && inputs_.back().input == block.input) return;
    const std::uint64_t first = block.first_number - (block.first_frame_in_file - 1);
    inputs_.push_back({first, first, block.input, {}, false});
  }

  // Whether frames were lost shortly before the block at hand.
  [[nodiscard]] bool lossy() const { return lossy_; }

  [[nodiscard]] observation::Place of(std::uint64_t number) const {
    const auto after =
        std::upper_bound(inputs_.begin(), inputs_.end(), number,
                         [](std::uint64_t value, const Input& each) { return value < each.first; });
    if (after == inputs_.begin()) return {number, number, {}};
    const Input& input = *(after - 1);
    if (input.origin)
      return {number, number - input.base + 1, name_of(number, *input.origin), input.live};
    return {number, number - input.base + 1, (*files_)[input.input], false};
  }

 private:
  struct Input {
    std::uint64_t first;  // number of the turn's first frame
    std::uint64_t base;   // number that the input's first frame would have, had it no others between
    std::uint16_t input;
    std::shared_ptr<const std::string> origin;
    bool live = false;
  };

  // Several interfaces take turns for as long as the sensor runs: the oldest turns are forgotten,
  // and frames that old are told without their place. Names that were given out stay for a while.
  static constexpr std::size_t kTurnsMax = 16384;

  void begin_live_block(const packet::FrameBlock& block) {
    const std::uint64_t base = block.first_number - (block.first_frame_in_file - 1);
    if (!inputs_.empty() && inputs_.back().origin == block.origin && inputs_.back().base == base)
      return;
    if (inputs_.size() == kTurnsMax) {
      forgotten_.assign(inputs_.begin(), inputs_.begin() + kTurnsMax / 2);
      inputs_.erase(inputs_.begin(), inputs_.begin() + kTurnsMax / 2);
    }
    inputs_.push_back({block.first_number, base, block.input, block.origin, block.live});
  }

  // Which of several interfaces a frame came from is known of the latest: of older ones the names
  // of all of them are told.
  static constexpr std::size_t kNotedMax = std::size_t{1} << 20;

  void note_interfaces(const packet::FrameBlock& block) {
    if (block.interfaces->size() > 256) return;
    if (!names_) noted_.resize(kNotedMax);
    names_ = block.interfaces;
    noted_end_ = block.first_number;
    for (const packet::Frame& frame : block.frames)
      noted_[noted_end_++ % kNotedMax] = static_cast<std::uint8_t>(frame.interface);
  }

  [[nodiscard]] std::string_view name_of(std::uint64_t number, const std::string& origin) const {
    if (!names_ || number >= noted_end_ || noted_end_ - number > kNotedMax) return origin;
    return (*names_)[noted_[number % kNotedMax]];
  }

  const std::vector<std::string>* files_;
  std::shared_ptr<const std::vector<std::string>> names_;
  std::vector<std::uint8_t> noted_;  // by number, round about
  std::uint64_t noted_end_ = 0;      // number after the latest
  std::vector<Input> inputs_;
  std::vector<Input> forgotten_;
  bool lossy_ = false;
};

}  // namespace gnomon::sensor
