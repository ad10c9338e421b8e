#include <cstdint>

#include "detector_rules.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gnomon::content;
  const std::string text{reinterpret_cast<const char*>(data), size};
  const auto rules = read_rules({{"fuzz.yaml", text}});
  if (rules)
    for (const Rule& rule : *rules)
      for (const TextPattern& pattern : rule.patterns) pattern.pattern.match_at(text, 0);
  expand_example(text);
  return 0;
}
