#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace gnomon::sensor {

// Objects that are used again instead of destroyed, under small indices and at addresses that do
// not move. T keeps its buffers; whoever takes one resets it.
template <class T>
class Pool {
 public:
  using Index = std::uint32_t;
  static constexpr Index kNone = 0xffffffff;

  Index take() {
    ++used_;
    if (!free_.empty()) {
      const Index index = free_.back();
      free_.pop_back();
      return index;
    }
    items_.push_back(std::make_unique<T>());
    return static_cast<Index>(items_.size() - 1);
  }
  void give_back(Index index) {
    --used_;
    free_.push_back(index);
  }
  T& operator[](Index index) { return *items_[index]; }
  const T& operator[](Index index) const { return *items_[index]; }

  [[nodiscard]] std::size_t used() const { return used_; }
  [[nodiscard]] std::size_t allocated() const { return items_.size(); }

 private:
  std::vector<std::unique_ptr<T>> items_;
  std::vector<Index> free_;
  std::size_t used_ = 0;
};

}  // namespace gnomon::sensor
