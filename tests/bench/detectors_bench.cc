// What it costs to look for everything in text: prose, a table of numbers, source code and a log,
// and files of yours (GNOMON_BENCH_TEXTS=FILE:FILE...). One pass over each is timed; bytes a second is
// the figure to watch.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "gnomon/content/scanner.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kTextBytes = std::size_t{1} << 20U;

std::string repeated(std::string_view part) {
  std::string text;
  // A count in every repeat, so that no two stretches are the same.
  for (std::size_t i = 0; text.size() < kTextBytes; ++i) {
    text += part;
    text += " " + std::to_string(i * 7919 % 100003) + "\n";
  }
  return text;
}

const DetectorSet& detectors() {
  static const DetectorSet set = [] {
    const char* folder = std::getenv("GNOMON_SIGNATURES");
    auto loaded =
        DetectorSet::load(std::string{folder != nullptr ? folder : "signatures"} + "/detectors");
    if (!loaded) std::abort();
    return std::move(*loaded);
  }();
  return set;
}

void scan_whole(benchmark::State& state, std::string_view text) {
  Scanner scanner{detectors()};
  std::vector<Match> matches;
  for (auto _ : state) {
    matches.clear();
    scanner.scan(text, {}, matches);
    benchmark::DoNotOptimize(matches.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(text.size()));
}

void scan(benchmark::State& state, std::string_view part) { scan_whole(state, repeated(part)); }

void prose(benchmark::State& state) {
  scan(state,
       "The committee met on Tuesday to talk about the bridge, which had been closed since the "
       "flood of last spring. Nobody could say when it would open again, but most were sure that "
       "the old road along the river would have to do for another winter. Letters had come from "
       "both sides; a few of them were kind, and one of them held a map drawn by hand.");
}
void table(benchmark::State& state) {
  scan(state, "2031,48.5,117,0.25,north,9301,12.75,44,3.5\n2032,51.0,121,0.5,south,9377,13.0,46,4");
}
void source(benchmark::State& state) {
  scan(state,
       "int sum_of(const std::vector<int>& values) {\n  int sum = 0;\n  for (const int value : "
       "values) {\n    if (value < 0) continue;\n    sum += value * kFactor;\n  }\n  return "
       "sum;\n}");
}
void log_lines(benchmark::State& state) {
  scan(state,
       "2031-04-05T10:11:12.345Z worker[2210]: request finished in 37 ms, 5120 bytes, status 200, "
       "queue depth 4, retries 0");
}

BENCHMARK(prose);
BENCHMARK(table);
BENCHMARK(source);
BENCHMARK(log_lines);

// Each file of the environment is a benchmark of its own, named by it.
const bool kFilesAreAdded = [] {
  const char* const given = std::getenv("GNOMON_BENCH_TEXTS");
  std::string_view rest = given != nullptr ? given : "";
  while (!rest.empty()) {
    const std::string file{rest.substr(0, rest.find(':'))};
    rest.remove_prefix(std::min(rest.size(), file.size() + 1));
    benchmark::RegisterBenchmark(file.c_str(), [file](benchmark::State& state) {
      std::ifstream in{file, std::ios::binary};
      if (!in) {
        state.SkipWithError("cannot be read");
        return;
      }
      scan_whole(state, std::string{std::istreambuf_iterator<char>{in}, {}});
    });
  }
  return true;
}();

}  // namespace
}  // namespace gnomon::content
