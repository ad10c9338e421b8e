#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "gnomon/bytes/byte_reader.h"

struct evp_md_ctx_st;

namespace gnomon {

using Sha256Digest = std::array<std::uint8_t, 32>;

// SHA-256 of bytes that come in pieces (FIPS 180-4, by libcrypto). Allocates in
// start(), and holds nothing after finish(): readers of bodies are pooled by the thousand.
class Sha256 {
 public:
  void start();
  void add(Bytes bytes);
  // What was added since start(), which must be called before anything else is added.
  Sha256Digest finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

// 64 lower-case digits.
std::array<char, 64> to_hex(const Sha256Digest& digest);

}  // namespace gnomon
