#include "gnomon/message/dns_tcp_stream.h"

#include "gnomon/bytes/free_room.h"

namespace gnomon::message {
bool dns_tcp_looks_plausible(Bytes start) {
  ByteReader in{start};
  const std::uint16_t length = in.u16();
  if (length < kDnsHeaderBytes) return false;
  return dns_looks_plausible(in.take(std::min<std::size_t>(length, in.remaining())));
}

void DnsTcpStream::reset() {
  end_message();
  short_ones_ = 0;
  lost_ = false;
}

bool DnsTcpStream::find_step(Bytes bytes) {
  lost_ = !dns_tcp_looks_plausible(bytes);
  return !lost_;
}

bool DnsTcpStream::begin_message() {
  constexpr std::uint8_t kShortOnesMax = 4;
  if (length_ >= kDnsHeaderBytes) {
    short_ones_ = 0;
    return true;
  }
  if (++short_ones_ <= kShortOnesMax) return true;
  lose_step();
  return false;
}

void DnsTcpStream::end_message() {
  free_room(buffer_);
  had_ = 0;
  length_ = 0;
  length_bytes_ = 0;
  holed_ = false;
}

void DnsTcpStream::lose_step() {
  end_message();
  short_ones_ = 0;
  lost_ = true;
}

void DnsTcpStream::gap(std::uint64_t bytes) {
  if (bytes == 0 || lost_) return;
  const std::uint64_t rest = static_cast<std::uint64_t>(length_) - had_;
  if (length_bytes_ < 2 || bytes > rest) {
    lose_step();
    return;
  }
  holed_ = true;
  had_ += static_cast<std::size_t>(bytes);
  if (had_ == length_) end_message();
}

}  // namespace gnomon::message
