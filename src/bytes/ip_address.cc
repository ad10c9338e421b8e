#include "gnomon/bytes/ip_address.h"

#include <arpa/inet.h>

#include <charconv>
#include <iterator>

namespace gnomon {

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string copy{text};  // inet_pton wants a terminator
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, copy.c_str(), bytes.data()) == 1) return v4(bytes.data());
  if (inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1) return v6(bytes.data());
  return std::nullopt;
}

bool IpAddress::is_private() const {
  const auto& b = bytes_;
  if (is_v4() || is_mapped()) {
    return b[12] == 10 || b[12] == 127 || (b[12] == 172 && (b[13] & 0xf0) == 16) ||
           (b[12] == 192 && b[13] == 168) || (b[12] == 169 && b[13] == 254) ||
           (b[12] == 100 && (b[13] & 0xc0) == 64);
  }
  static const IpAddress kLoopback = [] {
    IpAddress address;
    address.bytes_[15] = 1;
    return address;
  }();
  return (b[0] & 0xfe) == 0xfc || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80) || *this == kLoopback;
}

bool IpAddress::is_multicast_or_broadcast() const {
  if (!is_v4() && !is_mapped()) return bytes_[0] == 0xff;
  return (bytes_[12] & 0xf0) == 0xe0 ||
         (bytes_[12] == 255 && bytes_[13] == 255 && bytes_[14] == 255 && bytes_[15] == 255);
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN];
  if (!is_v4()) {
    inet_ntop(AF_INET6, wire_bytes().data(), text, sizeof text);
    return text;
  }
  // Written here, as DNS answers ask for many and inet_ntop() goes through sprintf().
  char* end = text;
  for (std::size_t at = 12; at < bytes_.size(); ++at) {
    if (at > 12) *end++ = '.';
    end = std::to_chars(end, std::end(text), bytes_[at]).ptr;
  }
  return {text, end};
}

}  // namespace gnomon
