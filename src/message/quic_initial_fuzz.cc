#include <cstdlib>

#include "gnomon/message/quic_initial.h"
#include "quic_samples.h"

namespace {

using namespace gnomon::message;
using gnomon::ByteReader;
using gnomon::Bytes;

struct Fixture {
  Fixture() {
    auto made = QuicCrypto::create();
    if (!made) std::abort();
    crypto = std::make_unique<QuicCrypto>(std::move(*made));
  }
  std::unique_ptr<QuicCrypto> crypto;
  QuicInitialReader reader;
};

void check(const QuicReading& reading, const QuicInitialReader& reader) {
  if (const auto* found = std::get_if<QuicClientHello>(&reading)) {
    if (found->hello.server_name.size() > 65535) __builtin_trap();
    if (found->google_handshake && found->hello.alpn_count != 0) __builtin_trap();
    std::size_t sum = 0;
    for (const char c : found->hello.server_name) sum += static_cast<unsigned char>(c);
    if (sum > 255 * found->hello.server_name.size()) __builtin_trap();
  }
  const auto partial = reader.partial();
  if (partial && !partial->hello.partial) __builtin_trap();
}

}  // namespace

// The input is a list of datagrams, each a byte of what to do with it, two of length, and bytes:
//   bit 0  sent by the client
//   bit 1  the bytes are a payload, sealed here into an Initial: no fuzzer finds the keys
//   bits 2 to 4  the version it is sealed for
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Fixture fixture;
  constexpr std::uint32_t kVersions[] = {
      kQuicVersion1,          kQuicVersion2, 0xff00001d, kQuicVersionGoogleQ050,
      kQuicVersionGoogleT051, 0xfaceb001,    0x0a0a0a0a, 0x00000007};
  fixture.reader.reset();
  ByteReader in{Bytes{data, size}};
  std::uint32_t number = 0;
  while (!in.at_end()) {
    const std::uint8_t what = in.u8();
    const std::size_t length = in.u16();
    const Bytes bytes = in.take(length < in.remaining() ? length : in.remaining());
    if (!in.ok()) break;
    samples::Octets datagram{bytes.begin(), bytes.end()};
    if ((what & 2) != 0 && datagram.size() < 16000) {
      datagram.resize(datagram.size() + 24);
      datagram = samples::sealed_packet(*fixture.crypto,
                                        {.destination_id = {1, 2, 3, 4, 5, 6, 7, 8},
                                         .version = kVersions[(what >> 2) & 7],
                                         .number = number++},
                                        datagram);
    }
    looks_like_quic_initial(datagram);
    check(fixture.reader.feed(datagram, (what & 1) != 0, *fixture.crypto), fixture.reader);
  }
  return 0;
}
