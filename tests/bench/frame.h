#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gnomon/bytes/byte_reader.h"

namespace gnomon::bench {

// Where things lie in an Ethernet frame, as far as replicating it needs to know. Everything else
// (ARP, tunnels, what is too short) is `kOther`: such frames are copied as they are.
struct Layout {
  enum class Network : std::uint8_t { kOther, kIpv4, kIpv6 };

  Network network = Network::kOther;
  std::uint8_t protocol = 0;   // of the transport, after IPv6 extension headers
  bool fragment = false;       // any fragment, the first too
  bool has_transport = false;  // the transport's header starts in this frame
  std::size_t network_at = 0;  // offsets into the frame
  std::size_t transport_at = 0;
  std::size_t end = 0;  // of the datagram; the rest is Ethernet padding
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;

  [[nodiscard]] bool is_ip() const { return network != Network::kOther; }
  [[nodiscard]] std::size_t address_size() const { return network == Network::kIpv4 ? 4 : 16; }
  [[nodiscard]] std::size_t source_at() const {
    return network_at + (network == Network::kIpv4 ? 12 : 8);
  }
  [[nodiscard]] std::size_t destination_at() const { return source_at() + address_size(); }
};

inline constexpr std::uint8_t kTcp = 6;
inline constexpr std::uint8_t kUdp = 17;
inline constexpr std::uint8_t kIcmp6 = 58;

// Reads up to three VLAN tags, IPv4, IPv6 with its extension headers, and ports.
Layout lay_out(Bytes frame);

// The payload of a TCP or UDP frame that lay_out() understood; empty for any other.
Bytes payload_of(Bytes frame, const Layout& layout);

// Network order, at an offset that the caller has checked.
std::uint16_t get16(Bytes bytes, std::size_t at);
std::uint32_t get32(Bytes bytes, std::size_t at);
void put16(std::span<std::uint8_t> bytes, std::size_t at, std::uint16_t value);
void put32(std::span<std::uint8_t> bytes, std::size_t at, std::uint32_t value);

// Offset of the transport checksum that covers the addresses, or 0 when there is none in this
// frame (not captured, a later fragment, UDP over IPv4 that has switched it off).
std::size_t transport_checksum_at(Bytes frame, const Layout& layout);

// Replaces 32 (or 16) bits that IP and transport checksums cover and keeps those checksums as
// right, or as wrong, as they were (RFC 1624). `in_network` says whether IPv4's header checksum
// covers the place; ports are covered by the transport's alone.
void replace32(std::span<std::uint8_t> frame, const Layout& layout, std::size_t at,
               std::uint32_t value, bool in_network);
void replace16(std::span<std::uint8_t> frame, const Layout& layout, std::size_t at,
               std::uint16_t value, bool in_network);

// Writes lengths and checksums anew into a TCP or UDP frame that ends with its datagram.
void seal(std::span<std::uint8_t> frame, const Layout& layout);

// Whether the checksums of a whole, unfragmented TCP or UDP frame are right.
bool checksums_hold(Bytes frame, const Layout& layout);

}  // namespace gnomon::bench
