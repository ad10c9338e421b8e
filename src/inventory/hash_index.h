#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace gnomon::inventory {

// Finds rows, which their owner keeps in a vector, by hash. Open addressing; rows are never removed
// one by one. Probes are bounded, so that names made to collide cost no more than others: what
// finds no slot is refused, as if a limit had been reached.
class HashIndex {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;
  static constexpr std::uint32_t kProbesMax = 128;

  HashIndex() : slots_(64) {}

  // The row for which `same` holds, or kNone.
  template <class Same>
  [[nodiscard]] std::uint32_t find(std::uint64_t hash, Same&& same) const {
    const std::size_t mask = slots_.size() - 1;
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    std::size_t at = hash & mask;
    for (std::uint32_t probe = 0; probe < kProbesMax; ++probe, at = (at + 1) & mask) {
      const Slot& slot = slots_[at];
      if (slot.row == kNone) return kNone;
      if (slot.tag == tag && same(slot.row)) return slot.row;
    }
    return kNone;
  }

  // `hash_of(row)` tells the hash of any row that is in here. False when there is no slot near.
  template <class HashOf>
  bool insert(std::uint64_t hash, std::uint32_t row, HashOf&& hash_of) {
    if ((size_ + 1) * 2 > slots_.size() && !stuck_) grow(hash_of);
    if (!place(slots_, hash, row)) return false;
    ++size_;
    return true;
  }

  void clear() {
    slots_.assign(slots_.size(), Slot{});
    size_ = 0;
    stuck_ = false;
  }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t row = kNone;
  };

  static bool place(std::vector<Slot>& slots, std::uint64_t hash, std::uint32_t row) {
    const std::size_t mask = slots.size() - 1;
    std::size_t at = hash & mask;
    for (std::uint32_t probe = 0; probe < kProbesMax; ++probe, at = (at + 1) & mask) {
      if (slots[at].row != kNone) continue;
      slots[at] = {static_cast<std::uint32_t>(hash >> 32), row};
      return true;
    }
    return false;
  }

  template <class HashOf>
  void grow(HashOf& hash_of) {
    std::vector<Slot> wider(slots_.size() * 2);
    for (const Slot& slot : slots_) {
      if (slot.row == kNone || place(wider, hash_of(slot.row), slot.row)) continue;
      stuck_ = true;  // no row may be lost: the narrow table stays, and fills up
      return;
    }
    slots_ = std::move(wider);
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
  bool stuck_ = false;
};

}  // namespace gnomon::inventory
