#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>

namespace gnomon::packet {

// Something that threads can wait for together with sockets.
class Event {
 public:
  Event() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~Event() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  [[nodiscard]] int descriptor() const { return descriptor_; }
  void ring() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
  }
  // Until it has rung since the last wait, or `other` can be read. True when `other` can.
  bool wait_with(int other, std::chrono::milliseconds at_most) const {
    pollfd both[] = {{descriptor_, POLLIN, 0}, {other, POLLIN, 0}};
    if (::poll(both, 2, static_cast<int>(at_most.count())) <= 0) return false;
    std::uint64_t count = 0;
    if ((both[0].revents & POLLIN) != 0) {
      [[maybe_unused]] const auto got = ::read(descriptor_, &count, sizeof count);
    }
    return (both[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
  }

 private:
  int descriptor_;
};

}  // namespace gnomon::packet
