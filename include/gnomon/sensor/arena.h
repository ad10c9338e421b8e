#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace gnomon::sensor {

// Text and small arrays that live exactly as long as the batch that carries them. Keeps its chunks
// when cleared, so a warm arena allocates nothing; but not those that one moment needed, once less
// than an eighth of them is used.
class Arena {
 public:
  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* to = static_cast<char*>(take(text.size(), 1));
    std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }

  template <class T>
  std::span<T> array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    if (count == 0) return {};
    T* first = static_cast<T*>(take(count * sizeof(T), alignof(T)));
    for (std::size_t i = 0; i < count; ++i) new (first + i) T{};
    return {first, count};
  }

  // Room for `size` bytes, for whoever composes text in place.
  std::span<char> room(std::size_t size) { return {static_cast<char*>(take(size, 1)), size}; }

  void clear() {
    if (chunks_.size() > kChunksKept && chunk_ + 1 < chunks_.size() / 8) chunks_.resize(kChunksKept);
    chunk_ = 0;
    used_ = 0;
  }

  // What it has room for.
  [[nodiscard]] std::size_t capacity() const {
    std::size_t bytes = 0;
    for (const Chunk& each : chunks_) bytes += each.size;
    return bytes;
  }

 private:
  static constexpr std::size_t kChunkBytes = 64 * 1024;
  static constexpr std::size_t kChunksKept = 16;

  struct Chunk {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
  };

  void* take(std::size_t size, std::size_t alignment) {
    used_ = (used_ + alignment - 1) & ~(alignment - 1);
    while (chunk_ < chunks_.size() && used_ + size > chunks_[chunk_].size) {
      ++chunk_;
      used_ = 0;
    }
    if (chunk_ == chunks_.size()) {
      const std::size_t room = size > kChunkBytes ? size : kChunkBytes;
      chunks_.push_back({std::make_unique_for_overwrite<char[]>(room), room});
      used_ = 0;
    }
    void* at = chunks_[chunk_].bytes.get() + used_;
    used_ += size;
    return at;
  }

  std::vector<Chunk> chunks_;
  std::size_t chunk_ = 0;
  std::size_t used_ = 0;
};

}  // namespace gnomon::sensor
