#include <cstdlib>
#include <memory>

#include "gnomon/message/key_log.h"

using namespace gnomon::message;
using gnomon::Bytes;

// A key log read at once and in two pieces holds the same, and never more secrets than lines.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes text{data + 1, size - 1};
  const std::size_t cut = text.empty() ? 0 : data[0] % (text.size() + 1);
  KeyLog whole{64};
  KeyLog pieces{64};
  KeyLogReader at_once;
  KeyLogReader in_two;
  at_once.feed(text, whole);
  at_once.finish(whole);
  in_two.feed(text.first(cut), pieces);
  in_two.feed(text.subspan(cut), pieces);
  in_two.finish(pieces);
  if (whole.size() != pieces.size() || at_once.secrets() != in_two.secrets()) __builtin_trap();
  if (at_once.bad_lines() != in_two.bad_lines()) __builtin_trap();
  if (whole.size() > 64 || whole.size() > at_once.secrets()) __builtin_trap();
  std::size_t lines = 1;
  for (const std::uint8_t byte : text) lines += byte == '\n' ? 1 : 0;
  if (at_once.secrets() + at_once.bad_lines() > lines) __builtin_trap();
  return 0;
}
