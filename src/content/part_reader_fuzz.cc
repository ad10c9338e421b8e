#include "part_log.h"

// Files of any kind that are read as they come: RTF, markup, models, compressed streams.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gnomon::content::fuzz_body({}, {data, size}, true);
  return 0;
}
