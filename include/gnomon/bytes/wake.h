#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>

#include "gnomon/bytes/descriptor.h"

namespace gnomon {

// A bell that a thread can wait for together with sockets: any thread may ring, poll() of
// descriptor() tells, and it stays rung until it is settled.
class Wake {
 public:
  Wake() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  [[nodiscard]] int descriptor() const { return event_.get(); }
  void ring() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(event_.get(), &one, sizeof one);
  }
  void settle() const {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(event_.get(), &count, sizeof count);
  }
  // Until it has rung since the last wait, or `other` can be read. True when `other` can.
  bool wait_with(int other, std::chrono::milliseconds at_most) const {
    pollfd both[] = {{event_.get(), POLLIN, 0}, {other, POLLIN, 0}};
    if (::poll(both, 2, static_cast<int>(at_most.count())) <= 0) return false;
    if ((both[0].revents & POLLIN) != 0) settle();
    return (both[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
  }

 private:
  Descriptor event_;
};

}  // namespace gnomon
