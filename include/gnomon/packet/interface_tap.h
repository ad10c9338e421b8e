#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "gnomon/bytes/result.h"

namespace gnomon::packet {

// A short look at an interface: copies its frames as pcapng into a pipe, for CaptureReader to read.
// For looking only: capturing for months is live_source.h's. One thread.
class InterfaceTap {
 public:
  // What libpcap cannot do is said with what would help: the capability, the interface's state.
  static Result<InterfaceTap> open(const std::string& interface, const std::string& filter);

  InterfaceTap(InterfaceTap&&) noexcept;
  InterfaceTap& operator=(InterfaceTap&&) noexcept;
  ~InterfaceTap();

  // Until the time is up, `stop` is set or nobody reads any more. Ends with interface statistics,
  // in which `losses` (of card and backlog, asked for at the end) are added to libpcap's own.
  struct Losses {
    std::uint64_t card = 0;
    std::uint64_t kernel = 0;
  };
  template <class Ask>
  std::optional<Error> copy_to(int pipe, std::chrono::seconds for_so_long,
                               const std::atomic<bool>& stop, Ask&& losses) {
    if (auto error = copy_frames(pipe, for_so_long, stop)) return error;
    return end(pipe, losses());
  }

 private:
  struct Impl;
  explicit InterfaceTap(std::unique_ptr<Impl> impl);
  std::optional<Error> copy_frames(int pipe, std::chrono::seconds for_so_long,
                                   const std::atomic<bool>& stop);
  std::optional<Error> end(int pipe, Losses losses);

  std::unique_ptr<Impl> impl_;
};

}  // namespace gnomon::packet
