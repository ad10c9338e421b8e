// Stands in for libFuzzer where there is none: runs a fuzz target over the inputs already found
// interesting and over a fixed number of mutations of them, so that every compiler and every ctest
// run tries the same inputs. A failing one is printed.
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
// Of the sanitizers' runtime, where the program has one.
extern "C" [[gnu::weak]] void __sanitizer_set_death_callback(void (*callback)());

namespace {

using Input = std::vector<std::uint8_t>;

// Mutations of the whole corpus, and bytes of them, so that large seeds take no longer. Both are
// multiplied by GNOMON_MUTATIONS, for those who look for more.
constexpr std::size_t kMutations = 1500;
constexpr std::size_t kBytes = 6'000'000;
constexpr std::size_t kLargestInput = 70'000;

Input current;

// Says which bytes failed, in a form that can become a seed.
extern "C" void tell_input() {
  std::fprintf(stderr, "\nfailed on this input of %zu bytes:\n", current.size());
  for (const std::uint8_t byte : current) std::fprintf(stderr, "%02x", byte);
  std::fprintf(stderr, "\n");
}

extern "C" void tell_and_die(int signal) {
  tell_input();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void run(const Input& input) {
  current = input;
  LLVMFuzzerTestOneInput(current.data(), current.size());
}

class Mutator {
 public:
  explicit Mutator(const std::vector<Input>& corpus) : corpus_{corpus} {}

  Input mutate(Input input) {
    const std::size_t changes = 1 + below(4);
    for (std::size_t i = 0; i < changes; ++i) change(input);
    if (input.size() > kLargestInput) input.resize(kLargestInput);
    return input;
  }

 private:
  // The standard's distributions differ between libraries; a remainder does not.
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }

  void change(Input& input) {
    static constexpr std::array<std::uint8_t, 8> kEdges{0, 1, 0x7f, 0x80, 0xff, '\r', '\n', ':'};
    const std::size_t at = below(input.size());
    const auto position = [&](std::size_t index) {
      return input.begin() + static_cast<std::ptrdiff_t>(index);
    };
    switch (below(7)) {
      case 0:
        if (!input.empty()) input[at] = static_cast<std::uint8_t>(random_());
        break;
      case 1:
        if (!input.empty()) input[at] ^= static_cast<std::uint8_t>(1U << below(8));
        break;
      case 2:
        if (!input.empty()) input[at] = kEdges[below(kEdges.size())];
        break;
      case 3:
        input.resize(at);
        break;
      case 4:
        input.erase(position(at), position(at + below(input.size() - at + 1)));
        break;
      case 5: {
        const Input piece{position(at),
                          position(at + std::min<std::size_t>(below(input.size() - at + 1), 64))};
        input.insert(position(below(input.size())), piece.begin(), piece.end());
        break;
      }
      default: {
        const Input& other = corpus_[below(corpus_.size())];
        input.resize(at);
        input.insert(input.end(), other.begin() + static_cast<std::ptrdiff_t>(below(other.size())),
                     other.end());
      }
    }
  }

  const std::vector<Input>& corpus_;
  std::mt19937 random_{20};
};

}  // namespace

int main(int argc, char** argv) {
  for (const int signal : {SIGABRT, SIGSEGV, SIGILL, SIGTRAP}) std::signal(signal, tell_and_die);
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(tell_input);
  std::vector<Input> corpus;
  for (int i = 1; i < argc; ++i) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(argv[i]))
      paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) {
      std::ifstream file{path, std::ios::binary};
      const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
      corpus.emplace_back(bytes.begin(), bytes.end());
    }
  }
  if (corpus.empty()) return 1;  // an empty corpus is a broken check-out, not a pass

  for (const Input& input : corpus) run(input);
  Mutator mutator{corpus};
  const char* more = std::getenv("GNOMON_MUTATIONS");
  const std::size_t times = more == nullptr ? 1 : std::strtoul(more, nullptr, 10);
  std::size_t bytes = 0;
  std::size_t mutations = 0;
  for (; mutations < times * kMutations && bytes < times * kBytes; ++mutations) {
    const Input input = mutator.mutate(corpus[mutations % corpus.size()]);
    bytes += input.size();
    run(input);
  }
  std::printf("%zu inputs and %zu mutations of them\n", corpus.size(), mutations);
}
