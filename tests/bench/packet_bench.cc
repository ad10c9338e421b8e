// What it costs to get a packet: reading blocks of frames, then decoding them. The capture is named
// by GNOMON_BENCH_CAPTURE, for example build/bench/mix.pcap, and is best in the page cache.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

#include "gnomon/packet/capture_reader.h"
#include "gnomon/packet/decoder.h"

namespace gnomon::packet {
namespace {

const char* capture_or_skip(benchmark::State& state) {
  const char* path = std::getenv("GNOMON_BENCH_CAPTURE");
  if (path == nullptr) state.SkipWithError("GNOMON_BENCH_CAPTURE names no capture");
  return path;
}

// One iteration is the whole file, `decode` or not.
void read_capture(benchmark::State& state, bool decode) {
  const char* path = capture_or_skip(state);
  if (path == nullptr) return;
  const Decoder decoder;
  DecodedBlock decoded;
  FrameBlock block;
  std::int64_t frames = 0;
  for (auto _ : state) {
    CaptureReader reader{{path}};
    while (reader.fill(block)) {
      if (decode) decoder.decode(block, decoded);
      benchmark::DoNotOptimize(decoded.packets().data());
      frames += static_cast<std::int64_t>(block.frames.size());
    }
  }
  state.SetItemsProcessed(frames);
}

void read_blocks(benchmark::State& state) { read_capture(state, false); }
void read_and_decode(benchmark::State& state) { read_capture(state, true); }

BENCHMARK(read_blocks)->Unit(benchmark::kMillisecond);
BENCHMARK(read_and_decode)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace gnomon::packet
