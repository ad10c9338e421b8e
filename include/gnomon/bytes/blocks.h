#pragma once

#include <cstddef>
#include <new>
#include <vector>

#include <sys/mman.h>

namespace gnomon {

// Memory for tables that grow by blocks of one size and are reached at random. The first blocks are
// allocated one by one, so that a small table stays small; later ones are cut from slabs of two
// megabytes that the kernel is asked to back by one page each, as a table of a million records
// otherwise misses the processor's cache of page addresses with nearly every access. Blocks are not
// initialised, aligned to 64 bytes, never move, and are freed with the whole.
class Blocks {
 public:
  explicit Blocks(std::size_t block_bytes) : block_bytes_((block_bytes + 63) & ~std::size_t{63}) {}
  ~Blocks() {
    for (const Piece& each : pieces_) ::operator delete(each.at, each.alignment);
  }
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;

  void* take() {
    if (slab_left_ < block_bytes_) {
      const bool slab = taken_bytes_ >= kSlabBytes && block_bytes_ <= kSlabBytes / 4;
      const std::size_t bytes = slab ? kSlabBytes : block_bytes_;
      const std::align_val_t alignment{slab ? kSlabBytes : 64};
      pieces_.push_back({::operator new(bytes, alignment), alignment});
      if (slab) (void)madvise(pieces_.back().at, bytes, MADV_HUGEPAGE);  // a wish
      slab_at_ = static_cast<char*>(pieces_.back().at);
      slab_left_ = bytes;
    }
    void* const block = slab_at_;
    slab_at_ += block_bytes_;
    slab_left_ -= block_bytes_;
    taken_bytes_ += block_bytes_;
    return block;
  }

 private:
  static constexpr std::size_t kSlabBytes = std::size_t{2} << 20;

  struct Piece {
    void* at;
    std::align_val_t alignment;
  };

  std::size_t block_bytes_;
  std::vector<Piece> pieces_;
  char* slab_at_ = nullptr;
  std::size_t slab_left_ = 0;
  std::size_t taken_bytes_ = 0;
};

// For vectors that are reached at random: the same wish for what is big enough.
template <class T>
struct HugePageAllocator {
  using value_type = T;

  HugePageAllocator() = default;
  template <class U>
  HugePageAllocator(const HugePageAllocator<U>&) {}  // NOLINT: converting, as allocators are

  T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    void* const at = ::operator new(bytes, alignment(bytes));
    if (bytes >= kHugeBytes) (void)madvise(at, bytes, MADV_HUGEPAGE);
    return static_cast<T*>(at);
  }
  void deallocate(T* at, std::size_t count) { ::operator delete(at, alignment(count * sizeof(T))); }

  bool operator==(const HugePageAllocator&) const { return true; }

 private:
  static constexpr std::size_t kHugeBytes = std::size_t{2} << 20;
  static std::align_val_t alignment(std::size_t bytes) {
    return std::align_val_t{bytes >= kHugeBytes ? kHugeBytes : alignof(std::max_align_t)};
  }
};

}  // namespace gnomon
