#pragma once

#include <cstdint>

#include "gnomon/bytes/byte_reader.h"

namespace gnomon::message {

// An integer with an N-bit prefix, of which `first` is the first byte: RFC 7541 §5.1 (HPACK), and
// as RFC 9204 §4.1.1 bounds it (QPACK): up to 62 bits. Longer ones fail the reader.
inline std::uint64_t read_prefix_integer(std::uint8_t first, unsigned prefix_bits, ByteReader& in) {
  const std::uint8_t mask = static_cast<std::uint8_t>((1U << prefix_bits) - 1);
  std::uint64_t value = first & mask;
  if (value < mask) return value;
  for (unsigned shift = 0; shift < 56; shift += 7) {
    const std::uint8_t byte = in.u8();
    value += std::uint64_t{byte & 0x7fU} << shift;
    if ((byte & 0x80) == 0) return value;
  }
  in.fail();
  return 0;
}

}  // namespace gnomon::message
