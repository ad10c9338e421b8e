#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "gnomon/bytes/slot_hash.h"
#include "gnomon/packet/packet.h"
#include "packet_view.h"

namespace gnomon::packet {

inline std::uint64_t load_u64(const std::uint8_t* at) {
  std::uint64_t value;
  std::memcpy(&value, at, sizeof value);
  return __builtin_bswap64(value);
}

inline std::uint32_t fold(std::uint64_t hash) {
  return static_cast<std::uint32_t>(hash ^ (hash >> 32));
}

// Sets the hashes and source_is_lower from addresses, ports and protocol.
inline void set_flow_hash(Packet& packet) {
  const View header{packet.network, 40, 40};  // only its loads are used
  const std::uint64_t protocol = std::uint64_t{packet.protocol} << 56;
  const SlotKeys& keys = kSlotKeys;
  if (packet.ip_version == 4) {
    const std::uint64_t source = std::uint64_t{header.u32(12)} << 16 | packet.source_port;
    const std::uint64_t destination = std::uint64_t{header.u32(16)} << 16 | packet.destination_port;
    packet.source_is_lower = source < destination;
    const std::uint64_t low = std::min(source, destination);
    const std::uint64_t high = std::max(source, destination);
    packet.hash = fold(mix(mix(low ^ kHashSeed, high ^ kHashStep), protocol ^ kHashStep));
    packet.slot_hash = fold(mix(low ^ keys.first, high ^ protocol ^ keys.second));
    return;
  }
  const std::uint8_t* at = packet.network;
  const std::uint64_t source_high = load_u64(at + 8);
  const std::uint64_t source_low = load_u64(at + 16);
  const std::uint64_t destination_high = load_u64(at + 24);
  const std::uint64_t destination_low = load_u64(at + 32);
  if (source_high != destination_high)
    packet.source_is_lower = source_high < destination_high;
  else if (source_low != destination_low)
    packet.source_is_lower = source_low < destination_low;
  else
    packet.source_is_lower = packet.source_port < packet.destination_port;
  const std::uint64_t source = mix(source_high ^ kHashSeed, source_low ^ kHashStep) +
                               std::uint64_t{packet.source_port} * kHashStep;
  const std::uint64_t destination = mix(destination_high ^ kHashSeed, destination_low ^ kHashStep) +
                                    std::uint64_t{packet.destination_port} * kHashStep;
  packet.hash = fold(mix(std::min(source, destination) ^ kHashSeed,
                         std::max(source, destination) ^ protocol ^ kHashStep));
  const std::uint64_t source_slot =
      mix(source_high ^ keys.first, source_low ^ keys.second) + packet.source_port * keys.third;
  const std::uint64_t destination_slot =
      mix(destination_high ^ keys.first, destination_low ^ keys.second) +
      packet.destination_port * keys.third;
  packet.slot_hash =
      fold(mix((packet.source_is_lower ? source_slot : destination_slot) ^ keys.third,
               (packet.source_is_lower ? destination_slot : source_slot) ^ protocol ^ keys.fourth));
}

// The first 40 bytes. Two products that do not wait for each other where there are as many.
inline std::uint64_t hash_start(const View& view) {
  constexpr std::uint32_t kBytes = 40;
  if (!view.has(kBytes)) return hash_bytes(view.at(), view.captured());
  const std::uint8_t* at = view.at();
  return mix(load_u64(at) ^ kHashSeed, load_u64(at + 8) ^ kHashStep) ^
         mix(load_u64(at + 16) ^ kHashStep, load_u64(at + 24) ^ load_u64(at + 32) * kHashSeed);
}

// Of a packet that the snap length has cut: no more than is left of a copy that has some tags more.
inline std::uint64_t hash_cut(const View& view) {
  constexpr std::uint32_t kUdpHeader = 8;
  for (const std::uint32_t count : {48U, 24U, kUdpHeader})
    if (view.has(count)) return hash_bytes(view.at(), count);
  return hash_bytes(view.at(), view.captured());
}

// 16 bytes of the middle and 16 of the end, of at least 40.
inline std::uint64_t hash_inside(const View& view) {
  const std::uint8_t* middle = view.at() + view.captured() / 2 - 8;
  const std::uint8_t* end = view.at() + view.captured() - 16;
  return mix(load_u64(middle) ^ kHashSeed, load_u64(middle + 8) ^ kHashStep) ^
         mix(load_u64(end) ^ kHashStep, load_u64(end + 8) ^ kHashSeed);
}

// Sets fingerprint, from the parts of the packet that a copy of it shares. `transport` is the IP
// payload. Stays 0 when too little of it was captured.
inline void set_fingerprint(Packet& packet, const View& transport) {
  // IPv4's identification; nothing like it in IPv6.
  const std::uint64_t identification =
      packet.ip_version == 4 ? View{packet.network, 20, 20}.u16(4) : 0;
  const std::uint64_t head = identification << 48 | std::uint64_t{transport.wire()} << 16;
  std::uint64_t hash = packet.hash ^ kHashSeed;
  if (packet.protocol == kTcp) {
    if (!transport.has(20)) return;
    const std::uint64_t numbers = std::uint64_t{transport.u32(4)} << 32 | transport.u32(8);
    hash = mix(hash ^ numbers, kHashStep ^ head ^ transport.u16(16));
    // Flags and window, for captures made before the network card fills the checksum in.
    hash ^= std::uint64_t{transport.u32(12)} * kHashStep;
  } else {
    if (transport.captured() == 0 && transport.wire() != 0) return;
    if (transport.captured() < transport.wire()) {
      hash = mix(hash ^ head, hash_cut(transport));
    } else {
      hash = mix(hash ^ head, hash_start(transport));
      // Media and tunnels begin alike in packet after packet.
      if (identification == 0 && transport.has(41)) hash ^= hash_inside(transport);
    }
  }
  // The direction too: the hash is alike both ways.
  hash = mix(hash ^ (packet.source_is_lower ? 1 : 0), kHashSeed);
  packet.fingerprint = std::max(fold(hash), std::uint32_t{1});
}

}  // namespace gnomon::packet
