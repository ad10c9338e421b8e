#include <cstdlib>
#include <memory>

#include "gnomon/message/tls_decryptor.h"

using namespace gnomon::message;
using gnomon::ByteReader;
using gnomon::Bytes;

namespace {

// Has a secret for everybody, so that hostile records meet real ciphers.
class Keys final : public KeySource {
 public:
  std::uint8_t sizes = 0;
  bool find_key(KeyLabel label, Bytes, Secret& secret) override {
    static constexpr std::uint8_t kBytes[64] = {1, 2, 3};
    if ((sizes & 0x80) != 0) return false;
    const bool master = label <= KeyLabel::kEncryptedPreMaster;
    secret = Secret{Bytes{kBytes}.first(master || (sizes & 1) != 0 ? 48 : 32)};
    return true;
  }
};

struct Out final : TlsPlaintext {
  std::uint64_t bytes = 0;
  void on_plaintext(unsigned, Bytes text) override {
    for (const std::uint8_t byte : text) sum += byte;
    bytes += text.size();
  }
  void on_plaintext_gap(unsigned, std::uint64_t missing) override {
    if (missing == 0) __builtin_trap();
  }
  void on_alpn(std::string_view) override {}
  std::uint64_t sum = 0;
};

}  // namespace

// Steps of a byte of what to do (bit 0 the end, bit 1 a gap), two of length, and bytes. What comes
// out is never more than what went in, and memory stays bounded.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TlsCrypto crypto = [] {
    auto made = TlsCrypto::create();
    if (!made) std::abort();
    return std::move(*made);
  }();
  static TlsDecryptor decryptor;
  decryptor.reset();
  Keys keys;
  Out out;
  TlsDecryptCounters counters;
  ByteReader in{Bytes{data, size}};
  keys.sizes = in.u8();
  std::uint64_t fed = 0;
  while (!in.at_end()) {
    const std::uint8_t what = in.u8();
    const std::size_t length = in.u16();
    if (!in.ok()) break;
    if ((what & 2) != 0) {
      decryptor.gap(what & 1U, length, crypto, keys, counters, out);
      continue;
    }
    const Bytes bytes = in.take(length < in.remaining() ? length : in.remaining());
    fed += bytes.size();
    decryptor.feed(what & 1U, bytes, crypto, keys, counters, out);
    if (out.bytes > fed) __builtin_trap();
    if (decryptor.memory_bytes() > 1024 * 1024) __builtin_trap();
  }
  decryptor.close(counters);
  if (counters.bytes != out.bytes) __builtin_trap();
  return 0;
}
