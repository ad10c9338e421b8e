#include "gnomon/bytes/byte_reader.h"

#include <array>
#include <catch2/catch.hpp>

using gnomon::ByteReader;
using gnomon::Bytes;

namespace {
constexpr std::array<std::uint8_t, 8> kEight{1, 2, 3, 4, 5, 6, 7, 8};
}

TEST_CASE("numbers are read in network order") {
  ByteReader in{kEight};
  CHECK(in.u8() == 0x01);
  CHECK(in.u16() == 0x0203);
  CHECK(in.u24() == 0x040506);
  CHECK(in.remaining() == 2);
  CHECK(in.ok());
  CHECK(ByteReader{kEight}.u64() == 0x0102030405060708);
}

TEST_CASE("a read that asks for too much fails, empties the reader and stays failed") {
  ByteReader in{kEight};
  CHECK(in.take(9).empty());
  CHECK_FALSE(in.ok());
  CHECK(in.at_end());
  CHECK(in.u8() == 0);
  CHECK_FALSE(in.ok());
}

TEST_CASE("a nested reader cannot leave its bounds and a failed reader nests failed ones") {
  ByteReader in{kEight};
  ByteReader inner = in.nested(2);
  CHECK(inner.u16() == 0x0102);
  CHECK(inner.ok());
  inner.u8();
  CHECK_FALSE(inner.ok());
  CHECK(in.ok());
  CHECK(in.u8() == 3);

  ByteReader too_long = in.nested(100);
  CHECK_FALSE(too_long.ok());
  CHECK_FALSE(in.ok());
  CHECK_FALSE(in.nested(0).ok());
}
