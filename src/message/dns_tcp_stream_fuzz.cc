#include <string>

#include "gnomon/message/dns_tcp_stream.h"

using namespace gnomon;
using namespace gnomon::message;

namespace {

std::string messages_of(Bytes bytes, std::size_t part) {
  DnsTcpStream stream;
  std::string all;
  ByteReader in{bytes};
  while (!in.at_end() && !stream.lost()) {
    stream.feed(in.take(std::min(part, in.remaining())), [&all](Bytes message) {
      all += std::to_string(message.size()) + ':';
      all.append(message.begin(), message.end());
    });
  }
  return all;
}

}  // namespace

// While the stream is in step, the messages do not depend on how it was cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes{data, size};
  const std::string whole = messages_of(bytes, size + 1);
  if (messages_of(bytes, 1) != whole || messages_of(bytes, 5) != whole) __builtin_trap();

  // With a gap in the middle it must go on somehow, without a byte that was not there.
  DnsTcpStream stream;
  std::size_t told = 0;
  const auto count = [&told](Bytes message) { told += message.size(); };
  stream.feed(bytes.first(size / 2), count);
  stream.gap(size / 4);
  stream.feed(bytes.subspan(size / 2), count);
  if (told > size) __builtin_trap();
  return 0;
}
