#include <vector>

#include "gnomon/content/text_decoder.h"
#include "text_guess.h"

using namespace gnomon;
using namespace gnomon::content;

// The same however it is cut, and always UTF-8.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto charset = static_cast<Charset>(data[0] % kCharsets);
  const Bytes bytes{data + 1, size - 1};
  std::string whole;
  TextDecoder decoder{charset};
  decoder.write(bytes, whole);
  decoder.finish(whole);
  const Bytes made{reinterpret_cast<const std::uint8_t*>(whole.data()), whole.size()};
  if (valid_utf8_prefix(made) != made.size()) __builtin_trap();
  std::string pieces;
  TextDecoder again{charset};
  for (const std::uint8_t byte : bytes) {
    again.write(Bytes{&byte, 1}, pieces);
    const Bytes part{reinterpret_cast<const std::uint8_t*>(pieces.data()), pieces.size()};
    if (valid_utf8_prefix(part) != part.size()) __builtin_trap();
  }
  again.finish(pieces);
  if (pieces != whole) __builtin_trap();
  return 0;
}
