#include "der_kind.h"

#include <algorithm>
#include <optional>

namespace gnomon::content {
namespace {

constexpr std::uint8_t kInteger = 0x02;
constexpr std::uint8_t kOctets = 0x04;
constexpr std::uint8_t kObjectId = 0x06;
constexpr std::uint8_t kSequence = 0x30;

// X.690, 8.1: the length of what follows, where it has this tag. Lengths that are not known before
// (0x80) stand in PKCS#12 files alone, and count as long.
std::optional<std::uint64_t> enter(ByteReader& in, std::uint8_t tag) {
  if (in.u8() != tag) return std::nullopt;
  std::uint64_t length = in.u8();
  if (length == 0x80) return in.ok() ? std::optional{~std::uint64_t{0}} : std::nullopt;
  if (length > 0x80) {
    const std::uint64_t bytes = length - 0x80;
    if (bytes > 4) return std::nullopt;
    length = 0;
    for (std::uint64_t i = 0; i < bytes; ++i) length = length << 8U | in.u8();
  }
  return in.ok() ? std::optional{length} : std::nullopt;
}

bool begins(Bytes bytes, std::string_view with) {
  return bytes.size() >= with.size() &&
         std::equal(with.begin(), with.end(), bytes.begin(),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

// Algorithms of keys, as they stand in an object identifier.
constexpr std::string_view kKeyAlgorithms[] = {
    "\x2a\x86\x48\x86\xf7\x0d\x01\x01",  // 1.2.840.113549.1.1: RSA, RSASSA-PSS
    "\x2a\x86\x48\xce\x3d\x02",          // 1.2.840.10045.2: elliptic curves
    "\x2a\x86\x48\xce\x38\x04",          // 1.2.840.10040.4: DSA
    "\x2a\x86\x48\x86\xf7\x0d\x01\x03",  // 1.2.840.113549.1.3: Diffie-Hellman
    "\x2b\x65",                          // 1.3.101: X25519, X448, Ed25519, Ed448
};
constexpr std::string_view kPkcs7 = "\x2a\x86\x48\x86\xf7\x0d\x01\x07";  // data, signedData
constexpr std::uint64_t kModulusLeast = 64;                              // bytes: RSA of 512 bits
constexpr std::uint64_t kEcKeyLeast = 20;
constexpr std::uint64_t kEcKeyMost = 72;

}  // namespace

std::string_view der_kind(Bytes head) {
  ByteReader in{head};
  const auto whole = enter(in, kSequence);
  if (!whole || *whole < 32) return {};
  const auto version = enter(in, kInteger);
  if (!version || *version != 1) return {};
  const std::uint8_t number = in.u8();
  ByteReader next = in;
  if (const auto length = enter(next, kInteger); length && number == 0)
    return *length >= kModulusLeast ? "der-key" : std::string_view{};
  next = in;
  if (const auto length = enter(next, kOctets); length && number == 1)
    return *length >= kEcKeyLeast && *length <= kEcKeyMost ? "der-key" : std::string_view{};
  if (!enter(in, kSequence)) return {};
  const auto length = enter(in, kObjectId);
  if (!length || *length > in.remaining()) return {};
  const Bytes id = in.take(static_cast<std::size_t>(*length));
  if (number == 3) return begins(id, kPkcs7) ? "pkcs12" : std::string_view{};
  const bool key =
      number <= 1 && std::any_of(std::begin(kKeyAlgorithms), std::end(kKeyAlgorithms),
                                 [&](std::string_view each) { return begins(id, each); });
  return key ? "der-key" : std::string_view{};
}

}  // namespace gnomon::content
