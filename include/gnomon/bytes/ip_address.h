#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace gnomon {

// An IPv4 or IPv6 address in 16 bytes; IPv4 as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2). Where IPv6
// itself has such an address (::ffff:a.b.c.d in an IPv6 packet, an AAAA record), a bit of reserved
// space tells it from IPv4: it is another address, and written as it stands.
class IpAddress {
 public:
  IpAddress() = default;

  // `bytes` must hold 4, respectively 16, bytes in network order.
  static IpAddress v4(const std::uint8_t* bytes) {
    IpAddress address;
    address.bytes_[10] = address.bytes_[11] = 0xff;
    std::memcpy(address.bytes_.data() + 12, bytes, 4);
    return address;
  }
  static IpAddress v6(const std::uint8_t* bytes) {
    IpAddress address = stored(bytes);
    if (address.is_v4()) address.bytes_[kMappedAt] = 1;
    return address;
  }
  // What bytes() gave.
  static IpAddress stored(const std::uint8_t* bytes) {
    IpAddress address;
    std::memcpy(address.bytes_.data(), bytes, 16);
    return address;
  }
  // Dotted or colon form; nothing when it is neither. ::ffff:a.b.c.d is IPv6.
  static std::optional<IpAddress> parse(std::string_view text);

  [[nodiscard]] bool is_v4() const {
    std::uint64_t first;
    std::uint32_t second;
    std::memcpy(&first, bytes_.data(), 8);
    std::memcpy(&second, bytes_.data() + 8, 4);
    return first == 0 &&
           second == (std::endian::native == std::endian::little ? 0xffff0000U : 0xffffU);
  }
  // Of IPv6, whose text or packet had ::ffff:a.b.c.d.
  [[nodiscard]] bool is_mapped() const {
    IpAddress plain = *this;
    plain.bytes_[kMappedAt] ^= 1;
    return plain.is_v4();
  }
  [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  // As packets have them; IPv4 in the last four.
  [[nodiscard]] std::array<std::uint8_t, 16> wire_bytes() const {
    std::array<std::uint8_t, 16> bytes = bytes_;
    if (is_mapped()) bytes[kMappedAt] = 0;
    return bytes;
  }
  // RFC 1918, RFC 4193, RFC 6598, link-local and loopback.
  [[nodiscard]] bool is_private() const;
  [[nodiscard]] bool is_multicast_or_broadcast() const;

  // Shortest canonical text (RFC 5952).
  [[nodiscard]] std::string to_string() const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  static constexpr std::size_t kMappedAt = 9;

  std::array<std::uint8_t, 16> bytes_{};
};

}  // namespace gnomon
