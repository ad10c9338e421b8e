#include "gnomon/flow/community_id.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <optional>
#include <tuple>
#include <utility>

#include "gnomon/packet/packet.h"

namespace gnomon::flow {
namespace {

// The spec's table: which ICMP types answer which. What has no counterpart is one-way.
std::optional<std::uint16_t> icmp_counterpart(std::uint8_t protocol, std::uint16_t type) {
  static constexpr std::pair<std::uint16_t, std::uint16_t> kV4[] = {
      {0, 8}, {8, 0}, {9, 10}, {10, 9}, {13, 14}, {14, 13}, {15, 16}, {16, 15}, {17, 18}, {18, 17}};
  static constexpr std::pair<std::uint16_t, std::uint16_t> kV6[] = {
      {128, 129}, {129, 128}, {130, 131}, {131, 130}, {133, 134}, {134, 133},
      {135, 136}, {136, 135}, {139, 140}, {140, 139}, {144, 145}, {145, 144}};
  if (protocol == packet::kIcmp) {
    for (const auto& [from, to] : kV4)
      if (from == type) return to;
  } else {
    for (const auto& [from, to] : kV6)
      if (from == type) return to;
  }
  return std::nullopt;
}

class Buffer {
 public:
  void add(std::uint8_t byte) { bytes_[size_++] = byte; }
  void add16(std::uint16_t value) {
    add(static_cast<std::uint8_t>(value >> 8));
    add(static_cast<std::uint8_t>(value & 0xff));
  }
  void add(const IpAddress& address) {
    const std::size_t from = address.is_v4() ? 12 : 0;
    const std::array<std::uint8_t, 16> bytes = address.wire_bytes();
    for (std::size_t i = from; i < 16; ++i) add(bytes[i]);
  }
  [[nodiscard]] const std::uint8_t* data() const { return bytes_.data(); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::array<std::uint8_t, 2 + 16 + 16 + 2 + 4> bytes_{};
  std::size_t size_ = 0;
};

}  // namespace

std::string community_id(const IpAddress& source, std::uint16_t source_port,
                         const IpAddress& destination, std::uint16_t destination_port,
                         std::uint8_t protocol) {
  bool one_way = false;
  const bool icmp = protocol == packet::kIcmp || protocol == packet::kIcmp6;
  if (icmp) {
    if (const auto counterpart = icmp_counterpart(protocol, source_port)) {
      destination_port = *counterpart;
    } else {
      one_way = true;
    }
  }
  const bool in_order = one_way || std::pair(source.wire_bytes(), source_port) <=
                                       std::pair(destination.wire_bytes(), destination_port);
  Buffer buffer;
  buffer.add16(0);  // seed
  buffer.add(in_order ? source : destination);
  buffer.add(in_order ? destination : source);
  buffer.add(protocol);
  buffer.add(0);
  if (icmp || protocol == packet::kTcp || protocol == packet::kUdp || protocol == packet::kSctp) {
    buffer.add16(in_order ? source_port : destination_port);
    buffer.add16(in_order ? destination_port : source_port);
  }
  std::array<std::uint8_t, SHA_DIGEST_LENGTH> digest{};
  SHA1(buffer.data(), buffer.size(), digest.data());
  std::array<unsigned char, 32> text{};
  const int written = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
  return "1:" +
         std::string(reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(written));
}

}  // namespace gnomon::flow
