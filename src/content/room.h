#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace gnomon::content {

// Of a vector what loops over whole texts need: what it grows by holds nothing in particular, and
// is written by who asked for it.
template <class T>
class Room {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] T* data() { return data_.get(); }
  [[nodiscard]] const T* data() const { return data_.get(); }
  [[nodiscard]] const T* begin() const { return data_.get(); }
  [[nodiscard]] const T* end() const { return data_.get() + size_; }
  T& operator[](std::size_t i) {
    assert(i < size_);
    return data_[i];
  }
  const T& operator[](std::size_t i) const {
    assert(i < size_);
    return data_[i];
  }
  void clear() { size_ = 0; }
  void resize(std::size_t size) {
    if (size > room_) grow(size);
    size_ = size;
  }
  void push_back(T value) {
    resize(size_ + 1);
    data_[size_ - 1] = value;
  }

 private:
  void grow(std::size_t size) {
    const std::size_t room = std::max(size, 2 * room_);
    std::unique_ptr<T[]> data{new T[room]};
    std::copy_n(data_.get(), size_, data.get());
    data_ = std::move(data);
    room_ = room;
  }
  std::unique_ptr<T[]> data_;
  std::size_t size_ = 0;
  std::size_t room_ = 0;
};

}  // namespace gnomon::content
