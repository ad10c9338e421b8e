#include "gnomon/sensor/text_pool.h"

#include <cstring>

#include "gnomon/bytes/slot_hash.h"

namespace gnomon::sensor {
namespace {

constexpr std::uint32_t kCapacityKept = 64;  // of an entry that is free

}  // namespace

TextPool::Id TextPool::intern(std::string_view text) {
  const auto hash = static_cast<std::uint32_t>(slot_hash(text));
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask; slots_[at] != kNone; at = (at + 1) & mask) {
    Entry& each = entries_[slots_[at]];
    if (each.hash != hash || each.text() != text) continue;
    ++each.users;
    return slots_[at];
  }
  if ((living_ + 1) * 3 > slots_.size() * 2) grow();

  Id id;
  if (!free_.empty()) {
    id = free_.back();
    free_.pop_back();
  } else {
    id = static_cast<Id>(entries_.size());
    entries_.emplace_back();
  }
  Entry& fresh = entries_[id];
  if (fresh.capacity < text.size()) {
    fresh.capacity = static_cast<std::uint32_t>((text.size() + 31) & ~std::size_t{31});
    fresh.bytes = std::make_unique_for_overwrite<char[]>(fresh.capacity);
  }
  if (!text.empty()) std::memcpy(fresh.bytes.get(), text.data(), text.size());
  fresh.size = static_cast<std::uint32_t>(text.size());
  fresh.hash = hash;
  fresh.users = 1;
  fresh.matched = fresh.source_known = false;
  fresh.settled_as = 0xff;
  ++living_;
  const std::size_t new_mask = slots_.size() - 1;
  std::size_t at = hash & new_mask;
  while (slots_[at] != kNone) at = (at + 1) & new_mask;
  slots_[at] = id;
  return id;
}

void TextPool::release(Id id) {
  if (id == kNone || --entries_[id].users != 0) return;
  const Idle fresh{id, ++entries_[id].idle_turn};
  if (idle_.size() < kIdleMax) {
    idle_.push_back(fresh);
    return;
  }
  const Idle oldest = idle_[idle_at_];
  idle_[idle_at_] = fresh;
  idle_at_ = (idle_at_ + 1) % kIdleMax;
  Entry& old = entries_[oldest.id];
  if (old.users == 0 && old.idle_turn == oldest.turn) erase(oldest.id);
}

void TextPool::erase(Id id) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = entries_[id].hash & mask;
  while (slots_[at] != id) at = (at + 1) & mask;
  for (std::size_t next = (at + 1) & mask; slots_[next] != kNone; next = (next + 1) & mask) {
    const std::size_t home = entries_[slots_[next]].hash & mask;
    if (((next - home) & mask) >= ((next - at) & mask)) {
      slots_[at] = slots_[next];
      at = next;
    }
  }
  slots_[at] = kNone;
  if (entries_[id].capacity > kCapacityKept) {
    entries_[id].bytes.reset();
    entries_[id].capacity = 0;
  }
  ++entries_[id].idle_turn;  // a freed entry has no claim in the ring
  free_.push_back(id);
  --living_;
}

void TextPool::grow() {
  std::vector<Id> old(slots_.size() * 2, kNone);
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const Id id : old) {
    if (id == kNone) continue;
    std::size_t at = entries_[id].hash & mask;
    while (slots_[at] != kNone) at = (at + 1) & mask;
    slots_[at] = id;
  }
}

std::size_t TextPool::memory_bytes() const {
  std::size_t total = entries_.capacity() * sizeof(Entry) + slots_.capacity() * sizeof(Id);
  for (const Entry& each : entries_) total += each.capacity;
  return total;
}

}  // namespace gnomon::sensor
