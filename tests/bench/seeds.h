#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "frame.h"
#include "gnomon/bytes/result.h"

namespace gnomon::bench {

using Nanoseconds = std::chrono::nanoseconds;

struct Frame {
  Nanoseconds at;  // since the capture's first frame; never decreases
  std::vector<std::uint8_t> bytes;
  std::uint32_t wire_bytes = 0;
  Layout layout;
};

struct SeedCapture {
  std::string name;
  std::vector<Frame> frames;
};

// Which frame of which seed.
struct FrameRef {
  std::uint32_t seed = 0;
  std::uint32_t frame = 0;
};

// The frames of one TCP or UDP connection within one seed, both directions, in the seed's order.
// Fragments belong to none.
struct FlowTemplate {
  std::uint32_t seed = 0;
  std::uint8_t protocol = 0;
  std::vector<std::uint32_t> frames;
};

struct Seeds {
  std::vector<SeedCapture> captures;
  std::vector<std::string> skipped;  // "name: why", for captures that give nothing

  [[nodiscard]] const Frame& at(FrameRef ref) const { return captures[ref.seed].frames[ref.frame]; }
};

// Reads captures, and folders of captures (recursively, sorted by path). A capture that is not
// Ethernet, or not a capture, is skipped and listed; a path that does not exist is an error.
// Frames larger than 9,000 bytes are left out: they come from offloading, not from a wire.
Result<Seeds> load_seeds(const std::vector<std::filesystem::path>& paths);

std::vector<FlowTemplate> find_flows(const Seeds& seeds);

// The 5-tuple of an IP frame, both directions alike; ports are 0 where there are none.
std::string flow_key(Bytes frame, const Layout& layout);

}  // namespace gnomon::bench
