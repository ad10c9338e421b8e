#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "config_file.h"
#include "config_text.h"

// What is wrong is told with its place, and keeps its value. What is taken can be written down and read
// again, which changes nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gnomon::cli;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  LoadedConfig loaded;
  std::vector<std::string> problems;
  read_config_text(text, "f.yaml", loaded, problems);
  for (const std::string& problem : problems) {
    const std::size_t digits = problem.find_first_not_of("0123456789", 7);
    if (!problem.starts_with("f.yaml:") || digits == 7 || digits == std::string::npos ||
        problem[digits] != ':')
      std::abort();
  }
  LoadedConfig again;
  std::vector<std::string> none;
  read_config_text(config_as_yaml(loaded), "g.yaml", again, none);
  if (!none.empty()) std::abort();
  for (const Setting& setting : settings())
    if (value_text(again.values, setting) != value_text(loaded.values, setting)) std::abort();
  return 0;
}
