#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "gnomon/bytes/result.h"
#include "seeds.h"

namespace gnomon::bench {

// What is asked of a recipe. Each uses what it needs.
struct Order {
  std::string recipe;  // mix, bulk or short
  std::filesystem::path output;
  std::vector<std::filesystem::path> seeds;
  std::uint64_t megabytes = 1000;    // mix, bulk: of frames (mix: and record headers), at least
  std::uint64_t flows = 1'500'000;   // short: nearly (broadcasts of replicas meet in one)
  std::uint64_t window_seconds = 0;  // within which everything starts; 0: what the recipe prefers
  std::uint64_t data_packets = 60;   // bulk: mean per flow, from the server
  std::uint64_t flow_packets = 10;   // short: the longest flow that may serve
  std::uint64_t random_seed = 42;
};

// What came out, as also written to OUTPUT.json.
struct Delivery {
  std::uint64_t packets = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t frame_bytes = 0;  // captured
  std::uint64_t flows = 0;        // 5-tuples of TCP and UDP, both directions as one
};

// Whole captures, replicated until there are enough: a natural mix when the seeds are one.
Result<Delivery> make_mix(const Seeds& seeds, const Order& order);

// TLS and QUIC connections, each made longer with full-size packets of random data. How many is
// log-normal: most connections carry little, a few carry most.
Result<Delivery> make_bulk(const Seeds& seeds, const Order& order);

// Single short TCP and UDP flows, each many times over.
Result<Delivery> make_short(const Seeds& seeds, const Order& order);

}  // namespace gnomon::bench
