#include "part_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gnomon::content::BodyFacts facts;
  facts.content_type = "text/event-stream";
  facts.to_server = size % 2 == 0;
  gnomon::content::fuzz_body(facts, {data, size});
  return 0;
}
