#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace gnomon {

// One multiply-and-fold step (the idea of wyhash): good mixing for a few cycles. Not for secrets.
inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline constexpr std::uint64_t kHashSeed = 0x9e3779b97f4a7c15;
inline constexpr std::uint64_t kHashStep = 0xd6e8feb86659fd93;

// The same value on every run: tables that face hostile keys bound their probes instead.
inline std::uint64_t hash_bytes(const void* data, std::size_t size,
                                std::uint64_t seed = kHashSeed) {
  const auto* at = static_cast<const unsigned char*>(data);
  std::uint64_t hash = seed ^ size;
  while (size >= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    hash = mix(hash ^ word, kHashStep);
    at += 8;
    size -= 8;
  }
  std::uint64_t tail = 0;
  if (size != 0) std::memcpy(&tail, at, size);
  return mix(hash ^ tail, kHashSeed);
}

inline std::uint64_t hash_text(std::string_view text, std::uint64_t seed = kHashSeed) {
  return hash_bytes(text.data(), text.size(), seed);
}

}  // namespace gnomon
