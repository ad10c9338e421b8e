#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "gnomon/bytes/result.h"
#include "gnomon/packet/capture_reader.h"

namespace gnomon::packet {

// A capture filter in libpcap's language (pcap-filter(7)). It is compiled for Ethernet at once and
// for each other link type when a frame of that type first comes. Frames of a link type that the
// expression makes no sense for are refused, as are those of link types that libpcap does not know.
//
// May be shared by all threads.
class BpfFilter {
 public:
  // The error is libpcap's, with the expression before it.
  static Result<BpfFilter> compile(const std::string& expression);
  BpfFilter(BpfFilter&&) noexcept;
  ~BpfFilter();

  [[nodiscard]] bool accepts(const Frame& frame) const;

 private:
  struct Programs;
  explicit BpfFilter(std::unique_ptr<Programs> programs);

  std::unique_ptr<Programs> programs_;
};

}  // namespace gnomon::packet
