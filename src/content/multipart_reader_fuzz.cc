#include "part_log.h"

// The first line is the content type.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const std::size_t end = text.find('\n');
  if (end == text.npos) return 0;
  gnomon::content::BodyFacts facts;
  facts.content_type = text.substr(0, end);
  gnomon::content::fuzz_body(facts, {data + end + 1, size - end - 1});
  return 0;
}
