#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/hash.h"
#include "gnomon/identify/shadow_name.h"

namespace gnomon::identify {

// Hashes grow byte by byte, so that all pieces which begin at one place are hashed in one go.
constexpr std::uint64_t shadow_step(std::uint64_t hash, char character) {
  return (hash ^ static_cast<unsigned char>(character)) * kHashStep;
}
inline std::uint64_t shadow_hash(std::string_view text, std::uint64_t hash = kHashSeed) {
  for (const char c : text) hash = shadow_step(hash, c);
  return hash;
}

// Words to numbers, by their hash.
class ShadowTable {
 public:
  struct Entry {
    std::uint64_t hash = 0;  // 0: empty
    float weight = 0;
    std::uint32_t text_at = 0;  // of the reason's text
    std::uint16_t text_size = 0;
    std::uint8_t word = 0;  // 1: topic, 2: strong
    bool weighted = false;
  };

  // The entry of the text, made when there is none yet.
  Entry& add(std::uint64_t hash);
  [[nodiscard]] const Entry* find(std::uint64_t hash) const {
    for (std::size_t at = place(hash);; at = (at + 1) & mask_) {
      if (entries_[at].hash == hash) return &entries_[at];
      if (entries_[at].hash == 0) return nullptr;
    }
  }

 private:
  [[nodiscard]] std::size_t place(std::uint64_t hash) const { return (hash >> 24) & mask_; }
  void grow();

  std::vector<Entry> entries_ = std::vector<Entry>(64);
  std::size_t mask_ = 63;
  std::size_t size_ = 0;
};

struct ShadowModel {
  ShadowTable features;  // pieces of labels, and whole features such as "tld=ai"
  ShadowTable second;    // suffixes of registries
  ShadowTable hosts;     // suffixes of platforms
  ShadowTable labels;    // labels before the chosen one
  std::string texts;
  double bias = 0;
  double threshold = 0;

  [[nodiscard]] std::string_view text(const ShadowTable::Entry& entry) const {
    return std::string_view{texts}.substr(entry.text_at, entry.text_size);
  }
};

}  // namespace gnomon::identify
