#include <cstdlib>
#include <memory>

#include "gnomon/message/quic_decryptor.h"

using namespace gnomon::message;
using gnomon::ByteReader;
using gnomon::Bytes;

namespace {

class Keys final : public KeySource {
 public:
  bool find_key(KeyLabel, Bytes, Secret& secret) override {
    static constexpr std::uint8_t kBytes[32] = {1, 2, 3};
    secret = Secret{Bytes{kBytes}};
    return true;
  }
};

struct Out final : QuicStreams {
  std::uint64_t bytes = 0;
  void on_stream(unsigned, std::uint64_t, Bytes text, bool) override { bytes += text.size(); }
  void on_stream_gap(unsigned, std::uint64_t, std::uint64_t missing) override {
    if (missing == 0) __builtin_trap();
  }
  void on_stream_reset(unsigned, std::uint64_t) override {}
  void on_alpn(std::string_view) override {}
  void on_client(unsigned) override {}
};

}  // namespace

// Datagrams: a byte of what to do (bit 0 the end), two of length, and bytes. Fewer bytes come out
// than went in, and memory stays bounded.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static QuicCrypto initial = [] {
    auto made = QuicCrypto::create();
    if (!made) std::abort();
    return std::move(*made);
  }();
  static const TlsCrypto crypto = [] {
    auto made = TlsCrypto::create();
    if (!made) std::abort();
    return std::move(*made);
  }();
  QuicDecryptor decryptor;
  Keys keys;
  Out out;
  QuicDecryptCounters counters;
  std::uint64_t fed = 0;
  ByteReader in{Bytes{data, size}};
  while (!in.at_end()) {
    const std::uint8_t what = in.u8();
    const std::size_t length = in.u16();
    const Bytes bytes = in.take(length < in.remaining() ? length : in.remaining());
    if (!in.ok()) break;
    fed += bytes.size();
    decryptor.feed(what & 1U, bytes, initial, crypto, keys, counters, out);
    if (out.bytes > fed) __builtin_trap();
    if (decryptor.memory_bytes() > 4 * 1024 * 1024) __builtin_trap();
  }
  decryptor.close(counters, out);
  if (out.bytes > fed || counters.bytes != out.bytes) __builtin_trap();
  return 0;
}
