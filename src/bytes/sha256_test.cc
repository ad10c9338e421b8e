#include "gnomon/bytes/sha256.h"

#include <catch2/catch.hpp>
#include <string_view>

using namespace gnomon;

namespace {

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
std::string hex(const Sha256Digest& digest) {
  const auto text = to_hex(digest);
  return {text.begin(), text.end()};
}

}  // namespace

TEST_CASE("digests are those of FIPS 180-4, whole or in pieces, and one object serves again") {
  Sha256 sha;
  sha.start();
  CHECK(hex(sha.finish()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  sha.start();
  sha.add(bytes_of("a"));
  sha.add(bytes_of(""));
  sha.add(bytes_of("bc"));
  CHECK(hex(sha.finish()) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
