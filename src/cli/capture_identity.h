#pragma once

#include <string>

#include "gnomon/inventory/recorder.h"

namespace gnomon::cli {

// What tells a capture file from all others, whatever it is called: "sha256:" and the digest of
// its bytes, or, above kWholeBytesMax, "sha256-sampled:" and a digest of its size, its first and
// last bytes and a stretch of every kSampleEvery bytes between, because hashing a large capture
// whole would take longer than reading it. "-" is standard input. Empty for what cannot be read
// twice: a pipe, or standard input that was read from before.
inventory::RunInput identify_capture(const std::string& path);

inline constexpr std::uint64_t kWholeBytesMax = 16 * 1024 * 1024;
inline constexpr std::uint64_t kSampleEvery = 256 * 1024;
inline constexpr std::uint64_t kSampleBytes = 4096;

}  // namespace gnomon::cli
