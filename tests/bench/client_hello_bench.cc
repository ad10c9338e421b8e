// What it costs to read a ClientHello and to fingerprint it, without and with a post-quantum key
// share: the second is what browsers send, in two segments.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "gnomon/message/client_hello.h"
#include "gnomon/message/ja4.h"

namespace gnomon::message {
namespace {

constexpr std::int64_t kX25519Bytes = 36;
constexpr std::int64_t kX25519MlKem768Bytes = 1220;

class Writer {
 public:
  void u8(std::size_t value) { bytes_.push_back(static_cast<std::uint8_t>(value)); }
  void u16(std::size_t value) {
    u8(value >> 8 & 0xff);
    u8(value & 0xff);
  }
  void fill(std::size_t count, std::size_t value) {
    for (std::size_t i = 0; i < count; ++i) u8(value);
  }
  void text(std::string_view text) { bytes_.insert(bytes_.end(), text.begin(), text.end()); }
  void append(const Writer& other) {
    bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
  }
  void extension(TlsExtension type, const Writer& body) {
    u16(static_cast<std::size_t>(type));
    u16(body.bytes_.size());
    append(body);
  }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

// A hello with the extensions that have a meaning here and a key share of this size.
std::vector<std::uint8_t> make_hello(std::size_t key_share_bytes) {
  Writer name, alpn, versions, signatures, groups, share, extensions;
  constexpr std::string_view kHost = "assistant.example.com";
  name.u16(kHost.size() + 3);
  name.u8(0);
  name.u16(kHost.size());
  name.text(kHost);
  alpn.u16(12);
  for (const std::string_view protocol : {"h2", "http/1.1"}) {
    alpn.u8(protocol.size());
    alpn.text(protocol);
  }
  versions.u8(4);
  versions.u16(0x0304);
  versions.u16(0x0303);
  signatures.u16(16);
  for (std::size_t i = 0; i < 8; ++i) signatures.u16(0x0403 + i);
  groups.u16(6);
  for (const std::size_t group : {0x11ec, 0x001d, 0x0017}) groups.u16(group);
  share.u16(key_share_bytes + 4);
  share.u16(0x11ec);
  share.u16(key_share_bytes);
  share.fill(key_share_bytes, 0x5a);

  extensions.extension(TlsExtension::kServerName, name);
  extensions.extension(TlsExtension::kSupportedGroups, groups);
  extensions.extension(TlsExtension::kAlpn, alpn);
  extensions.extension(TlsExtension::kSignatureAlgorithms, signatures);
  extensions.extension(TlsExtension::kSupportedVersions, versions);
  extensions.extension(TlsExtension::kKeyShare, share);

  Writer hello;
  hello.u16(0x0303);
  hello.fill(32, 0x11);
  hello.u8(32);
  hello.fill(32, 0x22);
  hello.u16(30);
  for (std::size_t i = 0; i < 15; ++i) hello.u16(0x1301 + i);
  hello.u16(0x0100);  // one compression method: none
  hello.u16(extensions.size());
  hello.append(extensions);
  return hello.bytes();
}

void parse_hello(benchmark::State& state) {
  const auto bytes = make_hello(static_cast<std::size_t>(state.range(0)));
  if (!parse_client_hello(bytes)) state.SkipWithError("the hello is not one");
  for (auto _ : state) benchmark::DoNotOptimize(parse_client_hello(bytes));
}

void fingerprint_hello(benchmark::State& state) {
  const auto bytes = make_hello(static_cast<std::size_t>(state.range(0)));
  const auto hello = parse_client_hello(bytes);
  if (!hello || !ja4_of(*hello, HelloTransport::kTcp)) {
    state.SkipWithError("the hello has no fingerprint");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(ja4_of(*hello, HelloTransport::kTcp));
}

BENCHMARK(parse_hello)->Arg(kX25519Bytes)->Arg(kX25519MlKem768Bytes);
BENCHMARK(fingerprint_hello)->Arg(kX25519Bytes)->Arg(kX25519MlKem768Bytes);

}  // namespace
}  // namespace gnomon::message
