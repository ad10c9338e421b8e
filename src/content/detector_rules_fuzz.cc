// Any bytes as a file of detectors, whose patterns then read the same bytes: what is found lies in
// them.
#include <cstdint>
#include <cstdlib>

#include "detector_rules.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gnomon::content;
  const std::string text{reinterpret_cast<const char*>(data), size};
  auto rules = read_rules({{"fuzz.yaml", text}});
  if (rules)
    for (const Rule& rule : rules->rules)
      for (const TextPattern& pattern : rule.patterns) {
        const auto found = pattern.pattern.match_at(text, 0);
        if (found && (found->start > found->end || found->whole_end > size)) std::abort();
      }
  expand_example(text);
  return 0;
}
