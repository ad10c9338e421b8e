#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fuzzed_detectors.h"
#include "gnomon/content/scanner.h"

// Whatever the bytes: matches lie within the text, and pieces give what the whole gives.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gnomon::content;
  static Scanner* scanner = new Scanner{fuzzed_detectors()};
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  std::vector<Match> whole;
  scanner->scan(text, {}, whole);
  for (const Match& match : whole)
    if (match.start > match.end || match.end > size) std::abort();
  std::vector<Match> pieces;
  scanner->begin({});
  scanner->feed(text.substr(0, size / 3), pieces);
  scanner->feed(text.substr(size / 3), pieces);
  scanner->end(pieces);
  if (pieces.size() != whole.size()) std::abort();
  return 0;
}
