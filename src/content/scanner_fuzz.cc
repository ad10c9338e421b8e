#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gnomon/content/scanner.h"

// Whatever the bytes: matches lie within the text, and pieces give what the whole gives.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gnomon::content;
  static const DetectorSet* set = [] {
    const char* folder = std::getenv("GNOMON_DETECTORS");
    auto loaded = DetectorSet::load(folder != nullptr ? folder : "signatures/detectors");
    if (!loaded) loaded = DetectorSet::load("../../signatures/detectors");
    if (!loaded) std::abort();
    return new DetectorSet{std::move(*loaded)};
  }();
  static Scanner* scanner = new Scanner{*set};
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
