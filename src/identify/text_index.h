#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace gnomon::identify {

// From text to a number, in a flat table with linear probing that is at most half full. The caller
// brings the hash, which lets a host name be hashed once for all its suffixes. Keys are views.
class TextIndex {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  [[nodiscard]] std::uint32_t find(std::string_view text, std::uint64_t hash) const {
    if (slots_.empty()) return kNone;
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
      const Slot& slot = slots_[at];
      if (slot.key == kNone) return kNone;
      if (slot.tag == tag_of(hash) && keys_[slot.key].text == text) return keys_[slot.key].value;
    }
  }

  // The value of the key; `value` when the key is new.
  std::uint32_t insert(std::string_view text, std::uint64_t hash, std::uint32_t value) {
    if (const std::uint32_t known = find(text, hash); known != kNone) return known;
    keys_.push_back({text, hash, value});
    if (keys_.size() * 2 > slots_.size()) {
      grow();
    } else {
      place(static_cast<std::uint32_t>(keys_.size() - 1));
    }
    return value;
  }

  [[nodiscard]] std::size_t size() const { return keys_.size(); }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t key = kNone;
  };
  struct Key {
    std::string_view text;
    std::uint64_t hash;
    std::uint32_t value;
  };

  static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

  void place(std::uint32_t key) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = keys_[key].hash & mask;
    while (slots_[at].key != kNone) at = (at + 1) & mask;
    slots_[at] = {tag_of(keys_[key].hash), key};
  }

  void grow() {
    slots_.assign(slots_.empty() ? 64 : slots_.size() * 2, Slot{});
    for (std::uint32_t key = 0; key < keys_.size(); ++key) place(key);
  }

  std::vector<Slot> slots_;
  std::vector<Key> keys_;
};

}  // namespace gnomon::identify
