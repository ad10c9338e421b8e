#include "gnomon/bytes/sha256.h"

#include <openssl/evp.h>

#include <new>

#include "gnomon/bytes/hex.h"

namespace gnomon {

void Sha256::Free::operator()(evp_md_ctx_st* context) const noexcept { EVP_MD_CTX_free(context); }

void Sha256::start() {
  if (!context_) context_.reset(EVP_MD_CTX_new());
  // Fails only for want of memory, or without the default provider, which libcrypto always has.
  if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1)
    throw std::bad_alloc{};
}

void Sha256::add(Bytes bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }

Sha256Digest Sha256::finish() {
  Sha256Digest digest{};
  EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
  context_.reset();
  return digest;
}

std::array<char, 64> to_hex(const Sha256Digest& digest) {
  std::array<char, 64> text{};
  for (std::size_t i = 0; i < digest.size(); ++i) {
    text[2 * i] = hex_digit(digest[i] >> 4U);
    text[2 * i + 1] = hex_digit(digest[i]);
  }
  return text;
}

}  // namespace gnomon
