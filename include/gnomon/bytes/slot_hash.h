#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "gnomon/bytes/hash.h"

// Where keys lie in tables that strangers fill. Whoever knows a hash can have as many keys as they
// like with one value, and a table of those is a list.
namespace gnomon {

// Secret numbers, drawn when the process starts and odd.
struct SlotKeys {
  std::uint64_t first;
  std::uint64_t second;
  std::uint64_t third;
  std::uint64_t fourth;
};
extern const SlotKeys kSlotKeys;

// Another value in every process: nothing that can be seen, least of all an order, may follow from
// it.
inline std::uint64_t slot_hash(const void* data, std::size_t size,
                               std::uint64_t seed = kSlotKeys.first) {
  const SlotKeys& keys = kSlotKeys;
  const auto* at = static_cast<const unsigned char*>(data);
  std::uint64_t hash = seed ^ size;
  while (size >= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    hash = mix(hash ^ word, keys.second);
    at += 8;
    size -= 8;
  }
  std::uint64_t tail = 0;
  if (size != 0) std::memcpy(&tail, at, size);
  return mix(hash ^ tail, keys.third);
}

inline std::uint64_t slot_hash(std::string_view text) {
  return slot_hash(text.data(), text.size());
}

}  // namespace gnomon
